#!/bin/sh
# docs.sh DIRECTORY: whether the man pages in it, as a person sees them, say what the header and abi/exports.txt do. It
# is called by: make check-docs
set -eu
export LC_ALL=C.UTF-8 MANWIDTH=80 MANROFFOPT= MAN_KEEP_FORMATTING=
pages=$(realpath "$1")
cd "$(dirname "$0")/../.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

fail() {
    echo "$*"
    exit 1
}

# The prototypes, one a line: no macros, no breaks.
tr '\n' ' ' <include/etoauth.h | grep -o 'ETOAUTH_API [^;]*ETOAUTH_CALL etoauth_[^;]*;' |
    sed 's/ETOAUTH_API //; s/ETOAUTH_CALL //; s/  */ /g; s/( /(/' >"$dir/prototypes"

section() { # NAME: its lines on the page
    awk -v name="$1" '/^[A-Z]/ { inside = $0 == name; next } inside' "$dir/page"
}

{
    echo etoauth
    sed 's/ .*//' abi/exports.txt
} >"$dir/names"
for name in $(cat "$dir/names"); do
    page=$pages/$name.3
    [ -f "$page" ] || fail "$name has no page"
    man --warnings -E UTF-8 -l "$page" >"$dir/page" 2>"$dir/said" || fail "$name: $(cat "$dir/said")"
    groff -man -ww -z "$page" 2>>"$dir/said" || true
    if command -v mandoc >/dev/null; then # A page of no day has no date.
        mandoc -T lint -W warning "$page" | grep -v 'missing date' >>"$dir/said" || true
    fi
    [ ! -s "$dir/said" ] || fail "$name.3: $(cat "$dir/said")"
    [ "$name" != etoauth ] || continue

    prototype=$(grep -E "[ *]$name\(" "$dir/prototypes") || fail "$name is not in the header"
    shown=$(section SYNOPSIS | tr '\n' ' ' | sed 's/  */ /g; s/^ #include <etoauth.h> //; s/( /(/; s/ $//')
    [ "$shown" = "$prototype" ] || fail "$name.3 shows $shown"
    # What stands at the margin of ARGUMENTS: a word, or several with commas.
    section ARGUMENTS | sed -nE 's/^ {7}([a-z]+(_[a-z]+)*(, [a-z]+(_[a-z]+)*)*)( .*)?$/\1/p' | sed 's/, /\n/g' |
        sort >"$dir/explained"
    echo "$prototype" | sed 's/.*(//; s/);//' | tr ',' '\n' | sed 's/.*[ *]//; /^void$/d' | sort >"$dir/arguments"
    diff "$dir/arguments" "$dir/explained" || fail "$name.3: other arguments"
done
[ "$(find "$pages" -type f | wc -l)" = "$(wc -l <"$dir/names")" ] || fail "a page of nothing"
echo "the manual: $(wc -l <"$dir/names") pages"
