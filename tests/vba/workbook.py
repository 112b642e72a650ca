#!/usr/bin/env python3
"""workbook.py FOLDER: what Etoauth.xlsm and Etoauth.xlam in this folder are, to other tools than those that made them.

Needs what tests/vba/requirements.txt pins, and exits with 77 without it.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
import zipfile

import checks

try:
    import olefile
    import pyopenvba  # noqa: F401 (make.py needs it)
    import xlsxwriter  # noqa: F401
    from oletools.olevba import VBA_Parser
except ImportError as missing:
    print(f"{missing.name} is missing: the workbooks were not read.")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAKE = ROOT / "packaging" / "excel" / "make.py"
MODULES = ROOT / "bindings" / "vba"
BOOKS = {name: pathlib.Path(sys.argv[1]) / name for name in ("Etoauth.xlsm", "Etoauth.xlam")}
WORKBOOK = ["Etoauth.bas", "EtoauthClient.cls", "EtradeCells.bas", "EtradeMacros.bas", "EtradeSession.bas"]
EXPECTED = {"Etoauth.xlsm": WORKBOOK, "Etoauth.xlam": sorted([*WORKBOOK, "EtradeRibbon.bas"])}

# Another day, another order of hashes, and random numbers as they come.
ANOTHER_DAY = """
import datetime, runpy, sys, time
here, moved = time.time, datetime.timedelta(days=40)
time.time = lambda: here() + moved.total_seconds()
class Later(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return super().now(tz) + moved
    @classmethod
    def utcnow(cls):
        return super().now(datetime.timezone.utc).replace(tzinfo=None) + moved
datetime.datetime = Later
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def the_same_bytes_on_another_day():
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONHASHSEED": "1234", "TZ": "Asia/Tokyo"}
        command = [sys.executable, "-c", ANOTHER_DAY, MAKE, "workbooks", folder]
        subprocess.run(command, check=True, env=environment)
        for name, book in BOOKS.items():
            assert (pathlib.Path(folder) / name).read_bytes() == book.read_bytes(), f"{name} is made of other bytes"


def part(book, name):
    with zipfile.ZipFile(book) as parts:
        return parts.read(name)


def code_of(book):
    """Each module's source as olevba reads it, by name."""
    parser = VBA_Parser(str(book))
    try:
        return {name.partition(".")[0]: code for _, _, name, code in parser.extract_macros()}
    finally:
        parser.close()


def body(source):
    lines = source.replace("\r\n", "\n").split("\n")
    while lines and re.match(r"Attribute VB_|VERSION |BEGIN$|  MultiUse|END$", lines[0]):
        lines.pop(0)
    return "\n".join(lines).rstrip("\n")


def every_module_is_read_back_line_for_line():
    for name, book in BOOKS.items():
        found = code_of(book)
        expected = {file.partition(".")[0]: (MODULES / file).read_bytes().decode("ascii") for file in EXPECTED[name]}
        expected["ThisWorkbook"] = (MAKE.parent / "ThisWorkbook.cls").read_bytes().decode("ascii")
        expected["Sheet1"] = ""
        assert sorted(found) == sorted(expected), sorted(found)
        for module, source in expected.items():
            assert body(found[module]) == body(source), f"{name}: {module} is another"


def office_finds_no_compiled_code():
    for book in BOOKS.values():
        with olefile.OleFileIO(part(book, "xl/vbaProject.bin")) as project:
            assert project.openstream("VBA/_VBA_PROJECT").read() == bytes.fromhex("CC61FFFF000100")
            streams = ["/".join(stream) for stream in project.listdir()]
            assert not [stream for stream in streams if "__SRP_" in stream], streams
            for module in code_of(book):
                # [MS-OVBA] 2.4.1: compressed sources begin with this byte, and nothing is before them.
                assert project.openstream(f"VBA/{module}").read(1) == b"\x01", module


def sheets_and_modules_know_each_other():
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    for book in BOOKS.values():
        workbook = ElementTree.fromstring(part(book, "xl/workbook.xml"))
        assert workbook.find(f"{main}workbookPr").get("codeName") == "ThisWorkbook"
        sheet = ElementTree.fromstring(part(book, "xl/worksheets/sheet1.xml"))
        assert sheet.find(f"{main}sheetPr").get("codeName") == "Sheet1"
        with olefile.OleFileIO(part(book, "xl/vbaProject.bin")) as project:
            declared = project.openstream("PROJECT").read().decode("ascii").split("\r\n")
        documents = [line for line in declared if line.startswith("Document=")]
        assert documents == ["Document=ThisWorkbook/&H00000000", "Document=Sheet1/&H00000000"], documents
        assert "Class=EtoauthClient" in declared, declared


def nothing_is_called_when_it_is_opened():
    """Excel calculates every formula when it opens such a file."""
    for name, book in BOOKS.items():
        with zipfile.ZipFile(book) as parts:
            texts = {part: parts.read(part).decode() for part in parts.namelist() if part.endswith((".xml", ".rels"))}
        formulas = [formula for text in texts.values() for formula in re.findall(r"<f\b[^>]*>([^<]*)</f>", text)]
        assert set(re.findall(r"(\w+)\(", " ".join(formulas))) <= {"IF", "N", "NOW"}, formulas
        assert name == "Etoauth.xlam" or len(formulas) == 1, formulas
        assert not [part for part in texts if re.search("connections|externalLink|queryTable", part)], list(texts)
        code = "\n".join(code_of(book).values())
        at_once = r"(?i)\b(Workbook_Open|Workbook_Activate|Auto_Open|Worksheet_\w+|Application\.Volatile)\b"
        assert not re.search(at_once, code)


def the_add_in_has_its_tab():
    book = BOOKS["Etoauth.xlam"]
    assert b"macroEnabled.main+xml" in part(BOOKS["Etoauth.xlsm"], "[Content_Types].xml")
    assert b"application/vnd.ms-excel.addin.macroEnabled.main+xml" in part(book, "[Content_Types].xml")
    relations = ElementTree.fromstring(part(book, "_rels/.rels"))
    targets = [one.get("Target") for one in relations if one.get("Type").endswith("/ui/extensibility")]
    assert targets == ["customUI/customUI.xml"], targets
    ribbon = ElementTree.fromstring(part(book, targets[0]))
    buttons = [one for one in ribbon.iter() if one.tag.endswith("}button")]
    code = "\n".join(code_of(book).values())
    assert {one.get("onAction") for one in buttons} == {"EtradeRibbonPress"}
    for button in buttons:
        assert re.search(rf"^Public Sub {button.get('tag')}\(\)", code, re.M), button.attrib
    assert len({one.get("id") for one in buttons}) == len(buttons)


def the_guide_explains_what_scanners_flag():
    guide = (ROOT / "docs" / "excel.md").read_text(encoding="utf-8")
    section = re.search(r"^### What scanners flag$(.*?)^##", guide, re.M | re.S)[1]
    explained = set(re.findall(r"`([^`]+)`", section.lower()))
    for book in BOOKS.values():
        parser = VBA_Parser(str(book))
        found = {(kind, keyword) for kind, keyword, _ in parser.analyze_macros()}
        parser.close()
        missing = sorted(keyword for kind, keyword in found if keyword.lower() not in explained)
        assert found and not missing, missing
        stale = explained - {keyword.lower() for _, keyword in found} - {"olevba"}
        assert book.suffix == ".xlam" or not stale, f"the guide explains {stale}, which nothing flags"


def the_guide_counts_the_actions_to_the_first_quote():
    guide = (ROOT / "docs" / "excel.md").read_text(encoding="utf-8")
    section = re.search(r"^## 1\. From the zip to the first quote$(.*?)^## ", guide, re.M | re.S)[1]
    assert re.findall(r"^(\d+)\. ", section, re.M) == [str(number) for number in range(1, 9)], section
    assert "These are eight actions." in section


def the_pictures_are_of_this_ribbon():
    drawn = subprocess.run([sys.executable, MAKE, "ribbon"], check=True, capture_output=True, text=True).stdout
    assert (ROOT / "docs" / "excel" / "ribbon.svg").read_text(encoding="utf-8") == drawn, "make.py ribbon draws another"


checks.run(globals())
