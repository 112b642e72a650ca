/*
 * libetoauth 0.2.0: E*TRADE's OAuth 1.0a for C, C++ and every other language that can call C.
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
#define ETOAUTH_VERSION_MAJOR (0)
#define ETOAUTH_VERSION_MINOR (2)
#define ETOAUTH_VERSION_PATCH (0)
#define ETOAUTH_VERSION_NUMBER (0x000200)
#define ETOAUTH_VERSION_STRING "0.2.0"

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

/**
 * A consumer key in one environment, one person's token, and the token's lifecycle. The library cannot tell persons
 * apart: use one client, and one session file, for each person.
 */
typedef struct etoauth_client etoauth_client;

/** One call that the host sends with its own HTTP stack. */
typedef struct etoauth_exchange etoauth_exchange;

/** Waits on this machine for E*TRADE's redirect to a registered callback. */
typedef struct etoauth_listener etoauth_listener;

/** A signer for one method and URL: everything that does not change is hashed in advance. */
typedef struct etoauth_prepared etoauth_prepared;

/** A complete response to an API call. */
typedef struct etoauth_response etoauth_response;

/** Fixed credentials, ready to sign. */
typedef struct etoauth_signer etoauth_signer;

/** 0 is success, negative is failure. Treat an unknown negative value as a failure. */
typedef int32_t etoauth_status;

/* ==================================================================================================================
 * 1  Log in, sign, log out
 * ================================================================================================================== */

/** E*TRADE itself. */
#define ETOAUTH_ENV_LIVE (1)

/** E*TRADE's sandbox, with invented accounts. It needs a sandbox key. */
#define ETOAUTH_ENV_SANDBOX (2)

/**
 * Makes a client. This uses no network. The environment's variables for proxies and for CA certificates are read now,
 * and not later.
 *
 * env: ETOAUTH_ENV_LIVE or ETOAUTH_ENV_SANDBOX.
 * consumer_key: from E*TRADE's developer page; copied.
 * consumer_secret: the secret that belongs to it; copied.
 * out: the new client; free it with etoauth_client_free.
 *
 * Returns ETOAUTH_E_ARGUMENT for any other env, and for a key or secret that is empty, begins or ends with white
 * space, or contains a control character, as a pasted one may; ETOAUTH_E_LIMIT.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_new(
    int32_t env, const char *consumer_key, const char *consumer_secret, etoauth_client **out);

/**
 * Get Request Token: begins a login. The request token is valid for five minutes. If the client already holds an
 * access token, that token stays in use until the login is completed.
 *
 * Uses the network. Returns ETOAUTH_E_CONSUMER_KEY if the key or its secret is not accepted, for example because the
 * key has expired or belongs to the other environment; any network or server status except ETOAUTH_E_LOGIN.
 * Source: https://apisb.etrade.com/docs/api/authorization/request_token.html
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_fetch_request_token(etoauth_client *c);

/**
 * Gives the address of the page on which the person approves the login and is shown the verification code. Open it in
 * a browser.
 *
 * url: the address. The caller frees it with etoauth_string_free.
 *
 * Local. Returns ETOAUTH_E_STATE if no login is pending.
 * Source: https://apisb.etrade.com/docs/api/authorization/authorize.html
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_get_authorize_url(etoauth_client *c, char **url);

/**
 * Get Access Token: completes the login. From now on the client can sign.
 *
 * verifier: the code that the page shows, with or without spaces around it; or the whole URL to which a registered
 * callback was redirected. If that URL contains an oauth_token, it must be the one of the pending login.
 *
 * Uses the network. Returns ETOAUTH_E_VERIFIER if the code is refused: the login stays pending, so that a mistyped
 * code can be typed again. Returns ETOAUTH_E_STATE if no login is pending. Returns ETOAUTH_E_ARGUMENT, and sends
 * nothing, for an empty verifier or the URL of another login. Returns ETOAUTH_E_UNCERTAIN if the request left and no
 * complete response came: the code may be used up, so begin the login again. Returns ETOAUTH_E_FILE if the login is
 * complete but could not be saved in the session file. Returns any network or server status.
 * Source: https://apisb.etrade.com/docs/api/authorization/get_access_token.html
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_fetch_access_token(etoauth_client *c, const char *verifier);

/**
 * Signs a request that the caller sends with its own HTTP stack. Sign every request, and every repetition of it,
 * separately: a signature contains a nonce and the time and can be used only once.
 *
 * method: letters, such as GET.
 * url: the complete URL exactly as it will be sent, with its query and already percent-encoded; its parameters are
 * signed. etoauth_percent_encode helps to encode a value.
 * header: the value for the request's Authorization header. The caller frees it with etoauth_string_free.
 *
 * Local, and never waits. It works while a token is held, whatever its state. Returns ETOAUTH_E_STATE without a
 * token; ETOAUTH_E_URL, ETOAUTH_E_METHOD, ETOAUTH_E_CLOCK, ETOAUTH_E_RANDOM.
 * Source: RFC 5849 section 3.4
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_sign(
    etoauth_client *c, const char *method, const char *url, char **header);

/**
 * Signs a request in the query of its URL, for callers that cannot set the Authorization header.
 *
 * method: as for etoauth_client_sign.
 * url: as for etoauth_client_sign.
 * signed_url: the URL with the parameters added. The caller frees it with etoauth_string_free.
 *
 * Local. Returns the same statuses as etoauth_client_sign.
 * Source: RFC 5849 section 3.5.3
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_sign_url(
    etoauth_client *c, const char *method, const char *url, char **signed_url);

/**
 * Renew Access Token: makes a token active again that is inactive after two idle hours. It always asks the server,
 * whatever the token's state. An ordinary token cannot be renewed past midnight in New York.
 *
 * Uses the network. Returns ETOAUTH_E_STATE without a token; ETOAUTH_E_LOGIN if a new login is needed;
 * ETOAUTH_E_UNAVAILABLE or ETOAUTH_E_RATE_LIMIT if the token is kept and the call may be tried again later; any other
 * network or server status.
 * Source: https://apisb.etrade.com/docs/api/authorization/renew_access_token.html
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_renew_access_token(etoauth_client *c);

/**
 * Revoke Access Token: logs out. The client drops the token even if the call fails.
 *
 * Uses the network. Returns ETOAUTH_E_STATE without a token; ETOAUTH_E_UNCERTAIN if the request left and no complete
 * response came; any network or server status.
 * Source: https://apisb.etrade.com/docs/api/authorization/revoke_access_token.html
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_revoke_access_token(etoauth_client *c);

/**
 * Frees a client and cancels its calls, which return as they do after etoauth_client_cancel. The token is not revoked.
 * This never waits. The client's secrets are wiped; if there are other handles from etoauth_client_share, with the
 * last of them. What a call or an exchange still needs is wiped when that has ended.
 *
 * c: may be NULL.
 *
 * Returns ETOAUTH_E_HANDLE if c is not a live client; in a forked child ETOAUTH_E_STATE, and then nothing is
 * released.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_free(etoauth_client *c);

/**
 * Wipes and frees a string that the library returned.
 *
 * text: may be NULL.
 *
 * Returns ETOAUTH_E_HANDLE if text is not a live string of this library.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_string_free(char *text);

/* ==================================================================================================================
 * 2  What went wrong
 * ================================================================================================================== */

/** The size of a buffer that holds every sentence of etoauth_last_error, its NUL included. */
#define ETOAUTH_ERROR_MAX (512)

/**
 * Describes this thread's last failure: which argument, host, file or phase, and what to do. It never contains a
 * secret.
 *
 * Every failure sets it, and the thread's next call clears it. Functions named *_free, *_last_*, *_status_* and
 * *version*, and etoauth_live_objects, leave it alone. A new thread has none, and a free that was refused leaves none.
 *
 * status: the status of that failure, or ETOAUTH_OK if there is none; may be NULL.
 * buf: receives the sentence, or "" if nothing failed; may be NULL if cap is 0. See rule 4: text that does not fit is
 * truncated.
 * cap: the size of buf in bytes; ETOAUTH_ERROR_MAX is always large enough.
 * len: the length of the complete sentence; may be NULL.
 *
 * Returns ETOAUTH_E_NULL if buf is NULL and cap is not 0.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_last_error(etoauth_status *status, char *buf, size_t cap, size_t *len);

/**
 * Tells what the server said in this thread's last failure.
 *
 * http_status: the HTTP status of its response, or 0 if none came; may be NULL.
 * buf: receives its oauth_problem, such as token_expired, or "" if there is none; may be NULL if cap is 0. See rule
 * 4: text that does not fit is truncated.
 * cap: the size of buf in bytes.
 * len: the length of the complete text; may be NULL.
 *
 * Returns ETOAUTH_E_NULL if buf is NULL and cap is not 0.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_last_problem(int32_t *http_status, char *buf, size_t cap, size_t *len);

/**
 * Gives the name of a status, such as "ETOAUTH_E_TIMEOUT". The text is static and never NULL.
 *
 * status: any value; the name of one that this version does not know is "unknown".
 */
ETOAUTH_API const char *ETOAUTH_CALL etoauth_status_name(etoauth_status status);

/**
 * Tells what to do about a status, as an ETOAUTH_ADVICE_ value. ETOAUTH_ADVICE_CHECK means for a GET or HEAD: ask
 * again.
 *
 * status: any value. It is ETOAUTH_ADVICE_CHECK for one that this version does not know.
 */
ETOAUTH_API int32_t ETOAUTH_CALL etoauth_status_advice(etoauth_status status);

/**
 * Gives one line of English about a status. The text is static and never NULL.
 *
 * status: any value.
 */
ETOAUTH_API const char *ETOAUTH_CALL etoauth_status_text(etoauth_status status);

/* ==================================================================================================================
 * 3  API calls that repair themselves
 * ================================================================================================================== */

/** Nothing needs to be done about the login or the connection. */
#define ETOAUTH_ADVICE_NONE (0)

/** Sign the request again and send it again. */
#define ETOAUTH_ADVICE_RETRY (1)

/** Renew the access token, then sign and send the request again. */
#define ETOAUTH_ADVICE_RENEW (2)

/** A new login is needed. */
#define ETOAUTH_ADVICE_LOGIN (3)

/** Wait, then try again: there were too many requests, or the service is unavailable. */
#define ETOAUTH_ADVICE_WAIT (4)

/** Something has to be fixed first: a key, a secret, a permission or a clock. */
#define ETOAUTH_ADVICE_FIX (5)

/** The request may have been carried out: check before you repeat it. */
#define ETOAUTH_ADVICE_CHECK (6)

/**
 * Makes sure that the access token stays active for some time. It is renewed once if it is inactive or would become
 * inactive in that time. Many threads, and processes that share a session file, cause one renewal and share its
 * result. A midnight in New York that is still to come is not considered: see expires_in_s of
 * etoauth_client_get_token_state.
 *
 * for_seconds: 0 asks for a token that is active now. A renewal gives two hours: asking for more than that renews
 * every time.
 *
 * Uses the network if necessary. Returns ETOAUTH_E_LOGIN if a new login is needed; ETOAUTH_E_UNAVAILABLE or
 * ETOAUTH_E_RATE_LIMIT if the renewal failed, which also holds for a while after it: the token is kept, so wait and
 * try again; ETOAUTH_E_TIMEOUT or ETOAUTH_E_CANCELLED while waiting for another renewal.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_ensure_active(etoauth_client *c, uint32_t for_seconds);

/**
 * Sends a signed API call and repairs what can be repaired. It renews an inactive token, corrects a wrong clock, signs
 * again after a refusal that is usually temporary, and sends the request at most three times. (A GET or HEAD is sent
 * once more if its kept connection turns out to be closed.) Except for GET and HEAD, a request that may have been
 * carried out is never sent again.
 *
 * method: letters, such as GET.
 * url: a path under the API's base URL that begins with /, or a complete URL there. No other host receives the
 * credentials.
 * headers: "Name: value" lines ended by LF or CRLF; may be NULL. The library itself writes Authorization, Host,
 * Content-Length, Transfer-Encoding and Accept-Encoding.
 * body: the request's body; may be NULL if body_len is 0. A body needs one Content-Type among the headers. Only a
 * form-encoded body is signed.
 * body_len: the length of body in bytes.
 * out: the response; free it with etoauth_response_free.
 *
 * Uses the network. Returns ETOAUTH_OK for every complete response, 4xx and 5xx included, unless an OAuth failure
 * remains that could not be repaired: ETOAUTH_E_LOGIN, ETOAUTH_E_SIGNATURE, ETOAUTH_E_CONSUMER_KEY,
 * ETOAUTH_E_CLOCK_SKEW, ETOAUTH_E_DENIED, ETOAUTH_E_HTTP; or ETOAUTH_E_UNAVAILABLE or ETOAUTH_E_RATE_LIMIT if it
 * needed a renewal that failed.
 * ETOAUTH_E_UNCERTAIN means that the request left, or may have left, and that no complete response came. Except for
 * GET and HEAD it also means that the response has no length, is larger than 16 MiB, or is a refusal that cannot be
 * read, or that the server has seen the nonce before, so that an earlier copy may have arrived. A GET or HEAD may be
 * repeated; check before you repeat any other request.
 * ETOAUTH_E_CONNECT, ETOAUTH_E_TLS, ETOAUTH_E_TIMEOUT and ETOAUTH_E_CANCELLED mean that nothing of the request left.
 * ETOAUTH_E_RESPONSE means that the response to a GET or HEAD came, but its compressed body is damaged, or it is a 401
 * that cannot be read: ask again.
 * ETOAUTH_E_LIMIT means that the response to a GET or HEAD is larger than 16 MiB, or that too many handles are live
 * and nothing of the request left.
 * ETOAUTH_E_STATE means that no token is held, ETOAUTH_E_URL that the URL is on another host, and ETOAUTH_E_ARGUMENT
 * that headers or body cannot be sent as they are. Also ETOAUTH_E_INSECURE, ETOAUTH_E_METHOD.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_send(
    etoauth_client *c, const char *method, const char *url, const char *headers, const void *body, size_t body_len,
    etoauth_response **out);

/**
 * Ends the calls of this handle that are in progress, etoauth_listener_wait among them, within a second. It may be
 * called from any thread. The calls return ETOAUTH_E_CANCELLED, or ETOAUTH_E_UNCERTAIN if their request had left. A
 * client from etoauth_client_new can still be used; for a handle from etoauth_client_share this is for good.
 *
 * Local.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_cancel(etoauth_client *c);

/**
 * Gives the HTTP status of a response.
 *
 * status: such as 200.
 *
 * Local.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_response_get_status(etoauth_response *r, int32_t *status);

/**
 * Gives the value of one of a response's headers, as it was received. If there are several with that name, their
 * values are joined by commas.
 *
 * name: the header's name, in upper or lower case.
 * value: NULL if the response has no such header. The caller frees it with etoauth_string_free.
 *
 * Local.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_response_get_header(
    etoauth_response *r, const char *name, char **value);

/**
 * Gives the body of a response, decoded if it was compressed.
 *
 * data: the body, followed by a NUL. The caller frees it with etoauth_string_free.
 * len: the length of the body in bytes, without that NUL.
 *
 * Local.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_response_get_body(etoauth_response *r, char **data, size_t *len);

/**
 * Says what to do about a response, such as to wait after too many requests.
 *
 * advice: an ETOAUTH_ADVICE_ value.
 *
 * Local.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_response_get_advice(etoauth_response *r, int32_t *advice);

/**
 * Says how often the request was sent for a response.
 *
 * attempts: 1 unless something was repaired.
 *
 * Local.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_response_get_attempts(etoauth_response *r, int32_t *attempts);

/**
 * Says how long the server wants to be left alone: its Retry-After header, in either of its forms (RFC 9110 section
 * 10.2.3). A date is compared with the response's own Date or, without one, with the corrected clock.
 *
 * seconds: 0 if the response has no such header, or if its value is unreadable or already past.
 *
 * Local.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_response_get_retry_after_s(etoauth_response *r, int32_t *seconds);

/**
 * Frees a response and wipes it.
 *
 * r: may be NULL.
 *
 * Returns ETOAUTH_E_HANDLE if r is not a live response.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_response_free(etoauth_response *r);

/* ==================================================================================================================
 * 4  A client's token and settings
 * ================================================================================================================== */

/** No token is held, and no login is pending. */
#define ETOAUTH_TOKEN_NONE (0)

/** A login is pending, and no usable access token is held. */
#define ETOAUTH_TOKEN_PENDING (1)

/** The token can be used. */
#define ETOAUTH_TOKEN_ACTIVE (2)

/**
 * The token must be renewed: two hours passed without a request, or midnight in New York has passed and E*TRADE has
 * not been asked yet.
 */
#define ETOAUTH_TOKEN_INACTIVE (3)

/** A new login is needed: E*TRADE refused to renew the token. */
#define ETOAUTH_TOKEN_EXPIRED (4)

/** The token was revoked. */
#define ETOAUTH_TOKEN_REVOKED (5)

/**
 * Gives the state of the access token. This is an estimate: what the server says takes precedence.
 *
 * state: an ETOAUTH_TOKEN_ value; may be NULL.
 * inactive_in_s: seconds until the token becomes inactive if it is not used; 0 if that time is past or unknown; may
 * be NULL.
 * expires_in_s: seconds until midnight in New York, when the token expires; for a pending login, until its request
 * token expires; 0 if that time is past or unknown; may be NULL.
 *
 * Local. Returns ETOAUTH_E_CLOCK.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_get_token_state(
    etoauth_client *c, int32_t *state, int32_t *inactive_in_s, int32_t *expires_in_s);

/**
 * Tells for how long the library asks for no renewal by itself, because the last one failed or the token was refused
 * right after it. Meanwhile, etoauth_client_ensure_active, and an etoauth_client_send whose token is refused, return
 * the failure of that renewal without a request.
 *
 * seconds: rounded up; 0 if a renewal may be asked for now.
 *
 * Local.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_get_renew_wait_s(etoauth_client *c, int32_t *seconds);

/**
 * Tells whether a host that keeps the session itself should export it again.
 *
 * revision: grows when a login begins or ends, when a token is renewed, revoked or set, and when a session is imported
 * or adopted whose token, pending login or ending differs; not when the token is only used. The number belongs to this
 * process and this login. Read it before etoauth_client_export_session, keep it with the export, and export again when
 * it has grown.
 *
 * Local.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_get_session_revision(etoauth_client *c, uint64_t *revision);

/**
 * Gives the client an access token that was obtained elsewhere. It replaces the one that the client holds.
 *
 * token: as E*TRADE issued it, percent-decoded; copied.
 * token_secret: the secret that belongs to it, percent-decoded; copied.
 * issued_at: when it was issued, in seconds since 1970; 0 means now. A token that was issued more than two hours ago
 * starts as inactive.
 *
 * Local. Returns ETOAUTH_E_ARGUMENT for an empty text, a negative time, or a time more than five minutes in the
 * future.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_set_access_token(
    etoauth_client *c, const char *token, const char *token_secret, int64_t issued_at);

/**
 * Gives a client's access token, whatever its state.
 *
 * token: the token. The caller frees it with etoauth_string_free.
 * token_secret: its secret. The caller frees it with etoauth_string_free.
 *
 * Local. Returns ETOAUTH_E_STATE if no token is held.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_get_access_token(
    etoauth_client *c, char **token, char **token_secret);

/**
 * Uses other hosts than E*TRADE's: your own sandbox, or the other host for sandbox keys.
 *
 * oauth_base: the URL under which request_token and the other OAuth calls are found, such as
 * https://apisb.etrade.com/oauth; may be NULL, which keeps the present one.
 * authorize_url: the page on which the person approves; may be NULL, which keeps the present one.
 * api_base: the URL under which /v1 is found; may be NULL, which keeps the present one.
 *
 * Local. Returns ETOAUTH_E_URL; ETOAUTH_E_INSECURE for plain http to another machine. If it fails, nothing is
 * changed.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_set_base_urls(
    etoauth_client *c, const char *oauth_base, const char *authorize_url, const char *api_base);

/**
 * Limits the time of each call that uses the network through this handle, from its entry to its return. It applies to
 * calls that begin later; the time begins with the call, so a host that queues calls sets it just before.
 *
 * timeout_ms: milliseconds; 30000 by default.
 *
 * Local. Returns ETOAUTH_E_ARGUMENT for 0.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_set_timeout_ms(etoauth_client *c, uint32_t timeout_ms);

/**
 * Uses an HTTP proxy. Without this call, the proxy comes from the environment as etoauth_client_new found it:
 * HTTPS_PROXY, or else ALL_PROXY, except for hosts in NO_PROXY, all as curl reads them. A program that runs
 * set-user-ID or set-group-ID ignores the environment. Plain http, which stays on this machine, uses no proxy.
 *
 * url: http://host:port or https://host:port, with user:password@ before the host if the proxy asks for them, both
 * percent-encoded. Without a port it is 1080 for http and 443 for https. "" means no proxy.
 *
 * Local. Returns ETOAUTH_E_URL.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_set_proxy(etoauth_client *c, const char *url);

/**
 * Trusts the certificates in a file instead of the machine's own, for a private certificate authority.
 *
 * pem_path: a file of certificates in PEM format, up to 16 MiB. It is read now. A server's certificate is refused if
 * the file also has a revocation list (CRL) of its authority that names it; otherwise revocation is not checked.
 *
 * Local. Returns ETOAUTH_E_FILE if it cannot be read, contains no certificate, or has a damaged revocation list.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_set_ca_file(etoauth_client *c, const char *pem_path);

/**
 * Sets the User-Agent header of requests. By default it is "etoauth/" and the version, which a proxy is always told.
 *
 * text: one line of visible ASCII, at most 512 characters.
 *
 * Local. Returns ETOAUTH_E_ARGUMENT.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_set_user_agent(etoauth_client *c, const char *text);

/* ==================================================================================================================
 * 5  Sessions that survive a restart
 * ================================================================================================================== */

/**
 * Keeps the session in a file, so that the next start, and other processes, can go on with it. A file that exists
 * replaces the client's session; a missing file is created from it. After every change the file is replaced as a
 * whole, and a crash or a power cut leaves the old session or the new one. The file is for the user alone: its mode
 * is 0600 (on Windows, its access list names the user only), an own file that others may read is narrowed, and a file
 * of another user is refused.
 *
 * etoauth_client_send, _ensure_active, _renew_access_token, _revoke_access_token, _fetch_access_token and
 * etoauth_exchange_new first adopt what other processes have saved. Reading takes no lock. Beside the file lie two
 * small ones, its name with .lock and .renew: they are locked while a session is written and while a token is
 * renewed, so that one renewal serves all processes. Neither is opened through a link.
 *
 * A lock that another process holds, or a file that cannot be read or written, never fails a call that has a token in
 * memory: such a call waits for at most two seconds, and the change takes effect in this client. It is saved with the
 * next change or call, and before anything older is adopted. etoauth_client_fetch_access_token,
 * etoauth_client_import_session and the finish of an ETOAUTH_EXCHANGE_ACCESS_TOKEN return ETOAUTH_E_FILE when they
 * took effect but could not be saved. A file that could not be read, that a newer version of the library wrote or
 * that belongs to another key or environment is never replaced. A file that is damaged while it is attached is
 * ignored, and replaced at the next change.
 *
 * path: the file; may be NULL, which detaches the file and leaves it as it is. A relative path is resolved now, from
 * the current directory. A link, even to a file that does not exist yet, stands for the file that it leads to.
 *
 * Returns ETOAUTH_E_SESSION for a file that is damaged, or of another key or environment, or of a newer version of
 * the library, and ETOAUTH_E_FILE for one that cannot be read or written. The client and the file are unchanged then.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_set_session_file(etoauth_client *c, const char *path);

/**
 * Gives the whole session, including a pending login, as one line of text for the host's own store. Treat it as a
 * secret: it contains the token. It is a copy. Use either a session file or your own store, not both.
 *
 * text: the line. The caller frees it with etoauth_string_free.
 *
 * Local.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_export_session(etoauth_client *c, char **text);

/**
 * Replaces the client's session by an exported one.
 *
 * text: a line from etoauth_client_export_session, made here or on another machine.
 *
 * Local. Returns ETOAUTH_E_SESSION for a text that is damaged or cut short, or of another key or environment: nothing
 * is changed then; ETOAUTH_E_FILE when it took effect but could not be saved in the session file.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_import_session(etoauth_client *c, const char *text);

/**
 * Says how far E*TRADE's clock is ahead of this machine's, as it was learned when a timestamp was refused, or as it
 * was set.
 *
 * seconds: 0 until it was learned or set.
 *
 * Local.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_get_clock_offset(etoauth_client *c, int64_t *seconds);

/**
 * Sets how far E*TRADE's clock is ahead of this machine's, for hosts that know it. It applies until more is learned.
 *
 * seconds: E*TRADE's time minus this machine's, at most a day in either direction.
 *
 * Local. Returns ETOAUTH_E_ARGUMENT.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_set_clock_offset(etoauth_client *c, int64_t seconds);

/**
 * Returns and removes the last 64 events, the oldest first: renewals, repeats, corrections, logins, refusals. Each
 * line contains the time (UTC), the call, the host, the HTTP status or -, the problem or -, and what was done. It
 * never contains a secret.
 *
 * lines: the events, each ended by LF; "" if there are none. The caller frees it with etoauth_string_free.
 *
 * Local.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_read_log(etoauth_client *c, char **lines);

/* ==================================================================================================================
 * 6  The callback listener
 * ================================================================================================================== */

/**
 * Listens for the redirect to a callback that is registered with E*TRADE, so that nobody has to type a code.
 *
 * callback_url: the registered URL: http:// with a host, a port, and whatever path and query it has. The host is
 * localhost, which means both 127.0.0.1 and ::1, or one of this machine's own addresses, such as 127.0.0.1 or [::1].
 * Port 0 takes any free port, for tests. If an earlier listener of this process still has the port, the new one takes
 * it over.
 * out: the new listener; free it with etoauth_listener_free.
 *
 * Returns ETOAUTH_E_ARGUMENT for another host or form; ETOAUTH_E_CONNECT if the port is in use; ETOAUTH_E_LIMIT.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_listener_new(const char *callback_url, etoauth_listener **out);

/**
 * Gives the URL on which a listener listens, including its actual port.
 *
 * url: the URL. The caller frees it with etoauth_string_free.
 *
 * Local.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_listener_get_url(etoauth_listener *l, char **url);

/**
 * Waits for the redirect to a listener, and tells the person that the window can be closed. Other visitors do not end
 * the wait; who comes back without a verification code is told that the login was not finished.
 *
 * c: only a redirect for this client's pending login counts, that is one with its request token or with a verifier
 * and no token; may be NULL, and then any redirect with a verifier counts.
 * timeout_ms: milliseconds, whether or not a login is pending; 0 looks once, for hosts that poll.
 * redirected_url: the complete URL, for etoauth_client_fetch_access_token. The caller frees it with
 * etoauth_string_free.
 *
 * Returns ETOAUTH_E_TIMEOUT if no redirect came; ETOAUTH_E_CANCELLED if c's calls were cancelled;
 * ETOAUTH_E_HANDLE if the listener was freed meanwhile; ETOAUTH_E_STATE if a newer listener took its port over.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_listener_wait(
    etoauth_listener *l, etoauth_client *c, uint32_t timeout_ms, char **redirected_url);

/**
 * Frees a listener and closes its port, which is free at once, also while a forked child lives. A wait in progress
 * returns ETOAUTH_E_HANDLE.
 *
 * l: may be NULL.
 *
 * Returns ETOAUTH_E_HANDLE if l is not a live listener.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_listener_free(etoauth_listener *l);

/* ==================================================================================================================
 * 7  A handle for each call: its own timeout, cancellation and last failure
 * ================================================================================================================== */

/**
 * Makes one more handle on a client's login. All handles of a login have its key, environment, token, connections,
 * settings, session file and log in common. Each has a timeout, a cancellation and a last failure of its own. This is
 * quick: make a handle for each call and free it afterwards, and a call can have a deadline, and be cancelled, without
 * affecting the others. (On 32-bit, where fewer handles can be issued, keep some and use them again.)
 *
 * The timeout is at first that of c. All other settings, and the log, belong to the login, whichever handle is used to
 * change or to read them. The login ends when its last handle is freed.
 *
 * On a shared handle, etoauth_client_cancel is for good, so that a cancellation that comes before its call begins is
 * not lost: from then on, calls that use the network, and etoauth_listener_wait, return ETOAUTH_E_CANCELLED and send
 * nothing, whatever the state of the token, which even etoauth_client_revoke_access_token leaves alone. Local
 * functions, exchanges and other handles are not affected, not even one that is made of the cancelled handle later.
 *
 * out: the new handle; free it with etoauth_client_free.
 *
 * Local. Returns ETOAUTH_E_LIMIT.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_share(etoauth_client *c, etoauth_client **out);

/**
 * Describes the last failure of a function that was called with this handle, on whichever thread: etoauth_last_error
 * for hosts that cannot stay on a thread. Every such function counts, etoauth_client_share, etoauth_exchange_new and
 * etoauth_listener_wait among them, and every failure, such as a NULL argument beside a valid handle.
 *
 * A success leaves it as it is, so ask after a failure and before the handle is freed. If two calls with one handle
 * fail at the same time, it is either of the two: use a shared handle for each.
 *
 * status: as for etoauth_last_error.
 * buf: as for etoauth_last_error.
 * cap: as for etoauth_last_error.
 * len: as for etoauth_last_error.
 *
 * Local. Leaves the thread's last error alone.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_last_error(
    etoauth_client *c, etoauth_status *status, char *buf, size_t cap, size_t *len);

/**
 * Tells what the server said in the failure that etoauth_client_last_error describes.
 *
 * http_status: as for etoauth_last_problem.
 * buf: as for etoauth_last_problem.
 * cap: as for etoauth_last_problem.
 * len: as for etoauth_last_problem.
 *
 * Local. Leaves the thread's last error alone.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_last_problem(
    etoauth_client *c, int32_t *http_status, char *buf, size_t cap, size_t *len);

/* ==================================================================================================================
 * 8  For hosts with their own HTTP: the library decides, the host sends
 * ================================================================================================================== */

/** Get Request Token. */
#define ETOAUTH_EXCHANGE_REQUEST_TOKEN (1)

/** Get Access Token. */
#define ETOAUTH_EXCHANGE_ACCESS_TOKEN (2)

/** Renew Access Token. */
#define ETOAUTH_EXCHANGE_RENEW (3)

/** Revoke Access Token. */
#define ETOAUTH_EXCHANGE_REVOKE (4)

/** An API call: for etoauth_exchange_new_request, which makes one. */
#define ETOAUTH_EXCHANGE_API (5)

/** No complete response came. */
#define ETOAUTH_ANSWER_NONE (0)

/** Nothing of the request left. */
#define ETOAUTH_ANSWER_UNSENT (-1)

/** Send the call's request. */
#define ETOAUTH_STEP_SEND (1)

/** First send a renewal of the token. */
#define ETOAUTH_STEP_RENEW (2)

/** Another call renews the token: ask again later. */
#define ETOAUTH_STEP_WAIT (3)

/** The exchange has ended. */
#define ETOAUTH_STEP_DONE (4)

/**
 * Begins an OAuth call that the host sends with its own HTTP stack: a GET of the URL with one header, Authorization,
 * and no body. Redirects must not be followed. The request is signed now, so etoauth_exchange_next need not be asked.
 * A renewal of this kind neither leads nor waits for another one.
 *
 * kind: an ETOAUTH_EXCHANGE_ value except ETOAUTH_EXCHANGE_API.
 * verifier: for ETOAUTH_EXCHANGE_ACCESS_TOKEN the code or the redirected URL; may be NULL for the other kinds, which
 * take none.
 * out: the new exchange; free it with etoauth_exchange_free.
 *
 * Returns what the client's function for the same call returns before it uses the network; ETOAUTH_E_ARGUMENT for any
 * other kind, or for a verifier that the kind does not take; ETOAUTH_E_LIMIT.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_exchange_new(
    etoauth_client *c, int32_t kind, const char *verifier, etoauth_exchange **out);

/**
 * Begins an API call that the host sends with its own HTTP stack, with all that etoauth_client_send does for one:
 * repair, renewals that calls share, and caution with orders. Ask etoauth_exchange_next what to do, do it, report what
 * came of it to etoauth_exchange_finish, and repeat that while it returns ETOAUTH_E_AGAIN. The host's HTTP stack must
 * not repeat requests by itself, as many do when a kept connection turns out to be closed, or follow redirects.
 *
 * etoauth_client_cancel and timeouts do not affect exchanges. To give one up, abort its transfer. If that carried the
 * call itself, report ETOAUTH_ANSWER_NONE, or ETOAUTH_ANSWER_UNSENT, and heed the status; if it carried a renewal,
 * free the exchange, and another one will lead. A failure is read with etoauth_last_error, on the same thread.
 *
 * method: the HTTP method, such as "GET".
 * url: as for etoauth_client_send.
 * form: a form-encoded body, which is signed; may be NULL. Other bodies and headers are the host's to send.
 * out: the new exchange; free it with etoauth_exchange_free.
 *
 * Local, but adopts a newer session file first. Returns ETOAUTH_E_STATE without a token, ETOAUTH_E_LOGIN if a new
 * login is needed, ETOAUTH_E_METHOD, ETOAUTH_E_URL, ETOAUTH_E_INSECURE, ETOAUTH_E_ARGUMENT, ETOAUTH_E_LIMIT.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_exchange_new_request(
    etoauth_client *c, const char *method, const char *url, const char *form, etoauth_exchange **out);

/**
 * Says what to do now. Ask when you can send, and not again while a request is under way. If the request was not sent,
 * asking again changes nothing, except that it is signed again if the token was replaced or a minute has passed, and
 * that a renewal which somebody else made needless gives way to the call.
 *
 * step: an ETOAUTH_STEP_ value. ETOAUTH_STEP_SEND: send the request that the getters give, with the host's own headers
 * and body; it is signed now, so ask when a connection is free. ETOAUTH_STEP_RENEW: first send the request that the
 * getters give, a GET without a body. ETOAUTH_STEP_WAIT: another call of this process renews the token; ask again.
 * ETOAUTH_STEP_DONE: there is nothing to do.
 * wait_ms: after how many milliseconds to ask again, 0 unless step is ETOAUTH_STEP_WAIT; may be NULL. Exchanges that
 * were told to wait can ask at once when another one of the host's own has ended a renewal.
 *
 * Whoever is told to renew leads the renewal of this login until its finish or its end by etoauth_exchange_free, for
 * ten seconds at most, or for the timeout of the handle that it was made with, if that is shorter. Then another one
 * leads, but a response that comes later still counts.
 *
 * Local; waits for no lock that another holds. Returns the failure of the renewal that the call needs, if that failed
 * or may not be asked for yet; ETOAUTH_E_STATE if no token is held any more, or if the client's last handle was freed
 * and a repair is needed; ETOAUTH_E_LOGIN if a new login is needed. After a failure the exchange has ended.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_exchange_next(etoauth_exchange *x, int32_t *step, int32_t *wait_ms);

/**
 * Gives the method of an exchange's request.
 *
 * method: the method. The caller frees it with etoauth_string_free.
 *
 * Local. For an API call, returns ETOAUTH_E_STATE unless etoauth_exchange_next has said what to send.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_exchange_get_method(etoauth_exchange *x, char **method);

/**
 * Gives the URL of an exchange's request.
 *
 * url: the URL. The caller frees it with etoauth_string_free.
 *
 * Local. Returns the same statuses as etoauth_exchange_get_method.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_exchange_get_url(etoauth_exchange *x, char **url);

/**
 * Gives the value of the Authorization header of an exchange's request. For an OAuth call it stays the same until
 * etoauth_exchange_finish returns ETOAUTH_E_AGAIN.
 *
 * header: the value. The caller frees it with etoauth_string_free.
 *
 * Local. Returns the same statuses as etoauth_exchange_get_method.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_exchange_get_authorization(etoauth_exchange *x, char **header);

/**
 * Takes the response to an exchange's request and updates the client.
 *
 * http_status: the response's HTTP status; ETOAUTH_ANSWER_NONE if no complete response came; ETOAUTH_ANSWER_UNSENT if
 * nothing of the request left, not even a part.
 * headers: "Name: value" lines ended by LF or CRLF; any other line is skipped; may be NULL.
 * body: the response's body, still compressed or already decoded, whatever its headers say; may be NULL if body_len is
 * 0.
 * body_len: the length of body in bytes.
 *
 * Local; waits for no lock that another holds. Returns ETOAUTH_E_AGAIN if there is more to do: ask
 * etoauth_exchange_next. (An OAuth call was signed again: get its Authorization, and send it once more.) Everything
 * else ends the exchange, with the status that the client's function for the same call returns.
 * For an API call, ETOAUTH_OK means that this response is the call's answer, 4xx and 5xx included. Without a response
 * it returns ETOAUTH_E_UNCERTAIN, or ETOAUTH_E_CONNECT if nothing left. For a renewal without one it returns
 * ETOAUTH_E_UNAVAILABLE: the call was not carried out, and after ETOAUTH_ANSWER_NONE all calls that wait for this
 * renewal fail with it.
 * ETOAUTH_E_ARGUMENT means that http_status is none of these values; the exchange goes on.
 * ETOAUTH_E_STATE means, and then nothing is changed, that no response is awaited or, for an OAuth call, that the
 * client's last handle was freed or that the client no longer holds the token.
 * ETOAUTH_E_FILE means that the call took effect but could not be saved in the session file.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_exchange_finish(
    etoauth_exchange *x, int32_t http_status, const char *headers, const void *body, size_t body_len);

/**
 * Says what to do about the response that ended an exchange.
 *
 * advice: an ETOAUTH_ADVICE_ value.
 *
 * Local. Returns ETOAUTH_E_STATE if the exchange has not ended.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_exchange_get_advice(etoauth_exchange *x, int32_t *advice);

/**
 * Frees an exchange. If it was not finished, the client stays as it was. An API call that is freed before its first
 * ETOAUTH_STEP_SEND, or while it waits or renews, was not carried out.
 *
 * x: may be NULL.
 *
 * Returns ETOAUTH_E_HANDLE if x is not a live exchange.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_exchange_free(etoauth_exchange *x);

/**
 * Judges the response to an API call that the host signed and sent itself, as etoauth_client_send would. The client
 * learns from it about its clock, the token's use and the token's state.
 *
 * method: the request's method.
 * authorization: the value of the Authorization header that was sent.
 * http_status: as for etoauth_exchange_finish.
 * headers: as for etoauth_exchange_finish.
 * body: as for etoauth_exchange_finish.
 * body_len: the length of body in bytes.
 * advice: an ETOAUTH_ADVICE_ value. Without a response, or with a 5xx status, it is ETOAUTH_ADVICE_WAIT for GET and
 * HEAD, and ETOAUTH_ADVICE_CHECK for any other method; if nothing of the request left, ETOAUTH_ADVICE_RETRY.
 *
 * Local. Returns ETOAUTH_E_METHOD; ETOAUTH_E_ARGUMENT for an authorization without a token, or for an http_status
 * that etoauth_exchange_finish would refuse.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_diagnose(
    etoauth_client *c, const char *method, const char *authorization, int32_t http_status, const char *headers,
    const void *body, size_t body_len, int32_t *advice);

/* ==================================================================================================================
 * 9  Signing into a buffer: no lock, no allocation
 * ================================================================================================================== */

/** The size of a buffer that holds any Authorization header for a key and a token of up to 256 bytes each. */
#define ETOAUTH_HEADER_MAX (2048)

/**
 * Makes a signer from credentials that the caller has. It also works in a forked child.
 *
 * consumer_key: copied.
 * consumer_secret: copied.
 * token: copied; may be NULL, together with token_secret, for requests without a token.
 * token_secret: copied; may be NULL, together with token.
 * out: the new signer; free it with etoauth_signer_free.
 *
 * Returns ETOAUTH_E_ARGUMENT for an empty key or token; ETOAUTH_E_LIMIT.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_signer_new(
    const char *consumer_key, const char *consumer_secret, const char *token, const char *token_secret,
    etoauth_signer **out);

/**
 * Makes a signer from a client's access token. It uses the client's clock. Once that token has been replaced or
 * revoked, the signer returns ETOAUTH_E_STALE: get a new one. A signer may outlive the client.
 *
 * out: the new signer; free it with etoauth_signer_free.
 *
 * Local. Returns ETOAUTH_E_STATE without a token; ETOAUTH_E_LIMIT.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_get_signer(etoauth_client *c, etoauth_signer **out);

/**
 * Signs a request into the caller's buffer, with a new nonce and the current time. It takes no lock. It allocates no
 * memory, except in a thread's first call and for requests with more than 40 parameters.
 *
 * method: letters, such as GET.
 * url: the complete URL as it will be sent, with its query.
 * form: a form-encoded body, which is signed; may be NULL. Other bodies are not signed.
 * buf: receives the value of the Authorization header; may be NULL if cap is 0. See rule 4.
 * cap: the size of buf in bytes; at least the signer's bound, see etoauth_signer_get_bound.
 * len: the length of the value; may be NULL.
 *
 * Local. Returns ETOAUTH_E_BUFFER, ETOAUTH_E_URL, ETOAUTH_E_METHOD, ETOAUTH_E_STALE, ETOAUTH_E_CLOCK,
 * ETOAUTH_E_RANDOM; ETOAUTH_E_ARGUMENT for a form that is not form-encoded.
 * Source: RFC 5849 section 3.4
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_signer_sign(
    etoauth_signer *s, const char *method, const char *url, const char *form, char *buf, size_t cap, size_t *len);

/**
 * Signs a request into the caller's buffer, with a time and a nonce chosen by the caller: for tests, and to find out
 * why a server refuses a signature. Never use a nonce twice with the same time.
 *
 * method: as for etoauth_signer_sign.
 * url: as for etoauth_signer_sign.
 * form: as for etoauth_signer_sign.
 * timestamp: seconds since 1970, greater than 0; used as it is.
 * nonce: 1 to 64 letters, digits, or - . _ ~ characters; may be NULL, for a new one.
 * buf: as for etoauth_signer_sign.
 * cap: as for etoauth_signer_sign.
 * len: as for etoauth_signer_sign.
 *
 * Local. Returns the same statuses as etoauth_signer_sign; ETOAUTH_E_ARGUMENT for a timestamp or nonce of another
 * form.
 * Source: RFC 5849 section 3.3
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_signer_sign_at(
    etoauth_signer *s, const char *method, const char *url, const char *form, int64_t timestamp, const char *nonce,
    char *buf, size_t cap, size_t *len);

/**
 * Gives the text that etoauth_signer_sign_at signs with the same arguments, to find out why a server refuses a
 * signature. It contains no secret.
 *
 * method: as for etoauth_signer_sign_at.
 * url: as for etoauth_signer_sign_at.
 * form: as for etoauth_signer_sign_at.
 * timestamp: as for etoauth_signer_sign_at.
 * nonce: as for etoauth_signer_sign_at.
 * out: the text. The caller frees it with etoauth_string_free.
 *
 * Local. Returns the same statuses as etoauth_signer_sign_at, except ETOAUTH_E_BUFFER.
 * Source: RFC 5849 section 3.4.1
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_signer_get_base_string(
    etoauth_signer *s, const char *method, const char *url, const char *form, int64_t timestamp, const char *nonce,
    char **out);

/**
 * Corrects the clock that etoauth_signer_sign uses, for a signer that was made without a client.
 *
 * seconds: E*TRADE's time minus this machine's, at most a day in either direction.
 *
 * Local. Returns ETOAUTH_E_ARGUMENT; ETOAUTH_E_STATE for a client's signer, which uses the client's clock.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_signer_set_clock_offset(etoauth_signer *s, int64_t seconds);

/**
 * Gives the buffer size that is large enough for all of this signer's signatures, including the NUL.
 *
 * out: the size in bytes. For a key and a token of up to 256 bytes each, it is at most ETOAUTH_HEADER_MAX.
 *
 * Local.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_signer_get_bound(etoauth_signer *s, size_t *out);

/**
 * Frees a signer and wipes its secrets. This never waits.
 *
 * s: may be NULL.
 *
 * Returns ETOAUTH_E_HANDLE if s is not a live signer.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_signer_free(etoauth_signer *s);

/* ==================================================================================================================
 * 10  Prepared requests: one method and URL, signed again and again
 * ================================================================================================================== */

/**
 * Prepares a request: everything that does not change from one signature to the next is hashed and written once. For
 * a request that is sent repeatedly this takes half the time of etoauth_signer_sign, or less.
 *
 * A prepared request may outlive its signer. It uses the signer's clock, works in a forked child, and returns
 * ETOAUTH_E_STALE when its signer does. Any number of threads may sign with one, and none waits for another.
 *
 * method: letters, such as GET; copied.
 * url: the complete URL as it will be sent, with its query; copied.
 * out: the prepared request; free it with etoauth_prepared_free.
 *
 * Local. Returns ETOAUTH_E_URL, ETOAUTH_E_METHOD, ETOAUTH_E_STALE, ETOAUTH_E_RANDOM, ETOAUTH_E_LIMIT.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_prepared_new(
    etoauth_signer *s, const char *method, const char *url, etoauth_prepared **out);

/**
 * Signs the prepared request into the caller's buffer, with a new nonce and the current time. It takes no lock. It
 * allocates no memory, except in a thread's first call.
 *
 * buf: receives the value of the Authorization header; may be NULL if cap is 0. See rule 4.
 * cap: the size of buf in bytes; at least the signer's bound, see etoauth_signer_get_bound.
 * len: the length of the value; may be NULL.
 *
 * Local. Returns ETOAUTH_E_BUFFER, ETOAUTH_E_STALE, ETOAUTH_E_CLOCK, ETOAUTH_E_RANDOM.
 * Source: RFC 5849 section 3.4
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_prepared_sign(etoauth_prepared *p, char *buf, size_t cap, size_t *len);

/**
 * Signs the prepared request into the caller's buffer, with a time and a nonce chosen by the caller, for tests. Never
 * use a nonce twice with the same time. Such a nonce could not be prepared for, so this takes as long as
 * etoauth_signer_sign_at.
 *
 * timestamp: seconds since 1970, greater than 0; used as it is.
 * nonce: 1 to 64 letters, digits, or - . _ ~ characters; may be NULL, for a new one.
 * buf: as for etoauth_prepared_sign.
 * cap: as for etoauth_prepared_sign.
 * len: as for etoauth_prepared_sign.
 *
 * Local. Returns the same statuses as etoauth_prepared_sign; ETOAUTH_E_ARGUMENT for a timestamp or nonce of another
 * form.
 * Source: RFC 5849 section 3.3
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_prepared_sign_at(
    etoauth_prepared *p, int64_t timestamp, const char *nonce, char *buf, size_t cap, size_t *len);

/**
 * Frees a prepared request and wipes its contents. This never waits. Its signer is not freed.
 *
 * p: may be NULL.
 *
 * Returns ETOAUTH_E_HANDLE if p is not a live prepared request.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_prepared_free(etoauth_prepared *p);

/* ==================================================================================================================
 * 11  The library
 * ================================================================================================================== */

/** Increased when programs must be recompiled. It is also the number in the soname. */
#define ETOAUTH_ABI_VERSION (1)

/** Gives the library's version, such as "1.2.3". The text is static. ETOAUTH_VERSION_STRING is the header's. */
ETOAUTH_API const char *ETOAUTH_CALL etoauth_version(void);

/** Gives the library's version as a number: 0x010203 for 1.2.3. ETOAUTH_VERSION_NUMBER is the header's. */
ETOAUTH_API uint32_t ETOAUTH_CALL etoauth_version_number(void);

/** Gives the library's ABI version. If it differs from ETOAUTH_ABI_VERSION, header and library do not match. */
ETOAUTH_API uint32_t ETOAUTH_CALL etoauth_abi_version(void);

/** Counts the handles and strings that the caller has not freed yet. It leaves the last error alone. */
ETOAUTH_API size_t ETOAUTH_CALL etoauth_live_objects(void);

/**
 * Signs the example that E*TRADE publishes, with the code that signs everything else.
 *
 * Returns ETOAUTH_E_INTERNAL if the result is not the published signature.
 * Source: https://apisb.etrade.com/docs/dev/authorization.html
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_self_test(void);

/**
 * Percent-encodes a text: every byte except letters, digits, - . _ and ~.
 *
 * text: UTF-8.
 * out: the encoded text. The caller frees it with etoauth_string_free.
 *
 * Local.
 * Source: RFC 3986 section 2.1, RFC 5849 section 3.6
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_percent_encode(const char *text, char **out);

/* ==================================================================================================================
 * 12  Statuses
 * ================================================================================================================== */

/**
 * Success.
 *
 * The numbers are grouped: the call from -1, its input from -20, this machine from -30, the network from -40, the
 * server from -50. "Any network or server status" in the sections above means any status from -40 on, or
 * ETOAUTH_E_LIMIT.
 */
#define ETOAUTH_OK (0)

/** An argument that must not be NULL is NULL. */
#define ETOAUTH_E_NULL (-1)

/** An argument has a value that is not allowed. */
#define ETOAUTH_E_ARGUMENT (-2)

/** A text is not UTF-8. */
#define ETOAUTH_E_UTF8 (-3)

/** The buffer is too small. */
#define ETOAUTH_E_BUFFER (-4)

/** Not a live handle of this kind, or not a live string of this library. */
#define ETOAUTH_E_HANDLE (-5)

/** The call is not possible in the present state: log in, or begin a login, first. */
#define ETOAUTH_E_STATE (-6)

/** A response is too large, or there are too many live handles. */
#define ETOAUTH_E_LIMIT (-7)

/** An error in the library itself: please report it. */
#define ETOAUTH_E_INTERNAL (-8)

/** Out of memory. */
#define ETOAUTH_E_MEMORY (-9)

/** The client's token was replaced: get a new signer. */
#define ETOAUTH_E_STALE (-10)

/** The URL cannot be sent as it is. */
#define ETOAUTH_E_URL (-20)

/** The method does not consist of letters, or is CONNECT. */
#define ETOAUTH_E_METHOD (-21)

/** The session text is damaged, or belongs to another key or environment. */
#define ETOAUTH_E_SESSION (-22)

/** The operating system provided no random bytes. */
#define ETOAUTH_E_RANDOM (-30)

/** This machine's clock cannot be used: set it. */
#define ETOAUTH_E_CLOCK (-31)

/** A file cannot be read or written. */
#define ETOAUTH_E_FILE (-32)

/** No connection: check the network, the firewall or the proxy. */
#define ETOAUTH_E_CONNECT (-40)

/** No secure connection: check the host, its certificate and this machine's clock. */
#define ETOAUTH_E_TLS (-41)

/** No response within the timeout. */
#define ETOAUTH_E_TIMEOUT (-42)

/** Plain http to another machine is refused: use https. */
#define ETOAUTH_E_INSECURE (-43)

/** The request left, or may have left, and no complete response came: check before you repeat it. */
#define ETOAUTH_E_UNCERTAIN (-44)

/** The call was cancelled before its request left. */
#define ETOAUTH_E_CANCELLED (-45)

/** The server's response was not expected. */
#define ETOAUTH_E_HTTP (-50)

/** The server's response cannot be read. */
#define ETOAUTH_E_RESPONSE (-51)

/** The server refused the signature: check the secrets. */
#define ETOAUTH_E_SIGNATURE (-52)

/** The server refused the consumer key: it has expired or belongs to the other environment. */
#define ETOAUTH_E_CONSUMER_KEY (-53)

/** The server refused the verification code: type it again, or begin a new login. */
#define ETOAUTH_E_VERIFIER (-54)

/**
 * A new login is needed.
 *
 * This is final in state ETOAUTH_TOKEN_EXPIRED. In any other state it may be temporary.
 */
#define ETOAUTH_E_LOGIN (-55)

/**
 * Too many requests: wait, then try again.
 *
 * The token is kept.
 */
#define ETOAUTH_E_RATE_LIMIT (-56)

/**
 * The service is unavailable: wait, then try again.
 *
 * The token is kept.
 */
#define ETOAUTH_E_UNAVAILABLE (-57)

/** This machine's clock and the server's differ too much: set the clock. */
#define ETOAUTH_E_CLOCK_SKEW (-58)

/** The request was signed again: send it once more. */
#define ETOAUTH_E_AGAIN (-59)

/** The server does not permit it. */
#define ETOAUTH_E_DENIED (-60)

#ifdef __cplusplus
}
#endif

#endif /* ETOAUTH_H */
