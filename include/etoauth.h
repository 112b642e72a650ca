/*
 * libetoauth 0.1.0: E*TRADE's OAuth 1.0a for C, C++ and every other language that calls C.
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

#define ETOAUTH_VERSION_MAJOR (0)
#define ETOAUTH_VERSION_MINOR (1)
#define ETOAUTH_VERSION_PATCH (0)
#define ETOAUTH_VERSION_NUMBER (0x000100)
#define ETOAUTH_VERSION_STRING "0.1.0"

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

/**
 * A consumer key in one environment, one person's token, and its lifecycle. The library can't tell persons apart:
 * one client for each.
 */
typedef struct etoauth_client etoauth_client;

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
 * method: letters, such as GET. url: the whole URL as it is sent, query included; its parameters are signed.
 * header: the value for the request's Authorization header, the caller's; free it with etoauth_string_free.
 *
 * Local, and never waits. Works while a token is held, in any state. Returns ETOAUTH_E_STATE without a token;
 * ETOAUTH_E_URL, ETOAUTH_E_METHOD, ETOAUTH_E_CLOCK, ETOAUTH_E_RANDOM.
 * Source: RFC 5849 section 3.4
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_sign(
    etoauth_client *c, const char *method, const char *url, char **header);

/**
 * The same signature as query parameters, for a request whose headers can't be set.
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
 * Frees a client, wipes its secrets and cancels its calls. It does not revoke the token. Never waits.
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
 * What the server said in that failure.
 *
 * http_status: the HTTP status of its answer, 0 if none came; may be NULL.
 * buf, cap, len: where its oauth_problem goes, such as token_expired; "" if it gave none. See rule 4.
 *
 * Returns ETOAUTH_E_BUFFER.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_last_problem(int32_t *http_status, char *buf, size_t cap, size_t *len);

/** A status's name, such as "ETOAUTH_E_TIMEOUT". Static, never NULL, for any value. */
ETOAUTH_API const char *ETOAUTH_CALL etoauth_status_name(etoauth_status status);

/** A status in one line of English. Static, never NULL, for any value. */
ETOAUTH_API const char *ETOAUTH_CALL etoauth_status_text(etoauth_status status);

/* ==================================================================================================================
 * 3  A client's token and settings
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
 * state: an ETOAUTH_TOKEN_ value. inactive_in_s: seconds until it sleeps for want of use. expires_in_s: seconds until
 * midnight in New York ends it; for a pending login, until its request token is over. Each may be NULL; seconds are 0
 * when past or none.
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
 * Local. Returns ETOAUTH_E_ARGUMENT for an empty text, a negative time or one that is yet to come.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_set_access_token(
    etoauth_client *c, const char *token, const char *token_secret, int64_t issued_at);

/**
 * The access token, in whatever state it is.
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
 * While it is not set, the environment's HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY hold.
 *
 * Local. Returns ETOAUTH_E_URL.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_set_proxy(etoauth_client *c, const char *url);

/**
 * Trusts the certificates of a file in place of the machine's own: for a private authority.
 *
 * pem_path: a file with certificates in PEM form; it is read now.
 *
 * Local. Returns ETOAUTH_E_FILE when it can't be read or holds no certificate.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_set_ca_file(etoauth_client *c, const char *pem_path);

/**
 * Says who is calling, in the User-Agent header; "etoauth/" and the version unless set.
 *
 * text: one line of visible ASCII.
 *
 * Local. Returns ETOAUTH_E_ARGUMENT.
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_client_set_user_agent(etoauth_client *c, const char *text);

/* ==================================================================================================================
 * 4  Signing into a buffer: no lock, no allocation
 * ================================================================================================================== */

/** The capacity that suffices for a signature with a key and a token of up to 256 bytes each. */
#define ETOAUTH_HEADER_MAX (2048)

/**
 * Makes a signer. It works in a forked child, too.
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
 * Signs a request into the caller's buffer, with a fresh nonce and the time. No lock, and no allocation but for a
 * thread's first call and for requests of more than 40 parameters.
 *
 * method: letters. url: the whole URL as it is sent, query included.
 * form: a form-encoded body, which is signed; may be NULL. Other bodies are not signed.
 * buf, cap, len: where the value of the Authorization header goes. cap must be the signer's bound, or more.
 *
 * Local. Returns ETOAUTH_E_BUFFER, ETOAUTH_E_URL, ETOAUTH_E_METHOD, ETOAUTH_E_CLOCK, ETOAUTH_E_RANDOM;
 * ETOAUTH_E_ARGUMENT for a form that is not form-encoded.
 * Source: RFC 5849 section 3.4
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_signer_sign(
    etoauth_signer *s, const char *method, const char *url, const char *form, char *buf, size_t cap, size_t *len);

/**
 * The same with a time and nonce of the caller's. Never use one nonce twice with the same time.
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
 * out: the caller's; free it with etoauth_string_free.
 *
 * Local. Returns what etoauth_signer_sign_at returns, but ETOAUTH_E_BUFFER.
 * Source: RFC 5849 section 3.4.1
 */
ETOAUTH_API etoauth_status ETOAUTH_CALL etoauth_signer_get_base_string(
    etoauth_signer *s, const char *method, const char *url, const char *form, int64_t timestamp, const char *nonce,
    char **out);

/**
 * Corrects the clock that etoauth_signer_sign uses.
 *
 * seconds: E*TRADE's time minus this machine's, at most a day either way.
 *
 * Local. Returns ETOAUTH_E_ARGUMENT.
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
 * 5  The library
 * ================================================================================================================== */

/** Changes when a program must be compiled anew; it is the number in the shared library's name. */
#define ETOAUTH_ABI_VERSION (1)

/** The library's version, such as "1.2.3". Static. Compare it with ETOAUTH_VERSION_STRING, the header's. */
ETOAUTH_API const char *ETOAUTH_CALL etoauth_version(void);

/** The same as a number: 0x010203 for 1.2.3. The header's is ETOAUTH_VERSION_NUMBER. */
ETOAUTH_API uint32_t ETOAUTH_CALL etoauth_version_number(void);

/** Equals ETOAUTH_ABI_VERSION, or the header and the library do not fit. */
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
 * 6  Statuses
 * ================================================================================================================== */

/** Success. */
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
