#!/usr/bin/env bash
# Runs the tests' C programs under sanitizers, with their drivers and peers: under ThreadSanitizer, then under
# AddressSanitizer with LeakSanitizer, and UndefinedBehaviorSanitizer for the C. The programs, the library and Rust's
# standard library are instrumented; where Rust has no such sanitizer, its checks of arithmetic and of what unsafe code
# must keep to are on. Mistakes that are planted must be seen first; with PLANT=1 they count as found. Drivers can be
# chosen: tests/sanitize/run.sh [DRIVER ...].
set -euo pipefail
cd "$(dirname "$0")/../.."

# A rustc with the source of its standard library. The C compiler's LLVM must be of the same major version.
: "${SANITIZE_RUSTC:=/usr/bin/rustc}" "${SANITIZE_CARGO:=/usr/bin/cargo}" "${SANITIZE_CC:=clang-22}"
source=$("$SANITIZE_RUSTC" --print sysroot 2>/dev/null)/lib/rustlib/src/rust/library/std
if ! [ -d "$source" ] || ! command -v "$SANITIZE_CARGO" >/dev/null ||
    ! echo 'int main(void) { return 0; }' | "$SANITIZE_CC" -fsanitize=thread -x c -o /dev/null - 2>/dev/null; then
    echo "Sanitizers need: apt-get install --no-install-recommends rustc-web cargo-web rust-web-src clang-22" \
        "libclang-rt-22-dev"
    exit 77
fi
host=$("$SANITIZE_RUSTC" -vV | sed -n 's/^host: //p')
out=${CARGO_TARGET_DIR:-$PWD/target}/sanitize

drivers=("$@")
[ ${#drivers[@]} -gt 0 ] ||
    drivers=(cases connections deadlines host login misuse process proxy repair sessions share signing tls vectors)

left_out=(
    # Tools of their own.
    under_valgrind case_d11_under_valgrind case_d12_under_thread_sanitizer
    # Programs with an allocator of their own, in the place of the sanitizer's.
    no_alloc secrets forked_without_memory full_reserve
    # LeakSanitizer does not work in a set-user-ID program.
    case_d3_a_set_user_id_program
)

build() { # SANITIZER
    env -u CFLAGS RUSTC="$SANITIZE_RUSTC" RUSTC_BOOTSTRAP=1 \
        RUSTFLAGS="-Zsanitizer=$1 -Zexternal-clangrt -Cdebug-assertions=on -Coverflow-checks=on" \
        CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
        CARGO_PROFILE_RELEASE_DEBUG=line-tables-only \
        "$SANITIZE_CARGO" build --release --locked -p etoauth --lib -Zbuild-std=std,panic_unwind \
        --target "$host" --target-dir "$out/$1"
}

# The compiler of the C programs, which writes down what it compiles.
compiler() { # SANITIZER FLAGS
    cat >"$out/$1/cc" <<END
#!/bin/sh
for argument; do case \$argument in *.c) echo "\$argument" >>"$out/$1/programs" ;; esac; done
exec $SANITIZE_CC $2 -g -O1 -fno-omit-frame-pointer "\$@"
END
    chmod +x "$out/$1/cc"
}

# A planted mistake must be told in these words, and end the program with a failure.
must_see() { # SANITIZER MISTAKE WORDS
    if "$out/$1/planted" "$2" 2>>"$out/$1/planted.log" || ! grep -qs "$3" "$out/$1"/reports/*; then
        echo "${1^}Sanitizer did not see what was planted: $2"
        exit 1
    fi
    planted=$((planted + 1))
    [ -n "${PLANT:-}" ] || rm "$out/$1"/reports/*
}

# Everything that a sanitizer says is in a file: of a program that was expected to fail, too.
run_all() { # SANITIZER
    local skip=() test status=0
    for test in "${left_out[@]}"; do skip+=(--skip "$test"); done
    ETOAUTH_TEST_CC=$out/$1/cc ETOAUTH_TEST_LIBRARIES=$out/$1/$host/release \
        cargo test --no-fail-fast --locked -p etoauth "${drivers[@]/#/--test=}" -- --exact "${skip[@]}" |
        tee "$out/$1/log" || status=1
    local tests programs reports
    tests=$(awk '/^test result:/ { sum += $4 } END { print sum }' "$out/$1/log")
    programs=$(sort -u "$out/$1/programs" | wc -l)
    reports=$(ls "$out/$1/reports" | wc -l)
    said+="${1^}Sanitizer: $programs programs in $tests tests, $reports reports; "
    if [ $status != 0 ] || [ "$reports" != 0 ]; then failed+=" $1"; fi
}

begin() { # SANITIZER FLAGS
    build "$1"
    rm -rf "$out/$1/reports" "$out/$1/programs"
    mkdir -p "$out/$1/reports"
    compiler "$1" "$2"
    "$out/$1/cc" -std=c99 -Wall -Wextra -pedantic -Werror -Wno-unused-function -Iinclude -o "$out/$1/planted" \
        tests/sanitize/planted.c "$out/$1/$host/release/libetoauth.a" -lpthread -ldl -lm
    rm "$out/$1/programs"
}

said="" failed="" planted=0

begin thread -fsanitize=thread
export TSAN_OPTIONS="log_path=$out/thread/reports/report exitcode=66"
must_see thread race "data race"
run_all thread

begin address "-fsanitize=address,undefined -fno-sanitize-recover=all"
export ASAN_OPTIONS="log_path=$out/address/reports/report detect_stack_use_after_return=1"
# Freed memory is kept back for a while, but less than what share_races takes for a leak of the library's.
ASAN_OPTIONS+=" quarantine_size_mb=1 thread_local_quarantine_size_kb=64"
export UBSAN_OPTIONS="log_path=$out/address/reports/report print_stacktrace=1"
must_see address overflow "heap-buffer-overflow"
must_see address leak "detected memory leaks"
must_see address undefined "signed integer overflow"
run_all address

if [ -n "$failed" ]; then
    tail -n 40 "$out"/*/reports/* 2>/dev/null || true
    echo "${said}FAILED:$failed"
    exit 1
fi
echo "${said}and $planted planted mistakes were seen"
