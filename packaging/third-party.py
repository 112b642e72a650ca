#!/usr/bin/env python3
"""third-party.py TARGET DIRECTORY [NAME=LICENCE=FILE...]: writes THIRD-PARTY.txt, the licences of what is linked into the
library, and etoauth.cdx.json, a list of it in CycloneDX's form. Build scripts and procedural macros, tools of the build,
are in neither. The last arguments are what the compiler adds, with the files of their licences. CRATE may be another one
of the workspace than etoauth."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tomllib


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


target, directory, added = sys.argv[1], pathlib.Path(sys.argv[2]), [word.split("=") for word in sys.argv[3:]]
crate = os.environ.get("CRATE", "etoauth")
cargo, compiler = os.environ.get("CARGO", "cargo"), os.environ.get("RUSTC", "rustc")
platform = ["--locked", "--target", target]
tree = run(cargo, "tree", "-p", crate, "-e", "normal,no-proc-macro", "--prefix", "none", "-f", "{p}", *platform)
linked = {tuple(line.split()[:2]) for line in tree.splitlines()}
metadata = json.loads(run(cargo, "metadata", "--format-version", "1", "--locked", "--filter-platform", target))
packages = [p for p in metadata["packages"] if (p["name"], "v" + p["version"]) in linked]
packages.sort(key=lambda p: (p["name"], p["version"]))
library = next(p for p in packages if p["name"] == crate)
packages.remove(library)
locked = tomllib.loads(pathlib.Path("Cargo.lock").read_text())["package"]
checksums = {(p["name"], p["version"]): p.get("checksum") for p in locked}


def expression(package):
    return (package["license"] or "NOASSERTION").replace("/", " OR ")


def licence_texts(folder):
    names = ("LICEN", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE")
    return [f for f in sorted(folder.iterdir()) if f.is_file() and f.name.upper().startswith(names)]


texts = []  # Each is printed once, with all that it is for.
users = {}
lines = []


def note(title, licence, files):
    lines.append(f"{title}  {licence}" + ("" if files else "  (its package has no licence text)"))
    for file in files:
        text = file.read_text(errors="replace").strip()
        key = " ".join(text.split())
        if key not in users:
            texts.append((key, text))
        users.setdefault(key, []).append(title)


for package in packages:
    folder = pathlib.Path(package["manifest_path"]).parent
    note(f"{package['name']} {package['version']}", expression(package), licence_texts(folder))
rustc = run(compiler, "--version").split()[1]
rust = pathlib.Path(run(compiler, "--print", "sysroot").strip(), "share/doc/rust")
files = [file for name in ("MIT.txt", "Apache-2.0.txt") if (file := rust / "licenses" / name).is_file()]
note(f"Rust's standard library {rustc}", "MIT OR Apache-2.0", files)
if (rust / "COPYRIGHT-library.html").is_file():
    shutil.copy(rust / "COPYRIGHT-library.html", directory / "RUST-COPYRIGHT.html")
    lines.append("What that holds of others is in RUST-COPYRIGHT.html.")
for name, licence, file in added:
    note(name, licence, [pathlib.Path(file)])

with open(directory / "THIRD-PARTY.txt", "w") as out:
    print(f"What is linked into {crate} {library['version']} for {target}, and its licences.\n", file=out)
    print("\n".join(lines), file=out)
    for key, text in texts:
        print("\n" + "=" * 100 + "\n" + ", ".join(sorted(set(users[key]))) + "\n\n" + text, file=out)


def component(package):
    checksum = checksums.get((package["name"], package["version"]))
    purl = f"pkg:cargo/{package['name']}@{package['version'].replace('+', '%2B')}"
    parts = {"type": "library", "bom-ref": purl, "name": package["name"], "version": package["version"]}
    if checksum:
        parts["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    return parts | {"licenses": [{"expression": expression(package)}], "purl": purl}


standard = {"type": "library", "bom-ref": "rust-std", "name": "rust-std", "version": rustc}
standard["licenses"] = [{"expression": "MIT OR Apache-2.0"}]
bom = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "metadata": {"component": component(library)}}
bom["components"] = [component(package) for package in packages] + [standard]
for name, licence, _ in added:
    licences = [{"license": {"name": licence}}]
    bom["components"].append({"type": "library", "bom-ref": name, "name": name, "licenses": licences})
with open(directory / f"{crate}.cdx.json", "w") as out:
    json.dump(bom, out, indent=1)
    print(file=out)

print(f"{len(packages)} packages and Rust's standard library")
for line in lines:
    if line.endswith("no licence text)"):
        print(line)
