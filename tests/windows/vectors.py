#!/usr/bin/env python3
"""vectors.py signatures FILE: the cases as tests/c/vectors.c reads them, a line each (see tests/vectors.rs).
vectors.py encoding FILE: the pairs that a command line of Windows carries unchanged, input and output between tabs."""

import json
import sys
from urllib.parse import quote

what, cases = sys.argv[1], json.load(open(sys.argv[2], encoding="utf-8"))
sys.stdout.reconfigure(encoding="utf-8", newline="\n")
if what == "encoding":
    for pair in cases["percent_encode"]:
        if pair["input"].isascii() and pair["input"].isprintable() and pair["input"].strip(' "\\'):
            print(pair["input"], pair["output"], sep="\t")
    sys.exit()
for case in cases:
    ride = [p for p in case["params"] if p[0].startswith("oauth_")]
    if case.get("version") is not None:
        ride.append(("oauth_version", case["version"]))
    url = case["url"]
    for name, value in ride:
        url += ("&" if "?" in url else "?") + quote(name, safe="") + "=" + quote(value, safe="")
    form = [quote(n, safe="") + "=" + quote(v, safe="") for n, v in case["params"] if not n.startswith("oauth_")]
    token_secret = "-" if case["token"] is None else case["token_secret"]
    fields = [case["name"], case["method"], url, "&".join(form) or "-", case["consumer_key"], case["consumer_secret"]]
    fields += [case["token"], token_secret, case["timestamp"], case["nonce"], case["base_string"]]
    fields = ["-" if field is None else str(field) for field in fields] + [quote(case["signature"], safe="")]
    print("\t".join(fields))
