#!/bin/sh
# deb.sh VERSION ROOT DEBS...: installs Debian's packages in ROOT, a Debian with a C compiler, uses them there as a
# stranger, and removes them. It is called by: make check-deb
set -eu
export LC_ALL=C
version=$1 root=$(realpath "$2")
shift 2
for deb; do
    set -- "$@" "$(realpath "$deb")"
    shift
done
cd "$(dirname "$0")"
mounted=

fail() {
    echo "$*"
    exit 1
}

inside() {
    chroot "$root" "$@" >"$root/tmp/said" 2>&1 || fail "$*: $(cat "$root/tmp/said")"
}

clean() {
    status=$?
    [ -z "$mounted" ] || umount "$root/proc"
    rm -rf "$root/tmp/etoauth"
    exit $status
}
trap clean EXIT
trap 'exit 1' INT TERM

lintian --fail-on error,warning --suppress-tags bogus-mail-host "$@"
echo "lintian: nothing"

grep -qsw localhost "$root/etc/hosts" || echo "127.0.0.1 localhost" >>"$root/etc/hosts"
mountpoint -q "$root/proc" || { mount --bind /proc "$root/proc" && mounted=yes; }
rm -rf "$root/tmp/etoauth"
mkdir "$root/tmp/etoauth"
cp "$@" sign.c ../c/lifecycle.c ../c/*.h "$root/tmp/etoauth"
inside sh -c 'dpkg -i /tmp/etoauth/*.deb'
inside sh -ec 'cd /tmp/etoauth
    for linkage in etoauth etoauth-static; do
        cc sign.c -o sign-$linkage $(pkg-config --cflags --libs $linkage)
        ./sign-$linkage
        cc -std=c99 lifecycle.c -o lifecycle-$linkage $(pkg-config --cflags --libs $linkage) -lpthread
    done'
[ "$(cat "$root/tmp/said")" = "$(printf 'signed with %s\nsigned with %s' "$version" "$version")" ] || fail "sign"
for linkage in etoauth etoauth-static; do
    inside etoauth-sandbox -- sh -ec 'for fact in URL TLS_URL CA_FILE KEY SECRET; do
            eval "export SANDBOX_$fact=\$ETOAUTH_SANDBOX_$fact"
        done
        "/tmp/etoauth/lifecycle-$0" "$SANDBOX_TLS_URL" "$SANDBOX_CA_FILE"' $linkage
done
echo "installed: built, signed and logged in, shared and static"
grep -q "^ etoauth_version@ETOAUTH_" "$root/var/lib/dpkg/info"/libetoauth1*.symbols || fail "no symbols file"
inside dpkg --purge etoauth-sandbox libetoauth-dev libetoauth1
rm -rf "$root/tmp/etoauth" "$root/tmp/said"
left=$(find "$root" -xdev -name '*etoauth*')
[ -z "$left" ] || fail "purged, but left $left"
echo "removed: nothing left"
