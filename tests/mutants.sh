#!/usr/bin/env bash
# Mutation testing: changes the code in one small way after another, and counts the changes that no unit test notices.
# tests/mutants.sh [LAYER ...]; without one, etrade and oauth. It fails if a layer is not above its floor, or if a change
# to the judge or the clock goes unnoticed. With PLANT=1 no test is run, and it must fail.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo mutants --version >/dev/null 2>&1 || {
    echo "cargo-mutants is not installed: cargo install cargo-mutants --locked"
    exit 1
}
layers=("$@")
[ ${#layers[@]} -gt 0 ] || layers=(etrade oauth)
# How many of a layer's mutants must be noticed, in percent.
declare -A floor=([etrade]=90 [oauth]=90)
# What decides about responses, repeats, renewals and time: there, all of them.
decisive='^src/etrade/(answer|api_call|clock|exchange|lifetime|problem|refusal|renewal|repairs|reply|retry_after|session|shared_renew)\.rs:'

# The two layers without I/O, in a crate of their own: it compiles in a second or two, the whole in ten.
target=${CARGO_TARGET_DIR:-$PWD/target}/mutants
crate=$target/crate
rm -rf "$crate"
mkdir -p "$crate/src"
cp -R src/etrade src/oauth "$crate/src"
cp Cargo.lock "$crate"
dependencies='sha1|base64|percent-encoding|rand|itoa|smallvec|zeroize|serde_json|roxmltree|flate2|jiff|hmac'
# What one layer has for those above it is no dead code.
echo '#![allow(dead_code, unused_imports, unfulfilled_lint_expectations)] mod etrade; mod oauth;' >"$crate/src/lib.rs"
cat >"$crate/Cargo.toml" - <(grep -E "^($dependencies) = " Cargo.toml | awk '!known[$1]++') <<'END'
[package]
name = "etoauth"
version = "0.0.0"
edition = "2024"

[workspace]

# Quick to compile where the mutants are, quick to run where they are not.
[profile.dev]
debug = false

[profile.dev.package."*"]
opt-level = 3

[dependencies]
END

arguments=()
if [ -n "${PLANT:-}" ]; then
    layers=(etrade)
    arguments=(--file src/etrade/lifetime.rs -- no_test_has_this_name)
else
    for layer in "${layers[@]}"; do arguments+=(--file "src/$layer/**"); done
fi
status=0
CARGO_TARGET_DIR=$target cargo mutants --dir "$crate" --config tests/mutants.toml --output "$target" "${arguments[@]}" ||
    status=$?
# 2 and 3: something went unnoticed, or took too long. Anything else is no result.
[[ $status =~ ^[023]$ ]] || exit "$status"

# Of the mutants whose names match, those in some of the lists that cargo-mutants leaves. A test that hangs has noticed.
count() {
    local list names=$1
    shift
    for list in "$@"; do cat "$target/mutants.out/$list.txt"; done | grep -cE "$names" || true
}
failed=""
summary=""
for layer in "${layers[@]}"; do
    noticed=$(count "^src/$layer/" caught timeout)
    all=$(count "^src/$layer/" caught timeout missed)
    tenths=$((all > 0 ? noticed * 1000 / all : 0))
    [ $tenths -gt $((floor[$layer] * 10)) ] || failed+=" $layer is not above ${floor[$layer]} %."
    summary+="$layer: $noticed of $all mutants noticed, $((tenths / 10)).$((tenths % 10)) %; "
done
survivors=$(count "$decisive" missed)
[ "$survivors" = 0 ] || failed+=" Each change to the judge or the clock must be noticed."
echo "${summary}unnoticed in the judge and the clock: $survivors.${failed:+ Failed:$failed}"
[ -z "$failed" ]
