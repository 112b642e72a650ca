#!/usr/bin/env python3
"""Runs in LibreOffice those functions of bindings/vba that need neither Excel nor the DLL.

On Debian: apt-get install libreoffice-calc-nogui python3-uno. Exits with 77 where they are missing. LibreOffice's Basic
is a cousin of Excel's: this is a second opinion, after run.py's, about those functions and nothing else.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

try:
    import uno
    from com.sun.star.beans import PropertyValue
    from com.sun.star.connection import NoConnectException
except ImportError:
    uno = None
office = shutil.which("soffice")
if uno is None or office is None:
    print("LibreOffice or its python3-uno is missing: the VBA modules were not run there.")
    sys.exit(77)

MODULES = pathlib.Path(__file__).resolve().parents[2] / "bindings" / "vba"
FIRST_ERROR = -2147221504 + 1000

PURE = ["DllPlaces", "FolderFault", "LoadFault", "EtoauthStatus", "EnvironmentName", "Advice", "HoursAndMinutes"]

CASES = [
    ('DllPlaces("C:\\a b", 64)', "C:\\a b\\etoauth.dll\nC:\\a b\\windows-x86_64\\bin\\etoauth.dll"),
    (
        'DllPlaces("\\\\server\\share\\", 32)',
        "\\\\server\\share\\etoauth.dll\n\\\\server\\share\\windows-i686\\bin\\etoauth.dll",
    ),
    ('FolderFault("C:\\httpd")', ""),
    ('FolderFault("")', "Save this workbook first: etoauth.dll is looked for beside it."),
    (
        'Left(FolderFault("https://d.docs.live.net/x"), 65)',
        "This workbook was opened from the web (https://d.docs.live.net/x)",
    ),
    ("LoadFault(126, 64)", "it, or a part of Windows 10 that it needs, is not there."),
    ("LoadFault(193, 32)", "it is not for this Excel, which has 32 bits."),
    (f"EtoauthStatus({FIRST_ERROR + 55})", -55),
    (f"EtoauthStatus({FIRST_ERROR + 999})", -999),
    (f"EtoauthStatus({FIRST_ERROR})", 0),
    (f"EtoauthStatus({FIRST_ERROR + 1000})", 0),
    ("EtoauthStatus(1004)", 0),
    ("EtoauthStatus(2147483647)", 0),
    ("Advice(-55)", " Log in with EtradeLogIn."),
    ("Advice(-22)", " Delete that file, then log in with EtradeLogIn."),
    ("Advice(-40)", ""),
    ("EnvironmentName()", "sandbox"),
    ("HoursAndMinutes(19859)", "5 h 30 min"),
]


def connect(local, pipe):
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(600):
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:
            time.sleep(0.1)
    raise SystemExit("LibreOffice did not start within a minute.")


def basic():
    """One module: the constants, the pure functions, and a function for each case."""
    code = "".join((MODULES / name).read_text(encoding="ascii") for name in ("Etoauth.bas", "Example.bas"))
    code = code.replace(" _\n", " ").replace("vbObjectError", str(FIRST_ERROR - 1000))
    constants = {}
    for name, value in re.findall(r"^ *(?:Public|Private) Const (\w+) (.*)$", code, re.M):
        constants.setdefault(name, value)
    lines = ["Option VBASupport 1", "Option Explicit", *(f"Const {name} {value}" for name, value in constants.items())]
    for name in PURE:
        lines.append(re.search(rf"^(?:Public|Private) (Function {name}\(.*?^End Function)$", code, re.M | re.S)[1])
    for number, (call, _) in enumerate(CASES):
        lines += [f"Function Case{number}() As Variant", f"Case{number} = {call}", "End Function"]
    return "\n".join(lines) + "\n"


def main(profile):
    pipe = "etoauth-" + pathlib.Path(profile).name
    options = ["--headless", "--norestore", "--nologo", f"--accept=pipe,name={pipe};urp;"]
    command = [office, f"-env:UserInstallation=file://{profile}", *options]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # it misses a Java
    try:
        context = connect(uno.getComponentContext(), pipe)
        desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        always = PropertyValue("MacroExecutionMode", 0, 4, 0)
        hidden = PropertyValue("Hidden", 0, True, 0)
        book = desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, (always, hidden))
        book.BasicLibraries.VBACompatibilityMode = True
        library = book.BasicLibraries.getByName("Standard")
        library.insertByName("Pure", basic())
        failed = 0
        for number, (call, expected) in enumerate(CASES):
            try:
                found = (
                    book.getScriptProvider()
                    .getScript(f"vnd.sun.star.script:Standard.Pure.Case{number}?language=Basic&location=document")
                    .invoke((), (), ())[0]
                )
            except Exception as error:  # a compile error arrives as one
                found = f"{type(error).__name__}: {error}"
            if found != expected:
                failed += 1
                print(f"{call}: FAILED: {found!r}, not {expected!r}")
        print(f"{len(CASES) - failed} passed, {failed} failed")
        try:
            desktop.terminate()
        except Exception:
            pass  # it ends before it answers
        return failed > 0
    finally:
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()


with tempfile.TemporaryDirectory() as profile:
    sys.exit(main(profile))
