Attribute VB_Name = "Example"
' A complete example: log in, quotes in cells, log out. docs/excel.md explains it.
'
' SPDX-License-Identifier: MIT OR Apache-2.0
Option Explicit

Private Const TITLE As String = "E*TRADE"

' A live key needs ETOAUTH_ENV_LIVE.
Private Const ENVIRONMENT As Long = ETOAUTH_ENV_SANDBOX

' Only for EtradeLogInByCallback: the callback that E*TRADE has registered for the consumer key.
Private Const CALLBACK_URL As String = "http://127.0.0.1:8642/etrade"

' The consumer key is kept where GetSetting looks, under these names.
Private Const SETTINGS As String = "etoauth"

Private Const FIRST_ERROR As Long = vbObjectError + 513

' A stop or an error in VBA's editor clears these. Client then opens a new client from the session file.
Private m_client As EtoauthClient
Private m_look As String ' The macro that Excel is to call at m_nextLook, or "" while nobody listens.
Private m_nextLook As Date
Private m_lastLook As Date

' Asks for the consumer key and keeps it for this Windows user, outside the workbook.
Public Sub EtradeKeepKey()
    Dim key As String, secret As String

    On Error GoTo Failed
    key = Trim$(InputBox("Consumer key (" & EnvironmentName() & "):", TITLE))
    If key = "" Then Exit Sub
    secret = Trim$(InputBox("Consumer secret:", TITLE))
    If secret = "" Then Exit Sub
    StopListening
    Set m_client = Nothing
    If key <> GetSetting(SETTINGS, EnvironmentName(), "key") Then DeleteSession
    SaveSetting SETTINGS, EnvironmentName(), "key", key
    SaveSetting SETTINGS, EnvironmentName(), "secret", secret
    Exit Sub
Failed:
    MsgBox Explanation(Err.Number, Err.Description), vbExclamation, TITLE
End Sub

' A session file belongs to one key: a client with another key would always refuse it.
Private Sub DeleteSession()
    Dim files As Object

    Set files = CreateObject("Scripting.FileSystemObject")
    If files.FileExists(SessionFile()) Then files.DeleteFile SessionFile()
End Sub

' For a button: opens E*TRADE's page and asks for the code that it shows.
Public Sub EtradeLogIn()
    Dim url As String, code As String

    On Error GoTo Failed
    StopListening ' What it waits for is to be typed here.
    url = Client().LoginUrl()
    OpenBrowser url
    ' That may fail silently, so the box contains the address: it can be copied, and is not part of the code.
    code = InputBox("Approve in the browser, then type the code that E*TRADE shows. If it shows none, paste the " & _
        "address that the browser ends at." & vbLf & vbLf & _
        "If no browser opened, copy the address in the box into one.", TITLE, url)
    code = Trim$(Replace(code, url, ""))
    If code = "" Then Exit Sub
    Client().Login code
    EtradeState
    Exit Sub
Failed:
    MsgBox Explanation(Err.Number, Err.Description), vbExclamation, TITLE
End Sub

' The same without typing a code, for a key with a registered callback. Excel can be used meanwhile.
Public Sub EtradeLogInByCallback()
    On Error GoTo Failed
    StopListening
    Client().Listen CALLBACK_URL
    OpenBrowser Client().LoginUrl()
    m_lastLook = DateAdd("n", 5, Now) ' A login begun is over after five minutes.
    LookAgain
    Exit Sub
Failed:
    MsgBox Explanation(Err.Number, Err.Description), vbExclamation, TITLE
    StopListening
End Sub

' With the workbook's name, since another workbook may be the active one when the time has come.
Private Sub LookAgain()
    m_nextLook = DateAdd("s", 1, Now)
    m_look = "'" & Replace(ThisWorkbook.Name, "'", "''") & "'!EtradeLook"
    Application.OnTime m_nextLook, m_look
End Sub

' By the name that Excel was given: Save As may have changed the workbook's.
Private Sub CancelLook()
    On Error Resume Next ' It may have come already.
    If m_look <> "" Then Application.OnTime m_nextLook, m_look, , False
    m_look = ""
End Sub

Private Sub StopListening()
    On Error Resume Next ' Whatever stops it has more to do, or an error of its own to tell.
    CancelLook
    If Not m_client Is Nothing Then m_client.Unlisten
End Sub

' Called by Excel every second while it waits for a callback.
Public Sub EtradeLook()
    Dim redirectedUrl As String

    If m_look = "" Then Exit Sub ' Nobody listens, or VBA was stopped in between.
    On Error GoTo Failed
    CancelLook ' Somebody may have run this by hand: no second chain of looks.
    redirectedUrl = m_client.Poll()
    If redirectedUrl <> "" Then
        StopListening
        m_client.Login redirectedUrl
        EtradeState
    ElseIf Now < m_lastLook Then
        LookAgain
    Else
        StopListening
        MsgBox "Nobody approved within five minutes. If no browser opened: EtradeLogIn shows the page's address.", _
            vbExclamation, TITLE
    End If
    Exit Sub
Failed:
    MsgBox Explanation(Err.Number, Err.Description), vbExclamation, TITLE
    StopListening
End Sub

' For a button: gets the quotes of the symbols in A2:A26 into columns C and D. One call takes 25 symbols.
' Beware: it first clears C2:D26 of the active sheet, whichever that is.
Public Sub EtradeQuotes()
    Dim sheet As Object, cell As Object, document As Object, quote As Object
    Dim symbols As String, symbol As String, row As Long

    On Error GoTo Failed
    Set sheet = ActiveSheet
    For Each cell In sheet.Range("A2:A26").Cells
        symbol = Trim$(cell.Text)
        If symbol <> "" Then symbols = symbols & "," & EtoauthPercentEncode(symbol)
    Next
    If symbols = "" Then Err.Raise FIRST_ERROR, "Example", "Column A has no symbols, from A2 on."
    sheet.Range("C2:D26").ClearContents
    row = 2
    Set document = Answer("/v1/market/quote/" & Mid$(symbols, 2))
    For Each quote In document.selectNodes("/QuoteResponse/QuoteData")
        symbol = TextOf(quote, "Product/symbol")
        If symbol <> "" Then
            sheet.Cells(row, 3).Value = symbol
            sheet.Cells(row, 4).Value = LastTrade(quote)
            row = row + 1
        End If
    Next
    If row = 2 Then Err.Raise FIRST_ERROR, "Example", "No quotes: " & document.Text
    Exit Sub
Failed:
    MsgBox Explanation(Err.Number, Err.Description), vbExclamation, TITLE
End Sub

' For a cell: =ETRADE_QUOTE("AAPL") is the last price, or a text that says why there is none. Each such cell is a call
' of its own, for which Excel waits. It shows the price from when it was entered: Ctrl+Alt+F9 asks again.
Public Function ETRADE_QUOTE(ByVal symbol As String) As Variant
    Dim document As Object, quote As Object, price As Variant

    On Error GoTo Failed
    ETRADE_QUOTE = ""
    If Trim$(symbol) = "" Then Exit Function ' A blank cell, or one that Excel will calculate later.
    Set document = Answer("/v1/market/quote/" & EtoauthPercentEncode(Trim$(symbol)))
    Set quote = document.selectSingleNode("/QuoteResponse/QuoteData")
    If Not quote Is Nothing Then price = LastTrade(quote)
    If IsEmpty(price) Then price = "No quote: " & document.Text
    ETRADE_QUOTE = price
    Exit Function
Failed:
    ETRADE_QUOTE = Explanation(Err.Number, Err.Description)
End Function

' The price, or Empty. Val reads a decimal point whatever the regional settings are; CDbl does not.
Private Function LastTrade(ByVal quote As Object) As Variant
    Dim text As String

    text = TextOf(quote, "All/lastTrade")
    If text <> "" Then LastTrade = Val(text)
End Function

' A node's text, or "" where there is no such node: a fund's quote has no All.
Private Function TextOf(ByVal node As Object, ByVal path As String) As String
    Dim found As Object

    Set found = node.selectSingleNode(path)
    If Not found Is Nothing Then TextOf = found.Text
End Function

' E*TRADE's response to a GET, as XML.
Private Function Answer(ByVal path As String) As Object
    Dim document As Object, body As String, httpStatus As Long

    body = Client().Send("GET", path, httpStatus)
    Set document = CreateObject("MSXML2.DOMDocument.6.0")
    document.async = False
    If Not document.loadXML(body) Or httpStatus <> 200 Then
        Err.Raise FIRST_ERROR, "Example", "E*TRADE answered with HTTP status " & httpStatus & ". " & document.Text
    End If
    Set Answer = document
End Function

' For a button: the state of the login. It renews an inactive login.
Public Sub EtradeState()
    Dim inactiveIn As Long, expiresIn As Long

    On Error GoTo Failed
    Client().EnsureActive
    Client().TokenState inactiveIn, expiresIn
    MsgBox "Logged in. Midnight in New York, which ends it, is in " & HoursAndMinutes(expiresIn) & ".", , TITLE
    Exit Sub
Failed:
    MsgBox Explanation(Err.Number, Err.Description), vbExclamation, TITLE
End Sub

' For a button.
Public Sub EtradeLogOut()
    On Error GoTo Failed
    Client().Revoke
    MsgBox "Logged out.", , TITLE
    Exit Sub
Failed:
    MsgBox LogOutFault(Err.Number, Err.Description), vbExclamation, TITLE
End Sub

Private Function LogOutFault(ByVal errorNumber As Long, ByVal description As String) As String
    Select Case EtoauthStatus(errorNumber)
    Case ETOAUTH_E_LOGIN, ETOAUTH_E_STATE
        LogOutFault = "There is no login to end."
    Case Else
        LogOutFault = Explanation(errorNumber, description)
    End Select
End Function

' Excel calls it before the workbook is closed, and would open the workbook again for an EtradeLook still to come. It
' asks "Save?" only after this. If you cancel there, run EtradeLogInByCallback again; a login is not lost.
Public Sub Auto_Close()
    On Error Resume Next
    StopListening
    Set m_client = Nothing
End Sub

Private Function Client() As EtoauthClient
    Dim fresh As EtoauthClient, key As String

    If m_client Is Nothing Then
        key = GetSetting(SETTINGS, EnvironmentName(), "key")
        If key = "" Then Err.Raise FIRST_ERROR, "Example", "There is no consumer key yet. Run EtradeKeepKey."
        Set fresh = New EtoauthClient
        fresh.OpenClient ENVIRONMENT, key, GetSetting(SETTINGS, EnvironmentName(), "secret")
        fresh.SetSessionFile SessionFile()
        Set m_client = fresh
    End If
    Set Client = m_client
End Function

' In the part of the user's profile that is neither synchronised nor another user's. These objects, unlike VBA's own
' Environ and MkDir, accept every letter that a user's name may contain.
Private Function SessionFile() As String
    Dim files As Object, folder As String

    Set files = CreateObject("Scripting.FileSystemObject")
    folder = CreateObject("WScript.Shell").ExpandEnvironmentStrings("%LOCALAPPDATA%") & "\etoauth"
    If Not files.FolderExists(folder) Then files.CreateFolder folder
    SessionFile = folder & "\" & EnvironmentName() & ".session"
End Function

Private Function EnvironmentName() As String
    EnvironmentName = IIf(ENVIRONMENT = ETOAUTH_ENV_LIVE, "live", "sandbox")
End Function

' FollowHyperlink would first fetch the page itself, and give the browser the address that it was redirected to.
Private Sub OpenBrowser(ByVal url As String)
    CreateObject("Shell.Application").ShellExecute url
End Sub

' An error's sentence, and what can be done about it in this workbook.
Private Function Explanation(ByVal errorNumber As Long, ByVal description As String) As String
    Explanation = description & Advice(EtoauthStatus(errorNumber))
End Function

Private Function Advice(ByVal status As Long) As String
    Select Case status
    Case ETOAUTH_E_LOGIN, ETOAUTH_E_STATE
        Advice = " Log in with EtradeLogIn."
    Case ETOAUTH_E_SESSION
        Advice = " Delete that file, then log in with EtradeLogIn."
    Case ETOAUTH_E_CONSUMER_KEY
        Advice = " EtradeKeepKey takes another key."
    Case ETOAUTH_E_UNCERTAIN
        Advice = " It may have been carried out: check before you repeat it."
    End Select
End Function

Private Function HoursAndMinutes(ByVal seconds As Long) As String
    HoursAndMinutes = seconds \ 3600 & " h " & (seconds \ 60) Mod 60 & " min"
End Function
