#!/bin/sh
# What is known of the VBA modules without Excel: two linters, a run against a scripted library, a second Basic.
#
#   pip install -r tests/vba/requirements.txt
#   apt-get install libreoffice-calc-nogui python3-uno
#
# Exits with 77 if something of it is missing and all else passed. PYTHON has pyOpenVBA; SYSTEM_PYTHON has Debian's uno.
set -eu
here=$(dirname "$0")
modules=$here/../../bindings/vba
PYTHON=${PYTHON:-python3}
SYSTEM_PYTHON=${SYSTEM_PYTHON:-/usr/bin/python3}
missing=

if command -v vbalidator >/dev/null; then
    report=$(mktemp)
    trap 'rm -f "$report"' EXIT
    for host in WIN64=True,VBA7=True WIN64=False,VBA7=True WIN64=False,VBA7=False; do
        vbalidator --strict --quiet --host excel --define $host --model "$here/vbalidator.json" \
            --output "$report" "$modules" || {
            cat "$report"
            echo "vbalidator refuses the modules for $host."
            exit 1
        }
    done
    echo "vbalidator: no complaint for three kinds of Excel"
else
    echo "vbalidator is missing."
    missing=yes
fi

if command -v pyvbaanalysis >/dev/null; then
    pyvbaanalysis --whole-project "$modules"
else
    echo "pyvbaanalysis is missing."
    missing=yes
fi

run() {
    "$@" || case $? in
        77) missing=yes ;;
        *) exit 1 ;;
    esac
}

run "$PYTHON" "$here/run.py"
run "$SYSTEM_PYTHON" "$here/libreoffice.py"

[ -z "$missing" ] || exit 77
