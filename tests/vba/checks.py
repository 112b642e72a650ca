"""Runs a script's checks: every function in it that takes no arguments and whose name does not begin with _."""

import inspect
import sys
import types


def run(names):
    checks = [
        check
        for name, check in names.items()
        if isinstance(check, types.FunctionType)
        and check.__module__ == names["__name__"]
        and not name.startswith("_")
        and not inspect.signature(check).parameters
    ]
    failed = 0
    for check in checks:
        try:
            check()
            print(f"{check.__name__}: ok")
        except Exception as error:  # one that fails must not hide the others
            failed += 1
            print(f"{check.__name__}: FAILED: {type(error).__name__}: {error}")
    print(f"{len(checks) - failed} passed, {failed} failed")
    sys.exit(failed > 0)
