/*
 * libetoauth @VERSION@: E*TRADE's OAuth 1.0a for C, C++ and every other language that can call C.
 *
 * Four calls log in, and every request after that is one more. If one fails, etoauth_last_error says what went wrong
 * and what to do:
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
 *     if (scanf("%63s", code) != 1)
 *         code[0] = '\0';
 *     if (etoauth_client_fetch_access_token(c, code) ||
 *         etoauth_client_send(c, "GET", "/v1/accounts/list.json", NULL, NULL, 0, &r) ||
 *         etoauth_response_get_body(r, &json, &len))
 *         goto failed;
 *     puts(json);
 *     goto done;
 * failed:
 *     etoauth_last_error(NULL, text, sizeof text, NULL);
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
 *  7 A handle for each call              8 For hosts with their own HTTP  9 Signing into a buffer
 * 10 Prepared requests                  11 The library             12 Statuses
 *
 * RULES
 *
 *  1 Names. Functions are named etoauth_<noun>_<verb>, macros ETOAUTH_. Arguments come in the order handle, inputs,
 *    outputs. Functions named get_ are local and quick; fetch_, renew_, revoke_, send and ensure_ use the network.
 *  2 Statuses. 0 is success, negative is failure; treat an unknown negative value as a failure. Numbers never change.
 *    Except for *len (see 4), outputs are written only on success. Initialise them to NULL and you can free them
 *    unconditionally. Arguments are checked in this order: NULL (ETOAUTH_E_NULL), handles (ETOAUTH_E_HANDLE), UTF-8
 *    (ETOAUTH_E_UTF8), values, and then the state. Any function may return these statuses, ETOAUTH_E_MEMORY and
 *    ETOAUTH_E_INTERNAL; they are not repeated below. Section 12 explains what "any network or server status" means.
 *  3 Text in is a const char * to NUL-terminated UTF-8. Bodies are a pointer and a length. Both are read during the
 *    call only. A pointer must not be NULL unless its description says that it may be. Text of more than 65,535 bytes
 *    gives ETOAUTH_E_ARGUMENT, except for a form that a signer signs, a session, and text to be percent-encoded. Blocks
 *    of headers, in and out, are "Name: value" lines ended by LF or CRLF.
 *  4 Text out comes in two forms. With char **out the text belongs to the caller, who frees it with
 *    etoauth_string_free. With char *buf, size_t cap, size_t *len the text is written to buf and ended by a NUL, which
 *    *len does not count. buf may be NULL if cap is 0, and len may be NULL. If cap is too small for a signature, the
 *    status is ETOAUTH_E_BUFFER, *len is the size needed, and buf is unchanged. Signatures differ in length, so cap
 *    must always be at least the signer's bound. The functions that describe a failure never return ETOAUTH_E_BUFFER:
 *    as with snprintf, text that does not fit is truncated and ended by a NUL, and *len is the length of the complete
 *    text. A buffer of ETOAUTH_ERROR_MAX holds every sentence.
 *  5 Handles are checked and never dereferenced. One that was freed, freed twice, is of another kind or was never
 *    issued gives ETOAUTH_E_HANDLE and never a crash. No value is issued twice in a process, because the shared library
 *    stays loaded. (A plug-in that contains the static library should stay loaded as well: otherwise values can be
 *    issued again, and a temporary thread of rule 7 would lose its code.) On 64-bit every value is odd, greater than
 *    2^32 and less than 2^47, so that it survives in a double, and one that was cut to 32 bits is refused. It is not an
 *    address: keep it in the pointer type or in an integer, never in a reference that a garbage collector follows (in
 *    Go, not in an unsafe.Pointer). At least a million handles may be live, 4,000 on 32-bit; beyond that the status is
 *    ETOAUTH_E_LIMIT. Freeing NULL is allowed, and frees never wait. If a client is freed during a call, the call ends
 *    as if it was cancelled. Signers and exchanges may outlive their client. A freed string is wiped at once, and a
 *    second free of it is refused for a while.
 *  6 Threads. Any function may be called on any thread at any time, with the same handle too. Signing never waits for
 *    the network, a file or another signature. A thread's first call needs a little memory. After fork, signers,
 *    prepared requests, responses and strings work in the child, with their own nonces. Clients, exchanges and
 *    listeners that were made before the fork give ETOAUTH_E_STATE there, also when they are freed, and release
 *    nothing. (vfork and raw clone are not noticed.) No function may be called from a signal handler. Signals neither
 *    end nor prolong a call. etoauth_client_new reads the environment: do not change the environment in another thread
 *    at that moment.
 *  7 There is nothing to initialise or to clean up, there are no global settings, and nothing is printed. The library
 *    keeps no threads. A name lookup, a connection attempt or a certificate check may run on a temporary thread, which
 *    can outlive a call that was cancelled or timed out. An error inside the library gives ETOAUTH_E_INTERNAL and does
 *    not end the process.
 *  8 Secrets never appear in an error sentence or in the log, and are wiped when they are freed. A client uses TLS;
 *    plain http is refused with ETOAUTH_E_INSECURE except to this machine. (A signer also signs http URLs, since it
 *    sends nothing.)
 *  9 Types. The API consists of integers, pointers and parenthesised constants. There are no enums, public structs,
 *    variadic functions or callback functions. The header compiles as C90 to C23 and as C++98 to C++23.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 * Generated by build.rs from the comments in src/ffi: change them there.
 */

#ifndef ETOAUTH_H
#define ETOAUTH_H

#include <stddef.h>
#include <stdint.h>

/** The header's version. etoauth_version and etoauth_version_number give the library's. */
#define ETOAUTH_VERSION_MAJOR (@MAJOR@)
#define ETOAUTH_VERSION_MINOR (@MINOR@)
#define ETOAUTH_VERSION_PATCH (@PATCH@)
#define ETOAUTH_VERSION_NUMBER (@NUMBER@)
#define ETOAUTH_VERSION_STRING "@VERSION@"

/** The calling convention: cdecl, also for compilers with another default. */
#if defined(_WIN32) && (defined(_M_IX86) || defined(__i386__))
#define ETOAUTH_CALL __cdecl
#else
#define ETOAUTH_CALL
#endif

/** On Windows, define ETOAUTH_DLL to use dllimport, which saves a jump in each call; not for the static library. */
#if defined(_WIN32) && defined(ETOAUTH_DLL)
#define ETOAUTH_API __declspec(dllimport)
#else
#define ETOAUTH_API
#endif

#ifdef __cplusplus
extern "C" {
#endif
