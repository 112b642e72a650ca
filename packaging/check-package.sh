#!/bin/sh
# check-package.sh VERSION: the crate as it is published builds from vendored sources alone, without a network.
set -eu
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# What is not committed is not published: a dirty tree is refused by cargo.
cargo package --quiet --locked --no-verify --package etoauth --target-dir "$dir/target"
tar -xf "$dir/target/package/etoauth-$1.crate" -C "$dir"
cd "$dir/etoauth-$1"
mkdir .cargo
cargo vendor --quiet --locked vendor >/dev/null
cat >.cargo/config.toml <<END
[source.crates-io]
replace-with = "vendored"
[source.vendored]
directory = "vendor"
END
CARGO_HOME="$dir/empty" CARGO_TARGET_DIR="$dir/target" cargo build --quiet --frozen
ls "$dir"/target/debug/libetoauth.*
echo "etoauth $1 built from its crate and $(ls vendor | wc -l) vendored ones, without a network"
