"""Runs the drivers that are given, each with a sandbox of its own, and prints what became of each step.

    python3 table.py SANDBOX NAME COMMAND... [-- NAME COMMAND...]...

A step that fails is the client's own known fault, or the run has failed.
"""

import itertools
import subprocess
import sys

STEPS = ["request token", "page", "access token", "accounts", "quote", "balance", "portfolio", "preview", "place"]
STEPS += ["list", "cancel", "renew", "revoke"]

# What clients are known to do wrong, and would against the real service.
LINK = "its link has the token without percent-encoding, so that a + in it is lost"
KNOWN = {
    ("pyetrade", "page"): LINK,
    ("wetrade", "page"): LINK,
    ("wetrade", "renew"): "it logs in anew when a renewal has succeeded, and believes one that was refused",
}
BODY_HASH = "it sends oauth_body_hash with a body in JSON, which E*TRADE does not know"
KNOWN |= {("Ruby oauth", step): BODY_HASH for step in ["preview", "place", "cancel"]}
KNOWN["Ruby oauth", "list"] = "it has placed no order that could be listed"


def drive(sandbox, command):
    """The steps with what became of them."""
    try:
        output = subprocess.run([sandbox, "--", *command], capture_output=True, text=True, timeout=120)
    except subprocess.TimeoutExpired as late:
        return {}, f"it did not end: {late.stderr}"
    lines = [line.split("\t") for line in output.stdout.splitlines()]
    return {line[0]: line[1:] for line in lines if line[0] in STEPS}, output.stderr[-2000:]


def main(sandbox, *arguments):
    groups = itertools.groupby(arguments, lambda argument: argument == "--")
    width = max(map(len, STEPS))
    failures, faults, columns = [], [], []
    for name, *command in (list(group) for split, group in groups if not split):
        results, errors = drive(sandbox, command)
        column = []
        for step in STEPS:
            outcome, *reason = results.get(step, ["failed", "the client did not come so far", errors])
            if outcome == "failed" and (name, step) in KNOWN:
                fault = f"{name}: {KNOWN[name, step]}"
                faults.extend([] if fault in faults else [fault])
                outcome = f"fault {faults.index(fault) + 1}"
            elif outcome == "failed":
                failures.append(f"{name}, {step}: {' '.join(reason)}")
                outcome = "FAILED"
            column.append({"absent": "-"}.get(outcome, outcome))
        columns.append((name, column))

    print(" " * width, *(name for name, _ in columns), sep="  ")
    for row, step in enumerate(STEPS):
        print(step.ljust(width), *(column[row].ljust(len(name)) for name, column in columns), sep="  ")
    print("\n-: the client has no such call.")
    for number, fault in enumerate(faults, 1):
        print(f"fault {number}: {fault}.")
    for failure in failures:
        print(f"FAILED: {failure}", file=sys.stderr)
    return 1 if failures else 0


sys.exit(main(*sys.argv[1:]))
