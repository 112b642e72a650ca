/*
 * libetoauth @VERSION@ for VBA: E*TRADE's OAuth 1.0a for Excel, in the Windows DLL only.
 *
 * A workbook takes bindings/vba/Etoauth.bas, which declares all of this, and reads no further. This header is for those
 * who declare it themselves, in VBA or in another language that knows BSTRs:
 *
 *     Private Declare PtrSafe Function etoauth_vb_open Lib "etoauth.dll" (ByVal env As Long, _
 *         ByVal consumer_key As LongPtr, ByVal consumer_secret As LongPtr, ByRef client As LongPtr) As Long
 *     Private Declare PtrSafe Function etoauth_vb_login_url Lib "etoauth.dll" (ByVal client As LongPtr, _
 *         ByVal url As LongPtr) As Long
 *
 *     Dim client As LongPtr, url As String
 *     If etoauth_vb_open(ETOAUTH_ENV_SANDBOX, StrPtr(key), StrPtr(secret), client) = 0 Then
 *         If etoauth_vb_login_url(client, VarPtr(url)) = 0 Then CreateObject("Shell.Application").ShellExecute url
 *     End If
 *
 * RULES
 *
 *  1 What a function does, and what it may return, is told in etoauth.h: each names its own there. Every function
 *    returns a status, a Long in VBA.
 *  2 Text in is intptr_t, ByVal LongPtr: StrPtr of a String. 0, an unset String, is "". Where etoauth.h says that a
 *    text may be NULL, "" counts as absent. Half a surrogate pair is ETOAUTH_E_UTF8, Chr(0) ETOAUTH_E_ARGUMENT.
 *  3 Text out is intptr_t, ByVal LongPtr: VarPtr of a String variable. Its text is replaced by a BSTR that is VBA's:
 *    nothing is freed by hand.
 *  4 Handles are intptr_t, LongPtr, and go out by reference; numbers are int32_t, Long. Handles are those of etoauth.h:
 *    a stale, doubled or invented one is ETOAUTH_E_HANDLE. After a reset of VBA, which forgets them, open anew; until
 *    Excel ends the old ones cost a little memory, and a listener its port.
 *  5 An address that is not the caller's to read or to write is ETOAUTH_E_ARGUMENT, as far as Windows can tell. This is
 *    told after NULL and before all else, and so is a Chr(0).
 *  6 No call waits for the network longer than the client's time-out, which is 10 seconds here unless it is set.
 *  7 On 32-bit Windows the calling convention is stdcall; the names are exported without decoration.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 * Made by build.rs from the comments in src/ffi/vb.rs: change them there.
 */

#ifndef ETOAUTH_VB_H
#define ETOAUTH_VB_H

#include "etoauth.h"

/** The calling convention, which VBA's Declare wants. */
#if defined(_WIN32) && (defined(_M_IX86) || defined(__i386__))
#define ETOAUTH_VB_CALL __stdcall
#else
#define ETOAUTH_VB_CALL
#endif

#ifdef __cplusplus
extern "C" {
#endif
