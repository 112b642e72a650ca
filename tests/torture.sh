#!/usr/bin/env bash
# What the library promises under faults, one at each place in turn: tests/torture.sh LIBRARY SANDBOX. LIBRARY is
# libetoauth.a, and SANDBOX the program. STEP, 1 by default, is the distance between the bytes of a connection that are
# tried, THREADS how many calls are under way meanwhile. With PLANT (order, late, torn, interrupt or abort) a program makes
# that mistake by itself, and this must fail.
set -euo pipefail
cd "$(dirname "$0")/.."

library=$1
sandbox=$2
# It only goes down.
most_aborts=$(grep -v '^#' tests/torture.aborts)
counted=$(mktemp)
trap 'rm "$counted"' EXIT

# What a program says ends with what it counted. What Rust says of an allocation that failed is no news.
torture() {
    tests/beside_sandbox.sh "$library" "$sandbox" "$@" 2> >(grep -v '^memory allocation\|backtrace' >&2) |
        tee /dev/stderr | tail -n 1 >>"$counted"
}

torture session_torture every
torture memory_torture 1 1 "$most_aborts"
torture long_texts
torture signal_torture 1 1
torture network_torture
awk '{ sum += $1 } END { printf "%d faults: nothing lost, nothing repeated, nobody late\n", sum }' "$counted"
