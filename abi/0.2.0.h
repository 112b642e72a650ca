#include <stddef.h>
#include <stdint.h>
typedef struct etoauth_client etoauth_client;
typedef struct etoauth_exchange etoauth_exchange;
typedef struct etoauth_listener etoauth_listener;
typedef struct etoauth_prepared etoauth_prepared;
typedef struct etoauth_response etoauth_response;
typedef struct etoauth_signer etoauth_signer;
typedef int32_t etoauth_status;
#define ETOAUTH_ENV_LIVE (1)
#define ETOAUTH_ENV_SANDBOX (2)
 etoauth_status etoauth_client_new(
    int32_t env, const char *consumer_key, const char *consumer_secret, etoauth_client **out);
 etoauth_status etoauth_client_fetch_request_token(etoauth_client *c);
 etoauth_status etoauth_client_get_authorize_url(etoauth_client *c, char **url);
 etoauth_status etoauth_client_fetch_access_token(etoauth_client *c, const char *verifier);
 etoauth_status etoauth_client_sign(
    etoauth_client *c, const char *method, const char *url, char **header);
 etoauth_status etoauth_client_sign_url(
    etoauth_client *c, const char *method, const char *url, char **signed_url);
 etoauth_status etoauth_client_renew_access_token(etoauth_client *c);
 etoauth_status etoauth_client_revoke_access_token(etoauth_client *c);
 etoauth_status etoauth_client_free(etoauth_client *c);
 etoauth_status etoauth_string_free(char *text);
#define ETOAUTH_ERROR_MAX (512)
 etoauth_status etoauth_last_error(etoauth_status *status, char *buf, size_t cap, size_t *len);
 etoauth_status etoauth_last_problem(int32_t *http_status, char *buf, size_t cap, size_t *len);
 const char * etoauth_status_name(etoauth_status status);
 int32_t etoauth_status_advice(etoauth_status status);
 const char * etoauth_status_text(etoauth_status status);
#define ETOAUTH_ADVICE_NONE (0)
#define ETOAUTH_ADVICE_RETRY (1)
#define ETOAUTH_ADVICE_RENEW (2)
#define ETOAUTH_ADVICE_LOGIN (3)
#define ETOAUTH_ADVICE_WAIT (4)
#define ETOAUTH_ADVICE_FIX (5)
#define ETOAUTH_ADVICE_CHECK (6)
 etoauth_status etoauth_client_ensure_active(etoauth_client *c, uint32_t for_seconds);
 etoauth_status etoauth_client_send(
    etoauth_client *c, const char *method, const char *url, const char *headers, const void *body, size_t body_len,
    etoauth_response **out);
 etoauth_status etoauth_client_cancel(etoauth_client *c);
 etoauth_status etoauth_response_get_status(etoauth_response *r, int32_t *status);
 etoauth_status etoauth_response_get_header(
    etoauth_response *r, const char *name, char **value);
 etoauth_status etoauth_response_get_body(etoauth_response *r, char **data, size_t *len);
 etoauth_status etoauth_response_get_advice(etoauth_response *r, int32_t *advice);
 etoauth_status etoauth_response_get_attempts(etoauth_response *r, int32_t *attempts);
 etoauth_status etoauth_response_get_retry_after_s(etoauth_response *r, int32_t *seconds);
 etoauth_status etoauth_response_free(etoauth_response *r);
#define ETOAUTH_TOKEN_NONE (0)
#define ETOAUTH_TOKEN_PENDING (1)
#define ETOAUTH_TOKEN_ACTIVE (2)
#define ETOAUTH_TOKEN_INACTIVE (3)
#define ETOAUTH_TOKEN_EXPIRED (4)
#define ETOAUTH_TOKEN_REVOKED (5)
 etoauth_status etoauth_client_get_token_state(
    etoauth_client *c, int32_t *state, int32_t *inactive_in_s, int32_t *expires_in_s);
 etoauth_status etoauth_client_get_renew_wait_s(etoauth_client *c, int32_t *seconds);
 etoauth_status etoauth_client_get_session_revision(etoauth_client *c, uint64_t *revision);
 etoauth_status etoauth_client_set_access_token(
    etoauth_client *c, const char *token, const char *token_secret, int64_t issued_at);
 etoauth_status etoauth_client_get_access_token(
    etoauth_client *c, char **token, char **token_secret);
 etoauth_status etoauth_client_set_base_urls(
    etoauth_client *c, const char *oauth_base, const char *authorize_url, const char *api_base);
 etoauth_status etoauth_client_set_timeout_ms(etoauth_client *c, uint32_t timeout_ms);
 etoauth_status etoauth_client_set_proxy(etoauth_client *c, const char *url);
 etoauth_status etoauth_client_set_ca_file(etoauth_client *c, const char *pem_path);
 etoauth_status etoauth_client_set_user_agent(etoauth_client *c, const char *text);
 etoauth_status etoauth_client_set_session_file(etoauth_client *c, const char *path);
 etoauth_status etoauth_client_export_session(etoauth_client *c, char **text);
 etoauth_status etoauth_client_import_session(etoauth_client *c, const char *text);
 etoauth_status etoauth_client_get_clock_offset(etoauth_client *c, int64_t *seconds);
 etoauth_status etoauth_client_set_clock_offset(etoauth_client *c, int64_t seconds);
 etoauth_status etoauth_client_read_log(etoauth_client *c, char **lines);
 etoauth_status etoauth_listener_new(const char *callback_url, etoauth_listener **out);
 etoauth_status etoauth_listener_get_url(etoauth_listener *l, char **url);
 etoauth_status etoauth_listener_wait(
    etoauth_listener *l, etoauth_client *c, uint32_t timeout_ms, char **redirected_url);
 etoauth_status etoauth_listener_free(etoauth_listener *l);
 etoauth_status etoauth_client_share(etoauth_client *c, etoauth_client **out);
 etoauth_status etoauth_client_last_error(
    etoauth_client *c, etoauth_status *status, char *buf, size_t cap, size_t *len);
 etoauth_status etoauth_client_last_problem(
    etoauth_client *c, int32_t *http_status, char *buf, size_t cap, size_t *len);
#define ETOAUTH_EXCHANGE_REQUEST_TOKEN (1)
#define ETOAUTH_EXCHANGE_ACCESS_TOKEN (2)
#define ETOAUTH_EXCHANGE_RENEW (3)
#define ETOAUTH_EXCHANGE_REVOKE (4)
#define ETOAUTH_EXCHANGE_API (5)
#define ETOAUTH_ANSWER_NONE (0)
#define ETOAUTH_ANSWER_UNSENT (-1)
#define ETOAUTH_STEP_SEND (1)
#define ETOAUTH_STEP_RENEW (2)
#define ETOAUTH_STEP_WAIT (3)
#define ETOAUTH_STEP_DONE (4)
 etoauth_status etoauth_exchange_new(
    etoauth_client *c, int32_t kind, const char *verifier, etoauth_exchange **out);
 etoauth_status etoauth_exchange_new_request(
    etoauth_client *c, const char *method, const char *url, const char *form, etoauth_exchange **out);
 etoauth_status etoauth_exchange_next(etoauth_exchange *x, int32_t *step, int32_t *wait_ms);
 etoauth_status etoauth_exchange_get_method(etoauth_exchange *x, char **method);
 etoauth_status etoauth_exchange_get_url(etoauth_exchange *x, char **url);
 etoauth_status etoauth_exchange_get_authorization(etoauth_exchange *x, char **header);
 etoauth_status etoauth_exchange_finish(
    etoauth_exchange *x, int32_t http_status, const char *headers, const void *body, size_t body_len);
 etoauth_status etoauth_exchange_get_advice(etoauth_exchange *x, int32_t *advice);
 etoauth_status etoauth_exchange_free(etoauth_exchange *x);
 etoauth_status etoauth_client_diagnose(
    etoauth_client *c, const char *method, const char *authorization, int32_t http_status, const char *headers,
    const void *body, size_t body_len, int32_t *advice);
#define ETOAUTH_HEADER_MAX (2048)
 etoauth_status etoauth_signer_new(
    const char *consumer_key, const char *consumer_secret, const char *token, const char *token_secret,
    etoauth_signer **out);
 etoauth_status etoauth_client_get_signer(etoauth_client *c, etoauth_signer **out);
 etoauth_status etoauth_signer_sign(
    etoauth_signer *s, const char *method, const char *url, const char *form, char *buf, size_t cap, size_t *len);
 etoauth_status etoauth_signer_sign_at(
    etoauth_signer *s, const char *method, const char *url, const char *form, int64_t timestamp, const char *nonce,
    char *buf, size_t cap, size_t *len);
 etoauth_status etoauth_signer_get_base_string(
    etoauth_signer *s, const char *method, const char *url, const char *form, int64_t timestamp, const char *nonce,
    char **out);
 etoauth_status etoauth_signer_set_clock_offset(etoauth_signer *s, int64_t seconds);
 etoauth_status etoauth_signer_get_bound(etoauth_signer *s, size_t *out);
 etoauth_status etoauth_signer_free(etoauth_signer *s);
 etoauth_status etoauth_prepared_new(
    etoauth_signer *s, const char *method, const char *url, etoauth_prepared **out);
 etoauth_status etoauth_prepared_sign(etoauth_prepared *p, char *buf, size_t cap, size_t *len);
 etoauth_status etoauth_prepared_sign_at(
    etoauth_prepared *p, int64_t timestamp, const char *nonce, char *buf, size_t cap, size_t *len);
 etoauth_status etoauth_prepared_free(etoauth_prepared *p);
#define ETOAUTH_ABI_VERSION (1)
 const char * etoauth_version(void);
 uint32_t etoauth_version_number(void);
 uint32_t etoauth_abi_version(void);
 size_t etoauth_live_objects(void);
 etoauth_status etoauth_self_test(void);
 etoauth_status etoauth_percent_encode(const char *text, char **out);
#define ETOAUTH_OK (0)
#define ETOAUTH_E_NULL (-1)
#define ETOAUTH_E_ARGUMENT (-2)
#define ETOAUTH_E_UTF8 (-3)
#define ETOAUTH_E_BUFFER (-4)
#define ETOAUTH_E_HANDLE (-5)
#define ETOAUTH_E_STATE (-6)
#define ETOAUTH_E_LIMIT (-7)
#define ETOAUTH_E_INTERNAL (-8)
#define ETOAUTH_E_MEMORY (-9)
#define ETOAUTH_E_STALE (-10)
#define ETOAUTH_E_URL (-20)
#define ETOAUTH_E_METHOD (-21)
#define ETOAUTH_E_SESSION (-22)
#define ETOAUTH_E_RANDOM (-30)
#define ETOAUTH_E_CLOCK (-31)
#define ETOAUTH_E_FILE (-32)
#define ETOAUTH_E_CONNECT (-40)
#define ETOAUTH_E_TLS (-41)
#define ETOAUTH_E_TIMEOUT (-42)
#define ETOAUTH_E_INSECURE (-43)
#define ETOAUTH_E_UNCERTAIN (-44)
#define ETOAUTH_E_CANCELLED (-45)
#define ETOAUTH_E_HTTP (-50)
#define ETOAUTH_E_RESPONSE (-51)
#define ETOAUTH_E_SIGNATURE (-52)
#define ETOAUTH_E_CONSUMER_KEY (-53)
#define ETOAUTH_E_VERIFIER (-54)
#define ETOAUTH_E_LOGIN (-55)
#define ETOAUTH_E_RATE_LIMIT (-56)
#define ETOAUTH_E_UNAVAILABLE (-57)
#define ETOAUTH_E_CLOCK_SKEW (-58)
#define ETOAUTH_E_AGAIN (-59)
#define ETOAUTH_E_DENIED (-60)
 etoauth_status etoauth_vb_open(
    int32_t env, intptr_t consumer_key, intptr_t consumer_secret, intptr_t *client);
 etoauth_status etoauth_vb_close(intptr_t client);
 etoauth_status etoauth_vb_set_base_urls(
    intptr_t client, intptr_t oauth_base, intptr_t authorize_url, intptr_t api_base);
 etoauth_status etoauth_vb_set_timeout_ms(intptr_t client, int32_t timeout_ms);
 etoauth_status etoauth_vb_set_proxy(intptr_t client, intptr_t url);
 etoauth_status etoauth_vb_set_ca_file(intptr_t client, intptr_t pem_path);
 etoauth_status etoauth_vb_set_session_file(intptr_t client, intptr_t path);
 etoauth_status etoauth_vb_login_url(intptr_t client, intptr_t url);
 etoauth_status etoauth_vb_login(intptr_t client, intptr_t verifier);
 etoauth_status etoauth_vb_listen(
    intptr_t client, intptr_t callback_url, intptr_t *listener);
 etoauth_status etoauth_vb_poll(
    intptr_t listener, intptr_t client, intptr_t redirected_url);
 etoauth_status etoauth_vb_unlisten(intptr_t listener);
 etoauth_status etoauth_vb_renew(intptr_t client);
 etoauth_status etoauth_vb_revoke(intptr_t client);
 etoauth_status etoauth_vb_ensure_active(intptr_t client, int32_t for_seconds);
 etoauth_status etoauth_vb_token_state(
    intptr_t client, int32_t *state, int32_t *inactive_in_s, int32_t *expires_in_s);
 etoauth_status etoauth_vb_sign(
    intptr_t client, intptr_t method, intptr_t url, intptr_t header);
 etoauth_status etoauth_vb_send(
    intptr_t client, intptr_t method, intptr_t url, intptr_t headers, intptr_t body, int32_t *http_status,
    intptr_t body_out);
 etoauth_status etoauth_vb_percent_encode(intptr_t text, intptr_t out);
 etoauth_status etoauth_vb_export_session(intptr_t client, intptr_t text);
 etoauth_status etoauth_vb_import_session(intptr_t client, intptr_t text);
 etoauth_status etoauth_vb_last_error(intptr_t text);
 etoauth_status etoauth_vb_advice(int32_t status, int32_t *advice);
 etoauth_status etoauth_vb_read_log(intptr_t client, intptr_t text);
 etoauth_status etoauth_vb_version(intptr_t text);
/* etoauth_abi_version 0.2 */
/* etoauth_client_cancel 0.2 */
/* etoauth_client_diagnose 0.2 */
/* etoauth_client_ensure_active 0.2 */
/* etoauth_client_export_session 0.2 */
/* etoauth_client_fetch_access_token 0.2 */
/* etoauth_client_fetch_request_token 0.2 */
/* etoauth_client_free 0.2 */
/* etoauth_client_get_access_token 0.2 */
/* etoauth_client_get_authorize_url 0.2 */
/* etoauth_client_get_clock_offset 0.2 */
/* etoauth_client_get_renew_wait_s 0.2 */
/* etoauth_client_get_session_revision 0.2 */
/* etoauth_client_get_signer 0.2 */
/* etoauth_client_get_token_state 0.2 */
/* etoauth_client_import_session 0.2 */
/* etoauth_client_last_error 0.2 */
/* etoauth_client_last_problem 0.2 */
/* etoauth_client_new 0.2 */
/* etoauth_client_read_log 0.2 */
/* etoauth_client_renew_access_token 0.2 */
/* etoauth_client_revoke_access_token 0.2 */
/* etoauth_client_send 0.2 */
/* etoauth_client_set_access_token 0.2 */
/* etoauth_client_set_base_urls 0.2 */
/* etoauth_client_set_ca_file 0.2 */
/* etoauth_client_set_clock_offset 0.2 */
/* etoauth_client_set_proxy 0.2 */
/* etoauth_client_set_session_file 0.2 */
/* etoauth_client_set_timeout_ms 0.2 */
/* etoauth_client_set_user_agent 0.2 */
/* etoauth_client_share 0.2 */
/* etoauth_client_sign 0.2 */
/* etoauth_client_sign_url 0.2 */
/* etoauth_exchange_finish 0.2 */
/* etoauth_exchange_free 0.2 */
/* etoauth_exchange_get_advice 0.2 */
/* etoauth_exchange_get_authorization 0.2 */
/* etoauth_exchange_get_method 0.2 */
/* etoauth_exchange_get_url 0.2 */
/* etoauth_exchange_new 0.2 */
/* etoauth_exchange_new_request 0.2 */
/* etoauth_exchange_next 0.2 */
/* etoauth_last_error 0.2 */
/* etoauth_last_problem 0.2 */
/* etoauth_listener_free 0.2 */
/* etoauth_listener_get_url 0.2 */
/* etoauth_listener_new 0.2 */
/* etoauth_listener_wait 0.2 */
/* etoauth_live_objects 0.2 */
/* etoauth_percent_encode 0.2 */
/* etoauth_prepared_free 0.2 */
/* etoauth_prepared_new 0.2 */
/* etoauth_prepared_sign 0.2 */
/* etoauth_prepared_sign_at 0.2 */
/* etoauth_response_free 0.2 */
/* etoauth_response_get_advice 0.2 */
/* etoauth_response_get_attempts 0.2 */
/* etoauth_response_get_body 0.2 */
/* etoauth_response_get_header 0.2 */
/* etoauth_response_get_retry_after_s 0.2 */
/* etoauth_response_get_status 0.2 */
/* etoauth_self_test 0.2 */
/* etoauth_signer_free 0.2 */
/* etoauth_signer_get_base_string 0.2 */
/* etoauth_signer_get_bound 0.2 */
/* etoauth_signer_new 0.2 */
/* etoauth_signer_set_clock_offset 0.2 */
/* etoauth_signer_sign 0.2 */
/* etoauth_signer_sign_at 0.2 */
/* etoauth_status_advice 0.2 */
/* etoauth_status_name 0.2 */
/* etoauth_status_text 0.2 */
/* etoauth_string_free 0.2 */
/* etoauth_version 0.2 */
/* etoauth_version_number 0.2 */
/* etoauth_vb_advice 0.2 */
/* etoauth_vb_close 0.2 */
/* etoauth_vb_ensure_active 0.2 */
/* etoauth_vb_export_session 0.2 */
/* etoauth_vb_import_session 0.2 */
/* etoauth_vb_last_error 0.2 */
/* etoauth_vb_listen 0.2 */
/* etoauth_vb_login 0.2 */
/* etoauth_vb_login_url 0.2 */
/* etoauth_vb_open 0.2 */
/* etoauth_vb_percent_encode 0.2 */
/* etoauth_vb_poll 0.2 */
/* etoauth_vb_read_log 0.2 */
/* etoauth_vb_renew 0.2 */
/* etoauth_vb_revoke 0.2 */
/* etoauth_vb_send 0.2 */
/* etoauth_vb_set_base_urls 0.2 */
/* etoauth_vb_set_ca_file 0.2 */
/* etoauth_vb_set_proxy 0.2 */
/* etoauth_vb_set_session_file 0.2 */
/* etoauth_vb_set_timeout_ms 0.2 */
/* etoauth_vb_sign 0.2 */
/* etoauth_vb_token_state 0.2 */
/* etoauth_vb_unlisten 0.2 */
/* etoauth_vb_version 0.2 */
