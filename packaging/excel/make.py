#!/usr/bin/env python3
"""make.py workbooks FOLDER: makes Etoauth.xlsm and Etoauth.xlam, which need no Excel, in this folder.
make.py ribbon: draws the tab of Etoauth.xlam, for docs/excel/ribbon.svg.
make.py guide FOLDER: makes Guide.html of docs/excel.md, with its pictures.
make.py zip ZIP FOLDER: packs what is in a folder.

SOURCE_DATE_EPOCH is the time that everything in them has: the same sources give the same bytes on any day. Needs what
tests/vba/requirements.txt pins.
"""

import datetime
import hashlib
import html
import io
import os
import pathlib
import re
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / "packaging" / "excel"
MODULES = ROOT / "bindings" / "vba"
GUIDE = ROOT / "docs" / "excel.md"
PICTURES = ROOT / "docs" / "excel"

WORKBOOK_MODULES = ["Etoauth.bas", "EtoauthClient.cls", "EtradeSession.bas", "EtradeMacros.bas", "EtradeCells.bas"]
ADD_IN_MODULES = [*WORKBOOK_MODULES, "EtradeRibbon.bas"]

# [MS-OVBA] 2.3.4.1: a version that no Office has, and no cache of compiled code. Office compiles the sources then.
NO_CACHE = bytes.fromhex("CC61FFFF000100")

# What the sheet offers: a button's text and its macro.
BUTTONS = [
    ("Log in", "EtradeLogIn"),
    ("Quotes", "EtradeQuotes"),
    ("Positions", "EtradePositions"),
    ("State", "EtradeState"),
    ("Log out", "EtradeLogOut"),
    ("Consumer key", "EtradeKeepKey"),
    ("Sandbox/live", "EtradeSwitch"),
]
# The samples of E*TRADE's sandbox are GOOG's.
SYMBOLS = ["GOOG", "AAPL", "MSFT", "IBM"]
HINTS = [
    "Type your own symbols below Symbol, as many as you like, then press Quotes.",
    "Prices do not update by themselves: Fetched says how old they are.",
    "#N/A means that E*TRADE gave no price, and so does a sum over it.",
    "In cells of your own: =ETRADE_QUOTES(A8:A11), =ETRADE_QUOTE(\"GOOG\").",
    "Your key and login are not in this workbook. Guide.html explains everything.",
]
FIRST_ROW = 8


def now():
    return datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)


def body_of(path):
    """A document module's code, with the line ends of VBA's editor."""
    return path.read_bytes().decode("ascii")


def vba_project(modules):
    """vbaProject.bin, with the sources alone."""
    from pyopenvba.cfb import CFB
    from pyopenvba.excel import ExcelFile
    from pyopenvba.vba import VBAModuleKind

    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "book.xlsm"
        with ExcelFile.create_new(path) as book:
            project = book.vba_project()
            project.delete_module("Module1")
            project.get_module("ThisWorkbook").body = body_of(HERE / "ThisWorkbook.cls")
            for name in modules:
                kind = VBAModuleKind.other if name.endswith(".cls") else VBAModuleKind.standard
                project.add_module(name.partition(".")[0], body_of(MODULES / name), kind=kind)
            book.save()
        with zipfile.ZipFile(path) as book:
            container = CFB.from_bytes(book.read("xl/vbaProject.bin"))
    container.write_stream_in_storage("VBA", "_VBA_PROJECT", NO_CACHE)
    return container.to_bytes()


def workbook(project, fill):
    """The parts of a workbook with this project, by name. A function puts contents on its only sheet."""
    import xlsxwriter

    with tempfile.TemporaryDirectory() as folder:
        binary, path = pathlib.Path(folder) / "vbaProject.bin", pathlib.Path(folder) / "book.xlsm"
        binary.write_bytes(project)
        with xlsxwriter.Workbook(path) as book:
            book.set_properties({"title": "libetoauth", "created": now().replace(tzinfo=None)})
            book.add_vba_project(binary)  # the workbook and its sheet are called as the project's document modules are
            sheet = book.add_worksheet("Quotes")
            fill(book, sheet)
        with zipfile.ZipFile(path) as parts:
            return {name: parts.read(name) for name in parts.namelist()}


def fill_sheet(book, sheet):
    title = book.add_format({"bold": True, "font_size": 16, "font_color": "#4A2C82"})
    quiet = book.add_format({"font_color": "#666666"})
    label = book.add_format({"bold": True, "font_color": "#666666", "align": "left"})
    heading = book.add_format({"bold": True, "bg_color": "#4A2C82", "font_color": "#FFFFFF"})
    number = book.add_format({"num_format": "#,##0.00"})
    time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"})
    ends = book.add_format({"num_format": "yyyy-mm-dd hh:mm;;", "align": "left"})
    light = book.add_format({"bold": True, "align": "left"})

    sheet.hide_gridlines(2)
    sheet.set_column("A:A", 16)
    sheet.set_column("B:C", 13, number)
    sheet.set_column("D:D", 20, time)
    sheet.set_column("E:E", 3)
    sheet.set_column("F:F", 64)
    sheet.write("A1", "E*TRADE", title)
    sheet.set_row(2, 32)
    left = 4
    for text, macro in BUTTONS:
        width = 150 if len(text) > 9 else 88
        place = {"width": width, "height": 32, "x_offset": left, "y_offset": 4}
        sheet.insert_button("A3", {"macro": macro, "caption": text, **place})
        left += width + 8
    for column, text in zip("ABC", ("Login", "Service", "Ends, in your time")):
        sheet.write(f"{column}4", text, label)
    # The macros write B5 and C5. No formula of the workbook calls the library, as Excel calculates all on opening it.
    sheet.write_formula("A5", '=IF(N(C5)>NOW(),"logged in","not logged in")', light, "not logged in")
    sheet.write_blank("B5", None, light)
    sheet.write_blank("C5", None, ends)
    book.define_name("EtradeService", "=Quotes!$B$5")
    book.define_name("EtradeLoginEnds", "=Quotes!$C$5")
    for criteria, colour in (("=N($C$5)>NOW()", "#B7E1B0"), ("=N($C$5)<=NOW()", "#F4C7C3")):
        lit = book.add_format({"bg_color": colour})
        sheet.conditional_format("A5", {"type": "formula", "criteria": criteria, "format": lit})
    for column, text in zip("ABCD", ("Symbol", "Last", "Change", "Fetched")):
        sheet.write(f"{column}{FIRST_ROW - 1}", text, heading)
    for row, symbol in enumerate(SYMBOLS, FIRST_ROW):
        sheet.write(f"A{row}", symbol)
    for row, hint in enumerate(HINTS, FIRST_ROW - 1):
        sheet.write(f"F{row}", hint, quiet)
    sheet.freeze_panes(FIRST_ROW - 1, 0)
    sheet.set_selection(f"A{FIRST_ROW}")
    sheet.set_landscape()
    sheet.fit_to_pages(1, 1)


def add_in(parts):
    """Makes an add-in with a tab in the ribbon of a workbook's parts."""
    types = "application/vnd.ms-excel.{}.macroEnabled.main+xml"
    relation = (
        '<Relationship Id="rIdRibbon" Type="http://schemas.microsoft.com/office/2006/relationships/ui/extensibility" '
        'Target="customUI/customUI.xml"/></Relationships>'
    )
    replace(parts, "[Content_Types].xml", types.format("sheet"), types.format("addin"))
    replace(parts, "_rels/.rels", "</Relationships>", relation)
    parts["customUI/customUI.xml"] = (HERE / "ribbon.xml").read_bytes()


def replace(parts, name, old, new):
    assert parts[name].count(old.encode()) == 1, (name, old)
    parts[name] = parts[name].replace(old.encode(), new.encode())


def packed(parts):
    """A zip of these parts, in the order given."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, now().timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return target.getvalue()


def make_workbooks(folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Etoauth.xlsm").write_bytes(packed(workbook(vba_project(WORKBOOK_MODULES), fill_sheet)))
    parts = workbook(vba_project(ADD_IN_MODULES), lambda book, sheet: None)
    add_in(parts)
    (folder / "Etoauth.xlam").write_bytes(packed(parts))


def ribbon():
    """The tab as SVG: a group below another's name is a column of large buttons and stacks of three small ones."""
    space = "{http://schemas.microsoft.com/office/2006/01/customui}"
    tab = ElementTree.parse(HERE / "ribbon.xml").getroot().find(f".//{space}tab")
    shapes, left = [], 8

    def text(x, y, content, size=12, anchor="middle"):
        shapes.append(f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}">{html.escape(content)}</text>')

    for group in tab:
        begin, stacked = left, 0
        for button in group:
            if button.get("size") == "large":
                shapes.append(f'<rect x="{left + 24}" y="40" width="32" height="32" rx="4" fill="#D9CFEA"/>')
                text(left + 40, 92, button.get("label"))
                left += 80
            else:
                text(left + 14, 50 + 22 * stacked, button.get("label"), anchor="start")
                stacked += 1
        left += 130 if stacked else 0
        text((begin + left) / 2, 122, group.get("label"), 11)
        shapes.append(f'<line x1="{left + 4}" y1="36" x2="{left + 4}" y2="126" stroke="#CCCCCC"/>')
        left += 12
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left}" height="132" font-family="sans-serif" fill="#333333">\n'
        f'<rect width="{left}" height="132" fill="#FFFFFF"/>\n'
        f'<rect y="30" width="{left}" height="102" fill="#F5F5F5"/>\n'
        '<rect x="8" y="4" width="84" height="26" fill="#F5F5F5"/>\n'
    )
    text(50, 22, tab.get("label"), 13)
    return head + "\n".join(shapes) + "\n</svg>\n"


def make_guide(folder):
    import markdown

    folder.mkdir(parents=True, exist_ok=True)
    source = GUIDE.read_text(encoding="utf-8")
    # Other files of the repository are not in the zip.
    source = re.sub(r"(?<!!)\[([^\]]*)\]\((?!#|http|excel/)[^)]*\)", r"\1", source)
    body = markdown.markdown(source, extensions=["tables", "fenced_code", "toc"])
    style = (
        "body{max-width:50em;margin:2em auto;padding:0 1em;font-family:sans-serif;line-height:1.5}"
        "table{border-collapse:collapse}"
        "td,th{border:1px solid #ccc;padding:.3em .6em;text-align:left;vertical-align:top}"
        "img{max-width:100%}pre,code{background:#f5f5f5}"
    )
    page = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>E*TRADE in Excel</title>\n'
        f"<style>{style}</style></head><body>\n{body}\n</body></html>\n"
    )
    (folder / "Guide.html").write_text(page, encoding="utf-8")
    for picture in sorted(PICTURES.iterdir()):
        (folder / "excel").mkdir(exist_ok=True)
        (folder / "excel" / picture.name).write_bytes(picture.read_bytes())


def make_zip(path, folder):
    """Packs the files, with SHA256SUMS of them all."""
    found = sorted(file for file in folder.rglob("*") if file.is_file())
    files = {file.relative_to(folder).as_posix(): file.read_bytes() for file in found}
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    path.write_bytes(packed({**files, "SHA256SUMS": sums.encode()}))


match sys.argv[1:]:
    case ["workbooks", folder]:
        make_workbooks(pathlib.Path(folder))
    case ["ribbon"]:
        print(ribbon(), end="")
    case ["guide", folder]:
        make_guide(pathlib.Path(folder))
    case ["zip", path, folder]:
        make_zip(pathlib.Path(path), pathlib.Path(folder))
    case _:
        sys.exit(__doc__)
