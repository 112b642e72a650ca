#!/bin/sh
# rpm.sh VERSION RPMS...: installs the RPM packages below a directory, with a database of their own, builds a stranger's
# program with them, shared and static, logs in, and removes them. It is called by: make check-rpm
set -eu
export LC_ALL=C
version=$1
shift
for package; do
    set -- "$@" "$(realpath "$package")"
    shift
done
: "${CC:=cc}"
cd "$(dirname "$0")"
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

fail() {
    echo "$*"
    exit 1
}

# What they ask for is this machine's, which is in no database of RPM's.
system='ld-linux.*|lib(c|m|gcc_s|pthread|dl|rt|util)\.so\.[0-9]+|rpmlib|rtld|/usr/bin/pkg-config|pkgconfig|ca-certificates'
foreign=$(rpm -qp --requires "$@" | sed 's/[ (].*//' | sort -u |
    grep -vE "^($system|libetoauth1|libetoauth\.so\.1)\$" || true)
[ -z "$foreign" ] || fail "they ask for $foreign"
rpm -i --nodeps --root "$root" "$@"
rpm -V --nodeps --root "$root" $(rpm -qa --root "$root") || fail "not installed as packed"

libdir=$(dirname "$(find "$root" -name libetoauth.a)")
export PKG_CONFIG_PATH="$libdir/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$root" LD_LIBRARY_PATH="$libdir"
for linkage in etoauth etoauth-static; do
    $CC sign.c -o "$root/sign" $(pkg-config --cflags --libs $linkage)
    [ "$("$root/sign")" = "signed with $version" ] || fail "$linkage: sign"
    $CC -std=c99 ../c/lifecycle.c -o "$root/lifecycle" $(pkg-config --cflags --libs $linkage) -lpthread
    "$root/usr/bin/etoauth-sandbox" -- sh -ec 'for fact in URL TLS_URL CA_FILE KEY SECRET; do
            eval "export SANDBOX_$fact=\$ETOAUTH_SANDBOX_$fact"
        done
        "$0" "$SANDBOX_TLS_URL" "$SANDBOX_CA_FILE"' "$root/lifecycle" >"$root/said" || fail "$linkage: $(cat "$root/said")"
done
echo "installed: built, signed and logged in, shared and static"
rpm -e --root "$root" $(rpm -qa --root "$root")
left=$(find "$root" -name '*etoauth*')
[ -z "$left" ] || fail "removed, but left $left"
echo "removed: nothing left"
