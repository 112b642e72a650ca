/*
 * libetoauth @VERSION@: E*TRADE's OAuth 1.0a for C, C++ and every other language that calls C.
 *
 * Five calls and you are logged in; every request after that is one more:
 *
 *     etoauth_client *c = NULL;
 *     etoauth_response *r = NULL;
 *     char *url = NULL, *json = NULL, code[64], text[ETOAUTH_ERROR_MAX];
 *     size_t len;
 *
 *     if (etoauth_client_new(ETOAUTH_ENV_SANDBOX, "consumer key", "consumer secret", &c) ||
 *         etoauth_client_fetch_request_token(c) ||
 *         etoauth_client_get_authorize_url(c, &url))
 *         goto failed;
 *     printf("Open %s\nin a browser, approve, and type the code that it shows: ", url);
 *     if (scanf("%63s", code) != 1 || etoauth_client_fetch_access_token(c, code))
 *         goto failed;
 *     if (etoauth_client_send(c, "GET", "/v1/accounts/list.json", NULL, NULL, 0, &r) ||
 *         etoauth_response_get_body(r, &json, &len))
 *         goto failed;
 *     puts(json);
 *     goto done;
 * failed:
 *     etoauth_last_error(NULL, text, sizeof text, NULL);    what went wrong, and what to do
 *     puts(text);
 * done:
 *     etoauth_string_free(json);
 *     etoauth_string_free(url);
 *     etoauth_response_free(r);
 *     etoauth_client_free(c);
 *
 * Link with -letoauth, or with libetoauth.a -lpthread -ldl -lm.
 *
 * SECTIONS
 *
 *  1 Log in, sign, log out               2 What went wrong          3 API calls that repair themselves
 *  4 A client's token and settings       5 Sessions                 6 The callback listener
 *  7 For hosts with their own HTTP       8 Signing into a buffer    9 Prepared requests
 * 10 The library                        11 Statuses
 *
 * RULES
 *
 *  1 Names. Functions are etoauth_<noun>_<verb>, macros ETOAUTH_. Arguments come in the order handle, inputs, outputs.
 *    get_ is local and quick; fetch_, renew_, revoke_, send and ensure_ use the network.
 *  2 Statuses. 0 is success, negative is failure; treat an unknown negative as a failure. Numbers never change. Outputs
 *    are written only on success, but for *len: begin with NULL and you may free in any case. Arguments are checked
 *    for NULL (ETOAUTH_E_NULL), then handles (ETOAUTH_E_HANDLE), then UTF-8 (ETOAUTH_E_UTF8), then for their meaning,
 *    then comes the state; any function may return these, ETOAUTH_E_MEMORY and ETOAUTH_E_INTERNAL, which are not
 *    repeated below. "Any network or server status" is explained in section 11.
 *  3 Text in is const char *, NUL-terminated UTF-8, read during the call only. Bodies are a pointer and a length. No
 *    pointer may be NULL unless it says so. Blocks of headers, in and out, are "Name: value" lines ended by LF or CRLF.
 *  4 Text out comes in two forms. char **out: the caller's, freed with etoauth_string_free. char *buf, size_t cap,
 *    size_t *len: written with a NUL, which *len does not count; if cap is too small, ETOAUTH_E_BUFFER, the capacity
 *    needed (NUL included) in *len, and buf untouched. Signatures differ in length, so a signing function wants its
 *    signer's bound, always. In this second form buf may be NULL where cap is 0, and len may be NULL. The functions
 *    that tell of a failure never fail for a small cap: what does not fit is cut between two characters and ended with
 *    a NUL, and *len is the whole length, as with snprintf. A buffer of ETOAUTH_ERROR_MAX holds every sentence.
 *  5 Handles are never dereferenced: one that was freed, even twice, that is of another kind or was invented gives
 *    ETOAUTH_E_HANDLE and never a crash, and no value is issued twice in a process. (The shared library stays loaded
 *    for that. A plug-in with the static one inside should stay, too: unloaded, it can't promise it, and a thread of
 *    rule 7 would lose its code.) On 64-bit every value is odd, above 2^32 and below 2^47: a host that keeps only 32
 *    bits of it fails at once, and a double holds it. It is not an address: hold it as the incomplete pointer type or
 *    as an integer, never as a reference that a garbage collector follows (in Go, not as an unsafe.Pointer). At least
 *    a million may be live, 4,000 on 32-bit; beyond that ETOAUTH_E_LIMIT. Freeing NULL is fine, and frees never wait.
 *    A freed string is wiped and held back for a while, in which a second free of it is refused.
 *  6 Threads. Any function, on any thread, at any time, with the same handle, too. Signing never waits for the network,
 *    a file or another signature. After fork, signers, prepared requests, responses and strings work in the child, with
 *    nonces of its own; clients, exchanges and listeners made before give ETOAUTH_E_STATE there, their frees included,
 *    and release nothing. (vfork and raw clone go unnoticed.) A thread's first call needs a little memory.
 *  7 No setup, no cleanup, no global settings, nothing printed, no threads but a short-lived one for a name look-up, a
 *    connection or a certificate, which may outlive a call that was cancelled or ran out of time.
 *  8 Secrets never appear in an error text or the log, and are wiped when freed. A client talks TLS; plain http is
 *    refused with ETOAUTH_E_INSECURE except to this machine. (A signer signs http URLs, too: it sends nothing.)
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 * Made by build.rs from the comments in src/ffi: change them there.
 */

#ifndef ETOAUTH_H
#define ETOAUTH_H

#include <stddef.h>
#include <stdint.h>

/** The header's version; etoauth_version and etoauth_version_number tell the library's. */
#define ETOAUTH_VERSION_MAJOR (@MAJOR@)
#define ETOAUTH_VERSION_MINOR (@MINOR@)
#define ETOAUTH_VERSION_PATCH (@PATCH@)
#define ETOAUTH_VERSION_NUMBER (@NUMBER@)
#define ETOAUTH_VERSION_STRING "@VERSION@"

/** The calling convention: cdecl, also where a compiler's default is another. */
#if defined(_WIN32) && (defined(_M_IX86) || defined(__i386__))
#define ETOAUTH_CALL __cdecl
#else
#define ETOAUTH_CALL
#endif

/** On Windows, ETOAUTH_DLL asks for dllimport, which saves a jump in each call into the DLL; not for a static link. */
#if defined(_WIN32) && defined(ETOAUTH_DLL)
#define ETOAUTH_API __declspec(dllimport)
#else
#define ETOAUTH_API
#endif

#ifdef __cplusplus
extern "C" {
#endif
