#!/bin/sh
# linux.sh MACHINE VERSION ARCHIVE SANDBOX ZIG_CC: unpacks the archive for a machine into a root that has nothing but a C
# library, builds a stranger's program and the tests' own against it, shared and static, and runs them there; for ARM64
# by qemu. It is called by: make check-linux
set -eu
export LC_ALL=C
machine=$1 version=$2 archive=$(realpath "$3") sandbox=$(realpath "$4") zig_cc=$(realpath "$5")
cd "$(dirname "$0")"
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
unset PKG_CONFIG_SYSROOT_DIR PKG_CONFIG_LIBDIR CPATH LIBRARY_PATH LD_LIBRARY_PATH

fail() {
    echo "$machine: $*"
    exit 1
}

(cd "$(dirname "$archive")" && sha256sum --quiet -c "$(basename "$archive").sha256")
mkdir "$root/etoauth" "$root/etc" "$root/lib" "$root/lib64" "$root/programs"
tar -C "$root/etoauth" --strip-components=1 -xzf "$archive"
echo "127.0.0.1 localhost" >"$root/etc/hosts"
for file in THIRD-PARTY.txt etoauth.cdx.json LICENSE-MIT LICENSE-APACHE; do
    [ -s "$root/etoauth/share/doc/etoauth/$file" ] || fail "no $file"
done

# The compiler that such a machine has, where Debian has it, too; the C library; and what the shared library asks for.
shared_cc=$zig_cc static_cc=$zig_cc as_static="-static $root/etoauth/lib/libetoauth.a -lunwind"
case $machine in
x86_64-*-gnu)
    shared_cc=cc static_cc=cc as_static="$root/etoauth/lib/libetoauth.a -lm -ldl"
    glibc=/lib/x86_64-linux-gnu loader=/lib64/ld-linux-x86-64.so.2
    ;;
aarch64-*-gnu)
    shared_cc=aarch64-linux-gnu-gcc static_cc=$shared_cc as_static="$root/etoauth/lib/libetoauth.a -lm -ldl"
    glibc=/usr/aarch64-linux-gnu/lib loader=/usr/aarch64-linux-gnu/lib/ld-linux-aarch64.so.1
    ;;
x86_64-*-musl) shared_cc=musl-gcc loader=/lib/ld-musl-x86_64.so.1 ;;
aarch64-*-musl) loader=/lib/ld-musl-aarch64.so.1 ;;
esac
cp -L "$loader" "$root/lib"
cp -L "$loader" "$root/lib64"
library=$root/etoauth/lib/libetoauth.so
needed=$(readelf -dW "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort | tr '\n' ' ')
case $machine in
*-gnu)
    for name in libc.so.6 libm.so.6 libpthread.so.0 libdl.so.2 libgcc_s.so.1; do cp -L "$glibc/$name" "$root/lib"; done
    newest=$({ readelf -VW "$library" | grep -o 'GLIBC_[0-9.]*' && echo GLIBC_2.17; } | sort -V | tail -n 1)
    [ "$newest" = GLIBC_2.17 ] || fail "libetoauth.so asks for $newest"
    ;;
*-musl) [ "$needed" = "libc.so " ] || fail "libetoauth.so asks for $needed" ;;
esac

emulator=
case $machine in
"$(uname -m)"-*) ;;
aarch64-*)
    cp "$(command -v qemu-aarch64-static)" "$root/qemu"
    emulator=/qemu
    ;;
*) fail "programs for it can't be run here" ;;
esac

# Beside a sandbox of its own.
says() { # WORDS PROGRAM ARGUMENTS...
    "$sandbox" --ca-file "$root/programs/ca.pem" -- sh -c 'for fact in URL TLS_URL KEY SECRET; do
            eval "export SANDBOX_$fact=\$ETOAUTH_SANDBOX_$fact"
        done
        export SANDBOX_CA_FILE=/programs/ca.pem
        eval "exec chroot $0 $1 /programs/$2"' "$root" "$emulator" "$2" >"$root/said" 2>&1 && grep -q "$1" "$root/said" ||
        fail "$2: $(tail "$root/said")"
}

build() { # COMPILER LIBRARIES
    for program in sign.c ../c/vectors.c ../c/handles.c ../c/nulls.c ../c/prepared.c ../c/lifecycle.c; do
        "$1" -std=c99 -D_GNU_SOURCE "$program" -o "$root/programs/$(basename "$program" .c)" \
            $(pkg-config --cflags etoauth) $2 -lpthread
    done
}

run() { # LINKAGE
    says "^signed with $version" sign
    says "^$cases signatures and base strings" vectors <"$root/cases"
    says "no handle was mistaken" "handles 10000"
    says "NULL is refused everywhere" nulls
    says "no time or argument was mistaken" prepared
    says "^logged in, renewed, revoked" 'lifecycle "$SANDBOX_TLS_URL" "$SANDBOX_CA_FILE"'
    echo "$machine, $1: vectors, wrong calls, prepared requests, a login over TLS"
}

export PKG_CONFIG_PATH="$root/etoauth/lib/pkgconfig"
python3 ../windows/vectors.py signatures ../vectors/signatures.json >"$root/cases"
cases=$(wc -l <"$root/cases")
build "$shared_cc" "$(pkg-config --libs etoauth) -Wl,-rpath,/etoauth/lib"
readelf -dW "$root/programs/sign" | grep -q 'NEEDED.*libetoauth' || fail "not linked with the shared library"
run shared
build "$static_cc" "$as_static"
! readelf -dW "$root/programs/sign" | grep -q 'NEEDED.*libetoauth' || fail "not linked with the static library"
run static

# Which of ARMv8's instructions are reached: each is listed once.
if [ -n "$emulator" ]; then
    chroot "$root" "$emulator" -d in_asm -D /code /programs/vectors \
        <"$root/cases" >/dev/null
    count=$(grep -cE '\bsha1(c|p|m|h|su0|su1)\b' "$root/code" || true)
    [ "$count" -gt 0 ] || fail "no SHA instruction ran"
    echo "$machine: $count of ARMv8's instructions for SHA-1 were reached"
fi
