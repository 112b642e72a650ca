#!/usr/bin/env bash
# Runs every fuzz target under libFuzzer and AddressSanitizer: fuzz/run.sh MINUTES [TARGET ...]. The minutes are for all
# of them together, on all cores. An input that fails is kept in fuzz/found, where the replay takes it up.
set -euo pipefail
cd "$(dirname "$0")/.."

minutes=${1:?how many minutes}
shift
targets=("$@")
[ ${#targets[@]} -gt 0 ] || for folder in fuzz/corpus/*/; do targets+=("$(basename "$folder")"); done
cores=$(nproc)
seconds=$((minutes * 60 * (cores < ${#targets[@]} ? cores : ${#targets[@]}) / ${#targets[@]}))
host=$(rustc +nightly -vV | sed -n 's/^host: //p')
out=${CARGO_TARGET_DIR:-$PWD/target}/fuzz
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# With --target given, the flags are for what is fuzzed alone, and not for build scripts.
RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares -Zsanitizer=address -Ccodegen-units=1" \
    cargo +nightly build --manifest-path fuzz/Cargo.toml --release --locked --target "$host" --target-dir "$out" \
    -p etoauth-libfuzzer
cat fuzz/dictionaries/*.dict >"$scratch/all.dict"
# glibc notes a thread's destructors where the sanitizer does not look.
echo leak:__cxa_thread_atexit_impl >"$scratch/leaks"

# Corpora grow beside the build and are not committed; those that are, are read only.
campaign() {
    local target=$1 status=0 log="$scratch/$1.log"
    mkdir -p "$out/corpus/$target" "fuzz/found/$target" "$scratch/$target"
    TMPDIR=$scratch/$target LSAN_OPTIONS=suppressions=$scratch/leaks:print_suppressions=0 ASAN_OPTIONS=malloc_context_size=8:quarantine_size_mb=64:${ASAN_OPTIONS:-} \
        "$out/$host/release/$target" "$out/corpus/$target" "fuzz/corpus/$target" "fuzz/found/$target" \
        -max_total_time="$seconds" -dict="$scratch/all.dict" -artifact_prefix="fuzz/found/$target/" \
        -max_len=2048 -timeout=30 -rss_limit_mb=4096 -print_final_stats=1 -close_fd_mask=1 >"$log" 2>&1 || status=$?
    rmdir "fuzz/found/$target" fuzz/found 2>/dev/null || true
    local executions
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    echo "${executions:-0}" >"$scratch/$target.executions"
    printf '%-14s %12d executions in %d s\n' "$target" "${executions:-0}" "$seconds"
    if [ $status != 0 ]; then
        tail -n 40 "$log"
        echo "$target" >>"$scratch/failed"
    fi
}
export -f campaign
export out host scratch seconds

printf '%s\n' "${targets[@]}" | xargs -P "$cores" -I{} bash -c 'campaign {}'
total=$(cat "$scratch"/*.executions | awk '{ sum += $1 } END { print sum }')
if [ -e "$scratch/failed" ]; then
    echo "$total executions of ${#targets[@]} targets; findings in: $(sort "$scratch/failed" | paste -sd' ')"
    exit 1
fi
echo "$total executions of ${#targets[@]} targets, no finding"
