#!/bin/sh
# check.sh REAL VERSION ARCHIVE SANDBOX: what a stranger makes of an installation, of a moved one and of a package's
# (DESTDIR), each in a directory of its own. It is called by: make check-install
set -eu
export LC_ALL=C
real=$1 soname=${1%.*.*} version=$2 archive=$(realpath "$3") sandbox=$(realpath "$4")
cd "$(dirname "$0")"
here=$PWD
top=$(realpath ../..)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
unset PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR CMAKE_PREFIX_PATH CPATH LIBRARY_PATH LD_LIBRARY_PATH
: "${MAKE:=make}" "${CC:=cc}"

fail() {
    echo "$*"
    exit 1
}

# Compiles with pkg-config and with CMake from this prefix alone, and runs each program.
stranger() { # LIBDIR WHAT
    export PKG_CONFIG_PATH="$1/pkgconfig"
    rm -rf "$dir/project"
    mkdir "$dir/project"
    cp -R "$here/sign.c" "$here/pkg-config" "$here/cmake" "$dir/project"
    [ "$(pkg-config --modversion etoauth)" = "$version" ] || fail "etoauth.pc is not of $version"
    $MAKE -C "$dir/project/pkg-config" >"$dir/said" 2>&1 || fail "$(cat "$dir/said")"
    cmake -S "$dir/project/cmake" -B "$dir/project/build" -Detoauth_DIR="$1/cmake/etoauth" >"$dir/said" 2>&1 ||
        fail "$(cat "$dir/said")"
    grep -qx -e "-- etoauth $version" "$dir/said" || fail "CMake's version is not $version"
    cmake --build "$dir/project/build" >"$dir/said" 2>&1 || fail "$(cat "$dir/said")"
    for program in pkg-config/static pkg-config/fully-static build/shared build/static; do
        "$dir/project/$program" >/dev/null || fail "$2: $program"
    done
    LD_LIBRARY_PATH=$1 "$dir/project/pkg-config/shared" >/dev/null || fail "$2: pkg-config/shared"
    for program in pkg-config/shared build/shared; do
        readelf -dW "$dir/project/$program" | grep -qF "[$soname]" || fail "$2: $program asks for another soname"
    done
    ! readelf -dW "$dir/project/build/static" | grep -q etoauth || fail "$2: build/static is not static"
    echo "$2: pkg-config and CMake, shared and static"
}

installed() {
    $MAKE --no-print-directory -s -C "$top" "$@" >"$dir/said" 2>&1 || fail "$(cat "$dir/said")"
}

# A plain prefix.
installed install PREFIX="$dir/usr"
stranger "$dir/usr/lib" "installed"

# What other languages read, and what silences valgrind and ThreadSanitizer.
for file in etoauth.supp etoauth.tsan.supp; do
    [ -s "$dir/usr/share/etoauth/$file" ] || fail "$file is not installed"
done
for file in etoauth.cdef etoauth.json; do
    cmp "$top/include/$file" "$dir/usr/share/etoauth/$file" || fail "$file is not installed"
done

# The library itself.
lib=$dir/usr/lib
[ "$(readlink "$lib/libetoauth.so")" = "$soname" ] && [ "$(readlink "$lib/$soname")" = "$real" ] || fail "links"
elf=$(readelf -lWd "$lib/$real")
for fact in "soname: \[$soname\]" 'GNU_RELRO' 'BIND_NOW' 'NODELETE' 'GNU_STACK.* RW '; do
    echo "$elf" | grep -q "$fact" || fail "$real: $fact"
done
! echo "$elf" | grep -qE 'TEXTREL|RPATH|RUNPATH|RWE' || fail "$real: a text relocation, path, or page to write and run"
readelf -SW "$lib/$real" | grep -q '\.note\.gnu\.build-id' || fail "$real: no build id"
! readelf -gW "$lib/libetoauth.a" | grep -q COMDAT || fail "libetoauth.a: groups"
! readelf -SW "$lib/$real" "$lib/libetoauth.a" | grep -q '\.debug_info' || fail "debug information"
readelf --dyn-syms -W "$lib/$real" | grep -q 'FUNC.*etoauth_version@@ETOAUTH_' || fail "$real: no versions"
echo "$real: name, versions, flags"

# Beside another library in Rust: shared ones, and both in one program.
rustc --edition 2024 -C opt-level=1 --crate-type cdylib -o "$dir/libother.so" other.rs
rustc --edition 2024 -C opt-level=1 --crate-type staticlib -o "$dir/libother.a" other.rs
cflags=$(pkg-config --cflags etoauth)
$CC beside.c -o "$dir/beside" $cflags "$dir/libother.so" $(pkg-config --libs etoauth) -Wl,-rpath,"$dir:$lib"
$CC beside.c -o "$dir/beside-static" $cflags "$dir/libother.a" $(pkg-config --libs etoauth-static)
for program in beside beside-static; do
    "$dir/$program" 2>/dev/null | grep -qx "each caught its own" || fail "$program"
done
echo "beside another library in Rust: shared and static"

# The tests' own login, over TLS; programs of wrong calls; the library stays loaded.
for linkage in etoauth etoauth-static; do
    for test in lifecycle handles nulls threads forks; do
        $CC -std=c99 "../c/$test.c" -o "$dir/$test" $(pkg-config --cflags --libs $linkage) -lpthread -Wl,-rpath,"$lib"
    done
    "$sandbox" -- sh -c 'cd "$0" && for fact in URL TLS_URL CA_FILE KEY SECRET; do
            eval "export SANDBOX_$fact=\$ETOAUTH_SANDBOX_$fact"
        done
        ./lifecycle "$SANDBOX_TLS_URL" "$SANDBOX_CA_FILE" && ./handles 10000 && ./nulls && ./threads && ./forks' \
        "$dir" >"$dir/said" 2>&1 || fail "$linkage: $(cat "$dir/said")"
done
$CC -std=c99 ../c/dlclose.c -o "$dir/dlclose" $cflags -ldl -lpthread
"$dir/dlclose" "$lib/$real" || fail "dlclose"
echo "a login over TLS, wrong calls, threads, forks, dlclose: shared and static"

# The installed examples need nothing of the sources.
$CC "$dir/usr/share/doc/etoauth/examples/01_sign.c" -o "$dir/01_sign" $(pkg-config --cflags --libs etoauth-static)
"$dir/01_sign" | grep -qF 'oauth_signature="UOnPVdzExTAgHkcGWLLfeTaaMSM%3D"' || fail "01_sign"

# A program that only signs takes no HTTP and no TLS along, if its linker drops what it does not reach.
$CC sign.c -o "$dir/lean" $(pkg-config --cflags --libs etoauth-static) -Wl,--gc-sections -s
"$dir/lean" >/dev/null || fail "a lean sign"
lean=$(wc -c <"$dir/lean")
[ $((3 * lean)) -lt "$(wc -c <"$lib/$real")" ] || fail "a program that only signs has $lean bytes"
echo "a program that only signs, with all that it takes along: $lean bytes"

# The archive, unpacked and then moved.
mkdir "$dir/unpacked"
(cd "$(dirname "$archive")" && sha256sum --quiet -c "$(basename "$archive").sha256")
tar -C "$dir/unpacked" -xzf "$archive"
mv "$dir"/unpacked/* "$dir/moved"
! grep -rIl "$top" "$dir/moved" || fail "the archive tells where it was made"
stranger "$dir/moved/lib" "archive, moved"
while read -r function _; do
    [ -f "$dir/moved/share/man/man3/$function.3" ] || fail "the archive has no manual page of $function"
done <"$top/abi/exports.txt"
man -l "$dir/moved/share/man/man3/etoauth_client_free.3" >"$dir/said" 2>&1
grep -qF 'etoauth_status etoauth_client_free(etoauth_client *c);' "$dir/said" || fail "the manual: $(cat "$dir/said")"
[ -f "$dir/moved/share/doc/etoauth/html/index.html" ] || fail "the archive has no HTML"
cmp "$dir/usr/share/etoauth/etoauth.cdef" "$dir/moved/share/etoauth/etoauth.cdef" || fail "the archive has no cdef"
echo "archive: the manual, HTML and declarations"

# A package's: made for one place, staged at another, with a library directory of its own.
package="PREFIX=/opt/e LIBDIR=/opt/e/lib/multi DESTDIR=$dir/stage"
installed install $package
[ "$(ls "$dir/stage")" = opt ] || fail "outside of the prefix"
export PKG_CONFIG_PATH="$dir/stage/opt/e/lib/multi/pkgconfig"
[ "$(pkg-config --variable=libdir etoauth)" = /opt/e/lib/multi ] || fail "etoauth.pc knows the stage"
! grep -rIl "$dir" "$dir/stage" || fail "the package knows the stage"
PKG_CONFIG_SYSROOT_DIR=$dir/stage && export PKG_CONFIG_SYSROOT_DIR
$CC sign.c -o "$dir/sign" $(pkg-config --cflags --libs etoauth-static)
"$dir/sign" >/dev/null || fail "sign"
installed uninstall $package
installed uninstall PREFIX="$dir/usr"
left=$(find "$dir/stage" "$dir/usr" ! -type d -o -name '*etoauth*')
[ -z "$left" ] || fail "uninstall left $left"
echo "package: staged, and everything uninstalled"
