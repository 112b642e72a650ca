#!/usr/bin/env bash
# Mutation testing: changes the code in one small way after another, and counts the changes that no unit test notices.
# tests/mutants.sh [LAYER ...]; without one, etrade and oauth. It fails if a layer is below its floor, or if a change to
# the judge or the clock goes unnoticed. With PLANT=1 the clock is changed and no test is run: then it must fail.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo mutants --version >/dev/null 2>&1 || {
    echo "cargo-mutants is not installed: cargo install cargo-mutants --locked"
    exit 1
}
layers=("$@")
[ ${#layers[@]} -gt 0 ] || layers=(etrade oauth)
# How many of a layer's mutants must be noticed, in percent.
declare -A floor=([etrade]=90 [oauth]=90 [client]=0)
# What decides about responses, repeats and time: there, all of them.
decisive='^src/etrade/(answer|api_call|clock|exchange|lifetime|problem|refusal|renewal|repairs|reply|retry_after|session|shared_renew)\.rs:'

arguments=()
if [ -n "${PLANT:-}" ]; then
    layers=(etrade)
    arguments=(--file src/etrade/lifetime.rs -- no_test_has_this_name)
else
    for layer in "${layers[@]}"; do arguments+=(--file "src/$layer/**"); done
fi

# Cargo's files are kept from run to run: dependencies are compiled once.
target=${CARGO_TARGET_DIR:-$PWD/target}/mutants
mkdir -p "$target"
status=0
CARGO_TARGET_DIR=$target cargo mutants --output "$target" "${arguments[@]}" || status=$?
# 2 and 3: something went unnoticed, or took too long. Anything else is no result.
[[ $status =~ ^[023]$ ]] || exit "$status"

# How many mutants were noticed, by a failing test or by one that hangs, or went unnoticed.
count() {
    cat "${@:2}" | grep -cE "$1" || true
}
found=$target/mutants.out
failed=""
summary=""
for layer in "${layers[@]}"; do
    noticed=$(count "^src/$layer/" "$found/caught.txt" "$found/timeout.txt")
    all=$((noticed + $(count "^src/$layer/" "$found/missed.txt")))
    tenths=$((all > 0 ? noticed * 1000 / all : 0))
    [ $tenths -gt $((floor[$layer] * 10)) ] || failed="$failed $layer is not above ${floor[$layer]} %."
    summary+="$layer: $noticed of $all noticed, $((tenths / 10)).$((tenths % 10)) %; "
done
survivors=$(count "$decisive" "$found/missed.txt")
[ "$survivors" = 0 ] || failed="$failed In the judge or the clock."
echo "${summary}unnoticed in the judge and the clock: $survivors.${failed:+ Failed:$failed}"
[ -z "$failed" ]
