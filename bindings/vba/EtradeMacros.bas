Attribute VB_Name = "EtradeMacros"
' Macros, for buttons: keep a consumer key, log in by code or by callback, show the state, log out. docs/excel.md
' explains them.
'
' SPDX-License-Identifier: MIT OR Apache-2.0
Option Explicit

' What InputBox returns at the most.
Private Const LONGEST_ANSWER As Long = 254

Private m_lookMacro As String ' The macro that Excel is to call at m_nextLook, or "" while nobody listens.
Private m_nextLook As Date
Private m_lastLook As Date

' Asks for the consumer key and keeps it for this Windows user, outside the workbook.
Public Sub EtradeKeepKey()
    On Error GoTo Failed
    If AskForKey() Then MsgBox "The key is kept. Log in with EtradeLogIn.", , BOX_TITLE
    Exit Sub
Failed:
    EtradeTell Err.Number, Err.Description
End Sub

Private Function AskForKey() As Boolean
    Dim consumerKey As String, consumerSecret As String

    consumerKey = Asked("Consumer key (" & EtradeEnvironment() & "), a space, and its secret:")
    If InStr(consumerKey, " ") > 0 Then
        consumerSecret = EtradePasted(Mid$(consumerKey, InStr(consumerKey, " ")))
        consumerKey = EtradePasted(Left$(consumerKey, InStr(consumerKey, " ")))
    ElseIf consumerKey <> "" Then
        consumerSecret = Asked("Its secret:")
    End If
    If consumerKey = "" Or consumerSecret = "" Then Exit Function
    StopListening
    EtradeForget
    If consumerKey <> EtradeKept("key") Then
        EtradeDeleteSession
        EtradeKeep "callback", ""
    End If
    EtradeKeep "key", consumerKey
    EtradeKeep "secret", consumerSecret
    AskForKey = True
End Function

' What was typed or pasted into a box; "" if nothing was.
Private Function Asked(ByVal question As String, Optional ByVal proposal As String) As String
    Asked = EtradePasted(InputBox(question, BOX_TITLE, proposal))
End Function

' Changes between the sandbox and the live service.
Public Sub EtradeSwitch()
    Dim otherEnvironment As String, question As String

    On Error GoTo Failed
    otherEnvironment = IIf(EtradeEnvironment() = "live", "sandbox", "live")
    question = "These macros use the " & EtradeEnvironment() & " service. Use the " & otherEnvironment & _
        " service from now on? It has a consumer key and a login of its own."
    If otherEnvironment = "live" Then question = question & " Its accounts, and orders sent to it, are real."
    If MsgBox(question, vbOKCancel, BOX_TITLE) <> vbOK Then Exit Sub
    StopListening
    EtradeSetEnvironment otherEnvironment
    EtradeShowLogin
    Exit Sub
Failed:
    EtradeTell Err.Number, Err.Description
End Sub

' Opens E*TRADE's page and asks for the code that it shows. The first time it asks for the consumer key before.
Public Sub EtradeLogIn()
    Dim isLoggedIn As Boolean

    On Error GoTo Failed
    EtradeAskForLogin isLoggedIn
    If isLoggedIn Then EtradeState
    Exit Sub
Failed:
    EtradeTell Err.Number, Err.Description
End Sub

' The same, without a word about the login.
Public Sub EtradeAskForLogin(ByRef isLoggedIn As Boolean)
    Dim pageUrl As String, typedCode As String

    isLoggedIn = False
    StopListening ' What it waits for is to be typed here.
    If EtradeKept("key") = "" Then
        If Not AskForKey() Then Exit Sub
    End If
    pageUrl = EtradeClient().LoginUrl()
    OpenBrowser pageUrl
    ' That may fail silently, so the box contains the address: it can be copied, and is not part of the code.
    typedCode = InputBox("Approve in the browser, then type the code that E*TRADE shows. If it shows none, paste " & _
        "the address that the browser ends at." & vbLf & vbLf & _
        "If no browser opened, copy the address in the box into one.", BOX_TITLE, pageUrl)
    If Len(typedCode) >= LONGEST_ANSWER Then EtradeRaise "The box takes " & LONGEST_ANSWER & " characters, and the " & _
        "address is longer. Log in again, and paste only what follows oauth_verifier= in it."
    typedCode = EtradePasted(Replace(typedCode, pageUrl, ""))
    If typedCode = "" Then Exit Sub
    EtradeClient().Login typedCode
    isLoggedIn = True
End Sub

' The same without typing a code, for a key with a registered callback. Excel can be used meanwhile.
Public Sub EtradeLogInByCallback()
    Dim callbackUrl As String

    On Error GoTo Failed
    StopListening
    If EtradeKept("key") = "" Then
        If Not AskForKey() Then Exit Sub
    End If
    callbackUrl = EtradeKept("callback")
    If callbackUrl = "" Then
        callbackUrl = Asked("The callback that E*TRADE has registered for the key:", "http://127.0.0.1:8642/etrade")
        If callbackUrl = "" Then Exit Sub
    End If
    EtradeClient().Listen callbackUrl
    EtradeKeep "callback", callbackUrl
    OpenBrowser EtradeClient().LoginUrl()
    m_lastLook = DateAdd("n", 5, Now) ' A login begun is over after five minutes.
    LookAgain
    Exit Sub
Failed:
    EtradeTell Err.Number, Err.Description
    StopListening
End Sub

' With the workbook's name, since another workbook may be the active one when the time has come.
Private Sub LookAgain()
    m_nextLook = DateAdd("s", 1, Now)
    m_lookMacro = "'" & Replace(ThisWorkbook.Name, "'", "''") & "'!EtradeLook"
    Application.OnTime m_nextLook, m_lookMacro
End Sub

' By the name that Excel was given: Save As may have changed the workbook's.
Private Sub CancelLook()
    On Error Resume Next ' It may have come already.
    If m_lookMacro <> "" Then Application.OnTime m_nextLook, m_lookMacro, , False
    m_lookMacro = ""
End Sub

Private Sub StopListening()
    On Error Resume Next ' Whatever stops it has more to do, or an error of its own to tell.
    CancelLook
    EtradeUnlisten
End Sub

' Called by Excel every second while it waits for a callback.
Public Sub EtradeLook()
    Dim redirectedUrl As String

    If m_lookMacro = "" Then Exit Sub ' Nobody listens, or VBA was stopped in between.
    On Error GoTo Failed
    CancelLook ' Somebody may have run this by hand: no second chain of looks.
    redirectedUrl = EtradeClient().Poll()
    If redirectedUrl <> "" Then
        StopListening
        EtradeClient().Login redirectedUrl
        EtradeState
    ElseIf Now < m_lastLook Then
        LookAgain
    Else
        StopListening
        MsgBox "Nobody approved within five minutes. If no browser opened: EtradeLogIn shows the page's address.", _
            vbExclamation, BOX_TITLE
    End If
    Exit Sub
Failed:
    EtradeTell Err.Number, Err.Description
    StopListening
End Sub

' Shows the state of the login. It renews an inactive login.
Public Sub EtradeState()
    Dim inactiveIn As Long, expiresIn As Long

    On Error GoTo Failed
    EtradeClient().EnsureActive
    EtradeClient().TokenState inactiveIn, expiresIn
    EtradeShowLogin
    MsgBox "Logged in to the " & EtradeEnvironment() & " service. Midnight in New York, which ends it, is in " & _
        HoursAndMinutes(expiresIn) & ".", , BOX_TITLE
    Exit Sub
Failed:
    EtradeTell Err.Number, Err.Description
End Sub

Public Sub EtradeLogOut()
    On Error GoTo Failed
    EtradeClient().Revoke
    EtradeShowLogin
    MsgBox "Logged out.", , BOX_TITLE
    Exit Sub
Failed:
    TellLogOut Err.Number, Err.Description
End Sub

Private Sub TellLogOut(ByVal errorNumber As Long, ByVal sentence As String)
    Select Case EtoauthStatus(errorNumber)
    Case ETOAUTH_E_LOGIN, ETOAUTH_E_STATE
        EtradeShowLogin
        MsgBox "There is no login to end.", vbExclamation, BOX_TITLE
    Case Else
        EtradeTell errorNumber, sentence
    End Select
End Sub

' Ends what is under way, before the workbook is closed: Excel would open it again for an EtradeLook still to come.
Public Sub EtradeStop()
    On Error Resume Next
    StopListening
    EtradeForget
End Sub

' Says what a macro failed at.
Public Sub EtradeTell(ByVal errorNumber As Long, ByVal sentence As String)
    Select Case EtoauthStatus(errorNumber)
    Case ETOAUTH_E_LOGIN, ETOAUTH_E_STATE
        EtradeShowLogin
    End Select
    MsgBox EtradeExplanation(errorNumber, sentence), vbExclamation, BOX_TITLE
End Sub

' Shows the login in the cells with these names, by which Etoauth.xlsm has its light. It asks nobody for the state.
Public Sub EtradeShowLogin()
    Dim secondsLeft As Long, loginEnds As Variant

    On Error Resume Next ' Without a key there is no client, and other workbooks have no such cells.
    secondsLeft = EtradeSecondsLeft()
    loginEnds = ""
    If secondsLeft > 0 Then loginEnds = DateAdd("s", secondsLeft, Now)
    ThisWorkbook.Names("EtradeLoginEnds").RefersToRange.Value = loginEnds
    ThisWorkbook.Names("EtradeService").RefersToRange.Value = EtradeEnvironment()
End Sub

' FollowHyperlink would first fetch the page itself, and give the browser the address that it was redirected to.
Private Sub OpenBrowser(ByVal pageUrl As String)
    CreateObject("Shell.Application").ShellExecute pageUrl
End Sub

Private Function HoursAndMinutes(ByVal secondsLeft As Long) As String
    HoursAndMinutes = secondsLeft \ 3600 & " h " & (secondsLeft \ 60) Mod 60 & " min"
End Function
