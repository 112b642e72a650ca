/*
 * libetoauth @VERSION@: E*TRADE's OAuth 1.0a for C, C++ and every other language that calls C.
 *
 * Five calls and you are logged in, and every request after that is signed:
 *
 *     etoauth_client *c = NULL;
 *     char *url = NULL, *header = NULL, code[64];
 *
 *     etoauth_client_new(ETOAUTH_ENV_SANDBOX, "consumer key", "consumer secret", &c);
 *     etoauth_client_fetch_request_token(c);
 *     etoauth_client_get_authorize_url(c, &url);           open url in a browser, approve, and
 *     scanf("%63s", code);                                 type the code that the page shows
 *     etoauth_client_fetch_access_token(c, code);
 *     etoauth_client_sign(c, "GET", "https://apisb.etrade.com/v1/accounts/list", &header);
 *                                                          send header as Authorization
 *
 * Each call returns 0, or a negative status that etoauth_last_error puts into words. At the end:
 *
 *     etoauth_string_free(header);
 *     etoauth_string_free(url);
 *     etoauth_client_free(c);
 *
 * Sections: 1 Log in, sign, log out - 2 What went wrong - 3 A client's token and settings -
 * 4 Signing into a buffer - 5 The library - 6 Statuses
 *
 * RULES
 *
 * 1 Names. Functions are etoauth_<noun>_<verb>, macros ETOAUTH_. Arguments come in the order handle, inputs, outputs.
 *   get_ is local and quick; fetch_, renew_ and revoke_ use the network.
 * 2 Statuses. 0 is success, negative is failure; treat an unknown negative as a failure. Outputs are written only on
 *   success, but for *len. Statuses are never renumbered. Besides those named with a function, each may return
 *   ETOAUTH_E_NULL, ETOAUTH_E_HANDLE, ETOAUTH_E_UTF8, ETOAUTH_E_MEMORY and ETOAUTH_E_INTERNAL, and is checked for in
 *   that order: NULL, handle, UTF-8, the argument's meaning, state. "Any network or server status" is those of
 *   section 6 from ETOAUTH_E_CONNECT on, and ETOAUTH_E_LIMIT.
 * 3 Text in is const char *, NUL-terminated UTF-8, read during the call only. No pointer may be NULL unless it says so.
 * 4 Text out comes in two forms. char **out: the caller's, freed with etoauth_string_free. char *buf, size_t cap,
 *   size_t *len: written with a NUL, which *len does not count; if cap is too small, ETOAUTH_E_BUFFER, the capacity
 *   needed (NUL included) in *len, and buf untouched. Signatures differ in length, so a signing function wants its
 *   signer's bound, always. buf may be NULL where cap is 0; len may be NULL.
 * 5 Handles are never dereferenced: one that was freed, even twice, that is of another kind or was invented gives
 *   ETOAUTH_E_HANDLE and never a crash, and no value is issued twice in a process. (The shared library stays loaded
 *   for that; a static one inside a plug-in that is unloaded can't promise it.) At least a million may be live, 4,000
 *   on 32-bit; beyond that ETOAUTH_E_LIMIT. Freeing NULL is fine, and frees never wait. A freed string is wiped and
 *   held back for a while, in which a second free of it is refused.
 * 6 Threads. Any function, on any thread, at any time, with the same handle, too. Signing never waits for the network,
 *   a file or another signature. After fork, signers and strings work in the child, with nonces of its own; clients
 *   made before give ETOAUTH_E_STATE there, their frees included, and release nothing. (vfork and clone go unnoticed.)
 * 7 No setup, no cleanup, no global settings, no threads (but a short-lived one for a name look-up or a connection),
 *   nothing printed.
 * 8 Secrets never appear in an error text, and are wiped when freed. A client talks TLS; plain http is refused with
 *   ETOAUTH_E_INSECURE except to this machine. (A signer signs http URLs, too: it sends nothing.)
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 * Made by build.rs from the comments in src/ffi: change them there.
 */

#ifndef ETOAUTH_H
#define ETOAUTH_H

#include <stddef.h>
#include <stdint.h>

#define ETOAUTH_VERSION_MAJOR (@MAJOR@)
#define ETOAUTH_VERSION_MINOR (@MINOR@)
#define ETOAUTH_VERSION_PATCH (@PATCH@)
#define ETOAUTH_VERSION_NUMBER (@NUMBER@)
#define ETOAUTH_VERSION_STRING "@VERSION@"

/* The calling convention: cdecl, also where a compiler's default is another. */
#if defined(_WIN32) && (defined(_M_IX86) || defined(__i386__))
#define ETOAUTH_CALL __cdecl
#else
#define ETOAUTH_CALL
#endif

/* Define ETOAUTH_DLL on Windows to link a little tighter against the DLL. */
#if defined(_WIN32) && defined(ETOAUTH_DLL)
#define ETOAUTH_API __declspec(dllimport)
#else
#define ETOAUTH_API
#endif

#ifdef __cplusplus
extern "C" {
#endif
