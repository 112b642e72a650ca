#!/usr/bin/env python3
"""weight.py NM LIBRARY: what a shared library consists of, by section and, as far as its symbols tell, by crate. Generic
code counts for the crate that defines it, and inlined code for the one that it is in."""

import collections
import re
import subprocess
import sys

nm, library = sys.argv[1:]


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


sections = []
for line in run("size", "-A", "-d", library).splitlines():
    match = re.match(r"(\.\S+)\s+(\d+)\s+(\d+)$", line)
    # What has an address is loaded; .bss takes no place in the file.
    if match and match[3] != "0" and not match[1].endswith("bss"):
        sections.append((int(match[2]), match[1]))

crates = collections.Counter()
largest = []
for line in run(nm, "-S", "-C", "--defined-only", library).splitlines():
    match = re.match(r"[0-9a-f]+ ([0-9a-f]+) [^bB] (.*)", line)
    if match:
        size, name = int(match[1], 16), match[2]
        path = re.match(r"[<&\[(*]*(?:mut |const |dyn )*(\w+)(?:\[[0-9a-f]+\])?::", name)
        crates[path[1] if path else "C and assembler" if not name.startswith("<") else "core"] += size
        largest.append((size, name))


def table(title, rows, count):
    print(f"{title}\n")
    for size, name in sorted(rows, reverse=True)[:count]:
        print(f"{size:10} {name[:100]}")
    print()


table("Sections, in bytes", sections, 12)
table("Crates", [(size, name) for name, size in crates.items()], 25)
table("The largest functions and tables", largest, 25)
print(f"{library}: {sum(size for size, _ in sections)} bytes are loaded")
