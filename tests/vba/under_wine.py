#!/usr/bin/env python3
"""under_wine.py COMMAND...: bindings/vba in pyOpenVBA's model of Excel, with the real DLL and a sandbox.

COMMAND runs tests/windows/vb_bridge.c, which calls the DLL. The sandbox's facts are in the environment, as
tests/windows/check.sh has them. Exits with 77 where pyOpenVBA is missing.
"""

import json
import os
import re
import subprocess
import sys
import urllib.request

try:
    from excel import MODULES, NA, Sheet, equal, plain
except ImportError:
    print("pyOpenVBA is missing: the VBA modules did not meet the DLL.")
    sys.exit(77)

URL = os.environ["SANDBOX_URL"]
TLS_URL = os.environ["SANDBOX_TLS_URL"]
HTTP = urllib.request.build_opener(urllib.request.ProxyHandler({}))

BRIDGE = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

# What each function is given: whether its address, and whether a LongPtr.
ARGUMENTS = {}
code = (MODULES / "Etoauth.bas").read_text(encoding="ascii").replace(" _\n", " ")
for name, arguments in re.findall(r"Function (etoauth_vb_\w+) Lib .*? \((.*?)\) As Long", code):
    arguments = [re.search(r"(ByVal|ByRef) \w+ As (\w+)", one).groups() for one in arguments.split(",")]
    ARGUMENTS[name] = [(passing == "ByRef", kind == "LongPtr") for passing, kind in arguments]

# The model has no LongPtr, and a handle is too large for a Long: its place in this list stands for it.
HANDLES = [0]


def call(name, arguments):
    """Has the DLL called. A text that goes in is marked with an @; any other is a String variable."""
    words = [name]
    for argument, (is_address, is_pointer) in zip(arguments, ARGUMENTS[name], strict=True):
        if is_address:
            words.append("h" if is_pointer else "v")
        elif not isinstance(argument, str):
            words.append(f"n{HANDLES[int(argument)] if is_pointer else int(argument)}")
        elif argument.startswith("@"):
            words.append("t" + argument[1:].encode().hex())
        else:
            words.append("S")
    BRIDGE.stdin.write(" ".join(words) + "\n")
    BRIDGE.stdin.flush()
    status, *written = BRIDGE.stdout.readline().split() or [None]
    assert status, f"the DLL ended in {name}"
    outputs = {}
    for place, value in (word.split(":") for word in written):
        if value[0] == "t":
            outputs[int(place)] = bytes.fromhex(value[1:]).decode()
        elif ARGUMENTS[name][int(place)][1]:
            HANDLES.append(int(value[1:]))
            outputs[int(place)] = len(HANDLES) - 1
        else:
            outputs[int(place)] = int(value[1:])
    return int(status), outputs


def admin(command):
    with HTTP.open(f"{URL}/sandbox/{command}") as answer:
        return json.load(answer)


def quote_calls():
    """The symbols of each call for quotes, and how many such calls there were."""
    return {path: count for path, count in admin("state")["paths"].items() if path.startswith("/v1/market/quote/")}


class Browser(list):
    """What the person does there: approve. The code is typed into the box."""

    def append(self, page):
        found = admin("approve?" + re.search(r"token=.*", page)[0])
        excel.type(found["oauth_verifier"])


def check_prices(column):
    """Those that the sandbox lists have a number, the others none."""
    found = excel.column(column, 52)
    assert all(isinstance(value, float) for value in found[:25]), found
    equal(found[25:], [NA] * 25 + [None])


listed = "AAPL ADBE AMD AMZN BA BAC CSCO DIS F GE GOOG GOOGL HD IBM INTC JPM KO MCD META MSFT NFLX NVDA ORCL PFE QQQ"
symbols = listed.split() + [f"S{i}" for i in range(25)]
excel = Sheet({}, symbols, key=os.environ["SANDBOX_KEY"], library=call)
excel.opened = Browser()
excel.run("SaveSetting", "etoauth", "sandbox", "secret", os.environ["SANDBOX_SECRET"])
excel.app.add_module(
    f'Sub Prepare()\nEtradeClient().SetBaseUrls "{TLS_URL}/oauth", "{TLS_URL}/e/t/etws/authorize", "{TLS_URL}"\n'
    f'EtradeClient().SetCaFile "{os.environ["SANDBOX_CA_FILE"]}"\nEtradeClient().SetTimeout 2000\nEnd Sub\n',
    name="Preparing",
)
excel.run("Prepare")
equal(plain(excel.run("ETRADE_QUOTE", "S1")), NA)
excel.run("EtradeLogIn")
assert excel.said()[-1].startswith("Logged in to the sandbox service."), excel.said()

# Fifty symbols are two calls, by the macro and by the function.
excel.run("EtradeQuotes")
check_prices("B")
check_prices("C")
halves = ["/v1/market/quote/" + ",".join(symbols[first : first + 25]) for first in (0, 25)]
equal(quote_calls(), dict.fromkeys(halves, 1))
excel.run("PutPrices", "F2:F51", "A2:A51")
check_prices("F")
equal(quote_calls(), dict.fromkeys(halves, 2))
assert abs(excel.formula("=SUM(F2:F26)") - sum(excel.column("F", 26))) < 0.001

# While nobody answers, 25 cells wait once.
admin("fault?kind=stall&when=after&on=/v1/market/quote/S7")
for _ in range(25):
    equal(plain(excel.run("ETRADE_QUOTE", "S7")), NA)
equal(quote_calls()["/v1/market/quote/S7"], 1)

excel.run("EtradeLogOut")
equal(excel.said()[-1], "Logged out.")
excel.run("EtradeStop")
BRIDGE.stdin.close()
equal(BRIDGE.wait(), 0)
print("50 symbols in two calls")
