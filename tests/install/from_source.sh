#!/bin/sh
# from_source.sh VERSION CMAKE...: what a stranger's CMake project makes of the sources, with each CMake: FetchContent,
# and an installation. It is called by: make check-cmake
set -eu
export LC_ALL=C
version=$1
shift
cd "$(dirname "$0")"
top=$(realpath ../..)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
unset DESTDIR MAKEFLAGS CMAKE_GENERATOR
mkdir "$dir/stranger"
cp -R sign.c fetch-content cmake "$dir/stranger"

fail() {
    echo "$*"
    exit 1
}

run() {
    "$@" >"$dir/said" 2>&1 || fail "$*: $(cat "$dir/said")"
}

signs() { # PROGRAM
    [ "$("$@")" = "signed with $version" ] || fail "$*"
}

# Within the sources, CMake's Makefile would take the place of the one that it calls. A copy, and nothing is built.
mkdir -p "$dir/copy/src/ffi"
cp "$top/CMakeLists.txt" "$top/Cargo.toml" "$dir/copy"
cp "$top/src/ffi/library.rs" "$dir/copy/src/ffi"

for cmake; do
    ! "$cmake" -S "$dir/copy" -B "$dir/copy" >"$dir/said" 2>&1 && grep -q "Build outside of the sources" "$dir/said" &&
        [ ! -e "$dir/copy/Makefile" ] || fail "built within the sources: $(cat "$dir/said")"
    built=$dir/built
    run "$cmake" -S "$dir/stranger/fetch-content" -B "$built" -DETOAUTH_SOURCE="$top" -DETOAUTH_INSTALL=ON
    # The next one finds compiled what the one before compiled.
    [ ! -d "$dir/release" ] || mv "$dir/release" "$built/_deps/etoauth-build/cargo"
    run "$cmake" --build "$built"
    signs "$built/shared"
    signs "$built/static"
    readelf -d "$built/shared" | grep -qF '[libetoauth.so.' || fail "shared is not linked with the shared library"
    ! readelf -d "$built/static" | grep -q etoauth || fail "static is not static"

    run "$cmake" --build "$built"
    ! grep -qE 'Compiling|Linking|Configuring' "$dir/said" || fail "built again: $(cat "$dir/said")"
    [ "$(grep -c 'cargo build' "$dir/said")" = 1 ] || fail "cargo is called more than once"

    run env DESTDIR="$dir/stage" "$cmake" --build "$built" --target install
    run "$cmake" -S "$dir/stranger/cmake" -B "$dir/found" -Detoauth_DIR="$dir/stage/usr/local/lib/cmake/etoauth"
    run "$cmake" --build "$dir/found"
    signs "$dir/found/shared"
    signs "$dir/found/static"
    echo "$("$cmake" --version | head -n 1): FetchContent and installed, shared and static"
    mv "$built/_deps/etoauth-build/cargo/release" "$dir"
    rm -rf "$built" "$dir/found" "$dir/stage"
done
