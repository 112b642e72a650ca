#!/bin/sh
# check.sh ARCHITECTURE VERSION SANDBOX [ROOT]: the DLL in dist/, its facts, the C programs of the tests under wine
# against the sandbox, and strangers' programs from the unpacked zip. ROOT is a directory with a Debian for this
# architecture, whose wine it is to be. It is called by: make test-windows, make test-windows-x86
set -eu
export LC_ALL=C
# Wine's server has it: a file that asks for nothing is for all to read.
umask 022
arch=$1 version=$2 sandbox=$(realpath "$3") root=${4:-}
cd "$(dirname "$0")"
top=$(realpath ../..)
dist=$top/dist/windows-$arch
zip=$top/dist/etoauth-$version-windows-$arch.zip
dir=$(mktemp -d "$root/tmp/etoauth-XXXXXX")
# What this directory is called within ROOT.
inside=${dir#"$root"}
mingw=$arch-w64-mingw32
: "${CLANG:=clang-22}" "${LLD_LINK:=lld-link-22}" "${LLVM_DLLTOOL:=llvm-dlltool-22}"
gcc="$mingw-gcc -std=c99 -Wall -Wextra -Werror -Wno-unused-function -g -D__USE_MINGW_ANSI_STDIO=1"

fail() {
    echo "$*"
    exit 1
}

mounted=
in_root() {
    if [ -n "$root" ]; then chroot "$root" "$@"; else "$@"; fi
}

clean() {
    status=$?
    in_root env WINEPREFIX="$inside/wine" wineserver -k >/dev/null 2>&1 || true
    in_root env WINEPREFIX="$inside/wine" wineserver -w >/dev/null 2>&1 || true
    for place in $mounted; do umount "$place"; done
    rm -rf "$dir"
    exit $status
}
trap clean EXIT
trap 'exit 1' INT TERM

if [ -n "$root" ]; then
    grep -qsw localhost "$root/etc/hosts" || echo "127.0.0.1 localhost" >>"$root/etc/hosts"
    for place in proc dev; do
        mountpoint -q "$root/$place" && continue
        mount --bind "/$place" "$root/$place"
        mounted="$mounted $root/$place"
    done
fi

# Runs a Windows program, without a screen.
run() { # PROGRAM ARGUMENTS...
    (
        exec 8<&- 9>&-
        cd "$dir/run"
        in_root env -C "$inside/run" WINEPREFIX="$inside/wine" WINEDEBUG=-all DISPLAY= wine "$@"
    )
}

# A sandbox of its own for each program, whose facts go into the environment. It ends when 9 is closed.
start_sandbox() {
    rm -f "$dir/life" "$dir/facts"
    mkfifo "$dir/life" "$dir/facts"
    "$sandbox" --until-stdin-closes --tally --ca-file "$dir/run/ca.pem" ${1:+--code "$1"} <"$dir/life" >"$dir/facts" &
    exec 9>"$dir/life" 8<"$dir/facts"
    while read -r line <&8 && [ "$line" != ready ]; do
        case $line in
        url=*) export SANDBOX_URL="${line#*=}" ;;
        tls_url=*) export SANDBOX_TLS_URL="${line#*=}" ;;
        consumer_key=*) export SANDBOX_KEY="${line#*=}" ;;
        consumer_secret=*) export SANDBOX_SECRET="${line#*=}" ;;
        esac
    done
    [ "$line" = ready ] || fail "the sandbox did not start"
    export SANDBOX_CA_FILE=ca.pem SANDBOX_CODE="${1:-}"
}

end_sandbox() {
    exec 9>&- 8<&-
}

compile() { # SOURCE PROGRAM OPTIONS...
    source=$1 program=$2
    shift 2
    $gcc "$source" -o "$dir/run/$program.exe" -I "$dist/include" "$@" "$dist/lib/libetoauth.dll.a" \
        -static -lpthread -lws2_32 -liphlpapi -ladvapi32 -lversion -loleaut32
}

# A program of tests/c, which says this at its end.
check() { # NAME EXPECTED ARGUMENTS...
    name=$1 expected=$2
    shift 2
    compile "../c/$name.c" "$name" -include posix.h
    start_sandbox
    # Wine's own services write to the program's standard error, too.
    run "$name.exe" "$@" >"$dir/said" 2>"$dir/errors" </dev/null || fail "$name: $(cat "$dir/said" "$dir/errors")"
    end_sandbox
    [ "$(tr -d '\r' <"$dir/said")" = "$expected" ] || fail "$name: $(cat "$dir/said" "$dir/errors")"
    echo "$name: $expected"
}

# Cases of a program of tests/c, each against a sandbox of its own.
check_cases() { # NAME CASE...
    name=$1
    shift
    compile "../c/$name.c" "$name" -include posix.h
    for case in "$@"; do
        start_sandbox
        run "$name.exe" "$case" >"$dir/said" 2>"$dir/errors" </dev/null || fail "$case: $(cat "$dir/said" "$dir/errors")"
        end_sandbox
    done
    echo "$name: $# cases"
}

mkdir "$dir/run" "$dir/zip"
chmod 755 "$dir"
in_root env WINEPREFIX="$inside/wine" WINEDEBUG=-all DISPLAY= wineboot -i >/dev/null 2>&1
cp "$dist/bin/etoauth.dll" "$dir/run"
# Beside the programs, never in dist: wine 8 lacks it.
$mingw-gcc -shared -O2 -o "$dir/run/bcryptprimitives.dll" shim.c -Wl,--kill-at -ladvapi32

# What the DLL is, as the linker left it.
$mingw-objdump -p "$dist/bin/etoauth.dll" >"$dir/facts.txt"
awk '/^\[Ordinal\/Name Pointer\] Table/ { on = 1; next } on && NF == 0 { exit } on { print $NF }' "$dir/facts.txt" |
    sort >"$dir/exports"
sed 's/ .*//' "$top"/abi/exports*.txt | sort | diff - "$dir/exports" || fail "these are not its exports"
for fact in DYNAMIC_BASE NX_COMPAT $([ "$arch" = i686 ] || echo HIGH_ENTROPY_VA); do
    grep -q "$fact" "$dir/facts.txt" || fail "etoauth.dll: not $fact"
done
sed -n 's/.*DLL Name: //p' "$dir/facts.txt" | tr A-Z a-z | sort -u >"$dir/imports"
windows='kernel32|ntdll|ws2_32|crypt32|bcrypt|bcryptprimitives|advapi32|oleaut32|userenv|msvcrt|ucrtbase|api-ms-win-.*'
strange=$(grep -vxE "($windows)\.dll" "$dir/imports" || true)
[ -z "$strange" ] && [ -s "$dir/imports" ] || fail "etoauth.dll: imports $strange"
echo "etoauth.dll: $(wc -l <"$dir/exports") exports; imports $(tr '\n' ' ' <"$dir/imports")"
compile version.c version
run version.exe etoauth.dll </dev/null | tr -d '\r' >"$dir/said"
printf '%s\n' "$version.0" "FileVersion: $version" "ProductVersion: $version" \
    "FileDescription: E*TRADE's OAuth 1.0a behind a C ABI" "LegalCopyright: MIT OR Apache-2.0" \
    "OriginalFilename: etoauth.dll" | diff - "$dir/said" || fail "these are not its facts in Explorer"
echo "etoauth.dll: flags and version"

# The headers, to either compiler.
for header in "$dist"/include/*.h; do
    for define in "" -DETOAUTH_DLL; do
        for compiler in "$mingw-gcc" "$CLANG --target=$arch-pc-windows-msvc -ffreestanding"; do
            for standard in c90 c11; do
                $compiler -std=$standard $define -Wall -Wextra -pedantic -Werror -fsyntax-only -x c "$header" ||
                    fail "$(basename "$header"): $compiler -std=$standard $define"
            done
        done
    done
done
echo "headers: C90 and C11, MinGW and clang for MSVC"

for standard in c++17 c++20; do
    $mingw-g++ -std=$standard -Wall -Wextra -Wconversion -Wshadow -pedantic -Werror ../cpp/owners.cpp \
        -o "$dir/run/owners.exe" -I "$dist/include" "$dist/lib/libetoauth.dll.a" -static
    run owners.exe </dev/null >"$dir/said" 2>&1 || fail "owners: $(cat "$dir/said")"
done
echo "etoauth.hpp: $(tr -d '\r' <"$dir/said")"

# The programs of the tests. Those with fork, an allocator or a clock of their own have no twin here.
python3 vectors.py signatures ../vectors/signatures.json >"$dir/cases"
compile ../c/vectors.c vectors -include posix.h
run vectors.exe <"$dir/cases" >"$dir/said" 2>&1 || fail "vectors: $(cat "$dir/said")"
grep -q "^$(wc -l <"$dir/cases") signatures and base strings, [1-9]" "$dir/said" || fail "vectors: $(cat "$dir/said")"
echo "vectors: $(tr -d '\r' <"$dir/said")"
compile ../c/encoding.c encoding -include posix.h
python3 vectors.py encoding ../vectors/encoding.json >"$dir/cases"
while IFS='	' read -r text expected; do
    [ "$(run encoding.exe "$text" </dev/null)" = "$expected" ] || fail "encoding: $text"
done <"$dir/cases"
echo "encoding: $(wc -l <"$dir/cases") texts"

compile ../c/lifecycle.c lifecycle -include posix.h
for secure in "" yes; do
    start_sandbox
    url=$SANDBOX_URL
    [ -z "$secure" ] || url=$SANDBOX_TLS_URL
    run lifecycle.exe "$url" ${secure:+ca.pem} >"$dir/said" 2>&1 </dev/null || fail "lifecycle: $(cat "$dir/said")"
    end_sandbox
    grep -q "^logged in, renewed, revoked" "$dir/said" || fail "lifecycle: $(cat "$dir/said")"
done
echo "lifecycle: logged in, renewed, revoked, over HTTP and TLS"
check errors "every error was told"
check nulls "NULL is refused everywhere"
check precedence "the first mistake was told"
check handles "no handle was mistaken" 10000
check buffers "no buffer was overrun"
check texts "no text was misread" 1048576
check calls "no wrong call was carried out"
check signers "no signer outlived its token"
check settings "no setting was half made"
check threads "no thread was let down"
check races "no race was lost" 60
check generated "no signature differed" 4000
check exchange "four calls by hand"
check exchange_end "every exchange came to its end"
check exchange_request "every call came to its end"
check advice "every question was answered"
check share "one login, many handles"
check share_cancel "each cancellation met its own calls"
check share_errors "every failure was told by its handle"
check diagnose "every answer was judged"
check listener "only the redirect was heard"
check repair "every fault was repaired or told"
check orders "no order was sent twice"
check day "a whole day"
# The cases that cargo test runs of a program.
cases_of() { # PROGRAM
    awk -v begin="    $1 {" '
        $0 == begin { on = 1; next }
        on && /^    }/ { exit }
        on { print $1 }' ../cases.rs
}
for program in answers_refusals answers_renews answers_requests answers_repair answers_repeats answers_endings \
    answers_backoff answers_use; do
    check_cases $program $(cases_of $program)
done
check sessions "every session was kept or refused"
check one_renew "one renew served all"
mkdir "$dir/run/file" "$dir/run/unsaved"
check session_file "every change was kept" file
check session_unsaved "nothing was lost with the file" unsaved

compile held.c held
run held.exe held.session </dev/null >"$dir/said" 2>&1 || fail "held: $(cat "$dir/said")"
echo "held: $(tr -d '\r' <"$dir/said")"

# Processes with one session file: whoever comes first renews, for all.
compile ../c/session_worker.c session_worker -include posix.h
for what in send ensure; do
    rm -f "$dir"/run/session*[!e]
    start_sandbox
    run session_worker.exe session 30000 "log in" 0 </dev/null || fail "session_worker: no login"
    for i in 1 2; do
        rm -f "$dir/in.$i" "$dir/out.$i"
        mkfifo "$dir/in.$i" "$dir/out.$i"
        run session_worker.exe session 60000 $what 5 <"$dir/in.$i" >"$dir/out.$i" 3>&- 4>&- 5<&- 6<&- &
        eval "worker$i=$!"
        case $i in
        1) exec 3>"$dir/in.1" 5<"$dir/out.1" ;;
        2) exec 4>"$dir/in.2" 6<"$dir/out.2" ;;
        esac
    done
    for fd in 5 6; do
        eval "read -r line <&$fd" && [ "${line%?}" = ready ] || fail "session_worker: not ready"
    done
    echo >&3
    echo >&4
    wait "$worker1" && wait "$worker2" || fail "session_worker: $what"
    exec 3>&- 4>&- 5<&- 6<&-
    python3 - "$SANDBOX_URL/sandbox/state" $what <<'END' || fail "session_worker: $what"
import json, sys, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
state = json.load(opener.open(sys.argv[1]))
facts = state["renews"], state["paths"].get("/oauth/renew_access_token"), state["api_calls"]
sys.exit(None if facts == (1, 1, 10 if sys.argv[2] == "send" else 0) else f"{facts}")
END
    end_sandbox
    [ -s "$dir/run/session" ] || fail "session_worker: no session file"
done
echo "session_worker: two processes, one renew"

compile panic.c panic
run panic.exe </dev/null >"$dir/said" 2>&1 || fail "panic: $(cat "$dir/said")"
echo "panic: $(tr -d '\r' <"$dir/said")"

# Strangers, who have what is in the zip.
(cd "$(dirname "$zip")" && sha256sum --quiet -c "$(basename "$zip").sha256")
python3 -m zipfile -e "$zip" "$dir/zip"
mv "$dir"/zip/* "$dir/unpacked"
! grep -rl "$top" "$dir/unpacked" || fail "the zip tells where it was made"
for file in README.md LICENSE-MIT LICENSE-APACHE THIRD-PARTY.txt etoauth.cdx.json include/etoauth.hpp \
    include/etoauth_vb.h share/etoauth/etoauth.cdef share/etoauth/etoauth.json bindings/vba/Etoauth.bas docs/excel.md; do
    [ -s "$dir/unpacked/$file" ] || fail "the zip has no $file"
done
for function in $(cat "$dir/exports"); do
    grep -qx "    $function" "$dir/unpacked/lib/etoauth.def" || fail "etoauth.def has no $function"
done
cp "$dir/unpacked/bin/etoauth.dll" "$dir/run"
$mingw-gcc -Wall -Wextra -Werror stranger.c -o "$dir/run/stranger-mingw.exe" -I "$dir/unpacked/include" \
    -L "$dir/unpacked/lib" -letoauth
at() { [ "$arch" = x86_64 ] || echo "@$1"; }
printf 'LIBRARY kernel32.dll\nEXPORTS\nExitProcess%s\nGetStdHandle%s\nWriteFile%s\nGetEnvironmentVariableA%s\n' \
    "$(at 4)" "$(at 4)" "$(at 20)" "$(at 12)" >"$dir/kernel32.def"
machine=i386
[ "$arch" = i686 ] || machine=i386:x86-64
$LLVM_DLLTOOL -k -m $machine -d "$dir/kernel32.def" -l "$dir/kernel32.lib"
$CLANG --target="$arch-pc-windows-msvc" -Wall -Wextra -Werror -O1 -ffreestanding -fno-builtin -mno-stack-arg-probe \
    -c stranger.c -o "$dir/stranger.obj" -I "$dir/unpacked/include"
$LLD_LINK -nologo -nodefaultlib -subsystem:console -entry:mainCRTStartup -out:"$dir/run/stranger-msvc.exe" \
    $([ "$arch" = x86_64 ] || echo -safeseh:no) "$dir/stranger.obj" "$dir/unpacked/lib/etoauth.lib" "$dir/kernel32.lib"
for stranger in stranger-mingw stranger-msvc; do
    start_sandbox A1B2C
    run "$stranger.exe" </dev/null >"$dir/said" 2>&1 || fail "$stranger: $(cat "$dir/said")"
    end_sandbox
    grep -q "lived a whole day as a stranger" "$dir/said" || fail "$stranger: $(cat "$dir/said")"
    echo "$stranger: $(cat "$dir/said")"
done

# The DLL stays, whoever lets it go.
$gcc reload.c -o "$dir/run/reload.exe" -I "$dist/include"
run reload.exe etoauth.dll </dev/null >"$dir/said" 2>&1 || fail "reload: $(cat "$dir/said")"
echo "reload: $(tr -d '\r' <"$dir/said")"

# What workbooks do. Their stack on x86 is a multiple of four.
stack=
[ "$arch" = x86_64 ] || stack=-mpreferred-stack-boundary=2
compile vb.c vb -include posix.h $stack
start_sandbox
run vb.exe vb.session </dev/null >"$dir/said" 2>&1 || fail "vb: $(cat "$dir/said")"
end_sandbox
echo "vb: $(tr -d '\r' <"$dir/said")"
$gcc $stack vb_reset.c -o "$dir/run/vb_reset.exe" -I "$dist/include" -loleaut32
run vb_reset.exe etoauth.dll 1000000 </dev/null >"$dir/said" 2>&1 || fail "vb_reset: $(cat "$dir/said")"
echo "vb_reset: $(tr -d '\r' <"$dir/said")"

# The modules of bindings/vba with this DLL, in a model of Excel, where tests/vba/requirements.txt is installed.
: "${VBA_PYTHON:=$top/target/vba/bin/python}"
$gcc $stack vb_bridge.c -o "$dir/run/vb_bridge.exe" -I "$dist/include" -loleaut32
in_root mkdir -p "$inside/wine/drive_c/users/me/AppData/Local/etoauth"
set -- env -C "$inside/run" WINEPREFIX="$inside/wine" WINEDEBUG=-all DISPLAY= wine vb_bridge.exe etoauth.dll
[ -z "$root" ] || set -- chroot "$root" "$@"
start_sandbox
status=0
(exec 8<&- 9>&-; "$VBA_PYTHON" ../vba/under_wine.py "$@") >"$dir/said" 2>"$dir/errors" || status=$?
end_sandbox
case $status in
0) echo "bindings/vba: $(cat "$dir/said")" ;;
77 | 127) echo "bindings/vba: left out. It needs pip install -r tests/vba/requirements.txt into $VBA_PYTHON." ;;
*) fail "bindings/vba: $(cat "$dir/said" "$dir/errors")" ;;
esac

# Who may read a session. Wine keeps of a list what the file's mode can hold.
compile access.c access
run access.exe private </dev/null >"$dir/said" 2>&1 || fail "access: $(cat "$dir/said")"
for file in private private.lock; do
    mode=$(stat -c %a "$dir/run/$file")
    [ "${mode#??}" = 0 ] || fail "access: $file has the mode $mode"
done
echo "access: for this user alone"

