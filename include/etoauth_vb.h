/*
 * libetoauth 0.1.0 for VBA: E*TRADE's OAuth 1.0a for Excel, in the Windows DLL only.
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

/**
 * Makes a client: etoauth_client_new, with a time-out of 10 seconds.
 *
 * env: ETOAUTH_ENV_LIVE or ETOAUTH_ENV_SANDBOX. consumer_key, consumer_secret: text in.
 * client: the new client; close it with etoauth_vb_close.
 */
ETOAUTH_API etoauth_status ETOAUTH_VB_CALL etoauth_vb_open(
    int32_t env, intptr_t consumer_key, intptr_t consumer_secret, intptr_t *client);

/**
 * Closes a client: etoauth_client_free. It does not revoke the token.
 *
 * client: 0 is fine.
 */
ETOAUTH_API etoauth_status ETOAUTH_VB_CALL etoauth_vb_close(intptr_t client);

/**
 * Talks to other hosts than E*TRADE's: etoauth_client_set_base_urls.
 *
 * oauth_base, authorize_url, api_base: text in; "" keeps what is set.
 */
ETOAUTH_API etoauth_status ETOAUTH_VB_CALL etoauth_vb_set_base_urls(
    intptr_t client, intptr_t oauth_base, intptr_t authorize_url, intptr_t api_base);

/**
 * Bounds each call that uses the network: etoauth_client_set_timeout_ms.
 *
 * timeout_ms: milliseconds, above 0.
 */
ETOAUTH_API etoauth_status ETOAUTH_VB_CALL etoauth_vb_set_timeout_ms(intptr_t client, int32_t timeout_ms);

/**
 * Goes through a proxy: etoauth_client_set_proxy.
 *
 * url: text in; "" means none.
 */
ETOAUTH_API etoauth_status ETOAUTH_VB_CALL etoauth_vb_set_proxy(intptr_t client, intptr_t url);

/**
 * Trusts the certificates of a file in place of the machine's own: etoauth_client_set_ca_file.
 *
 * pem_path: text in.
 */
ETOAUTH_API etoauth_status ETOAUTH_VB_CALL etoauth_vb_set_ca_file(intptr_t client, intptr_t pem_path);

/**
 * Keeps the session in a file: etoauth_client_set_session_file.
 *
 * path: text in; "" detaches the file.
 */
ETOAUTH_API etoauth_status ETOAUTH_VB_CALL etoauth_vb_set_session_file(intptr_t client, intptr_t path);

/**
 * Begins a login: etoauth_client_fetch_request_token, and then etoauth_client_get_authorize_url.
 *
 * url: text out, the page for the person's browser.
 */
ETOAUTH_API etoauth_status ETOAUTH_VB_CALL etoauth_vb_login_url(intptr_t client, intptr_t url);

/**
 * Ends a login: etoauth_client_fetch_access_token.
 *
 * verifier: text in, the code that the page shows, or the whole URL to which a callback was redirected.
 */
ETOAUTH_API etoauth_status ETOAUTH_VB_CALL etoauth_vb_login(intptr_t client, intptr_t verifier);

/**
 * Listens for the redirect to a registered callback: etoauth_listener_new.
 *
 * client: whose login it is for. callback_url: text in.
 * listener: the new listener; end it with etoauth_vb_unlisten.
 */
ETOAUTH_API etoauth_status ETOAUTH_VB_CALL etoauth_vb_listen(
    intptr_t client, intptr_t callback_url, intptr_t *listener);

/**
 * Takes one look whether the redirect has come: etoauth_listener_wait without waiting.
 *
 * client: only a redirect for its pending login counts; 0 takes any.
 * redirected_url: text out, for etoauth_vb_login.
 *
 * Returns ETOAUTH_E_TIMEOUT as long as none has come.
 */
ETOAUTH_API etoauth_status ETOAUTH_VB_CALL etoauth_vb_poll(
    intptr_t listener, intptr_t client, intptr_t redirected_url);

/**
 * Ends a listener: etoauth_listener_free.
 *
 * listener: 0 is fine.
 */
ETOAUTH_API etoauth_status ETOAUTH_VB_CALL etoauth_vb_unlisten(intptr_t listener);

/** Wakes a token that slept for two idle hours: etoauth_client_renew_access_token. */
ETOAUTH_API etoauth_status ETOAUTH_VB_CALL etoauth_vb_renew(intptr_t client);

/** Logs out: etoauth_client_revoke_access_token. */
ETOAUTH_API etoauth_status ETOAUTH_VB_CALL etoauth_vb_revoke(intptr_t client);

/**
 * Makes sure that the access token will be active for some time more: etoauth_client_ensure_active.
 *
 * for_seconds: 0 asks for a token that is active now.
 */
ETOAUTH_API etoauth_status ETOAUTH_VB_CALL etoauth_vb_ensure_active(intptr_t client, int32_t for_seconds);

/**
 * How the access token stands: etoauth_client_get_token_state.
 *
 * state: an ETOAUTH_TOKEN_ value. inactive_in_s, expires_in_s: seconds, 0 when past or none.
 */
ETOAUTH_API etoauth_status ETOAUTH_VB_CALL etoauth_vb_token_state(
    intptr_t client, int32_t *state, int32_t *inactive_in_s, int32_t *expires_in_s);

/**
 * Signs a request that the caller sends with HTTP of its own: etoauth_client_sign.
 *
 * method, url: text in. header: text out, the value for the request's Authorization header.
 */
ETOAUTH_API etoauth_status ETOAUTH_VB_CALL etoauth_vb_sign(
    intptr_t client, intptr_t method, intptr_t url, intptr_t header);

/**
 * Sends a signed API call and repairs what can be repaired: etoauth_client_send.
 *
 * method, url: text in. headers, body: text in; "" for none. The body goes out as UTF-8.
 * http_status: the answer's. body_out: text out, the answer's body; what is not UTF-8 in it becomes ChrW(&HFFFD).
 */
ETOAUTH_API etoauth_status ETOAUTH_VB_CALL etoauth_vb_send(
    intptr_t client, intptr_t method, intptr_t url, intptr_t headers, intptr_t body, int32_t *http_status,
    intptr_t body_out);

/**
 * Percent-encodes a text: etoauth_percent_encode.
 *
 * text: text in. out: text out.
 */
ETOAUTH_API etoauth_status ETOAUTH_VB_CALL etoauth_vb_percent_encode(intptr_t text, intptr_t out);

/**
 * The whole session as one line of text: etoauth_client_export_session. Treat it as a secret.
 *
 * text: text out.
 */
ETOAUTH_API etoauth_status ETOAUTH_VB_CALL etoauth_vb_export_session(intptr_t client, intptr_t text);

/**
 * Goes on with an exported session: etoauth_client_import_session.
 *
 * text: text in.
 */
ETOAUTH_API etoauth_status ETOAUTH_VB_CALL etoauth_vb_import_session(intptr_t client, intptr_t text);

/**
 * This thread's last failure in words: etoauth_last_error.
 *
 * text: text out; "" if nothing failed.
 */
ETOAUTH_API etoauth_status ETOAUTH_VB_CALL etoauth_vb_last_error(intptr_t text);

/**
 * Drains the last 64 events: etoauth_client_read_log.
 *
 * text: text out, lines ended by LF.
 */
ETOAUTH_API etoauth_status ETOAUTH_VB_CALL etoauth_vb_read_log(intptr_t client, intptr_t text);

/**
 * The library's version: etoauth_version.
 *
 * text: text out.
 */
ETOAUTH_API etoauth_status ETOAUTH_VB_CALL etoauth_vb_version(intptr_t text);

#ifdef __cplusplus
}
#endif

#endif /* ETOAUTH_VB_H */
