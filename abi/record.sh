#!/bin/sh
# What compiled programs rely on: the header's types, functions and numbers without its words, and when each came.
set -eu
cd "$(dirname "$0")/.."
printf '#include <stddef.h>\n#include <stdint.h>\n'
sed '/^#include/d' include/etoauth.h | ${CC:-cc} -E -P -dD - | grep -e '^#define ETOAUTH_.* (' -e '^[^#]' |
    grep -v '^#define ETOAUTH_VERSION_'
sed 's|.*|/* & */|' abi/exports.txt
