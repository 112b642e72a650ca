#!/usr/bin/env bash
# Compiles a program of tests/c and runs it beside a sandbox of its own: tests/beside_sandbox.sh LIBRARY SANDBOX PROGRAM
# [ARGUMENT ...]. LIBRARY is libetoauth.a. The program's first argument is an empty directory.
set -euo pipefail
cd "$(dirname "$0")/.."

library=$1 sandbox=$2 program=$3
shift 3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
${CC:-cc} -std=c99 -O2 -Wall -Wextra -pedantic -Werror -Wno-unused-function -g -Iinclude -o "$scratch/$program" \
    "tests/c/$program.c" "$library" -lutil -lrt -lpthread -lm -ldl
mkdir "$scratch/files"
"$sandbox" --tally -- sh -c 'SANDBOX_URL=$ETOAUTH_SANDBOX_URL SANDBOX_TLS_URL=$ETOAUTH_SANDBOX_TLS_URL \
    SANDBOX_CA_FILE=$ETOAUTH_SANDBOX_CA_FILE SANDBOX_KEY=$ETOAUTH_SANDBOX_KEY SANDBOX_SECRET=$ETOAUTH_SANDBOX_SECRET \
    exec "$@"' sh "$scratch/$program" "$scratch/files" "$@"
