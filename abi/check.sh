#!/bin/sh
# check.sh VERSION ABI SHARED STATIC: refuses what would break programs that are compiled already, and numbers and lists
# of functions that disagree. A new ABI_VERSION begins with no records: remove abi/*.h.
set -eu
export LC_ALL=C
cd "$(dirname "$0")/.."
version=$1 abi=$2 shared=$3 static=$4
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

same() { # FILE WHAT < what must equal it
    sort -u >"$dir/found"
    diff -u --label abi --label "$2" "$1" "$dir/found" || { echo "The list of functions in abi and $2 differ"; exit 1; }
}

sort abi/exports.txt >"$dir/exports"
cut -d' ' -f1 "$dir/exports" >"$dir/names"
declared() { ${CC:-cc} -E -P "$1" | grep -o 'etoauth_[a-z0-9_]*(' | tr -d '('; }
declared include/etoauth.h | same "$dir/names" include/etoauth.h
cut -d' ' -f1 abi/exports-vb.txt | sort - "$dir/names" >"$dir/with-vb"
declared include/etoauth_vb.h | same "$dir/with-vb" include/etoauth_vb.h
${NM:-nm} -D --defined-only --with-symbol-versions "$shared" | awk '$2 != "A" { print $3 }' |
    sed "s/@@ETOAUTH_$abi\./ /" | same "$dir/exports" "$shared"
${NM:-nm} -g --defined-only "$static" | awk 'NF == 3 { print $3 }' | same "$dir/names" "$static"

# The compiler refuses a prototype that differs from a record's, and a number that does. What a record names must be
# there, and the functions of a release are those that it came with.
came() { sed -n "/ ${release%.*} \*\//p" "$1"; }
words() { grep -oi 'etoauth_[a-z0-9_]*' "$1" | sort -u; }
abi/record.sh >"$dir/record"
words "$dir/record" >"$dir/words"
for record in abi/*.h; do
    release=$(basename "$record" .h)
    ${CC:-cc} -std=c11 -pedantic-errors -Werror -fsyntax-only -include "$record" -x c include/etoauth_vb.h &&
        words "$record" | comm -23 - "$dir/words" | diff /dev/null - &&
        came "$record" >"$dir/then" && came "$dir/record" | diff "$dir/then" - ||
        { echo "This breaks what $record promised. (If $release isn't out yet: make record-abi)"; exit 1; }
done

agree() { # FILE LINE
    grep -qxF "$2" "$1" || { echo "$1 has no line: $2"; exit 1; }
}
agree include/etoauth.h "#define ETOAUTH_VERSION_STRING \"$version\""
agree include/etoauth.h "#define ETOAUTH_ABI_VERSION ($abi)"
agree Cargo.toml "version = \"$abi.${version%.*}\""
grep -q "^## $version" CHANGELOG.md || { echo "CHANGELOG.md says nothing about $version"; exit 1; }
readelf -dW "$shared" | grep -q "soname: \[libetoauth.so.$abi\]" || { echo "$shared has another soname"; exit 1; }
echo "ABI $abi of $version: $(wc -l <"$dir/names") functions, and every record kept"
