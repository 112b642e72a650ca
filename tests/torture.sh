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
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Beside a sandbox of its own, with an empty directory; what it said ends with what it counted.
torture() {
    local program=$1
    shift
    ${CC:-cc} -std=c99 -O2 -Wall -Wextra -pedantic -Werror -Wno-unused-function -g -Iinclude -o "$scratch/$program" \
        "tests/c/$program.c" "$library" -lpthread -ldl -lm -lrt -lutil
    mkdir "$scratch/files"
    "$sandbox" -- sh -c 'SANDBOX_URL=$ETOAUTH_SANDBOX_URL SANDBOX_TLS_URL=$ETOAUTH_SANDBOX_TLS_URL \
        SANDBOX_CA_FILE=$ETOAUTH_SANDBOX_CA_FILE SANDBOX_KEY=$ETOAUTH_SANDBOX_KEY \
        SANDBOX_SECRET=$ETOAUTH_SANDBOX_SECRET exec "$@"' sh "$scratch/$program" "$@" 2>"$scratch/said" |
        tee "$scratch/out" || { grep -v '^memory allocation\|backtrace' "$scratch/said" | tail -n 5; return 1; }
    tail -n 1 "$scratch/out" >>"$scratch/counted"
    rm -r "$scratch/files"
}

torture session_torture "$scratch/files" every
torture memory_torture "$scratch/files" 1 1 "$most_aborts"
torture long_texts
torture signal_torture "$scratch/files" 1 1
torture network_torture
awk '{ sum += $1 } END { printf "%d faults: nothing lost, nothing repeated, nobody late\n", sum }' "$scratch/counted"
