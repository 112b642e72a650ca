#!/bin/sh
# What is known of the VBA modules and of the workbooks without Excel: two linters, a run against a scripted library,
# olevba, a second Basic.
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
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if command -v vbalidator >/dev/null; then
    for host in WIN64=True,VBA7=True WIN64=False,VBA7=True; do
        vbalidator --strict --quiet --host excel --define $host --model "$here/vbalidator.json" \
            --output "$work/report" "$modules" || {
            cat "$work/report"
            echo "vbalidator refuses the modules for $host."
            exit 1
        }
    done
    echo "vbalidator: no complaint for two kinds of Excel"
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

if "$PYTHON" -c "import pyopenvba, xlsxwriter" 2>/dev/null; then
    export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git -C "$here" log -1 --format=%ct)}"
    "$PYTHON" "$here/../../packaging/excel/make.py" workbooks "$work"
    run "$PYTHON" "$here/run.py" "$work"
    run "$PYTHON" "$here/workbook.py" "$work"
    run "$SYSTEM_PYTHON" "$here/libreoffice.py" "$work"
else
    echo "pyOpenVBA or XlsxWriter is missing: the VBA modules were not run, and there are no workbooks to look at."
    missing=yes
fi

[ -z "$missing" ] || exit 77
