#!/bin/sh
# Sends clients that others wrote, unmodified, through a whole login and a day's calls against the sandbox, and prints a
# table. Needs python3 with venv, npm, and of Debian liboauth-dev and ruby-oauth; what is missing is skipped.
#
#   sandbox/tests/clients/run.sh SANDBOX DIRECTORY      the program, and where to install the clients
set -eu
sandbox=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
here=$(realpath "$(dirname "$0")")

[ -x "$out/venv/bin/python" ] || python3 -m venv "$out/venv"
"$out/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
export PYTHON="$out/venv/bin/python" PYTHONPATH="$here" PYTHONDONTWRITEBYTECODE=1

set -- requests-oauthlib "$PYTHON" "$here/requests_oauthlib_client.py" \
    -- Authlib "$PYTHON" "$here/authlib_client.py" \
    -- pyetrade "$PYTHON" "$here/pyetrade_client.py" \
    -- wetrade "$PYTHON" "$here/wetrade_client.py"

if command -v npm >/dev/null; then
    # Modules are looked for beside the program that wants them.
    cp "$here"/package.json "$here"/*.mjs "$here/person.py" "$out"
    npm install --prefix "$out" --silent --no-audit --no-fund
    set -- "$@" -- 'npm oauth' node "$out/node_oauth.mjs" -- 'npm oauth-1.0a' node "$out/node_oauth_1_0a.mjs"
else
    echo "npm is missing: oauth and oauth-1.0a are skipped."
fi
if [ -f /usr/include/oauth.h ]; then
    ${CC:-cc} -o "$out/liboauth" "$here/liboauth.c" -loauth -Wno-deprecated-declarations
    set -- "$@" -- liboauth "$out/liboauth" "$here"
else
    echo "liboauth-dev is missing: liboauth is skipped."
fi
if ruby -e 'require "oauth"' 2>/dev/null; then
    set -- "$@" -- 'Ruby oauth' ruby "$here/ruby_oauth.rb"
else
    echo "ruby-oauth is missing: Ruby's oauth is skipped."
fi
exec "$PYTHON" "$here/table.py" "$sandbox" "$@"
