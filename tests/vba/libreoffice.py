#!/usr/bin/env python3
"""libreoffice.py FOLDER [PICTURE]: opens Etoauth.xlsm and Etoauth.xlam of a folder in LibreOffice, and runs there those
functions of bindings/vba that need neither Excel nor the DLL. It draws the sheet into a picture, if one is named: a
PDF.

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
    from com.sun.star.awt import Rectangle
    from com.sun.star.beans import PropertyValue
    from com.sun.star.connection import NoConnectException
except ImportError:
    uno = None
office = shutil.which("soffice")
if uno is None or office is None:
    print("LibreOffice or its python3-uno is missing: the VBA modules were not run there.")
    sys.exit(77)

MODULES = pathlib.Path(__file__).resolve().parents[2] / "bindings" / "vba"
FOLDER = pathlib.Path(sys.argv[1]).resolve()
PICTURE = pathlib.Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else None
FIRST_ERROR = -2147221504 + 1000

SOURCES = ["Etoauth.bas", "EtradeSession.bas", "EtradeMacros.bas"]
PURE = ["DllPlaces", "FolderFault", "LoadFault", "EtoauthStatus", "EtradePasted", "Advice", "HoursAndMinutes"]

CASES = [
    ('DllPlaces("C:\\a b", 64)', "C:\\a b\\etoauth.dll\nC:\\a b\\windows-x86_64\\bin\\etoauth.dll"),
    (
        'DllPlaces("\\\\server\\share\\", 32)',
        "\\\\server\\share\\etoauth.dll\n\\\\server\\share\\windows-i686\\bin\\etoauth.dll",
    ),
    ('FolderFault("C:\\httpd")', ""),
    ('FolderFault("")', "Beside this workbook: it has not been saved yet, so it is in no folder."),
    (
        'Left(FolderFault("https://d.docs.live.net/x"), 62)',
        "https://d.docs.live.net/x: Windows loads no DLL from the web, ",
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
    ('EtradePasted(Chr(9) & ChrW(160) & " a b " & ChrW(8203) & Chr(13) & Chr(10))', "a b"),
    ('EtradePasted(" " & ChrW(160))', ""),
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
    code = "".join((MODULES / name).read_text(encoding="ascii") for name in SOURCES)
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


def load(desktop, url, **options):
    options = {"MacroExecutionMode": 4, "Hidden": True, **options}
    options = tuple(PropertyValue(name, 0, value, 0) for name, value in options.items())
    return desktop.loadComponentFromURL(url, "_blank", 0, options)


def equal(found, expected):
    if found != expected:
        raise SystemExit(f"   found {found!r}\nexpected {expected!r}")


def the_buttons_run_their_macros(desktop):
    book = load(desktop, (FOLDER / "Etoauth.xlsm").as_uri())
    sheet = book.Sheets.getByIndex(0)
    equal(sheet.getCellRangeByName("A5").String, "not logged in")
    form = sheet.DrawPage.Forms.getByIndex(0)
    wired = {}
    for number in range(form.Count):
        control = form.getByIndex(number)
        control.Printable = True  # for the picture
        macro = [event.ScriptCode for event in form.getScriptEvents(number)]
        equal(len(macro), 1)
        wired[control.Label] = re.sub(r"^vnd.sun.star.script:VBAProject\.(\w+\.\w+)\?.*", r"\1", macro[0])
    equal(
        wired,
        {
            "Log in": "EtradeMacros.EtradeLogIn",
            "Quotes": "EtradeCells.EtradeQuotes",
            "Positions": "EtradeCells.EtradePositions",
            "State": "EtradeMacros.EtradeState",
            "Log out": "EtradeMacros.EtradeLogOut",
            "Consumer key": "EtradeMacros.EtradeKeepKey",
            "Sandbox/live": "EtradeMacros.EtradeSwitch",
        },
    )
    if PICTURE:
        as_pdf = PropertyValue("FilterName", 0, "calc_pdf_Export", 0)
        book.storeToURL(PICTURE.as_uri(), (as_pdf,))
    # The light is on as long as the login lasts.
    sheet.getCellRangeByName("C5").Formula = "=NOW()+1/24"
    equal(sheet.getCellRangeByName("A5").String, "logged in")
    sheet.getCellRangeByName("C5").Formula = "=NOW()-1/24"
    equal(sheet.getCellRangeByName("A5").String, "not logged in")
    book.close(True)


def sums_miss_no_price(desktop):
    """As the guide says of SUM, of B2+B3 and of a chart, where a price is missing and where a row is empty."""
    not_available = 32767
    book = load(desktop, (FOLDER / "Etoauth.xlsm").as_uri())
    sheet = book.Sheets.getByIndex(0)
    sheet.getCellRangeByName("B8").Value = 1234.5
    sheet.getCellRangeByName("B9").Value = 0.25
    sheet.getCellRangeByName("B11").Formula = "=NA()"
    results = {}
    for number, formula in enumerate(("=SUM(B8:B10)", "=SUM(B8:B11)", "=B8+B9", "=B8+B11", '=SUMIF(B8:B11;">0")')):
        cell = sheet.getCellByPosition(20, number)
        cell.Formula = formula
        results[formula] = cell.getError() or cell.Value
    equal(list(results.values()), [1234.75, not_available, 1234.75, not_available, 1234.75])
    # A chart has no point there.
    area = Rectangle(0, 0, 9000, 6000)
    addresses = (sheet.getCellRangeByName("B8:B11").RangeAddress,)
    sheet.Charts.addNewByName("Prices", area, addresses, False, False)
    chart = sheet.Charts.getByName("Prices").EmbeddedObject
    system = chart.getFirstDiagram().getCoordinateSystems()[0]
    values = system.getChartTypes()[0].getDataSeries()[0].getDataSequences()[0].getValues().getNumericalData()
    equal([value if value == value else None for value in values], [1234.5, 0.25, None, None])
    book.close(True)


def the_add_in_opens(desktop):
    # By itself LibreOffice takes no add-in of Excel's for a workbook.
    book = load(desktop, (FOLDER / "Etoauth.xlam").as_uri(), FilterName="Calc MS Excel 2007 VBA XML")
    names = book.BasicLibraries.getByName("VBAProject").ElementNames
    equal(sorted(set(names) - {"ThisWorkbook", "Sheet1"}), sorted(one.stem for one in MODULES.glob("*.[bc]*s")))
    book.close(True)


def main(profile):
    pipe = "etoauth-" + pathlib.Path(profile).name
    options = ["--headless", "--norestore", "--nologo", f"--accept=pipe,name={pipe};urp;"]
    command = [office, f"-env:UserInstallation=file://{profile}", *options]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # it misses a Java
    try:
        context = connect(uno.getComponentContext(), pipe)
        desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        for check in (the_buttons_run_their_macros, sums_miss_no_price, the_add_in_opens):
            check(desktop)
            print(f"{check.__name__}: ok")
        book = load(desktop, "private:factory/scalc")
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
