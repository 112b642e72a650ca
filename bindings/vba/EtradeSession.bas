Attribute VB_Name = "EtradeSession"
' The one client of this workbook's macros and functions: its environment, key and session file, its calls, and what is
' said about failures. Nothing of it is kept in the workbook.
'
' SPDX-License-Identifier: MIT OR Apache-2.0
Option Explicit
Option Private Module

Public Const BOX_TITLE As String = "E*TRADE"

' Where GetSetting looks.
Private Const SETTINGS As String = "etoauth"

Private Const FIRST_ERROR As Long = vbObjectError + 513

' A stop or an error in VBA's editor clears these. EtradeClient then opens a new client from the session file.
Private m_client As EtoauthClient
Private m_environment As String

' "sandbox", unless EtradeSwitch has chosen "live".
Public Function EtradeEnvironment() As String
    EtradeEnvironment = IIf(GetSetting(SETTINGS, "workbook", "environment") = "live", "live", "sandbox")
End Function

Public Sub EtradeSetEnvironment(ByVal environmentName As String)
    EtradeForget
    SaveSetting SETTINGS, "workbook", "environment", environmentName
End Sub

' What EtradeKeep keeps for this Windows user and environment: "key", "secret" or "callback". "" if it is not there.
Public Function EtradeKept(ByVal settingName As String) As String
    EtradeKept = GetSetting(SETTINGS, EtradeEnvironment(), settingName)
End Function

Public Sub EtradeKeep(ByVal settingName As String, ByVal settingText As String)
    SaveSetting SETTINGS, EtradeEnvironment(), settingName, settingText
End Sub

Public Function EtradeClient() As EtoauthClient
    Dim freshClient As EtoauthClient

    If m_environment <> EtradeEnvironment() Then EtradeForget ' Another workbook has switched.
    If m_client Is Nothing Then
        If EtradeKept("key") = "" Then EtradeRaise "There is no consumer key yet: log in, and you are asked for it."
        Set freshClient = New EtoauthClient
        freshClient.OpenClient IIf(EtradeEnvironment() = "live", ETOAUTH_ENV_LIVE, ETOAUTH_ENV_SANDBOX), _
            EtradeKept("key"), EtradeKept("secret")
        freshClient.SetSessionFile SessionFile()
        Set m_client = freshClient
        m_environment = EtradeEnvironment()
    End If
    Set EtradeClient = m_client
End Function

' How long the login lasts, or 0 if there is none. It asks nobody.
Public Function EtradeSecondsLeft() As Long
    Dim inactiveIn As Long, expiresIn As Long

    If EtradeKept("key") = "" Then Exit Function
    Select Case EtradeClient().TokenState(inactiveIn, expiresIn)
    Case ETOAUTH_TOKEN_ACTIVE, ETOAUTH_TOKEN_INACTIVE
        EtradeSecondsLeft = expiresIn
    End Select
End Function

' Ends what the client waits for. The login is not lost.
Public Sub EtradeUnlisten()
    If Not m_client Is Nothing Then m_client.Unlisten
End Sub

' The next call opens a new client.
Public Sub EtradeForget()
    Set m_client = Nothing
End Sub

' A session file belongs to one key: a client with another key would always refuse it.
Public Sub EtradeDeleteSession()
    With CreateObject("Scripting.FileSystemObject")
        If .FileExists(SessionFile()) Then .DeleteFile SessionFile()
    End With
End Sub

Private Function SessionFile() As String
    With CreateObject("Scripting.FileSystemObject")
        If Not .FolderExists(EtoauthFolder()) Then .CreateFolder EtoauthFolder()
    End With
    SessionFile = EtoauthFolder() & "\" & EtradeEnvironment() & ".session"
End Function

' E*TRADE's response to a GET, as XML. If it is not one with status 200, it is Nothing, and refusal says what came
' instead; a response without contents, status 204, is Nothing and no refusal.
Public Function EtradeXml(ByVal resource As String, ByRef refusal As String) As Object
    Dim xmlDocument As Object, httpStatus As Long, isXml As Boolean

    Set xmlDocument = CreateObject("MSXML2.DOMDocument.6.0")
    xmlDocument.async = False
    isXml = xmlDocument.loadXML(EtradeClient().Send("GET", resource, httpStatus))
    refusal = ""
    If isXml And httpStatus = 200 Then
        Set EtradeXml = xmlDocument
    ElseIf httpStatus <> 204 Then
        refusal = Trim$("E*TRADE answered with HTTP status " & httpStatus & ". " & xmlDocument.Text)
    End If
End Function

' Raises an error of these macros' own.
Public Sub EtradeRaise(ByVal sentence As String)
    Err.Raise FIRST_ERROR, "Etrade", sentence
End Sub

' An error's sentence, and what can be done about it here.
Public Function EtradeExplanation(ByVal errorNumber As Long, ByVal sentence As String) As String
    EtradeExplanation = sentence & Advice(EtoauthStatus(errorNumber))
End Function

Private Function Advice(ByVal statusNumber As Long) As String
    Select Case statusNumber
    Case ETOAUTH_E_LOGIN, ETOAUTH_E_STATE
        Advice = " Log in with EtradeLogIn."
    Case ETOAUTH_E_SESSION
        Advice = " Delete that file, then log in with EtradeLogIn."
    Case ETOAUTH_E_CONSUMER_KEY
        Advice = " EtradeKeepKey takes another key, and EtradeSwitch changes between the sandbox and the live service."
    End Select
End Function

' A pasted text without the spaces, tabs, line ends and no-break spaces around it, which web pages add.
Public Function EtradePasted(ByVal pastedText As String) As String
    Dim blanks As String, rest As String

    blanks = " " & vbTab & vbCr & vbLf & ChrW$(160) & ChrW$(&H202F) & ChrW$(&H200B) & ChrW$(&HFEFF)
    rest = pastedText
    Do While rest <> "" And InStr(blanks, Left$(rest, 1)) > 0
        rest = Mid$(rest, 2)
    Loop
    Do While rest <> "" And InStr(blanks, Right$(rest, 1)) > 0
        rest = Left$(rest, Len(rest) - 1)
    Loop
    EtradePasted = rest
End Function
