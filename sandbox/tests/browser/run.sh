#!/usr/bin/env bash
# Runs programs of this directory with a sandbox, Chromium and Playwright: run.sh SANDBOX node ARGS...
# Skips, with a message, where one of them is missing.
set -euo pipefail

export ETOAUTH_SANDBOX=$1
shift
skip() {
    echo "Skipped, for $1: the tests of the sandbox's pages in a browser."
    exit 0
}

CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
[ -n "$CHROMIUM" ] || skip "Chromium is not installed"
command -v node >/dev/null || skip "Node is not installed"
tools=${CARGO_TARGET_DIR:-target}/browser
# The second signs in the dashboard's lines for Node.
[ -d "$tools/node_modules/oauth-1.0a" ] ||
    npm install --silent --no-audit --no-fund --prefix "$tools" playwright-core@1 oauth-1.0a@2 ||
    skip "playwright-core is not to be had"
NODE_PATH=$(realpath "$tools/node_modules")
export CHROMIUM NODE_PATH
"$@"
