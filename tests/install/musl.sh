#!/bin/sh
# musl.sh VERSION ARCHIVE SANDBOX ZIG_CC: unpacks the archive for musl into a root that has nothing but musl, builds a
# stranger's program and the tests' own against it, shared and static, and runs them there. It is called
# by: make check-musl
set -eu
export LC_ALL=C
version=$1 archive=$(realpath "$2") sandbox=$(realpath "$3") zig_cc=$(realpath "$4")
cd "$(dirname "$0")"
. ./programs.sh
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
unset PKG_CONFIG_SYSROOT_DIR PKG_CONFIG_LIBDIR CPATH LIBRARY_PATH LD_LIBRARY_PATH

fail() {
    echo "$*"
    exit 1
}

(cd "$(dirname "$archive")" && sha256sum --quiet -c "$(basename "$archive").sha256")
mkdir "$root/etoauth" "$root/etc" "$root/lib" "$root/programs"
tar -C "$root/etoauth" --strip-components=1 -xzf "$archive"
cp -L /lib/ld-musl-x86_64.so.1 "$root/lib"
echo "127.0.0.1 localhost" >"$root/etc/hosts"
for file in THIRD-PARTY.txt etoauth.cdx.json LICENSE-MIT LICENSE-APACHE; do
    [ -s "$root/etoauth/share/doc/etoauth/$file" ] || fail "no $file"
done
needed=$(readelf -dW "$root/etoauth/lib/libetoauth.so" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
[ "$needed" = libc.so ] || fail "libetoauth.so asks for $needed"

# Beside a sandbox of its own.
says() { # WORDS COMMAND
    "$sandbox" --ca-file "$root/programs/ca.pem" -- sh -c 'for fact in URL TLS_URL KEY SECRET; do
            eval "export SANDBOX_$fact=\$ETOAUTH_SANDBOX_$fact"
        done
        export SANDBOX_CA_FILE=/programs/ca.pem
        eval "exec chroot $0 /programs/$1"' "$root" "$2" >"$root/said" 2>&1 && grep -q "$1" "$root/said" ||
        fail "$2: $(tail "$root/said")"
}

export PKG_CONFIG_PATH="$root/etoauth/lib/pkgconfig"
python3 ../windows/vectors.py signatures ../vectors/signatures.json >"$root/cases"
for linkage in etoauth etoauth-static; do
    # What Debian's musl-gcc would unwind by, in a static library, is that of glibc.
    cc=musl-gcc libraries="$(pkg-config --libs etoauth) -Wl,-rpath,/etoauth/lib"
    [ $linkage = etoauth ] || cc=$zig_cc libraries="-static $root/etoauth/lib/libetoauth.a -lunwind"
    for program in $programs; do
        "$cc" -std=c99 -D_GNU_SOURCE "$program" -o "$root/programs/$(basename "$program" .c)" \
            $(pkg-config --cflags etoauth) $libraries -lpthread
    done
    asks=$(readelf -dW "$root/programs/sign" | grep -c 'NEEDED.*libetoauth' || true)
    [ $linkage,"$asks" = etoauth,1 ] || [ $linkage,"$asks" = etoauth-static,0 ] || fail "$linkage: linked otherwise"

    run_programs $linkage "$root/cases"
done
