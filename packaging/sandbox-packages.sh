#!/usr/bin/env bash
# The sandbox as a wheel and as an npm package, for the machine that makes them.
#
#   sandbox-packages.sh build VERSION    makes both in dist/
#   sandbox-packages.sh check VERSION    tries them in a fresh environment and a fresh project
#
# Needs cargo, Python with venv and pip, which fetches maturin, and Node with npm.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$2
python=${PYTHON:-python3}
for tool in "$python" npm node; do
    command -v "$tool" >/dev/null || { echo "Skipped, for $tool is not installed: the sandbox's packages."; exit 0; }
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

build() {
    mkdir -p dist
    rm -f dist/etoauth_sandbox-*.whl dist/etoauth-sandbox-*.tgz
    "$python" -m pip wheel --quiet --no-deps --wheel-dir dist packaging/python-sandbox

    local package=$scratch/package
    cp -r packaging/npm-sandbox "$package"
    cp LICENSE-MIT LICENSE-APACHE "$package"
    sed -i -e "s/@VERSION@/$version/" -e "s/@OS@/$(node -p process.platform)/" -e "s/@CPU@/$(node -p process.arch)/" \
        "$package/package.json"
    # The wheel has built the program.
    mkdir "$package/bin"
    "$python" -m zipfile -e dist/etoauth_sandbox-"$version"-*.whl "$scratch/wheel"
    install "$scratch"/wheel/*.data/scripts/etoauth-sandbox "$package/bin"
    npm pack --silent --pack-destination dist "$package"
    ls -l dist/etoauth_sandbox-*.whl dist/etoauth-sandbox-*.tgz
}

check() {
    "$python" -m venv "$scratch/venv"
    "$scratch/venv/bin/pip" install --quiet dist/etoauth_sandbox-"$version"-*.whl pytest requests-oauthlib
    cp -r packaging/python-sandbox/tests "$scratch/tests"
    (cd "$scratch/tests" && PATH=$scratch/venv/bin:$PATH pytest -q)

    mkdir "$scratch/project"
    cp packaging/npm-sandbox/test/*.mjs "$scratch/project"
    npm install --silent --no-audit --no-fund --prefix "$scratch/project" "$PWD/dist/etoauth-sandbox-$version.tgz" \
        oauth-1.0a@2
    (cd "$scratch/project" && node --test)
}

"$1"
