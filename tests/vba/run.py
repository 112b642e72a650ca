#!/usr/bin/env python3
"""Runs bindings/vba in pyOpenVBA's model of Excel, with a scripted library in etoauth.dll's place.

It shows what the modules pass, in which order, and what becomes of the answers. It shows nothing of a real Excel, of
VBA's compiler, or of the calls into the DLL. LongPtr is Long here, and no Class_Terminate runs. Exits with 77 where
pyOpenVBA is missing: pip install pyOpenVBA.
"""

import datetime
import pathlib
import re
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

try:
    from pyopenvba.apps.excel import ExcelApplication
    from pyopenvba.exceptions import VBARuntimeError
    from pyopenvba.interpreter import NOTHING, Interpreter, VBAObject, member, method, setter
    from pyopenvba.interpreter._runtime import UserClassInstance
except ImportError:
    print("pyOpenVBA is missing: the VBA modules were not run.")
    sys.exit(77)

MODULES = pathlib.Path(__file__).resolve().parents[2] / "bindings" / "vba"
FIRST_ERROR = -2147221504 + 1000

TIMEOUT, LOGIN, VERIFIER, HANDLE, STATE, SESSION = -42, -55, -54, -5, -6, -22

PAGE = "https://us.etrade.com/page"
FOLDER = "C:\\Users\\me\\AppData\\Local\\etoauth"
SESSION_FILE = FOLDER + "\\sandbox.session"

QUOTES = """<?xml version="1.0"?><QuoteResponse><QuoteData><All><lastTrade>1234.5</lastTrade></All>
<Product><symbol>GOOG</symbol></Product></QuoteData><QuoteData><All><lastTrade>0.25</lastTrade></All>
<Product><symbol>AAPL</symbol></Product></QuoteData></QuoteResponse>"""
NO_QUOTES = (
    "<QuoteResponse><Messages><Message><description>Bad symbol</description></Message></Messages></QuoteResponse>"
)
# What the documents promise, and what need not be there: a fund has no All.
GAPS = """<QuoteResponse><QuoteData><Product><symbol>VFIAX</symbol></Product></QuoteData>
<QuoteData><All><lastTrade>7</lastTrade></All></QuoteData><QuoteData><All><lastTrade></lastTrade></All>
<Product><symbol>GOOG</symbol></Product></QuoteData></QuoteResponse>"""
FAULT = "<Error><message>Number of requests exceeded the rate limit set</message></Error>"


def with_by_ref(arguments):
    """pyOpenVBA 6.5 passes nothing by reference to a class's methods."""

    def wrapped(self, args, frame, *, procedure=None, target=None, name="", intrinsic=""):
        if procedure is None and isinstance(target, UserClassInstance):
            procedure = target.module.procedure(name)
        return arguments(self, args, frame, procedure=procedure, target=target, name=name, intrinsic=intrinsic)

    return wrapped


Interpreter._arguments = with_by_ref(Interpreter._arguments)


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
    If name = "key" And kept <> "" Then
        GetSetting = kept
    ElseIf KEY <> "" Then
        GetSetting = section & "-" & name
    End If
End Function

Public Sub SaveSetting(ByVal app As String, ByVal section As String, ByVal name As String, ByVal value As String)
    journal = journal & "SaveSetting|" & app & "|" & section & "|" & name & "|" & value & vbLf
    If name = "key" Then kept = value
End Sub
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
    """Shell.Application, WScript.Shell and Scripting.FileSystemObject in one."""

    def __init__(self, opened, files):
        self.opened = opened
        self.files = files

    @method(name="ShellExecute")
    def shell_execute(self, url):
        self.opened.append(str(url))

    @method(name="ExpandEnvironmentStrings")
    def expand(self, text):
        return str(text).replace("%LOCALAPPDATA%", "C:\\Users\\me\\AppData\\Local")

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
    """Excel with the three modules; script: what the library's functions answer, (0, {}) unless it says otherwise."""

    def __init__(self, script=None, key="key", loaded=True):
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
        self.app = ExcelApplication()
        self.app.add_workbook()
        self.opened = []
        self.files = set()
        host = self.app.interpreter.host
        host.create = lambda name: Document() if "MSXML2" in name else Shell(self.opened, self.files)
        head = [f"Public {name} As String" for name in ("journal", "pending", "kept")]
        head, body = [*head, "Public lastDllError As Long"], []
        for module in sorted(MODULES.iterdir()):
            if module.suffix not in (".bas", ".cls"):
                continue
            code = module.read_text(encoding="ascii").replace(" _\n", " ")
            code = code[code.index("Attribute VB_Name") :]
            for declare in re.findall(r"^ *Private Declare PtrSafe .*$", code, re.M):
                name = re.search(r"Function (\w+)", declare)[1]
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


def every_function_passes_its_arguments():
    excel = Excel(
        {
            "etoauth_vb_sign": (0, {3: "OAuth x"}),
            "etoauth_vb_send": (0, {5: 404, 6: "gone"}),
            "etoauth_vb_percent_encode": (0, {1: "a%20b"}),
            "etoauth_vb_export_session": (0, {1: "line"}),
            "etoauth_vb_read_log": (0, {1: "log"}),
            "etoauth_vb_version": (0, {0: "0.1.0"}),
            "etoauth_vb_advice": (0, {1: 3}),
            "etoauth_vb_poll": (0, {2: "http://back"}),
        }
    )
    cases = [
        ("EtoauthOpen", (2, "k", "s"), 77, "open|2|k|s|0"),
        ("EtoauthClose", (77,), None, "close|77"),
        ("EtoauthSetBaseUrls", (77, "o", "a", "b"), None, "set_base_urls|77|o|a|b"),
        ("EtoauthSetTimeout", (77, 500), None, "set_timeout_ms|77|500"),
        ("EtoauthSetProxy", (77, "p"), None, "set_proxy|77|p"),
        ("EtoauthSetCaFile", (77, "f"), None, "set_ca_file|77|f"),
        ("EtoauthSetSessionFile", (77, "f"), None, "set_session_file|77|f"),
        ("EtoauthLoginUrl", (77,), PAGE, "login_url|77|"),
        ("EtoauthLogin", (77, "v"), None, "login|77|v"),
        ("EtoauthListen", (77, "c"), 88, "listen|77|c|0"),
        ("EtoauthPoll", (88, 77), "http://back", "poll|88|77|"),
        ("EtoauthUnlisten", (88,), None, "unlisten|88"),
        ("EtoauthRenew", (77,), None, "renew|77"),
        ("EtoauthRevoke", (77,), None, "revoke|77"),
        ("EtoauthEnsureActive", (77, 60), None, "ensure_active|77|60"),
        ("EtoauthTokenState", (77,), 2, "token_state|77|0|0|0"),
        ("EtoauthSignHeader", (77, "GET", "u"), "OAuth x", "sign|77|GET|u|"),
        ("EtoauthSend", (77, "PUT", "u", 0, "h", "b"), "gone", "send|77|PUT|u|h|b|0|"),
        ("EtoauthPercentEncode", ("a b",), "a%20b", "percent_encode|a b|"),
        ("EtoauthExportSession", (77,), "line", "export_session|77|"),
        ("EtoauthImportSession", (77, "line"), None, "import_session|77|line"),
        ("EtoauthAdvice", (FIRST_ERROR + 55,), 3, "advice|-55|0"),
        ("EtoauthLastError", (), "The sentence.", "last_error|"),
        ("EtoauthReadLog", (77,), "log", "read_log|77|"),
        ("EtoauthVersion", (), "0.1.0", "version|"),
    ]
    for name, arguments, result, call in cases:
        found = excel.run(name, *arguments)
        if result is not None:
            equal(found, result)
        equal(excel.journal()[-1], "etoauth_vb_" + call)
    public = re.findall(r"^Public (?:Sub|Function) (\w+)", (MODULES / "Etoauth.bas").read_text(encoding="ascii"), re.M)
    equal({name for name, *_ in cases} | {"EtoauthLoad", "EtoauthStatus"}, set(public))


def statuses_become_errors_and_statuses_again():
    for status in (-1, HANDLE, VERIFIER, LOGIN, -60):
        excel = Excel({"etoauth_vb_login": (status, {})})
        number, text = excel.error("EtoauthLogin", 77, "code")
        equal((number, text), (FIRST_ERROR - status, "The sentence."))
        equal(excel.run("EtoauthStatus", number), status)
    for other in (0, 9, 91, 2147483647, -2147483648, FIRST_ERROR, FIRST_ERROR - 1, FIRST_ERROR + 1000):
        equal(Excel().run("EtoauthStatus", other), 0)


def waiting_for_a_callback_is_no_error():
    equal(Excel({"etoauth_vb_poll": (TIMEOUT, {})}).run("EtoauthPoll", 88, 77), "")
    equal(Excel({"etoauth_vb_poll": (HANDLE, {})}).error("EtoauthPoll", 88, 77)[0], FIRST_ERROR - HANDLE)


def the_library_is_looked_for_beside_the_workbook():
    beside = ["C:\\my books\\etoauth.dll", "C:\\my books\\windows-x86_64\\bin\\etoauth.dll"]
    for third in (0, 1):
        excel = Excel({"LoadLibraryW": [(0, {}), (third, {})]}, loaded=False)
        if third:
            excel.run("EtoauthLoad", "C:\\my books")
        else:
            number, text = excel.error("EtoauthLoad", "C:\\my books")
            equal(number, FIRST_ERROR)
            assert all(place in text for place in beside) and "64-bit" in text, text
        equal(excel.journal(), ["LoadLibraryW|" + place for place in beside])
    equal(Excel().run("DllPlaces", "C:\\", 32), "C:\\etoauth.dll\nC:\\windows-i686\\bin\\etoauth.dll")
    excel = Excel(loaded=False)
    assert "Save this workbook" in excel.error("EtoauthVersion")[1], "an unsaved workbook has no folder"
    equal(excel.journal(), [])
    assert "https://d.docs.live.net/x" in excel.error("EtoauthLoad", "https://d.docs.live.net/x")[1]
    for code, words in ((126, "Windows 10"), (127, "Windows 10"), (193, "32 bits"), (1260, "error 1260")):
        assert words in excel.run("LoadFault", code, 32)


def logs_in_by_code():
    excel = Excel()
    excel.type("ABCDE")
    excel.run("EtradeLogIn")
    equal(excel.opened, [PAGE])
    equal(
        excel.journal(),
        [
            "etoauth_vb_open|2|sandbox-key|sandbox-secret|0",
            "etoauth_vb_set_session_file|77|C:\\Users\\me\\AppData\\Local\\etoauth\\sandbox.session",
            "etoauth_vb_login_url|77|",
            "etoauth_vb_login|77|ABCDE",
            "etoauth_vb_ensure_active|77|0",
            "etoauth_vb_token_state|77|0|0|0",
        ],
    )
    equal(excel.said(), ["Logged in. Midnight in New York, which ends it, is in 5 h 30 min."])


def the_box_holds_the_pages_address():
    for typed, expected in (
        ([], []),  # pyOpenVBA leaves the box as it is
        ([""], []),
        ([PAGE + " ABCDE"], ["etoauth_vb_login|77|ABCDE"]),
        (["http://127.0.0.1/?oauth_verifier=X"], ["etoauth_vb_login|77|http://127.0.0.1/?oauth_verifier=X"]),
    ):
        excel = Excel()
        excel.type(*typed)
        excel.run("EtradeLogIn")
        equal(excel.calls("login"), expected)
    # So the address can be copied.
    excel = Excel()
    held = []
    excel.app.interpreter.ask_for_input = lambda prompt, title, default: held.append(default) or ""
    excel.run("EtradeLogIn")
    equal(held, [PAGE])


CAME = (0, {2: "http://127.0.0.1/?oauth_verifier=X"})


def logs_in_by_callback():
    excel = Excel({"etoauth_vb_poll": [(TIMEOUT, {}), CAME]})
    excel.run("EtradeLogInByCallback")
    equal([excel.tick() for _ in range(3)], [1, 1, 0])
    journal = excel.journal(quiet=("GetModuleHandleW", "etoauth_vb_open", "etoauth_vb_set_session_file"))
    due = next(line for line in journal if line.startswith("OnTime"))
    assert due.endswith("'!EtradeLook|True"), due
    cancelled = due.replace("True", "False")  # the look that came is cancelled in vain: it might be a second one
    equal(
        journal,
        [
            "etoauth_vb_listen|77|http://127.0.0.1:8642/etrade|0",
            "etoauth_vb_login_url|77|",
            due,
            cancelled,
            "etoauth_vb_poll|88|77|",
            due,
            cancelled,
            "etoauth_vb_poll|88|77|",
            "etoauth_vb_unlisten|88",
            "etoauth_vb_login|77|http://127.0.0.1/?oauth_verifier=X",
            "etoauth_vb_ensure_active|77|0",
            "etoauth_vb_token_state|77|0|0|0",
        ],
    )
    # After a stop in the editor nothing is left to look at.
    excel = Excel()
    excel.run("EtradeLook")
    equal(excel.journal() + excel.said(), [])


def one_chain_of_looks():
    for again in ("EtradeLogInByCallback", "EtradeLook"):
        excel = Excel({"etoauth_vb_poll": [(TIMEOUT, {})] * 3 + [CAME, (HANDLE, {})]})
        excel.run("EtradeLogInByCallback")
        excel.run(again)
        ticks = [excel.tick() for _ in range(5)]
        assert max(ticks) == 1 and ticks[-1] == 0, ticks
        equal(excel.said(), ["Logged in. Midnight in New York, which ends it, is in 5 h 30 min."])
        equal(len(excel.calls("listen")), len(excel.calls("unlisten")))
    # Afterwards, and while nobody listens, it does nothing.
    before = excel.journal()
    excel.run("EtradeLook")
    equal(excel.journal(), before)
    # The code that is typed must not be fetched a second time.
    excel = Excel({"etoauth_vb_poll": CAME})
    excel.run("EtradeLogInByCallback")
    excel.type("ABCDE")
    excel.run("EtradeLogIn")
    equal((excel.tick(), excel.calls("login")), (0, ["etoauth_vb_login|77|ABCDE"]))


def what_fails_while_listening_ends_it():
    excel = Excel({"etoauth_vb_poll": (-1, {})})
    excel.run("EtradeLogInByCallback")
    equal((excel.tick(), excel.tick()), (1, 0))
    equal((excel.said(), excel.journal()[-1]), (["The sentence."], "etoauth_vb_unlisten|88"))
    excel = Excel({"etoauth_vb_login_url": (-40, {})})
    excel.run("EtradeLogInByCallback")
    equal((excel.said(), excel.journal()[-1], excel.tick()), (["The sentence."], "etoauth_vb_unlisten|88", 0))
    # Nobody comes.
    excel = Excel({"etoauth_vb_poll": (TIMEOUT, {})})
    excel.run("EtradeLogInByCallback")
    excel.app.interpreter.freeze(datetime.datetime.now() + datetime.timedelta(minutes=6))
    equal((excel.tick(), excel.tick(), excel.journal()[-1]), (1, 0, "etoauth_vb_unlisten|88"))
    assert "Nobody approved" in excel.said()[0] and "EtradeLogIn" in excel.said()[0], excel.said()


def closing_the_workbook_ends_what_is_under_way():
    excel = Excel()
    excel.run("EtradeLogInByCallback")
    with tempfile.TemporaryDirectory() as folder:
        excel.app.evaluate("ThisWorkbook").SaveAs(f"{folder}/other.xlsm")
    excel.run("Auto_Close")
    equal((excel.tick(), excel.journal()[-1]), (0, "etoauth_vb_unlisten|88"))
    excel.run("EtradeLook")
    equal(excel.journal()[-1], "etoauth_vb_unlisten|88")
    # pyOpenVBA runs no Class_Terminate, which is nothing but this.
    excel.app.add_module(
        "Sub OpenAndClose()\nDim c As New EtoauthClient\nc.CloseClient\n"
        'c.OpenClient 2, "k", "s"\nc.Listen "u"\nc.CloseClient\nc.CloseClient\nEnd Sub\n',
        name="Trial",
    )
    excel.run("OpenAndClose")
    equal(
        excel.journal()[-4:],
        ["etoauth_vb_open|2|k|s|0", "etoauth_vb_listen|77|u|0", "etoauth_vb_unlisten|88", "etoauth_vb_close|77"],
    )


def what_can_not_be_closed_is_let_go():
    excel = Excel({"etoauth_vb_unlisten": (HANDLE, {}), "etoauth_vb_close": (HANDLE, {})})
    excel.app.add_module(
        "Private c As New EtoauthClient\nSub OpenTrial()\n"
        'c.OpenClient 2, "k", "s"\nc.Listen "u"\nEnd Sub\nSub CloseTrial()\nc.CloseClient\nEnd Sub\n',
        name="Trial",
    )
    excel.run("OpenTrial")
    # These leave the library's sentence as it was, about something else.
    unclosed = "The {} can't be closed: it was closed before, or never opened."
    equal(excel.error("CloseTrial"), (FIRST_ERROR - HANDLE, unclosed.format("listener")))
    equal(excel.error("CloseTrial"), (FIRST_ERROR - HANDLE, unclosed.format("client")))
    excel.run("CloseTrial")


def quotes_go_into_cells():
    excel = Excel({"etoauth_vb_send": (0, {5: 200, 6: QUOTES})})
    equal(excel.run("ETRADE_QUOTE", " GOOG "), 1234.5)
    sheet = excel.app.sheet(1)
    for cell, value in (("A2", "GOOG"), ("A4", "AAPL"), ("A27", "TOOMANY"), ("D9", "old")):
        excel.app.evaluate(f'Range("{cell}")')
        sheet.set_value(cell, value)
    excel.run("EtradeQuotes")
    equal(excel.journal()[-1], "etoauth_vb_send|77|GET|/v1/market/quote/GOOG,AAPL|||0|")
    equal([sheet.value(cell) for cell in ("C2", "D2", "C3", "D3", "D9")], ["GOOG", 1234.5, "AAPL", 0.25, None])
    equal(excel.said(), [])


def lists(answer):
    """EtradeQuotes over one symbol: the list, and what was said."""
    excel = Excel({"etoauth_vb_send": (0, {5: 200, 6: answer})})
    sheet = excel.app.sheet(1)
    sheet.set_value("A2", "BRK B")
    sheet.set_value("D4", "old")
    excel.run("EtradeQuotes")
    equal(excel.calls("send"), ["etoauth_vb_send|77|GET|/v1/market/quote/BRK%20B|||0|"])
    return [[sheet.value(column + row) for column in "CD"] for row in "234"], excel.said()


def quotes_may_lack_something():
    nothing = [None, None]
    equal(lists(GAPS), ([["VFIAX", None], ["GOOG", None], nothing], []))
    equal(lists(NO_QUOTES), ([nothing] * 3, ["No quotes: Bad symbol"]))
    excel = Excel({"etoauth_vb_send": (0, {5: 200, 6: GAPS})})
    equal(excel.run("ETRADE_QUOTE", "VFIAX"), "No quote: VFIAX 7 GOOG")


def symbols_are_encoded_and_blanks_ask_for_nothing():
    excel = Excel({"etoauth_vb_send": (0, {5: 200, 6: QUOTES})})
    excel.run("ETRADE_QUOTE", " BRK B ")
    equal(excel.calls("send"), ["etoauth_vb_send|77|GET|/v1/market/quote/BRK%20B|||0|"])
    for blank in ("", "  "):
        excel = Excel()
        equal((excel.run("ETRADE_QUOTE", blank), excel.journal()), ("", []))


def cells_get_sentences_for_errors():
    sentence = "The sentence."
    for script, key, expected in (
        ({"etoauth_vb_send": (LOGIN, {})}, "key", sentence + " Log in with EtradeLogIn."),
        ({"etoauth_vb_send": (-40, {})}, "key", sentence),
        ({"etoauth_vb_send": (0, {5: 200, 6: NO_QUOTES})}, "key", "No quote: Bad symbol"),
        (
            {"etoauth_vb_send": (0, {5: 400, 6: FAULT})},
            "key",
            "E*TRADE answered with HTTP status 400. Number of requests exceeded the rate limit set",
        ),
        ({"etoauth_vb_send": (0, {5: 503, 6: "<html><p>busy"})}, "key", "E*TRADE answered with HTTP status 503. "),
        ({}, "", "There is no consumer key yet. Run EtradeKeepKey."),
    ):
        excel = Excel(script, key)
        equal(excel.run("ETRADE_QUOTE", "GOOG"), expected)
        equal(excel.said(), [])


def midnight_is_a_sentence():
    excel = Excel({"etoauth_vb_ensure_active": (LOGIN, {})})
    excel.run("EtradeState")
    equal(excel.said(), ["The sentence. Log in with EtradeLogIn."])


def logs_out():
    for status, expected in (
        (0, "Logged out."),
        (STATE, "There is no login to end."),
        (LOGIN, "There is no login to end."),
        (-40, "The sentence."),
    ):
        excel = Excel({"etoauth_vb_revoke": (status, {})})
        excel.run("EtradeLogOut")
        equal(excel.said(), [expected])


def a_client_that_could_not_be_opened_is_tried_again():
    excel = Excel({"etoauth_vb_set_session_file": [(-32, {}), (0, {})], "etoauth_vb_send": (0, {5: 200, 6: QUOTES})})
    equal(excel.run("ETRADE_QUOTE", "GOOG"), "The sentence.")
    equal(excel.run("ETRADE_QUOTE", "GOOG"), 1234.5)


def keys_stay_out_of_the_workbook():
    excel = Excel()
    excel.type(" mine ", "hush")
    excel.run("EtradeKeepKey")
    equal(excel.journal(), ["SaveSetting|etoauth|sandbox|key|mine", "SaveSetting|etoauth|sandbox|secret|hush"])


def another_key_begins_with_another_session_file():
    excel = Excel()
    for key, kept in (("sandbox-key", True), ("renewed", False), ("renewed", True)):
        excel.run("EtradeState")
        equal(excel.journal()[-3].rpartition("|")[0], "etoauth_vb_set_session_file|77")
        excel.files.add(SESSION_FILE)  # as the library does at once
        excel.type(key, "hush")
        excel.run("EtradeKeepKey")
        equal(excel.files, {FOLDER, SESSION_FILE} if kept else {FOLDER})
    # One that can't be deleted is told, and the key that goes with it is kept.
    excel.files.add(SESSION_FILE)
    excel.app.interpreter.host.create = lambda name: NOTHING
    excel.type("third", "hush")
    excel.run("EtradeKeepKey")
    equal((len(excel.said()), excel.run("GetSetting", "etoauth", "sandbox", "key")), (4, "renewed"))


def a_session_file_of_another_key_is_to_be_deleted():
    excel = Excel({"etoauth_vb_set_session_file": (SESSION, {})})
    excel.run("EtradeState")
    equal(excel.said(), ["The sentence. Delete that file, then log in with EtradeLogIn."])


CHECKS = [
    every_function_passes_its_arguments,
    statuses_become_errors_and_statuses_again,
    waiting_for_a_callback_is_no_error,
    the_library_is_looked_for_beside_the_workbook,
    logs_in_by_code,
    the_box_holds_the_pages_address,
    logs_in_by_callback,
    one_chain_of_looks,
    what_fails_while_listening_ends_it,
    closing_the_workbook_ends_what_is_under_way,
    what_can_not_be_closed_is_let_go,
    quotes_go_into_cells,
    quotes_may_lack_something,
    symbols_are_encoded_and_blanks_ask_for_nothing,
    cells_get_sentences_for_errors,
    midnight_is_a_sentence,
    logs_out,
    a_client_that_could_not_be_opened_is_tried_again,
    keys_stay_out_of_the_workbook,
    another_key_begins_with_another_session_file,
    a_session_file_of_another_key_is_to_be_deleted,
]

failed = 0
for check in CHECKS:
    try:
        check()
        print(f"{check.__name__}: ok")
    except Exception as error:  # one that fails must not hide the others
        failed += 1
        print(f"{check.__name__}: FAILED: {type(error).__name__}: {error}")
print(f"{len(CHECKS) - failed} passed, {failed} failed")
sys.exit(failed > 0)
