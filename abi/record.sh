#!/bin/sh
# What compiled programs and workbooks rely on: the headers' types, functions and numbers without its words, and when each came.
set -eu
cd "$(dirname "$0")/.."
printf '#include <stddef.h>\n#include <stdint.h>\n'
cat include/etoauth.h include/etoauth_vb.h | sed '/^#include/d' | ${CC:-cc} -E -P -dD - | grep -e '^#define ETOAUTH_.* (' -e '^[^#]' |
    grep -v '^#define ETOAUTH_VERSION_'
cat abi/exports.txt abi/exports-vb.txt | sed 's|.*|/* & */|'
