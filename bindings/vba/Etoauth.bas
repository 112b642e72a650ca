Attribute VB_Name = "Etoauth"
' E*TRADE's OAuth 1.0a for Excel, using etoauth.dll. EtoauthClient offers the same as an object; docs/excel.md begins
' with an empty workbook.
'
' Failures are raised as errors: Err.Description is a sentence to show, and EtoauthStatus(Err.Number) is the status to
' compare. Err.Number is vbObjectError + 1000 minus the status, so vbObjectError + 1055 is ETOAUTH_E_LOGIN, -55.
' vbObjectError + 1000 itself means that the DLL could not be loaded. In a cell's formula Excel shows every raised
' error as #VALUE!: a function for cells catches it and returns a text, as ETRADE_QUOTE in Example does.
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
#If VBA7 Then
    Private Declare PtrSafe Function GetModuleHandleW Lib "kernel32" (ByVal name As LongPtr) As LongPtr
    Private Declare PtrSafe Function LoadLibraryW Lib "kernel32" (ByVal path As LongPtr) As LongPtr
    Private Declare PtrSafe Function etoauth_vb_open Lib "etoauth.dll" ( _
        ByVal environment As Long, ByVal consumerKey As LongPtr, ByVal consumerSecret As LongPtr, _
        ByRef client As LongPtr) As Long
    Private Declare PtrSafe Function etoauth_vb_close Lib "etoauth.dll" (ByVal client As LongPtr) As Long
    Private Declare PtrSafe Function etoauth_vb_set_base_urls Lib "etoauth.dll" ( _
        ByVal client As LongPtr, ByVal oauthBase As LongPtr, ByVal authorizeUrl As LongPtr, _
        ByVal apiBase As LongPtr) As Long
    Private Declare PtrSafe Function etoauth_vb_set_timeout_ms Lib "etoauth.dll" ( _
        ByVal client As LongPtr, ByVal timeoutMs As Long) As Long
    Private Declare PtrSafe Function etoauth_vb_set_proxy Lib "etoauth.dll" ( _
        ByVal client As LongPtr, ByVal url As LongPtr) As Long
    Private Declare PtrSafe Function etoauth_vb_set_ca_file Lib "etoauth.dll" ( _
        ByVal client As LongPtr, ByVal pemPath As LongPtr) As Long
    Private Declare PtrSafe Function etoauth_vb_set_session_file Lib "etoauth.dll" ( _
        ByVal client As LongPtr, ByVal path As LongPtr) As Long
    Private Declare PtrSafe Function etoauth_vb_login_url Lib "etoauth.dll" ( _
        ByVal client As LongPtr, ByVal url As LongPtr) As Long
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
        ByVal client As LongPtr, ByRef state As Long, ByRef inactiveIn As Long, ByRef expiresIn As Long) As Long
    Private Declare PtrSafe Function etoauth_vb_sign Lib "etoauth.dll" ( _
        ByVal client As LongPtr, ByVal method As LongPtr, ByVal url As LongPtr, ByVal header As LongPtr) As Long
    Private Declare PtrSafe Function etoauth_vb_send Lib "etoauth.dll" ( _
        ByVal client As LongPtr, ByVal method As LongPtr, ByVal url As LongPtr, ByVal headers As LongPtr, _
        ByVal body As LongPtr, ByRef httpStatus As Long, ByVal answer As LongPtr) As Long
    Private Declare PtrSafe Function etoauth_vb_percent_encode Lib "etoauth.dll" ( _
        ByVal text As LongPtr, ByVal encoded As LongPtr) As Long
    Private Declare PtrSafe Function etoauth_vb_export_session Lib "etoauth.dll" ( _
        ByVal client As LongPtr, ByVal text As LongPtr) As Long
    Private Declare PtrSafe Function etoauth_vb_import_session Lib "etoauth.dll" ( _
        ByVal client As LongPtr, ByVal text As LongPtr) As Long
    Private Declare PtrSafe Function etoauth_vb_last_error Lib "etoauth.dll" (ByVal text As LongPtr) As Long
    Private Declare PtrSafe Function etoauth_vb_advice Lib "etoauth.dll" ( _
        ByVal status As Long, ByRef advice As Long) As Long
    Private Declare PtrSafe Function etoauth_vb_read_log Lib "etoauth.dll" ( _
        ByVal client As LongPtr, ByVal text As LongPtr) As Long
    Private Declare PtrSafe Function etoauth_vb_version Lib "etoauth.dll" (ByVal text As LongPtr) As Long
#Else
    ' Office 2007 and older have neither PtrSafe nor LongPtr, and an Enum is a Long.
    Public Enum LongPtr
        AnyPointer
    End Enum
    Private Declare Function GetModuleHandleW Lib "kernel32" (ByVal name As LongPtr) As LongPtr
    Private Declare Function LoadLibraryW Lib "kernel32" (ByVal path As LongPtr) As LongPtr
    Private Declare Function etoauth_vb_open Lib "etoauth.dll" ( _
        ByVal environment As Long, ByVal consumerKey As LongPtr, ByVal consumerSecret As LongPtr, _
        ByRef client As LongPtr) As Long
    Private Declare Function etoauth_vb_close Lib "etoauth.dll" (ByVal client As LongPtr) As Long
    Private Declare Function etoauth_vb_set_base_urls Lib "etoauth.dll" ( _
        ByVal client As LongPtr, ByVal oauthBase As LongPtr, ByVal authorizeUrl As LongPtr, _
        ByVal apiBase As LongPtr) As Long
    Private Declare Function etoauth_vb_set_timeout_ms Lib "etoauth.dll" ( _
        ByVal client As LongPtr, ByVal timeoutMs As Long) As Long
    Private Declare Function etoauth_vb_set_proxy Lib "etoauth.dll" ( _
        ByVal client As LongPtr, ByVal url As LongPtr) As Long
    Private Declare Function etoauth_vb_set_ca_file Lib "etoauth.dll" ( _
        ByVal client As LongPtr, ByVal pemPath As LongPtr) As Long
    Private Declare Function etoauth_vb_set_session_file Lib "etoauth.dll" ( _
        ByVal client As LongPtr, ByVal path As LongPtr) As Long
    Private Declare Function etoauth_vb_login_url Lib "etoauth.dll" ( _
        ByVal client As LongPtr, ByVal url As LongPtr) As Long
    Private Declare Function etoauth_vb_login Lib "etoauth.dll" ( _
        ByVal client As LongPtr, ByVal verifier As LongPtr) As Long
    Private Declare Function etoauth_vb_listen Lib "etoauth.dll" ( _
        ByVal client As LongPtr, ByVal callbackUrl As LongPtr, ByRef listener As LongPtr) As Long
    Private Declare Function etoauth_vb_poll Lib "etoauth.dll" ( _
        ByVal listener As LongPtr, ByVal client As LongPtr, ByVal redirectedUrl As LongPtr) As Long
    Private Declare Function etoauth_vb_unlisten Lib "etoauth.dll" (ByVal listener As LongPtr) As Long
    Private Declare Function etoauth_vb_renew Lib "etoauth.dll" (ByVal client As LongPtr) As Long
    Private Declare Function etoauth_vb_revoke Lib "etoauth.dll" (ByVal client As LongPtr) As Long
    Private Declare Function etoauth_vb_ensure_active Lib "etoauth.dll" ( _
        ByVal client As LongPtr, ByVal forSeconds As Long) As Long
    Private Declare Function etoauth_vb_token_state Lib "etoauth.dll" ( _
        ByVal client As LongPtr, ByRef state As Long, ByRef inactiveIn As Long, ByRef expiresIn As Long) As Long
    Private Declare Function etoauth_vb_sign Lib "etoauth.dll" ( _
        ByVal client As LongPtr, ByVal method As LongPtr, ByVal url As LongPtr, ByVal header As LongPtr) As Long
    Private Declare Function etoauth_vb_send Lib "etoauth.dll" ( _
        ByVal client As LongPtr, ByVal method As LongPtr, ByVal url As LongPtr, ByVal headers As LongPtr, _
        ByVal body As LongPtr, ByRef httpStatus As Long, ByVal answer As LongPtr) As Long
    Private Declare Function etoauth_vb_percent_encode Lib "etoauth.dll" ( _
        ByVal text As LongPtr, ByVal encoded As LongPtr) As Long
    Private Declare Function etoauth_vb_export_session Lib "etoauth.dll" ( _
        ByVal client As LongPtr, ByVal text As LongPtr) As Long
    Private Declare Function etoauth_vb_import_session Lib "etoauth.dll" ( _
        ByVal client As LongPtr, ByVal text As LongPtr) As Long
    Private Declare Function etoauth_vb_last_error Lib "etoauth.dll" (ByVal text As LongPtr) As Long
    Private Declare Function etoauth_vb_advice Lib "etoauth.dll" ( _
        ByVal status As Long, ByRef advice As Long) As Long
    Private Declare Function etoauth_vb_read_log Lib "etoauth.dll" ( _
        ByVal client As LongPtr, ByVal text As LongPtr) As Long
    Private Declare Function etoauth_vb_version Lib "etoauth.dll" (ByVal text As LongPtr) As Long
#End If

' Loads etoauth.dll from a folder, or from beside this workbook. The other procedures call it by themselves. If the DLL
' is elsewhere, call it with that folder first. Once it is loaded, the Declares above find it by its name.
Public Sub EtoauthLoad(Optional ByVal folder As String)
    If GetModuleHandleW(StrPtr(LIBRARY)) = 0 Then LoadFrom IIf(folder = "", ThisWorkbook.Path, folder)
End Sub

Private Sub LoadFrom(ByVal folder As String)
    Dim places() As String, report As String, i As Long

    report = FolderFault(folder)
    If report = "" Then
        places = Split(DllPlaces(folder, BITS), vbLf)
        For i = 0 To UBound(places)
            If LoadLibraryW(StrPtr(places(i))) <> 0 Then Exit Sub
            report = report & vbLf & places(i) & ": " & LoadFault(Err.LastDllError, BITS)
        Next
        report = "etoauth.dll could not be loaded. Copy the one for " & BITS & "-bit Excel into the folder " & _
            "of this workbook. What was tried:" & report
    End If
    Err.Raise FIRST_ERROR, "Etoauth", report
End Sub

' Where the DLL may be: beside the workbook, or in a folder for each of the two kinds.
Private Function DllPlaces(ByVal folder As String, ByVal bitness As Long) As String
    If Right$(folder, 1) <> "\" Then folder = folder & "\"
    DllPlaces = folder & LIBRARY & vbLf & folder & _
        IIf(bitness = 64, "windows-x86_64", "windows-i686") & "\bin\" & LIBRARY
End Function

' Why a DLL cannot be looked for in this folder, or "".
Private Function FolderFault(ByVal folder As String) As String
    If folder = "" Then
        FolderFault = "Save this workbook first: etoauth.dll is looked for beside it."
    ElseIf LCase$(Left$(folder, 4)) = "http" Then
        FolderFault = "This workbook was opened from the web (" & folder & "), as OneDrive and SharePoint do, and " & _
            "Windows loads no DLL from there. Save the workbook in a folder of this computer that is not " & _
            "synchronised, with etoauth.dll beside it; or call EtoauthLoad ""C:\the folder of the DLL"" first."
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

Private Sub Check(ByVal status As Long)
    If status <> ETOAUTH_OK Then Err.Raise FIRST_ERROR - status, "Etoauth", EtoauthLastError()
End Sub

' The library has no sentence for a handle that it cannot close: the sentence of the last failure is kept.
Private Sub CheckClosed(ByVal status As Long, ByVal what As String)
    If status <> ETOAUTH_OK Then
        Err.Raise FIRST_ERROR - status, "Etoauth", _
            "The " & what & " can't be closed: it was closed before, or never opened."
    End If
End Sub

' Opens a client for one consumer key and one person. Use ETOAUTH_ENV_SANDBOX for a sandbox key, or ETOAUTH_ENV_LIVE.
Public Function EtoauthOpen(ByVal environment As Long, ByVal consumerKey As String, _
        ByVal consumerSecret As String) As LongPtr
    Dim client As LongPtr

    EtoauthLoad
    Check etoauth_vb_open(environment, StrPtr(consumerKey), StrPtr(consumerSecret), client)
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
Public Sub EtoauthSetProxy(ByVal client As LongPtr, ByVal url As String)
    EtoauthLoad
    Check etoauth_vb_set_proxy(client, StrPtr(url))
End Sub

' A file of certificates to trust, in PEM.
Public Sub EtoauthSetCaFile(ByVal client As LongPtr, ByVal pemPath As String)
    EtoauthLoad
    Check etoauth_vb_set_ca_file(client, StrPtr(pemPath))
End Sub

' Keeps the login in a file, and continues with the login that the file contains. "" stops using a file.
Public Sub EtoauthSetSessionFile(ByVal client As LongPtr, ByVal path As String)
    EtoauthLoad
    Check etoauth_vb_set_session_file(client, StrPtr(path))
End Sub

' Begins a login and returns the address of the page on which the person approves it within five minutes.
Public Function EtoauthLoginUrl(ByVal client As LongPtr) As String
    Dim url As String

    EtoauthLoad
    Check etoauth_vb_login_url(client, VarPtr(url))
    EtoauthLoginUrl = url
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
    Dim redirectedUrl As String, status As Long

    EtoauthLoad
    status = etoauth_vb_poll(listener, client, VarPtr(redirectedUrl))
    If status <> ETOAUTH_E_TIMEOUT Then Check status
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
    Dim state As Long

    EtoauthLoad
    Check etoauth_vb_token_state(client, state, inactiveIn, expiresIn)
    EtoauthTokenState = state
End Function

' The value of an Authorization header, for a request that is sent by other means.
Public Function EtoauthSignHeader(ByVal client As LongPtr, ByVal method As String, ByVal url As String) As String
    Dim header As String

    EtoauthLoad
    Check etoauth_vb_sign(client, StrPtr(method), StrPtr(url), VarPtr(header))
    EtoauthSignHeader = header
End Function

' Signs and sends a request and returns the response's body, whatever its httpStatus is. The url may begin with /v1/.
' The headers are "Name: value" lines; a body needs a Content-Type among them.
Public Function EtoauthSend(ByVal client As LongPtr, ByVal method As String, ByVal url As String, _
        Optional ByRef httpStatus As Long, Optional ByVal headers As String, Optional ByVal body As String) As String
    Dim answer As String

    EtoauthLoad
    Check etoauth_vb_send(client, StrPtr(method), StrPtr(url), StrPtr(headers), StrPtr(body), httpStatus, _
        VarPtr(answer))
    EtoauthSend = answer
End Function

' Percent-encodes a text for use in an address.
Public Function EtoauthPercentEncode(ByVal text As String) As String
    Dim encoded As String

    EtoauthLoad
    Check etoauth_vb_percent_encode(StrPtr(text), VarPtr(encoded))
    EtoauthPercentEncode = encoded
End Function

' The login as one line of text, for a store of your own. It is a secret.
Public Function EtoauthExportSession(ByVal client As LongPtr) As String
    Dim text As String

    EtoauthLoad
    Check etoauth_vb_export_session(client, VarPtr(text))
    EtoauthExportSession = text
End Function

Public Sub EtoauthImportSession(ByVal client As LongPtr, ByVal text As String)
    EtoauthLoad
    Check etoauth_vb_import_session(client, StrPtr(text))
End Sub

' The sentence of the last failure, which Err.Description already contains. It never fails: Check relies on that.
Public Function EtoauthLastError() As String
    Dim text As String

    EtoauthLoad
    etoauth_vb_last_error VarPtr(text)
    EtoauthLastError = text
End Function

' What to do about an error with this Err.Number: an ETOAUTH_ADVICE_ constant. ETOAUTH_ADVICE_CHECK means for a GET: ask
' again. An error that is not the library's has the advice ETOAUTH_ADVICE_NONE.
Public Function EtoauthAdvice(ByVal errorNumber As Long) As Long
    Dim advice As Long

    EtoauthLoad
    Check etoauth_vb_advice(EtoauthStatus(errorNumber), advice)
    EtoauthAdvice = advice
End Function

' What happened to the login recently, one line for each event. Reading the log empties it.
Public Function EtoauthReadLog(ByVal client As LongPtr) As String
    Dim text As String

    EtoauthLoad
    Check etoauth_vb_read_log(client, VarPtr(text))
    EtoauthReadLog = text
End Function

' The DLL's version, such as 0.2.0.
Public Function EtoauthVersion() As String
    Dim text As String

    EtoauthLoad
    Check etoauth_vb_version(VarPtr(text))
    EtoauthVersion = text
End Function
