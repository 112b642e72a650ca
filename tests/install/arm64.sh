#!/bin/sh
# arm64.sh VERSION ARCHIVE SANDBOX: unpacks the archive for ARM64, builds a stranger's program and the tests' own with
# it, shared and static, and runs them by qemu. It is called by: make check-arm64
set -eu
export LC_ALL=C
version=$1 archive=$(realpath "$2") sandbox=$(realpath "$3")
cd "$(dirname "$0")"
. ./programs.sh
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
unset PKG_CONFIG_SYSROOT_DIR PKG_CONFIG_LIBDIR CPATH LIBRARY_PATH LD_LIBRARY_PATH

fail() {
    echo "$*"
    exit 1
}

# Where Debian's cross compiler has the C library.
emulator="qemu-aarch64 -L /usr/aarch64-linux-gnu"

(cd "$(dirname "$archive")" && sha256sum --quiet -c "$(basename "$archive").sha256")
mkdir "$dir/etoauth" "$dir/programs"
tar -C "$dir/etoauth" --strip-components=1 -xzf "$archive"
for file in THIRD-PARTY.txt etoauth.cdx.json LICENSE-MIT LICENSE-APACHE; do
    [ -s "$dir/etoauth/share/doc/etoauth/$file" ] || fail "no $file"
done

# Beside a sandbox of its own.
says() { # WORDS PROGRAM ARGUMENTS...
    "$sandbox" -- sh -c 'for fact in URL TLS_URL CA_FILE KEY SECRET; do
            eval "export SANDBOX_$fact=\$ETOAUTH_SANDBOX_$fact"
        done
        eval "exec $0 $1"' "$emulator" "$dir/programs/$2" >"$dir/said" 2>&1 && grep -q "$1" "$dir/said" ||
        fail "$2: $(tail "$dir/said")"
}

export PKG_CONFIG_PATH="$dir/etoauth/lib/pkgconfig"
python3 ../windows/vectors.py signatures ../vectors/signatures.json >"$dir/cases"
for package in etoauth etoauth-static; do
    for program in $programs; do
        aarch64-linux-gnu-gcc -std=c99 -D_GNU_SOURCE "$program" -o "$dir/programs/$(basename "$program" .c)" \
            $(pkg-config --cflags --libs $package) -Wl,-rpath,"$dir/etoauth/lib" -lpthread
    done
    asks=$(readelf -dW "$dir/programs/sign" | grep -c 'NEEDED.*libetoauth' || true)
    [ $package,"$asks" = etoauth,1 ] || [ $package,"$asks" = etoauth-static,0 ] || fail "$package: linked otherwise"

    run_programs $package "$dir/cases"
done

# Which instructions are reached: each is listed once.
$emulator -d in_asm -D "$dir/code" "$dir/programs/vectors" <"$dir/cases" >/dev/null
count=$(grep -cE '\bsha1(c|p|m|h|su0|su1)\b' "$dir/code" || true)
[ "$count" -gt 0 ] || fail "no SHA instruction ran"
echo "$count of ARMv8's instructions for SHA-1 were reached"
