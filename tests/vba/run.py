#!/usr/bin/env python3
"""run.py FOLDER: runs bindings/vba in pyOpenVBA's model of Excel, with a scripted library in etoauth.dll's place, and
the Etoauth.xlsm of a folder with it.

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

import checks

try:
    from excel import FIRST_ERROR, FOLDER, MODULES, NA, PACKAGING, PAGE, Excel, Sheet, equal, plain
    from pyopenvba.interpreter import NOTHING, VBAObject, member
except ImportError:
    print("pyOpenVBA is missing: the VBA modules were not run.")
    sys.exit(77)

WORKBOOK = pathlib.Path(sys.argv[1]) / "Etoauth.xlsm"

TIMEOUT, LOGIN, VERIFIER, HANDLE, STATE, SESSION = -42, -55, -54, -5, -6, -22

LOGGED_IN = "Logged in to the sandbox service. Midnight in New York, which ends it, is in 5 h 30 min."
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
    equal({name for name, *_ in cases} | {"EtoauthLoad", "EtoauthFolder", "EtoauthStatus"}, set(public))


def statuses_become_errors_and_statuses_again():
    for status in (-2, HANDLE, VERIFIER, LOGIN, -60):
        excel = Excel({"etoauth_vb_login": (status, {})})
        number, text = excel.error("EtoauthLogin", 77, "code")
        equal((number, text), (FIRST_ERROR - status, "The sentence."))
        equal(excel.run("EtoauthStatus", number), status)
    for other in (0, 9, 91, 2147483647, -2147483648, FIRST_ERROR, FIRST_ERROR - 1, FIRST_ERROR + 1000):
        equal(Excel().run("EtoauthStatus", other), 0)


def what_was_never_opened_is_said_in_vbas_terms():
    for argument, macro, sentence in (
        ("client", "Renew", "The client is not open: call OpenClient first."),
        ("listener", "Poll", "Nothing listens: call Listen first."),
    ):
        excel = Excel(
            {
                "etoauth_vb_renew": (-1, {}),
                "etoauth_vb_poll": (-1, {}),
                "etoauth_vb_last_error": (0, {0: f"{argument} is NULL."}),
            }
        )
        excel.app.add_module(f"Sub Trial()\nDim c As New EtoauthClient\nc.{macro}\nEnd Sub\n", name="Trial")
        equal(excel.error("Trial"), (FIRST_ERROR - HANDLE, sentence))


def waiting_for_a_callback_is_no_error():
    equal(Excel({"etoauth_vb_poll": (TIMEOUT, {})}).run("EtoauthPoll", 88, 77), "")
    equal(Excel({"etoauth_vb_poll": (HANDLE, {})}).error("EtoauthPoll", 88, 77)[0], FIRST_ERROR - HANDLE)


def the_library_is_looked_for_beside_the_workbook_and_in_the_profile():
    dlls = ["{}\\etoauth.dll", "{}\\windows-x86_64\\bin\\etoauth.dll"]
    for found in range(3):
        excel = Excel({"LoadLibraryW": [(0, {})] * found + [(int(found < 2), {})]}, loaded=False)
        tried = [place.format("C:\\my books") for place in dlls][: found + 1]
        if found < 2:
            excel.run("EtoauthLoad", "C:\\my books")
        else:
            number, text = excel.error("EtoauthLoad", "C:\\my books")
            equal(number, FIRST_ERROR)
            assert all(place in text for place in tried) and "64-bit" in text and FOLDER in text, text
        equal(excel.journal(), ["LoadLibraryW|" + place for place in tried])
    # Without a folder of its own, in the user's profile as well, if the workbook has no folder that Windows knows.
    for where, words in ((None, "not been saved"), ("https://d.docs.live.net/x", "https://d.docs.live.net/x: ")):
        for third in (0, 1):
            excel = Excel({"LoadLibraryW": [(0, {}), (third, {})]}, loaded=False)
            if where:
                excel.app.workbook.path = where
            if third:
                excel.run("EtoauthVersion")
            else:
                text = excel.error("EtoauthVersion")[1]
                assert words in text and all(place.format(FOLDER) in text for place in dlls), text
            tried = [line for line in excel.journal() if line.startswith("Load")]
            equal(tried[:2], ["LoadLibraryW|" + place.format(FOLDER) for place in dlls])
    excel = Excel(loaded=False)
    excel.app.workbook.path = "C:\\my books"
    excel.error("EtoauthVersion")
    equal(excel.journal(), [f"LoadLibraryW|{dll.format(where)}" for where in ("C:\\my books", FOLDER) for dll in dlls])
    equal(Excel().run("DllPlaces", "C:\\", 32), "C:\\etoauth.dll\nC:\\windows-i686\\bin\\etoauth.dll")
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
            "etoauth_vb_open|2|mine|hush|0",
            "etoauth_vb_set_session_file|77|C:\\Users\\me\\AppData\\Local\\etoauth\\sandbox.session",
            "etoauth_vb_login_url|77|",
            "etoauth_vb_login|77|ABCDE",
            "etoauth_vb_ensure_active|77|0",
            *["etoauth_vb_token_state|77|0|0|0"] * 2,
        ],
    )
    equal(excel.said(), [LOGGED_IN])


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
            "SaveSetting|etoauth|sandbox|callback|http://127.0.0.1:8642/etrade",
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
            *["etoauth_vb_token_state|77|0|0|0"] * 2,
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
        equal(excel.said(), [LOGGED_IN])
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
    excel = Excel({"etoauth_vb_poll": (-2, {})})
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
    excel.run("EtradeStop")
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


def quoted_prices(*quotes, messages="", status=200):
    """A response of the library with these quotes: a symbol, a price and a change, each as it is written."""
    nodes = (
        f"<QuoteData><All><changeClose>{change}</changeClose><lastTrade>{price}</lastTrade></All>"
        f"<Product><symbol>{symbol}</symbol></Product></QuoteData>"
        for symbol, price, change in quotes
    )
    return (0, {5: status, 6: f"<QuoteResponse>{''.join(nodes)}{messages}</QuoteResponse>"})


TWO = quoted_prices(("GOOG", "1234.5", "-0.5"), ("AAPL", "0.25", "1e1"))


def asked_for(excel):
    """The symbols of each call."""
    calls = [line.split("|")[3] for line in excel.calls("send")]
    assert all(call.startswith("/v1/market/quote/") for call in calls), calls
    return [call.rpartition("/")[2].split(",") for call in calls]


def functions_keep_the_rows_of_their_symbols():
    excel = Sheet({"etoauth_vb_send": TWO}, ["AAPL", None, "nope", " goog\u00a0", "AAPL"])
    excel.run("PutPrices", "B2:B6", "A2:A6")
    # Each symbol is asked for once; an empty cell is no missing price.
    equal(asked_for(excel), [["AAPL", "nope", "goog"]])
    equal(excel.column("B", 6), [0.25, None, NA, 1234.5, 0.25])
    equal(excel.run("Reason", "B2:B6"), "No price for nope.")
    equal(excel.run("Reason", "B2:B3"), "")
    # A row, an array, a text, and a cell with an error.
    equal(plain(excel.run("ETRADE_QUOTE", " GOOG ")), 1234.5)
    equal(plain(excel.run("ETRADE_QUOTE", "nope")), NA)
    equal(plain(excel.run("ETRADE_QUOTES", "AAPL")), [[0.25]])
    excel.app.add_module(
        'Function RowOf() As Variant\nRowOf = ETRADE_QUOTES(Array("AAPL", "", "GOOG"))\nEnd Function\n'
        "Function FaultOf() As Variant\nFaultOf = ETRADE_QUOTES(Array(CVErr(2042)))\nEnd Function\n",
        name="Arrays",
    )
    equal(plain(excel.run("RowOf")), [[0.25, "", 1234.5]])
    before = excel.calls("send")
    equal(plain(excel.run("FaultOf")), [[NA]])
    for blank in ("", "  ", "\t"):
        equal(excel.run("ETRADE_QUOTE", blank), "")
    equal(excel.calls("send"), before)


def what_is_no_number_is_no_price():
    for price, expected in (
        ("7", 7),
        (" -0.5 ", -0.5),
        (".5", 0.5),
        ("1.5E3", 1500),
        ("", NA),
        ("-", NA),
        ("N/A", NA),
        ("1,5", NA),
        ("12 34", NA),
        ("NaN", NA),
    ):
        excel = Excel({"etoauth_vb_send": quoted_prices(("GOOG", price, ""))})
        equal(plain(excel.run("ETRADE_QUOTE", "GOOG")), expected)


def no_sum_leaves_a_missing_price_out():
    """As the guide says of SUM, of B2+B3 and of an empty row."""
    excel = Sheet({"etoauth_vb_send": TWO}, ["AAPL", "GOOG", None, "nope"])
    excel.run("PutPrices", "B2:B5", "A2:A5")
    equal(excel.formula("=SUM(B2:B4)"), 1234.75)
    equal(excel.formula("=SUM(B2:B5)"), NA)
    equal(excel.formula("=B2+B3"), 1234.75)
    equal(excel.formula("=B2+B5"), NA)
    equal(excel.formula("=SUMIF(B2:B5,\">0\")"), 1234.75)
    # Nor one over a login that is over.
    excel = Sheet({"etoauth_vb_send": (LOGIN, {})}, ["AAPL", "GOOG"])
    excel.run("PutPrices", "B2:B3", "A2:A3")
    equal(excel.formula("=SUM(B2:B3)"), NA)
    equal(excel.run("Reason", "B2:B3"), "The sentence. Log in with EtradeLogIn.")
    equal(excel.said(), [])


def a_call_takes_25_symbols():
    symbols = [f"S{i}" for i in range(60)]
    for used in (1, 24, 25, 26, 50, 51):
        prices = [(one, str(i), "0") for i, one in enumerate(symbols)]
        answers = [quoted_prices(*prices[first : first + 25]) for first in (0, 25, 50)]
        excel = Sheet({"etoauth_vb_send": answers}, symbols[:used])
        excel.run("PutPrices", f"B2:B{used + 1}", f"A2:A{used + 1}")
        equal([len(call) for call in asked_for(excel)], [25] * (used // 25) + [used % 25] * (used % 25 > 0))
        equal(sum(asked_for(excel), []), symbols[:used])
        equal(excel.column("B", used + 1), list(range(used)))


def what_is_refused_in_one_call_is_missing_alone():
    symbols = [f"S{i}" for i in range(26)]
    excel = Sheet({"etoauth_vb_send": [(0, {5: 400, 6: FAULT}), quoted_prices(("S25", "7", "0"))]}, symbols)
    excel.run("PutPrices", "B2:B27", "A2:A27")
    equal(excel.column("B", 27), [NA] * 25 + [7])
    reason = excel.run("Reason", "B2:B27")
    assert reason.startswith("No price for S0, ") and reason.endswith(
        "S24. E*TRADE answered with HTTP status 400. Number of requests exceeded the rate limit set"
    ), reason


def a_connection_fault_is_waited_for_once():
    begin = datetime.datetime(2026, 7, 1, 23, 59, 55)
    for status in (-40, -41, TIMEOUT, -44):
        excel = Sheet({"etoauth_vb_send": [(status, {}), TWO]}, ["GOOG"])
        clock = excel.app.interpreter
        clock.freeze(begin)
        for _ in range(25):
            equal(plain(excel.run("ETRADE_QUOTE", "GOOG")), NA)
        excel.run("PutPrices", "B2:B2", "A2:A2")
        equal((len(excel.calls("send")), excel.run("Reason", "B2")), (1, "The sentence."))
        clock.freeze(begin + datetime.timedelta(seconds=14))
        equal(plain(excel.run("ETRADE_QUOTE", "GOOG")), NA)
        clock.freeze(begin + datetime.timedelta(seconds=15))
        equal(plain(excel.run("ETRADE_QUOTE", "GOOG")), 1234.5)
        equal(len(excel.calls("send")), 2)
        # What was wanted by a button is asked for at once, and ends the pause.
        excel = Sheet({"etoauth_vb_send": [(status, {}), TWO]}, ["GOOG"])
        excel.run("ETRADE_QUOTE", "GOOG")
        excel.run("EtradeQuotes")
        equal((excel.column("B", 2), plain(excel.run("ETRADE_QUOTE", "GOOG"))), ([1234.5], 1234.5))
    # Other failures take no time.
    excel = Excel({"etoauth_vb_send": (LOGIN, {})})
    for _ in range(3):
        excel.run("ETRADE_QUOTE", "GOOG")
    equal(len(excel.calls("send")), 3)


def quotes_go_beside_their_symbols():
    now = datetime.datetime(2026, 7, 1, 12, 0)
    excel = Sheet({"etoauth_vb_send": TWO}, ["GOOG", None, "nope", "aapl"])
    excel.app.interpreter.freeze(now)
    excel.sheet.set_value("E2", "mine")
    excel.run("EtradeQuotes")
    equal(asked_for(excel), [["GOOG", "nope", "aapl"]])
    equal(excel.column("B", 6), [1234.5, None, NA, 0.25, None])
    equal(excel.column("C", 6), [-0.5, None, NA, 10, None])
    equal(excel.column("D", 6), [now, None, now, now, None])
    equal((excel.sheet.value("E2"), excel.said()), ("mine", ["No price for nope."]))
    # The heading may be further down, in any case.
    excel = Sheet({"etoauth_vb_send": TWO})
    for cell, value in (("A1", "My shares"), ("A7", "SYMBOL"), ("A8", "GOOG"), ("B7", "Last")):
        excel.sheet.set_value(cell, value)
    excel.run("EtradeQuotes")
    equal(excel.column("B", 9, 7), ["Last", 1234.5, None])
    for broken, words in ((None, "no symbols"), ("A1", "no heading")):
        excel = Sheet()
        if broken:
            excel.sheet.set_value(broken, "Something else")
        excel.run("EtradeQuotes")
        assert words in excel.said()[0] and not excel.calls("send"), excel.said()


def old_quotes_stay_until_new_ones_are_there():
    excel = Sheet({"etoauth_vb_send": [TWO, (LOGIN, {}), TWO]}, ["GOOG", "AAPL", "GOOG"])
    excel.run("EtradeQuotes")
    excel.run("EtradeQuotes")
    equal(excel.column("B", 5), [1234.5, 0.25, 1234.5, None])
    equal(excel.said(), ["The sentence. Log in with EtradeLogIn."])
    # What was written before is cleared, and nothing else.
    excel.run("ClearCells", "A3:A4")
    excel.sheet.set_value("B5", "mine")
    excel.run("EtradeQuotes")
    equal(excel.column("B", 5), [1234.5, None, None, "mine"])
    # Where something else is, nothing is written, and the old quotes are back.
    for row in (3, 4, 5):
        excel.sheet.set_value(f"A{row}", "AAPL")
    excel.run("EtradeQuotes")
    equal(excel.column("B", 5), [1234.5, None, None, "mine"])
    assert "B2:D5 of sheet Sheet1" in excel.said()[-1], excel.said()


def the_sandbox_answers_for_other_symbols():
    excel = Sheet({"etoauth_vb_send": TWO}, ["MSFT", "GOOG"])
    excel.run("EtradeQuotes")
    equal((excel.column("B", 3), excel.said()), ([NA, 1234.5], ["No price for MSFT. E*TRADE answered for AAPL."]))
    excel = Sheet({"etoauth_vb_send": (0, {5: 200, 6: NO_QUOTES})}, ["MSFT"])
    excel.run("EtradeQuotes")
    equal(excel.said(), ["No price for MSFT. Bad symbol"])


def quotes_may_lack_something():
    excel = Sheet({"etoauth_vb_send": (0, {5: 200, 6: GAPS})}, ["VFIAX", "GOOG"])
    excel.run("EtradeQuotes")
    equal((excel.column("B", 4), excel.said()), ([NA, NA, None], ["No price for VFIAX, GOOG."]))


def symbols_are_encoded():
    excel = Excel({"etoauth_vb_send": TWO})
    excel.run("ETRADE_QUOTE", " BRK B ")
    equal(asked_for(excel), [["BRK%20B"]])


ACCOUNTS = (
    0,
    {
        5: 200,
        6: "<AccountListResponse><Accounts>"
        + "".join(
            f"<Account><accountId>{number}</accountId><accountIdKey>key {number}</accountIdKey>"
            f"<accountStatus>{status}</accountStatus></Account>"
            for number, status in ((1, "ACTIVE"), (2, "CLOSED"), (3, "ACTIVE"))
        )
        + "</Accounts></AccountListResponse>",
    },
)
NO_POSITIONS = (0, {5: 204, 6: ""})


def portfolio(*symbols, pages=1):
    positions = "".join(
        f"<Position><Product><symbol>{symbol}</symbol></Product><quantity>-2.5</quantity><marketValue>25</marketValue>"
        "<Quick><lastTrade>10</lastTrade></Quick><pricePaid></pricePaid></Position>"
        for symbol in symbols
    )
    pages = f"<totalPages>{pages}</totalPages>"
    account = f"<AccountPortfolio>{pages}{positions}</AccountPortfolio>"
    return (0, {5: 200, 6: f"<PortfolioResponse>{account}</PortfolioResponse>"})


def positions_of_all_accounts_and_pages_are_listed():
    answers = [ACCOUNTS, portfolio("A", "B", pages=2), portfolio("C", pages=2), NO_POSITIONS]
    excel = Sheet({"etoauth_vb_send": [*answers, ACCOUNTS, (0, {5: 500, 6: ""})]})
    now = datetime.datetime(2026, 7, 1, 12, 0)
    excel.app.interpreter.freeze(now)
    excel.run("EtradePositions")
    paths = [line.split("|")[3] for line in excel.calls("send")]
    first = "/v1/accounts/key%201/portfolio"
    equal(paths, ["/v1/accounts/list", first, first + "?pageNumber=2", "/v1/accounts/key%203/portfolio"])
    excel.sheet = excel.app.sheet("Positions")
    heading = ["Account", "Symbol", "Quantity", "Price paid", "Last", "Value", "Gain", "Fetched"]
    rows = [["1", one, -2.5, NA, 10, 25, NA, now] for one in "ABC"]
    shown = lambda: [[plain(excel.sheet.value(column + str(row))) for column in "ABCDEFGH"] for row in range(1, 6)]
    equal(shown(), [heading, *rows, [None] * 8])
    equal(excel.said(), [])
    # A part that is missing would make the sums too small.
    excel.run("EtradePositions")
    equal((shown(), excel.said()), ([heading, *rows, [None] * 8], ["E*TRADE answered with HTTP status 500."]))
    # Those of the last time are cleared, even if there are none.
    excel = Sheet({"etoauth_vb_send": [ACCOUNTS, portfolio("A"), portfolio("B"), ACCOUNTS, NO_POSITIONS]})
    for _ in range(2):
        excel.run("EtradePositions")
    equal([len(excel.app.sheets()), excel.said()], [2, ["There are no positions."]])
    excel.sheet = excel.app.sheet("Positions")
    equal(excel.column("B", 4, 1), ["Symbol", None, None, None])


def a_sheet_of_positions_that_is_not_the_macros_is_left_alone():
    excel = Sheet({"etoauth_vb_send": [ACCOUNTS, portfolio("A"), NO_POSITIONS]})
    excel.app.add_module("Sub Rename()\nActiveSheet.Name = \"positions\"\nEnd Sub\n", name="Renaming")
    excel.run("Rename")
    excel.run("EtradePositions")
    equal((excel.column("A", 3, 1), len(excel.app.sheets())), (["Symbol", None, None], 1))
    assert "A1:H2 of sheet positions" in excel.said()[0], excel.said()


def cells_get_no_texts_for_errors():
    for script, key, expected in (
        ({"etoauth_vb_send": (LOGIN, {})}, "mine", "The sentence. Log in with EtradeLogIn."),
        ({"etoauth_vb_send": (-40, {})}, "mine", "The sentence."),
        ({"etoauth_vb_send": (0, {5: 200, 6: NO_QUOTES})}, "mine", "No price for GOOG. Bad symbol"),
        (
            {"etoauth_vb_send": (0, {5: 400, 6: FAULT})},
            "mine",
            "No price for GOOG. E*TRADE answered with HTTP status 400. Number of requests exceeded the rate limit set",
        ),
        (
            {"etoauth_vb_send": (0, {5: 503, 6: "<html><p>busy"})},
            "mine",
            "No price for GOOG. E*TRADE answered with HTTP status 503.",
        ),
        ({}, "", "There is no consumer key yet: log in, and you are asked for it."),
    ):
        excel = Sheet(script, ["GOOG"], key=key)
        excel.run("PutPrices", "B2:B2", "A2:A2")
        equal((excel.column("B", 2), excel.run("Reason", "B2")), ([NA], expected))
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
    excel = Excel({"etoauth_vb_set_session_file": [(-32, {}), (0, {})], "etoauth_vb_send": TWO})
    equal(plain(excel.run("ETRADE_QUOTE", "GOOG")), NA)
    equal(plain(excel.run("ETRADE_QUOTE", "GOOG")), 1234.5)


def keys_stay_out_of_the_workbook():
    excel = Excel(key="")
    excel.type("\t mine\u00a0\r\n", "\u200b hush \t")
    excel.run("EtradeKeepKey")
    saved = [line for line in excel.journal() if not line.endswith("|callback|")]
    equal(saved, ["SaveSetting|etoauth|sandbox|key|mine", "SaveSetting|etoauth|sandbox|secret|hush"])
    # Or both in one box.
    excel = Excel(key="")
    excel.type(" mine\t \u00a0 hush ")
    excel.run("EtradeKeepKey")
    equal([line for line in excel.journal() if not line.endswith("|callback|")], saved)
    for given in ((), ("",), ("mine", " \t")):
        excel = Excel(key="")
        excel.type(*given)
        excel.run("EtradeKeepKey")
        equal((excel.journal(), excel.said()), ([], []))


def the_first_login_asks_for_the_key():
    for macro in ("EtradeLogIn", "EtradeLogInByCallback"):
        excel = Excel(key="")
        excel.type("mine", "hush", "ABCDE" if macro == "EtradeLogIn" else "http://localhost:1/back")
        excel.run(macro)
        equal(excel.calls("open"), ["etoauth_vb_open|2|mine|hush|0"])
        equal(excel.opened, [PAGE])
        excel = Excel(key="")
        excel.run(macro)
        equal((excel.calls("open"), excel.opened, excel.said()), ([], [], []))


def buttons_ask_for_the_login_they_need():
    for macro, answers in (("EtradeQuotes", [TWO]), ("EtradePositions", [ACCOUNTS, NO_POSITIONS, NO_POSITIONS])):
        for state, expires, asked in ((2, 60, 0), (3, 60, 0), (0, 0, 1), (1, 0, 1), (4, 60, 1), (5, 60, 1)):
            excel = Sheet({"etoauth_vb_token_state": (0, {1: state, 3: expires}), "etoauth_vb_send": answers}, ["GOOG"])
            excel.type("ABCDE")
            excel.run(macro)
            equal(excel.calls("login"), ["etoauth_vb_login|77|ABCDE"] * asked)
            equal(len(excel.calls("send")), len(answers))
        # The first time for the key as well; who closes a box wants nothing.
        excel = Sheet({"etoauth_vb_token_state": (0, {}), "etoauth_vb_send": answers}, ["GOOG"], key="")
        excel.type("mine hush", "ABCDE")
        excel.run(macro)
        equal((excel.calls("open"), len(excel.calls("send"))), (["etoauth_vb_open|2|mine|hush|0"], len(answers)))
        excel = Sheet({"etoauth_vb_token_state": (0, {})}, ["GOOG"])
        excel.type("")
        excel.run(macro)
        equal((excel.calls("login"), excel.calls("send"), excel.said()), ([], [], []))
    # No function does.
    excel = Excel({"etoauth_vb_token_state": (0, {}), "etoauth_vb_send": (STATE, {})})
    excel.run("ETRADE_QUOTE", "GOOG")
    equal((excel.opened, excel.calls("login_url")), ([], []))


def what_a_box_cuts_off_is_told():
    excel = Excel()
    excel.type("http://127.0.0.1/?" + "a" * 236)
    excel.run("EtradeLogIn")
    assert excel.calls("login") == [] and "254 characters" in excel.said()[0], excel.said()
    excel = Excel()
    excel.type("http://127.0.0.1/?" + "a" * 235)
    excel.run("EtradeLogIn")
    equal(len(excel.calls("login")), 1)


def another_key_begins_with_another_session_file():
    excel = Excel()
    for key, kept in (("mine", True), ("renewed", False), ("renewed", True)):
        excel.run("EtradeState")
        equal(excel.journal()[-4].rpartition("|")[0], "etoauth_vb_set_session_file|77")
        excel.files.add(SESSION_FILE)  # as the library does at once
        excel.type(key, "hush")
        excel.run("EtradeKeepKey")
        equal(excel.files, {FOLDER, SESSION_FILE} if kept else {FOLDER})
    # One that can't be deleted is told, and the key that goes with it is kept.
    excel.files.add(SESSION_FILE)
    excel.app.interpreter.host.create = lambda name: NOTHING
    excel.type("third", "hush")
    excel.run("EtradeKeepKey")
    equal(excel.run("EtradeKept", "key"), "renewed")
    assert "The key is kept" not in excel.said()[-1], excel.said()


def a_session_file_of_another_key_is_to_be_deleted():
    excel = Excel({"etoauth_vb_set_session_file": (SESSION, {})})
    excel.run("EtradeState")
    equal(excel.said(), ["The sentence. Delete that file, then log in with EtradeLogIn."])


def the_sandbox_is_left_only_when_somebody_says_so():
    excel = Excel({"etoauth_vb_send": TWO})
    excel.run("ETRADE_QUOTE", "GOOG")
    excel.type(2)  # Cancel
    excel.run("EtradeSwitch")
    equal(excel.run("EtradeEnvironment"), "sandbox")
    excel.type(1)
    excel.run("EtradeSwitch")
    equal(excel.run("EtradeEnvironment"), "live")
    assert "are real" in excel.said()[-1], excel.said()
    # With a key, a session file and a client of its own, also where another workbook has switched.
    equal(plain(excel.run("ETRADE_QUOTE", "GOOG")), NA)
    excel.type("other", "secret")
    excel.run("EtradeKeepKey")
    excel.run("ETRADE_QUOTE", "GOOG")
    equal(excel.calls("open")[-1], "etoauth_vb_open|1|other|secret|0")
    equal(excel.calls("set_session_file")[-1].rpartition("\\")[2], "live.session")
    excel.run("SaveSetting", "etoauth", "workbook", "environment", "sandbox")
    excel.run("ETRADE_QUOTE", "GOOG")
    equal(excel.calls("open")[-1], "etoauth_vb_open|2|mine|hush|0")


def the_callback_is_asked_for_once():
    excel = Excel({"etoauth_vb_poll": (TIMEOUT, {})})
    excel.type(" http://localhost:1/back\t")
    for _ in range(2):
        excel.run("EtradeLogInByCallback")
    equal(excel.calls("listen"), ["etoauth_vb_listen|77|http://localhost:1/back|0"] * 2)
    excel.type("another", "hush")
    excel.run("EtradeKeepKey")
    excel.type("")
    excel.run("EtradeLogInByCallback")
    equal(len(excel.calls("listen")), 2)


def the_ribbon_calls_every_macro():
    """Each button of packaging/excel/ribbon.xml, by what it journals or says."""

    class Button(VBAObject):
        def __init__(self, tag):
            self.tag = tag

        @member(name="Tag")
        def its_tag(self):
            return self.tag

    code = (MODULES / "EtradeRibbon.bas").read_text(encoding="ascii")
    ribbon = ElementTree.parse(PACKAGING / "ribbon.xml")
    tags = [one.get("tag") for one in ribbon.iter() if one.tag.endswith("}button")]
    cases = re.findall(r'^    Case "(\w+)"\r?\n        (\w+)\r?$', code, re.M)
    equal(sorted(cases), sorted((tag, tag) for tag in tags))
    excel = Excel()
    excel.run("EtradeRibbonPress", Button("EtradeState"))
    equal(excel.said(), [LOGGED_IN])


def the_guides_order_has_decimal_points():
    guide = (MODULES.parents[1] / "docs" / "excel.md").read_text(encoding="utf-8")
    excel = Excel()
    excel.app.add_module(re.search(r"```vb\n(.*?)```", guide, re.S)[1], name="Guide")
    order = ElementTree.fromstring(excel.run("LimitOrder", "GOOG", 10, 1234.5))
    equal([order.findtext(f".//{name}") for name in ("limitPrice", "quantity", "symbol")], ["1234.5", "10", "GOOG"])
    assert re.fullmatch(r"\w{1,20}", order.findtext("clientOrderId")), "what E*TRADE takes"
    code = ElementTree.tostring(order).decode()
    assert "," not in code and "Str$(limitPrice)" in guide, code


def the_workbook_shows_the_login():
    now = datetime.datetime(2026, 7, 1, 12, 0)
    ends = now + datetime.timedelta(seconds=19800)
    states = [(0, {1: 2, 3: 19800})] * 5 + [(0, {1: 4, 3: 19800})]
    excel = Excel({"etoauth_vb_send": [TWO, (LOGIN, {})], "etoauth_vb_token_state": states}, book=WORKBOOK)
    excel.app.interpreter.freeze(now)
    shown = lambda: [excel.app.sheet(1).value(cell) for cell in ("B5", "C5")]
    equal((shown(), excel.app.sheet(1).value("A5")), ([None, None], "not logged in"))
    excel.run("EtradeState")
    equal(shown(), ["sandbox", ends])
    excel.run("EtradeQuotes")
    equal([plain(excel.app.sheet(1).value(f"B{row}")) for row in range(8, 13)], [1234.5, 0.25, NA, NA, None])
    equal((shown(), excel.said()[1:]), (["sandbox", ends], ["No price for MSFT, IBM."]))
    excel.run("EtradeQuotes")
    equal(shown(), ["sandbox", None])
    # Whatever is under way ends with the workbook.
    excel.run("EtradeLogInByCallback")
    excel.app.run("ThisWorkbook.Workbook_BeforeClose", False)
    equal((excel.tick(), excel.journal()[-1]), (0, "etoauth_vb_unlisten|88"))


def no_name_changes_the_case_of_an_importers_code():
    """VBA's editor spells a name everywhere as it was declared last: a parameter text makes every .Text a .text."""
    from pyopenvba.interpreter._inventory_data import _NAMES

    members = {"body", "headers", "document", "environment", "folder", "code"}  # of libraries that have no list here
    for listed in _NAMES.values():
        members.update(listed.split(","))
    for module in MODULES.glob("*.[bc]*s"):
        code = re.sub(r"'.*", "", module.read_text(encoding="ascii").replace(" _\n", " "))
        declared = set(re.findall(r"(?:ByVal|ByRef|Dim|Const|,) (\w+)(?:\(\))? As ", code))
        equal((module.name, sorted(name for name in declared if name.lower() in members)), (module.name, []))


checks.run(globals())
