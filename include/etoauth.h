/*
 * libetoauth 0.1.0: E*TRADE's OAuth 1.0a for C, C++ and every other language that calls C.
 *
 * Five calls and you are logged in; every request after that is one more:
 *
 *     etoauth_client *c = NULL;
 *     etoauth_response *r = NULL;
 *     char *url = NULL, *json = NULL, code[64], text[512];
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
 *    signer's bound, always. In this second form buf may be NULL where cap is 0, and len may be NULL.
 *  5 Handles are never dereferenced: one that was freed, even twice, that is of another kind or was invented gives
 *    ETOAUTH_E_HANDLE and never a crash, and no value is issued twice in a process. (The shared library stays loaded
 *    for that. A plug-in with the static one inside should stay, too: unloaded, it can't promise it, and a thread of
 *    rule 7 would lose its code.) At least a million may be live, 4,000 on 32-bit; beyond that ETOAUTH_E_LIMIT. Freeing
 *    NULL is fine, and frees never wait. A freed string is wiped and held back for a while, in which a second free of
 *    it is refused.
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
#define ETOAUTH_VERSION_MAJOR (0)
#define ETOAUTH_VERSION_MINOR (1)
#define ETOAUTH_VERSION_PATCH (0)
#define ETOAUTH_VERSION_NUMBER (0x000100)
#define ETOAUTH_VERSION_STRING "0.1.0"

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

/**
 * A consumer key in one environment, one person's token, and its lifecycle. The library can't tell persons apart:
 * one client for each.
 */
typedef struct etoauth_client etoauth_client;

/** One OAuth call whose HTTP is left to the host. */
typedef struct etoauth_exchange etoauth_exchange;

/** Waits on this machine for E*TRADE's redirect to a registered callback. */
typedef struct etoauth_listener etoauth_listener;

/** A signer bound to one method and URL: what never changes is hashed already. */
typedef struct etoauth_prepared etoauth_prepared;

/** A whole answer to an API call. */
typedef struct etoauth_response etoauth_response;

/** Fixed credentials, ready to sign. */
typedef struct etoauth_signer etoauth_signer;

/** 0 is success, negative is failure; an unknown negative is a failure. */
typedef int32_t etoauth_status;

/* ==================================================================================================================
 * 1  Log in, sign, log out
 * ================================================================================================================== */

/** E*TRADE itself. */
#define ETOAUTH_ENV_LIVE (1)

/** E*TRADE's sandbox, with made-up accounts; it takes keys of its own. */
#define ETOAUTH_ENV_SANDBOX (2)

/**
 * Makes a client. It uses no network yet.
 *
 * env: ETOAUTH_ENV_LIVE or ETOAUTH_ENV_SANDBOX.
 * consumer_key, consumer_secret: from E*TRADE's developer page; copied.
 * out: the new client; free it with etoauth_client_free.
 *
 * Returns ETOAUTH_E_ARGUMENT for another env, or an empty key or secret; ETOAUTH_E_LIMIT.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_new(
    int32_t env, const char *consumer_key, const char *consumer_secret, etoauth_client **out);

/**
 * Get Request Token: begins a login. The request token lives for five minutes. It stands beside an access token that
 * the client may hold, and changes nothing about that one until the new access token is there.
 *
 * Uses the network. Returns any network or server status; ETOAUTH_E_CONSUMER_KEY when the key has expired or
 * belongs to the other environment.
 * Source: https://apisb.etrade.com/docs/api/authorization/request_token.html
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_fetch_request_token(etoauth_client *c);

/**
 * The page where the person approves and is shown the verification code: open it in a browser.
 *
 * url: the caller's; free it with etoauth_string_free.
 *
 * Local. Returns ETOAUTH_E_STATE when no login is pending.
 * Source: https://apisb.etrade.com/docs/api/authorization/authorize.html
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_get_authorize_url(etoauth_client *c, char **url);

/**
 * Get Access Token: ends the login. From here on the client signs.
 *
 * verifier: the code that the page shows (blanks around it don't matter), or the whole URL to which a registered
 * callback was redirected; its oauth_token must be that of the pending login.
 *
 * Uses the network. Returns ETOAUTH_E_VERIFIER when the code is refused: the login stays pending, so that a mistyped
 * code can be typed again; ETOAUTH_E_STATE when no login is pending; ETOAUTH_E_ARGUMENT for an empty verifier or a
 * URL of another login, and then nothing is sent; any network or server status.
 * Source: https://apisb.etrade.com/docs/api/authorization/get_access_token.html
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_fetch_access_token(etoauth_client *c, const char *verifier);

/**
 * Signs a request that the caller sends with HTTP of its own. Sign each request anew, a repeated one too: a signature
 * holds a nonce and the time, and serves once.
 *
 * method: letters, such as GET. url: the whole URL exactly as it is sent, query included, percent-encoded already
 * (etoauth_percent_encode helps with a value); its parameters are signed.
 * header: the value for the request's Authorization header, the caller's; free it with etoauth_string_free.
 *
 * Local, and never waits. Works while a token is held, in any state. Returns ETOAUTH_E_STATE without a token;
 * ETOAUTH_E_URL, ETOAUTH_E_METHOD, ETOAUTH_E_CLOCK, ETOAUTH_E_RANDOM.
 * Source: RFC 5849 section 3.4
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_sign(
    etoauth_client *c, const char *method, const char *url, char **header);

/**
 * Signs a request in its URL's query, for one whose Authorization header can't be set.
 *
 * method, url: as for etoauth_client_sign.
 * signed_url: the URL with the parameters added, the caller's; free it with etoauth_string_free.
 *
 * Local. Returns what etoauth_client_sign returns.
 * Source: RFC 5849 section 3.5.3
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_sign_url(
    etoauth_client *c, const char *method, const char *url, char **signed_url);

/**
 * Renew Access Token: wakes a token that slept for two idle hours. It can't carry one past midnight in New York.
 *
 * Uses the network. Returns ETOAUTH_E_STATE without a token; ETOAUTH_E_LOGIN when only a login helps;
 * ETOAUTH_E_UNAVAILABLE or ETOAUTH_E_RATE_LIMIT when it may be tried again later, the token being kept; any other
 * network or server status.
 * Source: https://apisb.etrade.com/docs/api/authorization/renew_access_token.html
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_renew_access_token(etoauth_client *c);

/**
 * Revoke Access Token: logs out. The token is gone from the client even when the call fails on the way.
 *
 * Uses the network. Returns ETOAUTH_E_STATE without a token; any network or server status.
 * Source: https://apisb.etrade.com/docs/api/authorization/revoke_access_token.html
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_revoke_access_token(etoauth_client *c);

/**
 * Frees a client, wipes its secrets and cancels its calls, which return as after etoauth_client_cancel. It does not
 * revoke the token. Never waits.
 *
 * c: may be NULL.
 *
 * Returns ETOAUTH_E_HANDLE for what is no live client; ETOAUTH_E_STATE, releasing nothing, in a forked child.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_free(etoauth_client *c);

/**
 * Frees a string that the library gave, and wipes it.
 *
 * text: may be NULL.
 *
 * Returns ETOAUTH_E_HANDLE for what is no live string of the library's.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_string_free(char *text);

/* ==================================================================================================================
 * 2  What went wrong
 * ================================================================================================================== */

/**
 * This thread's last failure in words: which argument, host or phase, and what to do. Never a secret.
 *
 * Every failure sets it and the thread's next call clears it, but for functions named *_free, *_last_*, *_status_*
 * and *version*, which leave it alone. A new thread has none; a refused free leaves none.
 *
 * status: its status, or ETOAUTH_OK; may be NULL.
 * buf, cap, len: where the sentence goes; "" if nothing failed. See rule 4.
 *
 * Returns ETOAUTH_E_BUFFER.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_last_error(etoauth_status *status, char *buf, size_t cap, size_t *len);

/**
 * What the server said in this thread's last failure.
 *
 * http_status: the HTTP status of its answer, 0 if none came; may be NULL.
 * buf, cap, len: where its oauth_problem goes, such as token_expired; "" if it gave none. See rule 4.
 *
 * Returns ETOAUTH_E_BUFFER.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_last_problem(int32_t *http_status, char *buf, size_t cap, size_t *len);

/**
 * A status's name, such as "ETOAUTH_E_TIMEOUT". Static, never NULL.
 *
 * status: "unknown" is the name of one that this version does not know.
 */
ETOAUTH_API const char *ETOAUTH_CALL etoauth_status_name(etoauth_status status);

/** A status in one line of English, for any value. Static, never NULL. */
ETOAUTH_API const char *ETOAUTH_CALL etoauth_status_text(etoauth_status status);

/* ==================================================================================================================
 * 3  API calls that repair themselves
 * ================================================================================================================== */

/** Nothing is to be done about the login or the connection. */
#define ETOAUTH_ADVICE_NONE (0)

/** Sign anew and send again. */
#define ETOAUTH_ADVICE_RETRY (1)

/** Renew the access token, then retry. */
#define ETOAUTH_ADVICE_RENEW (2)

/** Only a new login helps. */
#define ETOAUTH_ADVICE_LOGIN (3)

/** Wait, then retry: a rate limit, or the service is down for the moment. */
#define ETOAUTH_ADVICE_WAIT (4)

/** Something must be mended first: a key, a secret, a permission, a clock. */
#define ETOAUTH_ADVICE_FIX (5)

/** It may have been carried out: look before repeating it. */
#define ETOAUTH_ADVICE_CHECK (6)

/**
 * Makes sure that the access token will be active for some time more: one renew if it is inactive, or would be by
 * then. Many threads, and processes that share a session file, cause one renew and share its result. Nothing carries
 * a token past midnight in New York.
 *
 * for_seconds: 0 asks for a token that is active now. A renew gives two hours: asking for more renews each time.
 *
 * Uses the network if need be. Returns ETOAUTH_E_LOGIN when only a login helps; ETOAUTH_E_UNAVAILABLE when the renew
 * failed on the way, or ETOAUTH_E_RATE_LIMIT: the token is kept, wait and try again; ETOAUTH_E_TIMEOUT or
 * ETOAUTH_E_CANCELLED while waiting for others.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_ensure_active(etoauth_client *c, uint32_t for_seconds);

/**
 * Sends a signed API call and repairs what can be repaired: a token that went to sleep is renewed, a clock that is off
 * is corrected, a passing fault is tried once more, three sends in all at the most. A request that may have been
 * carried out is never sent again, by any layer.
 *
 * method: letters, such as GET.
 * url: a path under the API's base URL, beginning with /, or a whole URL there; no other host gets the credentials.
 * headers: "Name: value" lines ended by LF or CRLF; may be NULL. Authorization, Host, Content-Length and
 * Transfer-Encoding are the library's to write.
 * body, body_len: in bytes; body may be NULL if that is 0. With a body, headers must hold a Content-Type. Only a
 * form-encoded body is signed.
 * out: the answer; free it with etoauth_response_free.
 *
 * Uses the network. Returns ETOAUTH_OK for every whole answer, 4xx and 5xx, too, unless it is an OAuth failure that
 * remains: ETOAUTH_E_LOGIN, ETOAUTH_E_SIGNATURE, ETOAUTH_E_CONSUMER_KEY, ETOAUTH_E_CLOCK_SKEW, ETOAUTH_E_DENIED,
 * ETOAUTH_E_HTTP; ETOAUTH_E_UNAVAILABLE or ETOAUTH_E_RATE_LIMIT when a renew that it needs failed on the way.
 * ETOAUTH_E_UNCERTAIN: the request left, or may have, and no whole answer came; or, but for GET and HEAD, the server
 * has seen its nonce before, so that an earlier copy may have arrived. Look before you repeat it.
 * ETOAUTH_E_CONNECT, ETOAUTH_E_TLS, ETOAUTH_E_TIMEOUT, ETOAUTH_E_CANCELLED: nothing of it left.
 * ETOAUTH_E_LIMIT: the answer is larger than 16 MiB; the request was carried out.
 * ETOAUTH_E_STATE without a token; ETOAUTH_E_URL for another host, ETOAUTH_E_INSECURE, ETOAUTH_E_METHOD;
 * ETOAUTH_E_ARGUMENT for headers or a body of another form.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_send(
    etoauth_client *c, const char *method, const char *url, const char *headers, const void *body, size_t body_len,
    etoauth_response **out);

/**
 * Ends the client's calls under way, from any thread, within a second. They return ETOAUTH_E_CANCELLED, or
 * ETOAUTH_E_UNCERTAIN if the request had left. The client stays usable.
 *
 * Local.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_cancel(etoauth_client *c);

/**
 * An answer's HTTP status.
 *
 * status: such as 200.
 *
 * Local.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_response_get_status(etoauth_response *r, int32_t *status);

/**
 * The value of one of an answer's headers; of several by that name, all of them, joined by commas.
 *
 * name: in any case. value: the caller's, freed with etoauth_string_free; NULL if there is no such header.
 *
 * Local.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_response_get_header(
    etoauth_response *r, const char *name, char **value);

/**
 * An answer's body.
 *
 * data: the caller's, freed with etoauth_string_free; a NUL follows its last byte. len: its length without that.
 *
 * Local.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_response_get_body(etoauth_response *r, char **data, size_t *len);

/**
 * What is to be done about an answer, such as to wait after a rate limit.
 *
 * advice: an ETOAUTH_ADVICE_ value.
 *
 * Local.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_response_get_advice(etoauth_response *r, int32_t *advice);

/**
 * How often the request was sent for an answer.
 *
 * attempts: 1 unless something was repaired.
 *
 * Local.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_response_get_attempts(etoauth_response *r, int32_t *attempts);

/**
 * Frees a response and wipes it.
 *
 * r: may be NULL.
 *
 * Returns ETOAUTH_E_HANDLE for what is no live response.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_response_free(etoauth_response *r);

/* ==================================================================================================================
 * 4  A client's token and settings
 * ================================================================================================================== */

/** No token is held, and no login is pending. */
#define ETOAUTH_TOKEN_NONE (0)

/** A login is pending, and no live token is held beside it. */
#define ETOAUTH_TOKEN_PENDING (1)

/** The token works. */
#define ETOAUTH_TOKEN_ACTIVE (2)

/** The token slept for two idle hours: renew it. */
#define ETOAUTH_TOKEN_INACTIVE (3)

/** Only a login helps: it is past midnight in New York, or E*TRADE refused to renew. */
#define ETOAUTH_TOKEN_EXPIRED (4)

/** The token was revoked. */
#define ETOAUTH_TOKEN_REVOKED (5)

/**
 * How the access token stands, as far as is known here; the server's word wins.
 *
 * state: an ETOAUTH_TOKEN_ value.
 * inactive_in_s: seconds until it sleeps for want of use.
 * expires_in_s: seconds until midnight in New York ends it; for a pending login, until its request token is over.
 * Each may be NULL; seconds are 0 when past or none.
 *
 * Local. Returns ETOAUTH_E_CLOCK.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_get_token_state(
    etoauth_client *c, int32_t *state, int32_t *inactive_in_s, int32_t *expires_in_s);

/**
 * Gives the client an access token from elsewhere. It replaces the one that is held.
 *
 * token, token_secret: as E*TRADE gave them, percent-decoded; copied.
 * issued_at: when, in seconds since 1970; 0 means now. One of more than two hours ago starts inactive.
 *
 * Local. Returns ETOAUTH_E_ARGUMENT for an empty text, a negative time or one more than five minutes ahead.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_set_access_token(
    etoauth_client *c, const char *token, const char *token_secret, int64_t issued_at);

/**
 * A client's access token, in whatever state it is.
 *
 * token, token_secret: the caller's; free each with etoauth_string_free.
 *
 * Local. Returns ETOAUTH_E_STATE when none is held.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_get_access_token(
    etoauth_client *c, char **token, char **token_secret);

/**
 * Talks to other hosts than E*TRADE's: a sandbox of one's own, or the other host for sandbox keys.
 *
 * oauth_base: under which request_token and its neighbours lie, such as https://apisb.etrade.com/oauth.
 * authorize_url: the page for the person. api_base: under which /v1 lies.
 * Each may be NULL, which keeps it.
 *
 * Local. Returns ETOAUTH_E_URL; ETOAUTH_E_INSECURE for plain http to another machine. On failure none is changed.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_set_base_urls(
    etoauth_client *c, const char *oauth_base, const char *authorize_url, const char *api_base);

/**
 * Bounds each call that uses the network, from entry to return. It holds for calls that begin later.
 *
 * timeout_ms: milliseconds; 30000 unless set.
 *
 * Local. Returns ETOAUTH_E_ARGUMENT for 0.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_set_timeout_ms(etoauth_client *c, uint32_t timeout_ms);

/**
 * Goes through a proxy.
 *
 * url: http://host:port or https://host:port, user:password@ before the host if it asks for them; "" means none.
 * While it is not set, the environment's HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY hold. Plain http, which stays
 * on this machine, goes through no proxy.
 *
 * Local. Returns ETOAUTH_E_URL.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_set_proxy(etoauth_client *c, const char *url);

/**
 * Trusts the certificates of a file in place of the machine's own: for a private authority.
 *
 * pem_path: a file with certificates in PEM form, up to 16 MiB; it is read now.
 *
 * Local. Returns ETOAUTH_E_FILE when it can't be read or holds no certificate.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_set_ca_file(etoauth_client *c, const char *pem_path);

/**
 * Says who is calling, in the User-Agent header; "etoauth/" and the version unless set.
 *
 * text: one line of visible ASCII, 512 characters at most.
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
 * renewed, so that one renew serves all processes. Neither is opened through a link.
 *
 * A lock that another process holds, or a file that can't be read or written, never fails a call that has a token in
 * memory: such a call waits for at most two seconds, and the change takes effect in this client. It is saved with the
 * next change or call, and before anything older is adopted. etoauth_client_fetch_access_token,
 * etoauth_client_import_session and the finish of an ETOAUTH_EXCHANGE_ACCESS_TOKEN return ETOAUTH_E_FILE when they
 * took effect but could not be saved. A file that could not be read, that a newer version of the library wrote or
 * that belongs to another key or environment is never replaced. A file that is damaged while it is attached is
 * ignored, and replaced at the next change.
 *
 * path: NULL detaches the file and leaves it as it is. A relative path is resolved now, from the current directory. A
 * link, even to a file that does not exist yet, stands for the file that it leads to.
 *
 * Returns ETOAUTH_E_SESSION for a file that is damaged, or of another key or environment, or of a newer version of
 * the library, and ETOAUTH_E_FILE for one that can't be read or written. The client and the file are unchanged then.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_set_session_file(etoauth_client *c, const char *path);

/**
 * The whole session, a pending login included, as one line of text for the host's own store. Treat it as a secret: it
 * holds the token. It is a copy: use a session file or a store of your own, not both.
 *
 * text: the caller's; free it with etoauth_string_free.
 *
 * Local.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_export_session(etoauth_client *c, char **text);

/**
 * Goes on with an exported session, in place of the client's own.
 *
 * text: as etoauth_client_export_session gave it, here or on another machine.
 *
 * Local. Returns ETOAUTH_E_SESSION for a text that is damaged or cut short, or of another key or environment: nothing
 * is changed then; ETOAUTH_E_FILE when it took effect but could not be saved in the session file.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_import_session(etoauth_client *c, const char *text);

/**
 * How far E*TRADE's clock is ahead of this machine's, as learned when a timestamp was refused, or set.
 *
 * seconds: 0 until something was learned.
 *
 * Local.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_get_clock_offset(etoauth_client *c, int64_t *seconds);

/**
 * Sets how far E*TRADE's clock is ahead of this machine's, for hosts that know it. It holds until more is learned.
 *
 * seconds: E*TRADE's time minus this machine's, at most a day either way.
 *
 * Local. Returns ETOAUTH_E_ARGUMENT.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_set_clock_offset(etoauth_client *c, int64_t seconds);

/**
 * Drains the last 64 events, the oldest first: renews, repeats, corrections, logins, refusals. Each line holds the time
 * (UTC), the call, the host, the HTTP status or -, the problem or -, and what was done. Never a secret.
 *
 * lines: each ended by LF; "" if there are none; the caller's, freed with etoauth_string_free.
 *
 * Local.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_read_log(etoauth_client *c, char **lines);

/* ==================================================================================================================
 * 6  The callback listener
 * ================================================================================================================== */

/**
 * Listens for the redirect to a callback that is registered with E*TRADE, so that nobody types a code.
 *
 * callback_url: the registered URL: http:// with localhost (which listens on 127.0.0.1 and ::1) or an address that is
 * this machine's own, such as 127.0.0.1 or [::1], a port, and whatever path and query it has. Port 0 takes any free
 * one, for tests.
 * out: the new listener; free it with etoauth_listener_free.
 *
 * Returns ETOAUTH_E_ARGUMENT for another host or form; ETOAUTH_E_CONNECT when the port is taken; ETOAUTH_E_LIMIT.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_listener_new(const char *callback_url, etoauth_listener **out);

/**
 * The URL on which a listener listens, its port filled in.
 *
 * url: the caller's; free it with etoauth_string_free.
 *
 * Local.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_listener_get_url(etoauth_listener *l, char **url);

/**
 * Waits for the redirect to a listener and tells the person to close the window. Other visitors do not end the wait.
 *
 * c: only a redirect for this client's pending login counts; may be NULL, and then any redirect with a token and a
 * verifier does.
 * timeout_ms: milliseconds, whether or not a login is pending; 0 takes one look, for hosts that poll.
 * redirected_url: the whole URL, for etoauth_client_fetch_access_token; the caller's, freed with etoauth_string_free.
 *
 * Returns ETOAUTH_E_TIMEOUT when none came; ETOAUTH_E_HANDLE when the listener is freed meanwhile.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_listener_wait(
    etoauth_listener *l, etoauth_client *c, uint32_t timeout_ms, char **redirected_url);

/**
 * Frees a listener and closes its port. A wait under way ends with ETOAUTH_E_HANDLE.
 *
 * l: may be NULL.
 *
 * Returns ETOAUTH_E_HANDLE for what is no live listener.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_listener_free(etoauth_listener *l);

/* ==================================================================================================================
 * 7  For hosts with their own HTTP: the library decides, the host sends
 * ================================================================================================================== */

/** Get Request Token. */
#define ETOAUTH_EXCHANGE_REQUEST_TOKEN (1)

/** Get Access Token. */
#define ETOAUTH_EXCHANGE_ACCESS_TOKEN (2)

/** Renew Access Token. */
#define ETOAUTH_EXCHANGE_RENEW (3)

/** Revoke Access Token. */
#define ETOAUTH_EXCHANGE_REVOKE (4)

/**
 * Begins an OAuth call whose HTTP the host does: a GET of the URL with one header, Authorization, and no body;
 * redirects are not to be followed. It is signed here.
 *
 * kind: an ETOAUTH_EXCHANGE_ value.
 * verifier: the code or the redirected URL, for ETOAUTH_EXCHANGE_ACCESS_TOKEN; else NULL.
 * out: the new exchange; free it with etoauth_exchange_free.
 *
 * Returns what the client's function for the same call returns before it uses the network; ETOAUTH_E_ARGUMENT for
 * another kind, or a verifier where none belongs; ETOAUTH_E_LIMIT.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_exchange_new(
    etoauth_client *c, int32_t kind, const char *verifier, etoauth_exchange **out);

/**
 * The method of an exchange's request.
 *
 * method: "GET"; the caller's, freed with etoauth_string_free.
 *
 * Local.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_exchange_get_method(etoauth_exchange *x, char **method);

/**
 * The URL of an exchange's request.
 *
 * url: the caller's, freed with etoauth_string_free.
 *
 * Local.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_exchange_get_url(etoauth_exchange *x, char **url);

/**
 * The value of the Authorization header of an exchange's request. The same until etoauth_exchange_finish returns
 * ETOAUTH_E_AGAIN.
 *
 * header: the caller's, freed with etoauth_string_free.
 *
 * Local.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_exchange_get_authorization(etoauth_exchange *x, char **header);

/**
 * Takes the answer to an exchange's request and updates the client.
 *
 * http_status: 0 if no answer came.
 * headers: "Name: value" lines ended by LF or CRLF; may be NULL.
 * body, body_len: in bytes; body may be NULL if that is 0.
 *
 * Local. Returns ETOAUTH_E_AGAIN when it is signed anew: get the authorization again and send once more. Anything else
 * ends the exchange: what the client's function for the same call returns; ETOAUTH_E_UNAVAILABLE if no answer came;
 * ETOAUTH_E_STATE, changing nothing, for a second finish, or when the client was freed or no longer holds the token;
 * ETOAUTH_E_FILE when it took effect but could not be saved.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_exchange_finish(
    etoauth_exchange *x, int32_t http_status, const char *headers, const void *body, size_t body_len);

/**
 * Frees an exchange. One that was not finished leaves the client as it was.
 *
 * x: may be NULL.
 *
 * Returns ETOAUTH_E_HANDLE for what is no live exchange.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_exchange_free(etoauth_exchange *x);

/**
 * Judges the answer to an API call that the host signed and sent by itself, as etoauth_client_send would; the client
 * learns from it: the clock, the token's use, its state.
 *
 * method: of the call. authorization: the value of the Authorization header that was sent.
 * http_status: 0 if no answer came. headers, body, body_len: as for etoauth_exchange_finish.
 * advice: an ETOAUTH_ADVICE_ value. Without an answer, or with a 5xx, it is to wait for GET and HEAD, and to check for
 * everything else.
 *
 * Local. Returns ETOAUTH_E_METHOD; ETOAUTH_E_ARGUMENT for an authorization without a token, or no HTTP status.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_diagnose(
    etoauth_client *c, const char *method, const char *authorization, int32_t http_status, const char *headers,
    const void *body, size_t body_len, int32_t *advice);

/* ==================================================================================================================
 * 8  Signing into a buffer: no lock, no allocation
 * ================================================================================================================== */

/** The capacity that suffices for an Authorization header with a key and a token of up to 256 bytes each. */
#define ETOAUTH_HEADER_MAX (2048)

/**
 * Makes a signer of credentials that the caller has. It works in a forked child, too.
 *
 * consumer_key, consumer_secret: copied. token, token_secret: copied; both may be NULL for requests without a token.
 * out: the new signer; free it with etoauth_signer_free.
 *
 * Returns ETOAUTH_E_ARGUMENT for an empty key or token; ETOAUTH_E_LIMIT.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_signer_new(
    const char *consumer_key, const char *consumer_secret, const char *token, const char *token_secret,
    etoauth_signer **out);

/**
 * Makes a signer of a client's access token. Its clock is the client's. Once that token is replaced or revoked, the
 * signer returns ETOAUTH_E_STALE: get a new one. It outlives the client.
 *
 * out: the new signer; free it with etoauth_signer_free.
 *
 * Local. Returns ETOAUTH_E_STATE without a token; ETOAUTH_E_LIMIT.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_get_signer(etoauth_client *c, etoauth_signer **out);

/**
 * Signs a request into the caller's buffer, with a fresh nonce and the time. No lock, and no allocation but for a
 * thread's first call and for requests of more than 40 parameters.
 *
 * method: letters. url: the whole URL as it is sent, query included.
 * form: a form-encoded body, which is signed; may be NULL. Other bodies are not signed.
 * buf, cap, len: where the value of the Authorization header goes. cap must be the signer's bound
 * (etoauth_signer_get_bound), or more.
 *
 * Local. Returns ETOAUTH_E_BUFFER, ETOAUTH_E_URL, ETOAUTH_E_METHOD, ETOAUTH_E_STALE, ETOAUTH_E_CLOCK,
 * ETOAUTH_E_RANDOM; ETOAUTH_E_ARGUMENT for a form that is not form-encoded.
 * Source: RFC 5849 section 3.4
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_signer_sign(
    etoauth_signer *s, const char *method, const char *url, const char *form, char *buf, size_t cap, size_t *len);

/**
 * Signs a request into the caller's buffer, with a time and nonce of the caller's: for tests, and for finding out why a
 * server refuses a signature. Never use one nonce twice with the same time.
 *
 * method, url, form, buf, cap, len: as for etoauth_signer_sign.
 * timestamp: seconds since 1970, above 0; used as it is.
 * nonce: 1 to 64 letters, digits, - . _ or ~; NULL for a fresh one.
 *
 * Local. Returns what etoauth_signer_sign returns; ETOAUTH_E_ARGUMENT for a timestamp or nonce of another form.
 * Source: RFC 5849 section 3.3
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_signer_sign_at(
    etoauth_signer *s, const char *method, const char *url, const char *form, int64_t timestamp, const char *nonce,
    char *buf, size_t cap, size_t *len);

/**
 * The text that etoauth_signer_sign_at signs with the same arguments: for finding out why a server refuses a
 * signature. It holds no secret.
 *
 * method, url, form, timestamp, nonce: as for etoauth_signer_sign_at.
 * out: the caller's; free it with etoauth_string_free.
 *
 * Local. Returns what etoauth_signer_sign_at returns, but ETOAUTH_E_BUFFER.
 * Source: RFC 5849 section 3.4.1
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_signer_get_base_string(
    etoauth_signer *s, const char *method, const char *url, const char *form, int64_t timestamp, const char *nonce,
    char **out);

/**
 * Corrects the clock that etoauth_signer_sign uses, of a signer that was made without a client.
 *
 * seconds: E*TRADE's time minus this machine's, at most a day either way.
 *
 * Local. Returns ETOAUTH_E_ARGUMENT; ETOAUTH_E_STATE for a client's signer, which follows the client's clock.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_signer_set_clock_offset(etoauth_signer *s, int64_t seconds);

/**
 * The capacity that always suffices for this signer's signatures, the NUL included.
 *
 * out: in bytes. ETOAUTH_HEADER_MAX does, too, for keys and tokens of up to 256 bytes each.
 *
 * Local.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_signer_get_bound(etoauth_signer *s, size_t *out);

/**
 * Frees a signer and wipes its secrets. Never waits.
 *
 * s: may be NULL.
 *
 * Returns ETOAUTH_E_HANDLE for what is no live signer.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_signer_free(etoauth_signer *s);

/* ==================================================================================================================
 * 9  Prepared requests: one method and URL, signed again and again
 * ================================================================================================================== */

/**
 * Prepares a request: what does not change from one signature to the next is hashed and written once. For requests
 * that an engine sends again and again this takes half the time of etoauth_signer_sign, or less.
 *
 * It outlives its signer, follows the signer's clock, works in a forked child, and returns ETOAUTH_E_STALE when its
 * signer does. Any number of threads may sign with one; none waits for another.
 *
 * method: letters. url: the whole URL as it is sent, query included. Both are copied.
 * out: the prepared request; free it with etoauth_prepared_free.
 *
 * Local. Returns ETOAUTH_E_URL, ETOAUTH_E_METHOD, ETOAUTH_E_STALE, ETOAUTH_E_RANDOM, ETOAUTH_E_LIMIT.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_prepared_new(
    etoauth_signer *s, const char *method, const char *url, etoauth_prepared **out);

/**
 * Signs the prepared request into the caller's buffer, with a fresh nonce and the time. No lock, and no allocation but
 * for a thread's first call.
 *
 * buf, cap, len: where the value of the Authorization header goes. cap must be the signer's bound
 * (etoauth_signer_get_bound), or more.
 *
 * Local. Returns ETOAUTH_E_BUFFER, ETOAUTH_E_STALE, ETOAUTH_E_CLOCK, ETOAUTH_E_RANDOM.
 * Source: RFC 5849 section 3.4
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_prepared_sign(etoauth_prepared *p, char *buf, size_t cap, size_t *len);

/**
 * Signs the prepared request into the caller's buffer, with a time and nonce of the caller's: for tests. Never use one
 * nonce twice with the same time. A nonce of the caller's was not prepared for: it takes as long as
 * etoauth_signer_sign_at.
 *
 * buf, cap, len: as for etoauth_prepared_sign.
 * timestamp: seconds since 1970, above 0; used as it is.
 * nonce: 1 to 64 letters, digits, - . _ or ~; NULL for a fresh one.
 *
 * Local. Returns what etoauth_prepared_sign returns; ETOAUTH_E_ARGUMENT for a timestamp or nonce of another form.
 * Source: RFC 5849 section 3.3
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_prepared_sign_at(
    etoauth_prepared *p, int64_t timestamp, const char *nonce, char *buf, size_t cap, size_t *len);

/**
 * Frees a prepared request and wipes what it holds. Never waits. Its signer stays.
 *
 * p: may be NULL.
 *
 * Returns ETOAUTH_E_HANDLE for what is no live prepared request.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_prepared_free(etoauth_prepared *p);

/* ==================================================================================================================
 * 10  The library
 * ================================================================================================================== */

/** Changes when a program must be compiled anew; it is the number in the shared library's name. */
#define ETOAUTH_ABI_VERSION (1)

/** The library's version, such as "1.2.3". Static. Compare it with ETOAUTH_VERSION_STRING, the header's. */
ETOAUTH_API const char *ETOAUTH_CALL etoauth_version(void);

/** The library's version as a number: 0x010203 for 1.2.3. Compare it with ETOAUTH_VERSION_NUMBER, the header's. */
ETOAUTH_API uint32_t ETOAUTH_CALL etoauth_version_number(void);

/** The library's ABI: equals ETOAUTH_ABI_VERSION, or the header and the library do not fit. */
ETOAUTH_API uint32_t ETOAUTH_CALL etoauth_abi_version(void);

/** How many handles and strings the caller has not freed yet: for leak checks. */
ETOAUTH_API size_t ETOAUTH_CALL etoauth_live_objects(void);

/**
 * Signs the example that E*TRADE publishes, along the same path as everything else.
 *
 * Returns ETOAUTH_E_INTERNAL if the signature is not the published one.
 * Source: https://apisb.etrade.com/docs/dev/authorization.html
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_self_test(void);

/**
 * Percent-encodes a text: everything but letters, digits, - . _ and ~.
 *
 * text: UTF-8. out: the caller's; free it with etoauth_string_free.
 *
 * Local.
 * Source: RFC 3986 section 2.1, RFC 5849 section 3.6
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_percent_encode(const char *text, char **out);

/* ==================================================================================================================
 * 11  Statuses
 * ================================================================================================================== */

/**
 * Success.
 *
 * The numbers are grouped: the call from -1, its input from -20, this machine from -30, the network from -40, the
 * server from -50. "Any network or server status" in the sections above is one from -40 on, or ETOAUTH_E_LIMIT.
 */
#define ETOAUTH_OK (0)

/** An argument is NULL that may not be. */
#define ETOAUTH_E_NULL (-1)

/** An argument's value makes no sense. */
#define ETOAUTH_E_ARGUMENT (-2)

/** A text is not UTF-8. */
#define ETOAUTH_E_UTF8 (-3)

/** The buffer is too small; *len has the capacity needed. */
#define ETOAUTH_E_BUFFER (-4)

/** No live handle of that kind, or no live string of the library's. */
#define ETOAUTH_E_HANDLE (-5)

/** Not in this state, such as no pending login. */
#define ETOAUTH_E_STATE (-6)

/** An answer is too large, or too many handles are live. */
#define ETOAUTH_E_LIMIT (-7)

/** A fault of the library's own. */
#define ETOAUTH_E_INTERNAL (-8)

/** Out of memory. */
#define ETOAUTH_E_MEMORY (-9)

/** The client's token was replaced: get a new signer. */
#define ETOAUTH_E_STALE (-10)

/** The URL can't be sent as it stands. */
#define ETOAUTH_E_URL (-20)

/** The method is not made of letters. */
#define ETOAUTH_E_METHOD (-21)

/** The session text is damaged or another's. */
#define ETOAUTH_E_SESSION (-22)

/** The operating system gave no random bytes. */
#define ETOAUTH_E_RANDOM (-30)

/** This machine's clock is unusable. */
#define ETOAUTH_E_CLOCK (-31)

/** A file can't be read or written. */
#define ETOAUTH_E_FILE (-32)

/** No connection. */
#define ETOAUTH_E_CONNECT (-40)

/** No secure connection. */
#define ETOAUTH_E_TLS (-41)

/** No answer within the time-out. */
#define ETOAUTH_E_TIMEOUT (-42)

/** Plain http to another machine. */
#define ETOAUTH_E_INSECURE (-43)

/** The request left, or may have left, and no whole answer came. */
#define ETOAUTH_E_UNCERTAIN (-44)

/** The call was cancelled before the request left. */
#define ETOAUTH_E_CANCELLED (-45)

/** The server's answer was unexpected. */
#define ETOAUTH_E_HTTP (-50)

/** The server's answer is unreadable. */
#define ETOAUTH_E_RESPONSE (-51)

/** The server refused the signature. */
#define ETOAUTH_E_SIGNATURE (-52)

/** The server refused the consumer key. */
#define ETOAUTH_E_CONSUMER_KEY (-53)

/** The server refused the verification code. */
#define ETOAUTH_E_VERIFIER (-54)

/** Only a new login helps. */
#define ETOAUTH_E_LOGIN (-55)

/** Too many requests: wait. The token is kept. */
#define ETOAUTH_E_RATE_LIMIT (-56)

/** The service is down for the moment: wait. The token is kept. */
#define ETOAUTH_E_UNAVAILABLE (-57)

/** This machine's clock and the server's differ too much. */
#define ETOAUTH_E_CLOCK_SKEW (-58)

/** Signed anew: send once more. */
#define ETOAUTH_E_AGAIN (-59)

/** The server does not permit it. */
#define ETOAUTH_E_DENIED (-60)

#ifdef __cplusplus
}
#endif

#endif /* ETOAUTH_H */
