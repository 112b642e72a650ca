Attribute VB_Name = "Etoauth"
' E*TRADE's OAuth 1.0a for Excel, using etoauth.dll. EtoauthClient offers the same as an object; docs/excel.md is the
' guide.
'
' Failures are raised as errors: Err.Description is a sentence to show, and EtoauthStatus(Err.Number) is the status to
' compare. Err.Number is vbObjectError + 1000 minus the status, so vbObjectError + 1055 is ETOAUTH_E_LOGIN, -55.
' vbObjectError + 1000 itself means that the DLL could not be loaded. In a cell's formula Excel shows every raised
' error as #VALUE!: a function for cells catches it, as ETRADE_QUOTES in EtradeCells does.
'
' SPDX-License-Identifier: MIT OR Apache-2.0
Option Explicit
' Keeps these procedures out of Excel's list of functions for cells.
Option Private Module

Public Const ETOAUTH_ENV_LIVE As Long = 1
Public Const ETOAUTH_ENV_SANDBOX As Long = 2

Public Const ETOAUTH_TOKEN_NONE As Long = 0
Public Const ETOAUTH_TOKEN_PENDING As Long = 1
Public Const ETOAUTH_TOKEN_ACTIVE As Long = 2
Public Const ETOAUTH_TOKEN_INACTIVE As Long = 3
Public Const ETOAUTH_TOKEN_EXPIRED As Long = 4
Public Const ETOAUTH_TOKEN_REVOKED As Long = 5

Public Const ETOAUTH_ADVICE_NONE As Long = 0
Public Const ETOAUTH_ADVICE_RETRY As Long = 1
Public Const ETOAUTH_ADVICE_RENEW As Long = 2
Public Const ETOAUTH_ADVICE_LOGIN As Long = 3
Public Const ETOAUTH_ADVICE_WAIT As Long = 4
Public Const ETOAUTH_ADVICE_FIX As Long = 5
Public Const ETOAUTH_ADVICE_CHECK As Long = 6

' The statuses that a workbook may handle differently; include/etoauth.h has all of them.
Public Const ETOAUTH_OK As Long = 0
Public Const ETOAUTH_E_NULL As Long = -1
Public Const ETOAUTH_E_ARGUMENT As Long = -2
Public Const ETOAUTH_E_HANDLE As Long = -5
Public Const ETOAUTH_E_STATE As Long = -6
Public Const ETOAUTH_E_SESSION As Long = -22
Public Const ETOAUTH_E_FILE As Long = -32
Public Const ETOAUTH_E_CONNECT As Long = -40
Public Const ETOAUTH_E_TLS As Long = -41
Public Const ETOAUTH_E_TIMEOUT As Long = -42
Public Const ETOAUTH_E_UNCERTAIN As Long = -44
Public Const ETOAUTH_E_CONSUMER_KEY As Long = -53
Public Const ETOAUTH_E_VERIFIER As Long = -54
Public Const ETOAUTH_E_LOGIN As Long = -55
Public Const ETOAUTH_E_RATE_LIMIT As Long = -56
Public Const ETOAUTH_E_UNAVAILABLE As Long = -57
Public Const ETOAUTH_E_DENIED As Long = -60

Private Const FIRST_ERROR As Long = vbObjectError + 1000
Private Const LIBRARY As String = "etoauth.dll"

#If Win64 Then
    Private Const BITS As Long = 64
#Else
    Private Const BITS As Long = 32
#End If

' Texts are passed in as StrPtr(s) and returned through VarPtr(s); the library fills a String that VBA owns.
Private Declare PtrSafe Function GetModuleHandleW Lib "kernel32" (ByVal moduleName As LongPtr) As LongPtr
Private Declare PtrSafe Function LoadLibraryW Lib "kernel32" (ByVal dllPath As LongPtr) As LongPtr
Private Declare PtrSafe Function etoauth_vb_open Lib "etoauth.dll" ( _
    ByVal environmentNumber As Long, ByVal consumerKey As LongPtr, ByVal consumerSecret As LongPtr, _
    ByRef client As LongPtr) As Long
Private Declare PtrSafe Function etoauth_vb_close Lib "etoauth.dll" (ByVal client As LongPtr) As Long
Private Declare PtrSafe Function etoauth_vb_set_base_urls Lib "etoauth.dll" ( _
    ByVal client As LongPtr, ByVal oauthBase As LongPtr, ByVal authorizeUrl As LongPtr, _
    ByVal apiBase As LongPtr) As Long
Private Declare PtrSafe Function etoauth_vb_set_timeout_ms Lib "etoauth.dll" ( _
    ByVal client As LongPtr, ByVal timeoutMs As Long) As Long
Private Declare PtrSafe Function etoauth_vb_set_proxy Lib "etoauth.dll" ( _
    ByVal client As LongPtr, ByVal proxyUrl As LongPtr) As Long
Private Declare PtrSafe Function etoauth_vb_set_ca_file Lib "etoauth.dll" ( _
    ByVal client As LongPtr, ByVal pemPath As LongPtr) As Long
Private Declare PtrSafe Function etoauth_vb_set_session_file Lib "etoauth.dll" ( _
    ByVal client As LongPtr, ByVal sessionPath As LongPtr) As Long
Private Declare PtrSafe Function etoauth_vb_login_url Lib "etoauth.dll" ( _
    ByVal client As LongPtr, ByVal pageUrl As LongPtr) As Long
Private Declare PtrSafe Function etoauth_vb_login Lib "etoauth.dll" ( _
    ByVal client As LongPtr, ByVal verifier As LongPtr) As Long
Private Declare PtrSafe Function etoauth_vb_listen Lib "etoauth.dll" ( _
    ByVal client As LongPtr, ByVal callbackUrl As LongPtr, ByRef listener As LongPtr) As Long
Private Declare PtrSafe Function etoauth_vb_poll Lib "etoauth.dll" ( _
    ByVal listener As LongPtr, ByVal client As LongPtr, ByVal redirectedUrl As LongPtr) As Long
Private Declare PtrSafe Function etoauth_vb_unlisten Lib "etoauth.dll" (ByVal listener As LongPtr) As Long
Private Declare PtrSafe Function etoauth_vb_renew Lib "etoauth.dll" (ByVal client As LongPtr) As Long
Private Declare PtrSafe Function etoauth_vb_revoke Lib "etoauth.dll" (ByVal client As LongPtr) As Long
Private Declare PtrSafe Function etoauth_vb_ensure_active Lib "etoauth.dll" ( _
    ByVal client As LongPtr, ByVal forSeconds As Long) As Long
Private Declare PtrSafe Function etoauth_vb_token_state Lib "etoauth.dll" ( _
    ByVal client As LongPtr, ByRef stateNumber As Long, ByRef inactiveIn As Long, ByRef expiresIn As Long) As Long
Private Declare PtrSafe Function etoauth_vb_sign Lib "etoauth.dll" ( _
    ByVal client As LongPtr, ByVal httpMethod As LongPtr, ByVal requestUrl As LongPtr, _
    ByVal headerValue As LongPtr) As Long
Private Declare PtrSafe Function etoauth_vb_send Lib "etoauth.dll" ( _
    ByVal client As LongPtr, ByVal httpMethod As LongPtr, ByVal requestUrl As LongPtr, ByVal headerLines As LongPtr, _
    ByVal requestBody As LongPtr, ByRef httpStatus As Long, ByVal responseBody As LongPtr) As Long
Private Declare PtrSafe Function etoauth_vb_percent_encode Lib "etoauth.dll" ( _
    ByVal rawText As LongPtr, ByVal encodedText As LongPtr) As Long
Private Declare PtrSafe Function etoauth_vb_export_session Lib "etoauth.dll" ( _
    ByVal client As LongPtr, ByVal sessionText As LongPtr) As Long
Private Declare PtrSafe Function etoauth_vb_import_session Lib "etoauth.dll" ( _
    ByVal client As LongPtr, ByVal sessionText As LongPtr) As Long
Private Declare PtrSafe Function etoauth_vb_last_error Lib "etoauth.dll" (ByVal sentence As LongPtr) As Long
Private Declare PtrSafe Function etoauth_vb_advice Lib "etoauth.dll" ( _
    ByVal statusNumber As Long, ByRef adviceNumber As Long) As Long
Private Declare PtrSafe Function etoauth_vb_read_log Lib "etoauth.dll" ( _
    ByVal client As LongPtr, ByVal logLines As LongPtr) As Long
Private Declare PtrSafe Function etoauth_vb_version Lib "etoauth.dll" (ByVal versionText As LongPtr) As Long

' Loads etoauth.dll. The other procedures call it by themselves. The DLL is looked for in dllFolder or, without one,
' beside this workbook and then in %LOCALAPPDATA%\etoauth, where a workbook in OneDrive finds it, too. If the DLL is
' elsewhere, call it with that folder first. Once it is loaded, the Declares above find it by its name.
Public Sub EtoauthLoad(Optional ByVal dllFolder As String)
    Dim whatFailed As String

    If GetModuleHandleW(StrPtr(LIBRARY)) <> 0 Then Exit Sub
    If LoadedFrom(IIf(dllFolder = "", ThisWorkbook.Path, dllFolder), whatFailed) Then Exit Sub
    If dllFolder = "" Then
        If LoadedFrom(EtoauthFolder(), whatFailed) Then Exit Sub
    End If
    Err.Raise FIRST_ERROR, "Etoauth", "etoauth.dll could not be loaded. Copy the one for " & BITS & "-bit Excel " & _
        "beside this workbook, or into " & EtoauthFolder() & ". What was tried:" & whatFailed
End Sub

' The part of the user's profile that is neither synchronised nor another user's. This object, unlike VBA's own Environ,
' accepts every letter that a user's name may contain.
Public Function EtoauthFolder() As String
    Const LOCAL_APP_DATA As Long = 28

    EtoauthFolder = CreateObject("Shell.Application").Namespace(LOCAL_APP_DATA).Self.Path & "\etoauth"
End Function

' Whether one of a folder's DLLs could be loaded. If not, whatFailed gets a line for each.
Private Function LoadedFrom(ByVal dllFolder As String, ByRef whatFailed As String) As Boolean
    Dim places() As String, isLoaded As Boolean, i As Long

    If FolderFault(dllFolder) <> "" Then
        whatFailed = whatFailed & vbLf & FolderFault(dllFolder)
        Exit Function
    End If
    places = Split(DllPlaces(dllFolder, BITS), vbLf)
    For i = 0 To UBound(places)
        isLoaded = LoadLibraryW(StrPtr(places(i))) <> 0
        If isLoaded Then Exit For
        whatFailed = whatFailed & vbLf & places(i) & ": " & LoadFault(Err.LastDllError, BITS)
    Next
    LoadedFrom = isLoaded
End Function

' Where the DLL may be: directly in the folder, or in a folder for each of the two kinds.
Private Function DllPlaces(ByVal dllFolder As String, ByVal bitness As Long) As String
    If Right$(dllFolder, 1) <> "\" Then dllFolder = dllFolder & "\"
    DllPlaces = dllFolder & LIBRARY & vbLf & dllFolder & _
        IIf(bitness = 64, "windows-x86_64", "windows-i686") & "\bin\" & LIBRARY
End Function

' Why a DLL cannot be looked for in this folder, or "".
Private Function FolderFault(ByVal dllFolder As String) As String
    If dllFolder = "" Then
        FolderFault = "Beside this workbook: it has not been saved yet, so it is in no folder."
    ElseIf LCase$(Left$(dllFolder, 4)) = "http" Then
        FolderFault = dllFolder & ": Windows loads no DLL from the web, and that is where OneDrive and SharePoint " & _
            "say that this workbook is."
    End If
End Function

' What an error of LoadLibrary means.
Private Function LoadFault(ByVal windowsError As Long, ByVal bitness As Long) As String
    Select Case windowsError
    Case 126, 127
        LoadFault = "it, or a part of Windows 10 that it needs, is not there."
    Case 193
        LoadFault = "it is not for this Excel, which has " & bitness & " bits."
    Case Else
        LoadFault = "Windows did not load it, error " & windowsError & ". A virus scanner or a rule of your " & _
            "organisation may be the reason."
    End Select
End Function

' The status that an Err.Number stands for, or ETOAUTH_OK if it is not the library's.
Public Function EtoauthStatus(ByVal errorNumber As Long) As Long
    If errorNumber > FIRST_ERROR And errorNumber < FIRST_ERROR + 1000 Then EtoauthStatus = FIRST_ERROR - errorNumber
End Function

Private Sub Check(ByVal statusNumber As Long)
    Dim sentence As String

    If statusNumber = ETOAUTH_OK Then Exit Sub
    sentence = EtoauthLastError()
    If statusNumber = ETOAUTH_E_NULL Then ' A handle of 0: no address that VBA passes is 0.
        statusNumber = ETOAUTH_E_HANDLE
        sentence = IIf(Left$(sentence, 8) = "listener", "Nothing listens: call Listen first.", _
            "The client is not open: call OpenClient first.")
    End If
    Err.Raise FIRST_ERROR - statusNumber, "Etoauth", sentence
End Sub

' The library has no sentence for a handle that it cannot close: the sentence of the last failure is kept.
Private Sub CheckClosed(ByVal statusNumber As Long, ByVal what As String)
    If statusNumber <> ETOAUTH_OK Then
        Err.Raise FIRST_ERROR - statusNumber, "Etoauth", _
            "The " & what & " can't be closed: it was closed before, or never opened."
    End If
End Sub

' Opens a client for one consumer key and one person. Use ETOAUTH_ENV_SANDBOX for a sandbox key, or ETOAUTH_ENV_LIVE.
Public Function EtoauthOpen(ByVal environmentNumber As Long, ByVal consumerKey As String, _
        ByVal consumerSecret As String) As LongPtr
    Dim client As LongPtr

    EtoauthLoad
    Check etoauth_vb_open(environmentNumber, StrPtr(consumerKey), StrPtr(consumerSecret), client)
    EtoauthOpen = client
End Function

' Closes the client. This does not log out: a session file keeps the login. A client of 0 is allowed.
Public Sub EtoauthClose(ByVal client As LongPtr)
    EtoauthLoad
    CheckClosed etoauth_vb_close(client), "client"
End Sub

' Uses other hosts than E*TRADE's, for a sandbox of your own. "" keeps the present one.
Public Sub EtoauthSetBaseUrls(ByVal client As LongPtr, ByVal oauthBase As String, ByVal authorizeUrl As String, _
        ByVal apiBase As String)
    EtoauthLoad
    Check etoauth_vb_set_base_urls(client, StrPtr(oauthBase), StrPtr(authorizeUrl), StrPtr(apiBase))
End Sub

' How long one call may block Excel, in milliseconds; 10000 by default.
Public Sub EtoauthSetTimeout(ByVal client As LongPtr, ByVal milliseconds As Long)
    EtoauthLoad
    Check etoauth_vb_set_timeout_ms(client, milliseconds)
End Sub

' An HTTP proxy, such as http://proxy.example:8080; "" for none.
Public Sub EtoauthSetProxy(ByVal client As LongPtr, ByVal proxyUrl As String)
    EtoauthLoad
    Check etoauth_vb_set_proxy(client, StrPtr(proxyUrl))
End Sub

' A file of certificates to trust, in PEM.
Public Sub EtoauthSetCaFile(ByVal client As LongPtr, ByVal pemPath As String)
    EtoauthLoad
    Check etoauth_vb_set_ca_file(client, StrPtr(pemPath))
End Sub

' Keeps the login in a file, and continues with the login that the file contains. "" stops using a file.
Public Sub EtoauthSetSessionFile(ByVal client As LongPtr, ByVal sessionPath As String)
    EtoauthLoad
    Check etoauth_vb_set_session_file(client, StrPtr(sessionPath))
End Sub

' Begins a login and returns the address of the page on which the person approves it within five minutes.
Public Function EtoauthLoginUrl(ByVal client As LongPtr) As String
    Dim pageUrl As String

    EtoauthLoad
    Check etoauth_vb_login_url(client, VarPtr(pageUrl))
    EtoauthLoginUrl = pageUrl
End Function

' Completes it, with the code that the page showed, or with the address that EtoauthPoll returned.
Public Sub EtoauthLogin(ByVal client As LongPtr, ByVal verifier As String)
    EtoauthLoad
    Check etoauth_vb_login(client, StrPtr(verifier))
End Sub

' Listens on this computer for the callback that is registered with E*TRADE.
Public Function EtoauthListen(ByVal client As LongPtr, ByVal callbackUrl As String) As LongPtr
    Dim listener As LongPtr

    EtoauthLoad
    Check etoauth_vb_listen(client, StrPtr(callbackUrl), listener)
    EtoauthListen = listener
End Function

' The address that the browser was sent to, or "" if it has not come yet. Returns at once: call it again in a second.
Public Function EtoauthPoll(ByVal listener As LongPtr, ByVal client As LongPtr) As String
    Dim redirectedUrl As String, statusNumber As Long

    EtoauthLoad
    statusNumber = etoauth_vb_poll(listener, client, VarPtr(redirectedUrl))
    If statusNumber <> ETOAUTH_E_TIMEOUT Then Check statusNumber
    EtoauthPoll = redirectedUrl
End Function

Public Sub EtoauthUnlisten(ByVal listener As LongPtr)
    EtoauthLoad
    CheckClosed etoauth_vb_unlisten(listener), "listener"
End Sub

' Renews a token that became inactive after two idle hours. EtoauthSend does so by itself.
Public Sub EtoauthRenew(ByVal client As LongPtr)
    EtoauthLoad
    Check etoauth_vb_renew(client)
End Sub

' Logs out.
Public Sub EtoauthRevoke(ByVal client As LongPtr)
    EtoauthLoad
    Check etoauth_vb_revoke(client)
End Sub

' Makes sure that the token stays active for so many seconds; raises ETOAUTH_E_LOGIN if a new login is needed.
Public Sub EtoauthEnsureActive(ByVal client As LongPtr, Optional ByVal forSeconds As Long)
    EtoauthLoad
    Check etoauth_vb_ensure_active(client, forSeconds)
End Sub

' An ETOAUTH_TOKEN_ value, and the seconds until the token becomes inactive and until it expires.
Public Function EtoauthTokenState(ByVal client As LongPtr, Optional ByRef inactiveIn As Long, _
        Optional ByRef expiresIn As Long) As Long
    Dim stateNumber As Long

    EtoauthLoad
    Check etoauth_vb_token_state(client, stateNumber, inactiveIn, expiresIn)
    EtoauthTokenState = stateNumber
End Function

' The value of an Authorization header, for a request that is sent by other means.
Public Function EtoauthSignHeader(ByVal client As LongPtr, ByVal httpMethod As String, _
        ByVal requestUrl As String) As String
    Dim headerValue As String

    EtoauthLoad
    Check etoauth_vb_sign(client, StrPtr(httpMethod), StrPtr(requestUrl), VarPtr(headerValue))
    EtoauthSignHeader = headerValue
End Function

' Signs and sends a request and returns the response's body, whatever its httpStatus is. requestUrl may begin with
' /v1/. headerLines are "Name: value" lines; a body needs a Content-Type among them. Write numbers into a body with
' Str$, which always writes a decimal point; & and CStr write 3,14 in a country with decimal commas.
Public Function EtoauthSend(ByVal client As LongPtr, ByVal httpMethod As String, ByVal requestUrl As String, _
        Optional ByRef httpStatus As Long, Optional ByVal headerLines As String, _
        Optional ByVal requestBody As String) As String
    Dim responseBody As String

    EtoauthLoad
    Check etoauth_vb_send(client, StrPtr(httpMethod), StrPtr(requestUrl), StrPtr(headerLines), StrPtr(requestBody), _
        httpStatus, VarPtr(responseBody))
    EtoauthSend = responseBody
End Function

' Percent-encodes a text for use in an address.
Public Function EtoauthPercentEncode(ByVal rawText As String) As String
    Dim encodedText As String

    EtoauthLoad
    Check etoauth_vb_percent_encode(StrPtr(rawText), VarPtr(encodedText))
    EtoauthPercentEncode = encodedText
End Function

' The login as one line of text, for a store of your own. It is a secret.
Public Function EtoauthExportSession(ByVal client As LongPtr) As String
    Dim sessionText As String

    EtoauthLoad
    Check etoauth_vb_export_session(client, VarPtr(sessionText))
    EtoauthExportSession = sessionText
End Function

Public Sub EtoauthImportSession(ByVal client As LongPtr, ByVal sessionText As String)
    EtoauthLoad
    Check etoauth_vb_import_session(client, StrPtr(sessionText))
End Sub

' The sentence of the last failure, which Err.Description already contains. It never fails: Check relies on that.
Public Function EtoauthLastError() As String
    Dim sentence As String

    EtoauthLoad
    etoauth_vb_last_error VarPtr(sentence)
    EtoauthLastError = sentence
End Function

' What to do about an error with this Err.Number: an ETOAUTH_ADVICE_ constant. ETOAUTH_ADVICE_CHECK means for a GET: ask
' again. An error that is not the library's has the advice ETOAUTH_ADVICE_NONE.
Public Function EtoauthAdvice(ByVal errorNumber As Long) As Long
    Dim adviceNumber As Long

    EtoauthLoad
    Check etoauth_vb_advice(EtoauthStatus(errorNumber), adviceNumber)
    EtoauthAdvice = adviceNumber
End Function

' What happened to the login recently, one line for each event. Reading the log empties it.
Public Function EtoauthReadLog(ByVal client As LongPtr) As String
    Dim logLines As String

    EtoauthLoad
    Check etoauth_vb_read_log(client, VarPtr(logLines))
    EtoauthReadLog = logLines
End Function

' The DLL's version, such as 0.2.0.
Public Function EtoauthVersion() As String
    Dim versionText As String

    EtoauthLoad
    Check etoauth_vb_version(VarPtr(versionText))
    EtoauthVersion = versionText
End Function
