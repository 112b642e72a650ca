"""pyOpenVBA's model of Excel with bindings/vba in it, and with a scripted library in etoauth.dll's place, or another.

LongPtr is Long here, and no Class_Terminate runs. Needs pyOpenVBA.
"""

import functools
import pathlib
import re
import xml.etree.ElementTree as ElementTree

from pyopenvba.apps.excel import ExcelApplication
from pyopenvba.exceptions import VBARuntimeError
from pyopenvba.interpreter import NOTHING, Interpreter, VBAObject, member, method, setter
from pyopenvba.interpreter import _runtime
from pyopenvba.interpreter._runtime import UserClassInstance

MODULES = pathlib.Path(__file__).resolve().parents[2] / "bindings" / "vba"
PACKAGING = MODULES.parents[1] / "packaging" / "excel"
FIRST_ERROR = -2147221504 + 1000

PAGE = "https://us.etrade.com/page"
FOLDER = "C:\\Users\\me\\AppData\\Local\\etoauth"


def with_by_ref(arguments):
    """pyOpenVBA 6.5 passes nothing by reference to a class's methods."""

    def wrapped(self, args, frame, *, procedure=None, target=None, name="", intrinsic=""):
        if procedure is None and isinstance(target, UserClassInstance):
            procedure = target.module.procedure(name)
        return arguments(self, args, frame, procedure=procedure, target=target, name=name, intrinsic=intrinsic)

    return wrapped


Interpreter._arguments = with_by_ref(Interpreter._arguments)
# Nothing changes a parsed module, and parsing takes nearly all of the time.
_runtime.parse_module = functools.cache(_runtime.parse_module)


# What the scripted functions are given, for the journal; and what pyOpenVBA lacks, Excel's timer and the registry.
HOST = """
Public Function Told(ByVal value As Variant) As String
    If VarType(value) <> vbString Then
        Told = value
    ElseIf Left$(value, 1) = "@" Then
        Told = Mid$(value, 2)
    ElseIf value <> "" Then
        Told = "not by StrPtr: " & value
    End If
End Function

Public Sub OnTime(ByVal when As Date, ByVal macro As String, Optional latest As Variant, _
        Optional ByVal wanted As Boolean = True)
    Dim entry As String, place As Long

    journal = journal & "OnTime|" & macro & "|" & wanted & vbLf
    entry = CDbl(when) & "|" & macro & vbLf
    place = InStr(pending, entry)
    If wanted Then
        pending = pending & entry
    ElseIf place = 0 Then
        Err.Raise 1004
    Else
        pending = Left$(pending, place - 1) & Mid$(pending, place + Len(entry))
    End If
End Sub

Public Function TakePending() As String
    TakePending = pending
    pending = ""
End Function

Public Function GetSetting(ByVal app As String, ByVal section As String, ByVal name As String) As String
    GetSetting = Settings()(section & "|" & name)
End Function

Public Sub SaveSetting(ByVal app As String, ByVal section As String, ByVal name As String, ByVal value As String)
    journal = journal & "SaveSetting|" & app & "|" & section & "|" & name & "|" & value & vbLf
    Settings()(section & "|" & name) = value
End Sub

Private Function Settings() As Object
    If kept Is Nothing Then
        Set kept = CreateObject("Scripting.Dictionary")
        If KEY <> "" Then
            kept("sandbox|key") = KEY
            kept("sandbox|secret") = "hush"
        End If
    End If
    Set Settings = kept
End Function
"""


class Node(VBAObject):
    def __init__(self, element=None):
        self.element = element

    @member(name="Text")
    def text(self):
        return "" if self.element is None else " ".join("".join(self.element.itertext()).split())

    def found(self, path):
        if path.startswith("/"):
            root, _, path = path[1:].partition("/")
            if self.element.tag != root:
                return []
        return [Node(element) for element in self.element.findall(path)]

    @method(name="selectSingleNode")
    def select_single_node(self, path):
        return next(iter(self.found(str(path))), NOTHING)

    @method(name="selectNodes")
    def select_nodes(self, path):
        return Nodes(self.found(str(path)))


class Nodes(VBAObject):
    def __init__(self, nodes):
        self.nodes = nodes

    def vba_iterate(self):
        return iter(self.nodes)


class Document(Node):
    @setter("async")
    def set_async(self, value):
        assert not value

    @method(name="loadXML")
    def load_xml(self, text):
        try:
            self.element = ElementTree.fromstring(str(text))
        except ElementTree.ParseError:
            return False
        return True


class Shell(VBAObject):
    """Shell.Application and Scripting.FileSystemObject in one, and what the first says of a folder."""

    def __init__(self, opened, files):
        self.opened = opened
        self.files = files

    @method(name="ShellExecute")
    def shell_execute(self, url):
        self.opened.append(str(url))

    @method(name="Namespace")
    def namespace(self, folder):
        assert int(folder) == 28, "the local part of the user's profile"
        return self

    @member(name="Self")
    def itself(self):
        return self

    @member(name="Path")
    def path(self):
        return FOLDER.rpartition("\\")[0]

    @method(name="FolderExists")
    def folder_exists(self, folder):
        return str(folder) in self.files

    @method(name="CreateFolder")
    def create_folder(self, folder):
        assert str(folder) not in self.files
        self.files.add(str(folder))

    @method(name="FileExists")
    def file_exists(self, path):
        return str(path) in self.files

    @method(name="DeleteFile")
    def delete_file(self, path):
        self.files.remove(str(path))


class Library(VBAObject):
    """What stands in for the DLL, as VBA sees it. call: given a function's name and arguments, its status and outputs."""

    def __init__(self, call):
        self.call = call
        self.outputs = {}

    @method(name="Invoke")
    def invoke(self, name, *arguments):
        status, self.outputs = self.call(str(name), arguments)
        return status

    @method(name="Wrote")
    def wrote(self, place):
        return int(place) in self.outputs

    @method(name="Output")
    def output(self, place):
        return self.outputs[int(place)]


def passed_on(declare):
    """A VBA function in a Declare's place that asks the Library."""
    name = re.search(r"Function (\w+)", declare)[1]
    names = [f"a{i}" for i in range(declare.count("ByVal") + declare.count("ByRef"))]
    lines = [
        f"Public Function {name}({', '.join('ByRef ' + one for one in names)}) As Long",
        'With CreateObject("Library")',
        f'{name} = .Invoke("{name}", {", ".join(names)})',
        *(f"If .Wrote({place}) Then {one} = .Output({place})" for place, one in enumerate(names)),
        "End With",
        "End Function",
    ]
    return lines


class Code(str):
    """An output that VBA calculates."""


def scripted(declare, answers):
    """A VBA function in a Declare's place: it writes down what it is given, and answers as the script says."""
    name = re.search(r"Function (\w+)", declare)[1]
    count = declare.count("ByVal") + declare.count("ByRef")
    names = [f"a{i}" for i in range(count)]
    journal = ' & "|" & '.join([f'"{name}"', *(f"Told({one})" for one in names)])
    lines = [
        f"Public Function {name}({', '.join('ByRef ' + one for one in names)}) As Long",
        f"journal = journal & {journal} & vbLf",
    ]
    lines += [f"calls_{name} = calls_{name} + 1", f"Select Case calls_{name}"]
    answers = answers if isinstance(answers, list) else [answers]
    for turn, (status, outputs) in enumerate(answers, 1):
        lines.append(f"Case {turn}" if turn < len(answers) else "Case Else")
        lines += [f"a{i} = {value if isinstance(value, int) else quoted(value)}" for i, value in outputs.items()]
        lines.append(f"{name} = {status}")
    return f"Private calls_{name} As Long", lines + ["End Select", "End Function"]


def quoted(text):
    if isinstance(text, Code):
        return text
    return " & vbLf & ".join('"' + line.replace('"', '""') + '"' for line in text.split("\n"))


class Excel:
    """Excel with the modules. script: what the library's functions answer, (0, {}) unless it says otherwise. library: a
    function that answers in its place, see Library. book: a workbook to open."""

    def __init__(self, script=None, key="mine", loaded=True, book=None, library=None):
        script = {
            "GetModuleHandleW": (int(loaded), {}),
            "LoadLibraryW": (0, {}),
            "etoauth_vb_open": (0, {3: 77}),
            "etoauth_vb_listen": (0, {2: 88}),
            "etoauth_vb_login_url": (0, {1: PAGE}),
            "etoauth_vb_percent_encode": (0, {1: Code('Replace(Told(a0), " ", "%20")')}),
            "etoauth_vb_last_error": (0, {0: "The sentence."}),
            "etoauth_vb_token_state": (0, {1: 2, 2: 7200, 3: 19800}),
            **(script or {}),
        }
        if book:
            self.app = ExcelApplication.open(book, with_vba=False)
        else:
            self.app = ExcelApplication()
            self.app.add_workbook()
        self.opened = []
        self.files = set()
        host = self.app.interpreter.host
        create, library = host.create, library and Library(library)

        def created(name):
            match name:
                case "Scripting.Dictionary":
                    return create(name)
                case "MSXML2.DOMDocument.6.0":
                    return Document()
                case "Library":
                    return library
                case "Shell.Application" | "Scripting.FileSystemObject":
                    return Shell(self.opened, self.files)
            raise AssertionError(name)

        host.create = created
        head = ["Public journal As String", "Public pending As String", "Public lastDllError As Long"]
        head, body = [*head, "Private kept As Object"], []
        for module in sorted(MODULES.iterdir()):
            if module.suffix not in (".bas", ".cls"):
                continue
            code = module.read_text(encoding="ascii").replace(" _\n", " ")
            code = code[code.index("Attribute VB_Name") :]
            for declare in re.findall(r"^ *Private Declare PtrSafe .*$", code, re.M):
                name = re.search(r"Function (\w+)", declare)[1]
                if library and name.startswith("etoauth_"):
                    body += passed_on(declare)
                    continue
                variable, function = scripted(declare, script.get(name, (0, {})))
                head.append(variable)
                body += function
            code = re.sub(r"^ *Private Declare .*$", "", code, flags=re.M)
            # A text that goes in is marked, and can't come out again; one that VarPtr points to can.
            code = re.sub(r"\bStrPtr\(", '("@" & ', code)
            code = re.sub(r"\bVarPtr\((\w+)\)", r"\1", code)
            code = (
                code.replace("As LongPtr", "As Long")
                .replace("Err.LastDllError", "lastDllError")
                .replace("Application.OnTime ", "OnTime ")
            )
            code = code.replace("Private Function", "Public Function")
            kind = "class" if module.suffix == ".cls" else "standard"
            self.app.add_module(code, name=module.stem, kind=kind)
        if book:
            code = (PACKAGING / "ThisWorkbook.cls").read_text(encoding="ascii")
            self.app.add_module(code, name="ThisWorkbook", kind="document")
        self.app.add_module("\n".join(head + body) + "\n" + HOST.replace("KEY", quoted(key)), name="Scripted")

    def run(self, name, *arguments):
        return self.app.run(name, *arguments)

    def error(self, name, *arguments):
        try:
            self.run(name, *arguments)
        except VBARuntimeError as error:
            return error.number, error.description
        raise AssertionError(f"{name} raised nothing")

    def type(self, *answers):
        """What the next boxes are answered with."""
        self.app.interpreter.answers += answers

    def tick(self):
        """The time of what OnTime was asked for has come."""
        due = str(self.run("TakePending")).splitlines()
        for _ in due:
            self.run("EtradeLook")
        return len(due)

    def calls(self, name):
        return [line for line in self.journal() if line.startswith(f"etoauth_vb_{name}|")]

    def journal(self, *, quiet=("GetModuleHandleW",)):
        lines = str(self.app.evaluate("journal")).splitlines()
        return [line for line in lines if line.partition("|")[0] not in quiet]

    def said(self):
        return [prompt for kind, prompt, *_ in self.app.interpreter.dialogs if kind == "MsgBox"]


def equal(found, expected):
    assert found == expected, f"\n   found {found!r}\nexpected {expected!r}"


NA = 2042


def plain(value):
    """Error values by their numbers, as VBA's CVErr has them."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    return getattr(value, "code", getattr(value, "number", value))


class Sheet(Excel):
    """Excel with symbols below the heading in A1, and a module that does what formulas do."""

    def __init__(self, script=None, symbols=(), **options):
        super().__init__(script, **options)
        self.app.add_module(
            "Sub PutPrices(prices As String, symbols As String)\n"
            "Range(prices).Value = ETRADE_QUOTES(Range(symbols))\nEnd Sub\n"
            "Function Reason(prices As String) As String\nReason = ETRADE_REASON(Range(prices))\nEnd Function\n"
            "Sub ClearCells(cells As String)\nRange(cells).ClearContents\nEnd Sub\n"
            "Sub PutFormula(cell As String, formulaText As String)\nRange(cell).Formula = formulaText\nEnd Sub\n",
            name="Formulas",
        )
        self.sheet = self.app.sheet(1)
        self.sheet.set_value("A1", "Symbol")
        for row, symbol in enumerate(symbols, 2):
            if symbol is not None:
                self.sheet.set_value(f"A{row}", symbol)

    def column(self, column, last, first=2):
        return [plain(self.sheet.value(f"{column}{row}")) for row in range(first, last + 1)]

    def formula(self, text):
        self.run("PutFormula", "Z1", text)
        return plain(self.sheet.value("Z1"))
