#!/usr/bin/env bash
# Mutation testing: changes the code in one small way after another, and counts the changes that no test notices.
# tests/mutants.sh [LAYER ...]; without one, etrade and oauth, which have unit tests. What tests client is C programs, in
# minutes for each change: SHARD=K/N takes each N-th of its changes from the K-th on. It fails if a layer is not above its
# floor, or if a change to the judge or the clock goes unnoticed. With PLANT=1 no test is run, and it must fail.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo mutants --version >/dev/null 2>&1 || {
    echo "cargo-mutants is not installed: cargo install cargo-mutants --locked"
    exit 1
}
layers=("$@")
[ ${#layers[@]} -gt 0 ] || layers=(etrade oauth)
# How many of a layer's mutants must be noticed, in percent.
declare -A floor=([etrade]=90 [oauth]=90 [client]=75)
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

# 2 and 3: something went unnoticed, or took too long. Anything else is no result.
mutate() { # ARGUMENTS...
    local status=0
    cargo mutants "$@" || status=$?
    [[ $status =~ ^[023]$ ]]
}

# What each layer's run left.
declare -A results=([etrade]=$target/mutants.out [oauth]=$target/mutants.out [client]=$target/client/mutants.out)

export CARGO_TARGET_DIR=$target
arguments=()
if [ -n "${PLANT:-}" ]; then
    layers=(etrade)
    arguments=(--file src/etrade/lifetime.rs -- no_test_has_this_name)
else
    for layer in "${layers[@]}"; do [ "$layer" = client ] || arguments+=(--file "src/$layer/**"); done
fi
[ ${#arguments[@]} = 0 ] || mutate --dir "$crate" --config tests/mutants.toml --output "$target" "${arguments[@]}"
if [[ " ${layers[*]} " = *" client "* ]]; then
    # The first driver that fails ends a mutant's tests.
    mkdir -p "$target/client"
    cargo build --quiet --locked -p etoauth-sandbox
    mutate --no-config --package etoauth --file 'src/client/**' --exclude src/client/windows.rs --baseline skip \
        --timeout 1500 --shard "${SHARD:-0/1}" --sharding round-robin --output "$target/client" -- --tests
fi

# Of a layer's mutants whose names match, those in some of the lists that cargo-mutants leaves. A test that hangs has
# noticed.
count() { # LAYER NAMES LISTS...
    local list layer=$1 names=$2
    shift 2
    for list in "$@"; do cat "${results[$layer]}/$list.txt"; done | grep -cE "$names" || true
}
failed=""
summary=""
for layer in "${layers[@]}"; do
    noticed=$(count "$layer" "^src/$layer/" caught timeout)
    all=$(count "$layer" "^src/$layer/" caught timeout missed)
    tenths=$((all > 0 ? noticed * 1000 / all : 0))
    [ $tenths -gt $((floor[$layer] * 10)) ] || failed+=" $layer is not above ${floor[$layer]} %."
    summary+="$layer: $noticed of $all mutants noticed, $((tenths / 10)).$((tenths % 10)) %; "
done
survivors=0
[[ " ${layers[*]} " != *" etrade "* ]] || survivors=$(count etrade "$decisive" missed)
[ "$survivors" = 0 ] || failed+=" Each change to the judge or the clock must be noticed."
echo "${summary}unnoticed in the judge and the clock: $survivors.${failed:+ Failed:$failed}"
[ -z "$failed" ]
