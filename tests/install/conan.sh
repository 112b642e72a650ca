#!/bin/sh
# conan.sh VERSION: makes Conan's packages, shared and static, in a cache of its own. Each is used by the recipe's test
# and by a stranger who asks Conan for files of pkg-config. It is called by: make check-conan
set -eu
export LC_ALL=C
version=$1
: "${CC:=cc}"
cd "$(dirname "$0")"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export CONAN_HOME="$dir/home"

fail() {
    echo "$*"
    exit 1
}

run() {
    "$@" >"$dir/said" 2>&1 || fail "$*: $(cat "$dir/said")"
}

run env -u CC conan profile detect
mkdir "$dir/tests"
for shared in True False; do
    run conan create ../../packaging/conan -o "&:shared=$shared" -c tools.cmake.cmaketoolchain:user_presets= \
        -c tools.cmake.cmake_layout:test_folder="$dir/tests"
    grep -qx "signed with $version" "$dir/said" || fail "the recipe's test: $(cat "$dir/said")"
    # One build makes both.
    ! { [ $shared = False ] && grep -q Compiling "$dir/said"; } || fail "$(cat "$dir/said")"

    run conan install --requires "etoauth/$version" -o "etoauth/*:shared=$shared" -g PkgConfigDeps -g VirtualRunEnv \
        -of "$dir/$shared"
    export PKG_CONFIG_PATH="$dir/$shared"
    [ "$(pkg-config --modversion etoauth)" = "$version" ] || fail "etoauth.pc is not of $version"
    $CC sign.c -o "$dir/$shared/sign" $(pkg-config --cflags --libs etoauth)
    linked=False
    ! readelf -d "$dir/$shared/sign" | grep -qF '[libetoauth.so.' || linked=True
    [ $linked = $shared ] || fail "shared=$shared, but linked with the other"
    (. "$dir/$shared/conanrun.sh" && "$dir/$shared/sign") >/dev/null || fail "shared=$shared: sign"
    echo "Conan, shared=$shared: created, tested, used"
done
