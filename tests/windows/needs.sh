#!/bin/sh
# needs.sh build|test ARCHITECTURE: whether this machine can make the DLL, or test it, too. It says which of Debian's
# packages are missing, and ends with 77.
set -eu
what=$1 arch=$2
: "${WINDOWS_RUSTC:=/usr/bin/rustc}" "${WINDOWS_CARGO:=/usr/bin/cargo}" "${LLVM_DLLTOOL:=llvm-dlltool-22}"
missing=

need() { # COMMAND PACKAGE
    command -v "$1" >/dev/null || missing="$missing $2"
}

if [ "$arch" = aarch64 ]; then
    need "$LLVM_DLLTOOL" llvm-22
    [ -z "$missing" ] || echo "The DLL for ARM64 needs: apt-get install --no-install-recommends$missing"
    [ -z "$missing" ] || exit 77
    exit
fi
need "$arch-w64-mingw32-gcc" "gcc-mingw-w64-$(echo "$arch" | tr _ -)-win32"
# Debian's own rustc is older than what the library needs.
minor=$("$WINDOWS_RUSTC" --version 2>/dev/null | cut -d . -f 2)
[ "${minor:-0}" -ge 85 ] || missing="$missing rustc-web"
need "$WINDOWS_CARGO" cargo-web
need "$LLVM_DLLTOOL" llvm-22
need python3 python3
sysroot=$("$WINDOWS_RUSTC" --print sysroot 2>/dev/null) || true
[ -d "$sysroot/lib/rustlib/src/rust/library/std" ] || missing="$missing rust-web-src"
if [ "$what" = test ]; then
    need "$arch-w64-mingw32-g++" "g++-mingw-w64-$(echo "$arch" | tr _ -)-win32"
    need "${CLANG:-clang-22}" clang-22
    need "${LLD_LINK:-lld-link-22}" lld-22
    if [ "$arch" = i686 ]; then
        need debootstrap debootstrap
        [ "$(id -u)" = 0 ] || { echo "Tests of the DLL for x86 need root, for a chroot with wine32."; exit 77; }
    else
        need wine "wine wine64"
    fi
fi
[ -z "$missing" ] || {
    echo "DLLs for Windows ($arch) need: apt-get install --no-install-recommends$missing"
    exit 77
}
