/* API.md, "What repair does" and "what may be repeated is what was plainly refused": a case for each sentence. */
#include "answers.h"

static const char *const words[] = {
    "code=token_expired", "code=token_rejected", "message=token_rejected&shape=json",
    "message=Invalid%20access%20token%20used&shape=json",
    "message=Unauthorized%20request%20-%20invalid%20Consumer%20key%20and/or%20session%20token&shape=xml",
};

/* The methods that may change something, each with a path that takes it. */
static const struct {
    const char *method, *path;
} changing[] = {{"POST", "/v1/echo"}, {"PUT", "/v1/echo"}, {"DELETE", "/v1/echo"}, {"PATCH", "/v1/echo"}};

static result change(size_t i)
{
    return call_of(c, changing[i].method, changing[i].path, "Content-Type: application/json", "{}");
}

/* "An access token that is refused: one renew, then the call once more, freshly signed." */
static void repair_one_renew_then_the_call_once_more_freshly_signed(void)
{
    size_t i;

    begin();
    for (i = 0; i < COUNT(words); i++) {
        sprintf(context, "%s", words[i]);
        admin("fault?on=" LIST "&kind=problem&%s", words[i]);
        IS(ask(), ETOAUTH_OK, 2, 1);
    }
    context[0] = '\0';
    /* The sandbox refuses by itself, and would refuse the same nonce again. */
    admin("expire?what=idle");
    IS(order(), ETOAUTH_OK, 2, 1);
    HOLDS(count("orders") == 1);
    /* Still refused after a renew that succeeded. */
    begin();
    admin("fault?on=" LIST "&kind=problem&code=token_expired&times=2");
    IS(ask(), ETOAUTH_E_LOGIN, 2, 1);
}

/* "`timestamp_refused`: clock corrected (by at most 15 minutes; more only by `set_clock_offset`), once more." */
static void repair_the_clock_by_at_most_15_minutes(void)
{
    static const long skews[] = {600, -600, 890, -890};
    static const long too_many[] = {1300, -1300, 3600, -3600};
    int64_t before, offset;
    result got;
    size_t i;

    for (i = 0; i < COUNT(skews); i++) {
        sprintf(context, "%ld s", skews[i]);
        begin();
        OK(etoauth_client_get_clock_offset(c, &before));
        admin("clock?advance=%ld", skews[i]);
        IS(order(), ETOAUTH_OK, 2, 0);
        OK(etoauth_client_get_clock_offset(c, &offset));
        HOLDS(offset - before >= skews[i] - 5 && offset - before <= skews[i] + 5);
    }
    for (i = 0; i < COUNT(too_many); i++) {
        sprintf(context, "%ld s", too_many[i]);
        begin();
        OK(etoauth_client_get_clock_offset(c, &before));
        admin("clock?advance=%ld", too_many[i]);
        /* Whether it is tried with a part of the correction is left open. */
        got = order();
        HOLDS(got.status == ETOAUTH_E_CLOCK_SKEW && got.sent <= 2 && got.renews == 0);
        OK(etoauth_client_get_clock_offset(c, &offset));
        HOLDS(offset - before <= 900 && before - offset <= 900);
        OK(etoauth_client_set_clock_offset(c, before + too_many[i]));
        IS(order(), ETOAUTH_OK, 1, 0);
    }
    /* Once. */
    begin();
    admin("fault?on=" ORDER "&kind=problem&code=timestamp_refused&times=2");
    IS(order(), ETOAUTH_E_CLOCK_SKEW, 2, 0);
}

/* "`parameter_absent`: once more." */
static void repair_parameter_absent_once_more(void)
{
    begin();
    admin("fault?on=/v1&kind=problem&code=parameter_absent&http=400");
    IS(order(), ETOAUTH_OK, 2, 0);
    admin("fault?on=/v1&kind=problem&message=oauth_problem%%3Dparameter_absent%%26oauth_parameters_absent%%3Doauth_nonce&http=400");
    IS(order(), ETOAUTH_OK, 2, 0);
    admin("fault?on=/v1&kind=problem&code=parameter_absent&times=2");
    IS(ask(), ETOAUTH_E_HTTP, 2, 0);
}

/* "`nonce_used`: once more for GET and HEAD only, since it may mean that an earlier copy arrived." */
static void repair_nonce_used_once_more_for_get_and_head_only(void)
{
    size_t i;

    begin();
    admin("fault?on=/v1&kind=problem&code=nonce_used");
    IS(ask(), ETOAUTH_OK, 2, 0);
    admin("fault?on=/v1&kind=problem&code=nonce_used&shape=header");
    IS(call_of(c, "HEAD", LIST, NULL, NULL), ETOAUTH_OK, 2, 0);
    admin("fault?on=/v1&kind=problem&code=nonce_used&times=2");
    IS(ask(), ETOAUTH_E_HTTP, 2, 0);
    for (i = 0; i < COUNT(changing); i++) {
        sprintf(context, "%s", changing[i].method);
        admin("fault?on=/v1&kind=problem&code=nonce_used");
        IS(change(i), ETOAUTH_E_UNCERTAIN, 1, 0);
    }
}

/* "A GET or HEAD may be sent again, once, when a kept connection turns out dead; that is none of its three sends." */
static void repair_a_dead_kept_connection(void)
{
    static const char *const methods[] = {"GET", "HEAD"};
    size_t i;

    for (i = 0; i < COUNT(methods); i++) {
        sprintf(context, "%s", methods[i]);
        begin();
        admin("fault?on=" LIST "&kind=drop&when=next");
        IS(ask(), ETOAUTH_OK, 1, 0);
        IS(call_of(c, methods[i], LIST, NULL, NULL), ETOAUTH_OK, 2, 0);
        /* And three sends after that. */
        admin("fault?on=" LIST "&kind=drop&when=next");
        IS(ask(), ETOAUTH_OK, 1, 0);
        admin("fault?on=" LIST "&kind=problem&code=parameter_absent&shape=header");
        admin("fault?on=" LIST "&kind=problem&code=nonce_used&shape=header");
        IS(call_of(c, methods[i], LIST, NULL, NULL), ETOAUTH_OK, 4, 0);
    }
    for (i = 0; i < COUNT(changing); i++) {
        sprintf(context, "%s", changing[i].method);
        begin();
        admin("fault?on=" LIST "&kind=drop&when=next");
        IS(ask(), ETOAUTH_OK, 1, 0);
        IS(change(i), ETOAUTH_E_UNCERTAIN, 1, 0);
    }
}

/* "`ETOAUTH_E_UNCERTAIN` means that the request left, or may have left, wholly or in part, and no whole answer came." */
static void repair_uncertain_means_that_it_left(void)
{
    static const char *const faults[] = {
        "drop&when=before", "drop&when=after",  "drop&when=after&reset=1", "drop&when=headers", "drop&when=body",
        "drop&when=chunked", "garbage",         "stall&when=before",       "stall&when=after",  "stall&when=headers",
        "stall&when=body",   "stall&when=chunked", "slow&ms=200",
    };
    size_t i;

    for (i = 0; i < COUNT(faults); i++) {
        sprintf(context, "%s", faults[i]);
        begin();
        if (strstr(faults[i], "stall") != NULL || strstr(faults[i], "slow") != NULL)
            OK(etoauth_client_set_timeout_ms(c, 400));
        admin("fault?on=" ORDER "&kind=%s", faults[i]);
        IS(order(), ETOAUTH_E_UNCERTAIN, 1, 0);
        HOLDS(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
    }
    context[0] = '\0';
    begin();
    admin("fault?on=" ORDER "&kind=stall&when=after");
    begin_cancel(c, ORDER);
    IS(order(), ETOAUTH_E_UNCERTAIN, 1, 0);
    end_cancel();
}

static void *cancel_other(void *other)
{
    while (connections_in_state(atoi(strrchr(sandbox("SANDBOX_TLS_URL"), ':') + 1), 1) == 0)
        continue;
    OK(etoauth_client_cancel(other));
    return NULL;
}

/* "`_E_CONNECT`, `_E_TLS`, `_E_TIMEOUT`, `_E_CANCELLED` from `send` mean that nothing of it left." */
static void repair_what_means_that_nothing_left(void)
{
    etoauth_response *r = NULL;
    etoauth_client *other;
    pthread_t thread;
    long before;

    begin();
    before = count("requests");
    other = new_client("https://localhost:1");
    OK(etoauth_client_set_access_token(other, "token", "secret", 0));
    GIVES(etoauth_client_send(other, "POST", ORDER, NULL, NULL, 0, &r), ETOAUTH_E_CONNECT);
    OK(etoauth_client_set_base_urls(other, NULL, NULL, sandbox("SANDBOX_TLS_URL")));
    GIVES(etoauth_client_send(other, "POST", ORDER, NULL, NULL, 0, &r), ETOAUTH_E_TLS);
    admin("fault?kind=drop&when=accept");
    GIVES(etoauth_client_send(other, "POST", ORDER, NULL, NULL, 0, &r), ETOAUTH_E_TLS);
    OK(etoauth_client_set_timeout_ms(other, 300));
    admin("fault?kind=stall&when=accept");
    GIVES(etoauth_client_send(other, "POST", ORDER, NULL, NULL, 0, &r), ETOAUTH_E_TIMEOUT);
    OK(etoauth_client_set_timeout_ms(other, 30000));
    admin("fault?kind=stall&when=accept");
    CHECK(pthread_create(&thread, NULL, cancel_other, other) == 0);
    GIVES(etoauth_client_send(other, "POST", ORDER, NULL, NULL, 0, &r), ETOAUTH_E_CANCELLED);
    CHECK(pthread_join(thread, NULL) == 0);
    /* The OAuth calls' requests did not leave either. */
    OK(etoauth_client_set_base_urls(other, "https://localhost:1/oauth", NULL, NULL));
    GIVES(etoauth_client_fetch_request_token(other), ETOAUTH_E_CONNECT);
    GIVES_EITHER(etoauth_client_renew_access_token(other), ETOAUTH_E_CONNECT, ETOAUTH_E_UNAVAILABLE);
    HOLDS(count("requests") == before);
    OK(etoauth_client_free(other));
}

/* "Anything but GET and HEAD is sent again only for a whole refusal that could be read", and which those are. */
static void repair_what_of_an_order_may_be_repeated(void)
{
    static const char *const repeated[] = {
        "kind=problem&code=timestamp_refused",
        "kind=problem&code=parameter_absent",
        "kind=status&http=401",
        "kind=status&http=401&body=Unauthorized",
        "kind=status&http=401&type=text/html&body=%3Chtml%3EUnauthorized%3C/html%3E",
        "kind=status&http=401&type=application/json&body=%7B%22Error%22%3A%7B%22message%22%3A%22No%22%7D%7D",
        "kind=status&http=401&encoding=gzip&body=Unauthorized",
        "kind=problem&code=token_expired&http=500",
        "kind=problem&code=token_expired&http=403&encoding=gzip&announced=0",
    };
    static const char *const once[] = {
        "kind=problem&code=signature_invalid", "kind=problem&code=consumer_key_rejected", "kind=problem&code=permission_denied",
        "kind=problem&code=something_new",     "kind=problem&code=nonce_used",            "kind=problem&code=callback_rejected",
        "kind=status&http=400",                "kind=status&http=403",                    "kind=status&http=404",
        "kind=status&http=409",                "kind=status&http=429",                    "kind=status&http=500",
        "kind=status&http=503",                "kind=redirect&to=/v1/echo",               "kind=status&http=408",
        "kind=problem&message=Number%20of%20requests%20exceeded%20the%20rate%20limit%20set&http=400",
        "kind=problem&message=timed%20out%20your%20original%20order%20request&http=500",
    };
    size_t i, j;

    for (i = 0; i < COUNT(changing); i++) {
        begin();
        for (j = 0; j < COUNT(words); j++) {
            sprintf(context, "%s %s", changing[i].method, words[j]);
            admin("fault?on=/v1&kind=problem&%s", words[j]);
            IS(change(i), ETOAUTH_OK, 2, 1);
        }
        for (j = 0; j < COUNT(repeated); j++) {
            result got;

            sprintf(context, "%s %.400s", changing[i].method, repeated[j]);
            admin("fault?on=/v1&%s", repeated[j]);
            got = change(i);
            HOLDS(got.status == ETOAUTH_OK && got.http == 200 && got.sent == 2 && got.attempts == 2);
        }
        for (j = 0; j < COUNT(once); j++) {
            sprintf(context, "%s %.400s", changing[i].method, once[j]);
            admin("fault?on=/v1&%s", once[j]);
            HOLDS(change(i).sent == 1);
        }
    }
}

/* "A refusal that can't be read ... is `_E_UNCERTAIN` then, and says nothing of the token." */
static void repair_a_refusal_that_cannot_be_read_says_nothing_of_the_token(void)
{
    static const char *const faults[] = {
        "kind=status&http=401&body=oauth_problem%3Dtoken_expired&encoding=br",
        "kind=status&http=401&body=oauth_problem%3Dtoken_expired&encoding=br&announced=0",
        "kind=status&http=401&body=oauth_problem%3Dtoken_expired&encoding=deflate",
        "kind=status&http=401&body=oauth_problem%3Dtoken_expired&encoding=gzip&truncated=1",
    };
    size_t i, j;

    for (i = 0; i < COUNT(faults); i++)
        for (j = 0; j < COUNT(changing); j++) {
            sprintf(context, "%s %.400s", changing[j].method, faults[i]);
            begin();
            age_token(3 * 3600);
            admin("fault?on=/v1&%s", faults[i]);
            IS(change(j), ETOAUTH_E_UNCERTAIN, 1, 0);
            /* Neither a use nor a refusal. */
            HOLDS(token_state(c) == ETOAUTH_TOKEN_INACTIVE);
            age_token(0);
            admin("fault?on=/v1&%s", faults[i]);
            IS(change(j), ETOAUTH_E_UNCERTAIN, 1, 0);
            HOLDS(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
        }
}

/* The body of an answer to a GET, which must begin so and be this long; and a header of it. */
static void body_is(const char *begin_with, size_t length, const char *header, const char *value)
{
    etoauth_response *r = NULL;
    char *data = NULL, *text = NULL;
    size_t len = 0;

    GIVES(etoauth_client_send(c, "GET", LIST, NULL, NULL, 0, &r), ETOAUTH_OK);
    if (r == NULL)
        return;
    OK(etoauth_response_get_body(r, &data, &len));
    HOLDS(strncmp(data, begin_with, strlen(begin_with)) == 0);
    HOLDS(length == 0 || len == length);
    OK(etoauth_response_get_header(r, header, &text));
    HOLDS(value == NULL ? text == NULL : text != NULL && strcmp(text, value) == 0);
    OK(etoauth_string_free(data));
    OK(etoauth_string_free(text));
    OK(etoauth_response_free(r));
}

/* "`send` asks for gzip and decodes it, also where the header is missing (the 16 MiB count after decoding; `get_header`
 * shows headers as received); a caller's Accept-Encoding is `_E_ARGUMENT`." */
static void repair_send_asks_for_gzip_and_decodes_it(void)
{
    etoauth_response *r = NULL;
    char *data = NULL;
    size_t len = 0;

    begin();
    OK(etoauth_client_send(c, "GET", "/v1/echo", NULL, NULL, 0, &r));
    OK(etoauth_response_get_body(r, &data, &len));
    HOLDS(strstr(data, "accept-encoding") != NULL);
    OK(etoauth_string_free(data));
    OK(etoauth_response_free(r));

    admin("fault?on=" LIST "&kind=status&http=200&body=hello%%20world&encoding=gzip");
    body_is("hello world", 11, "Content-Encoding", "gzip");
    admin("fault?on=" LIST "&kind=status&http=200&body=hello%%20world&encoding=gzip&announced=0");
    body_is("hello world", 11, "Content-Encoding", NULL);
    admin("fault?on=" LIST "&kind=status&http=404&body=&encoding=gzip");
    body_is("", 0, "Content-Encoding", "gzip");
    admin("fault?on=" LIST "&kind=oversize&bytes=16777216&encoding=gzip");
    body_is("....", 16777216, "Content-Encoding", "gzip");
    admin("fault?on=" LIST "&kind=oversize&bytes=16777217&encoding=gzip");
    IS(ask(), ETOAUTH_E_LIMIT, 1, 0);
    admin("fault?on=" LIST "&kind=oversize&bytes=20000000&encoding=gzip&announced=0");
    IS(ask(), ETOAUTH_E_LIMIT, 1, 0);
    IS(call_of(c, "GET", LIST, "Accept-Encoding: gzip", NULL), ETOAUTH_E_ARGUMENT, 0, 0);
    SAYS("Accept-Encoding");
}

/* "For anything but GET and HEAD, an answer over the limit or one that doesn't decode is `_E_UNCERTAIN`, too." */
static void repair_an_order_whose_answer_is_too_large_or_does_not_decode(void)
{
    static const char *const faults[] = {
        "kind=oversize&bytes=16777217",
        "kind=oversize&bytes=17000000&encoding=gzip",
        "kind=oversize&bytes=17000000&encoding=gzip&announced=0",
        "kind=status&http=200&body=hello%20world&encoding=gzip&truncated=1",
        "kind=status&http=500&body=hello%20world&encoding=gzip&truncated=1",
    };
    size_t i;

    begin();
    for (i = 0; i < COUNT(faults); i++) {
        sprintf(context, "%.400s", faults[i]);
        admin("fault?on=" ORDER "&%s", faults[i]);
        IS(order(), ETOAUTH_E_UNCERTAIN, 1, 0);
    }
}

static const unsigned char token_expired_gzip[] = {
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xcb, 0x4f, 0x2c, 0x2d, 0xc9, 0x88, 0x2f, 0x28, 0xca, 0x4f,
    0xca, 0x49, 0xcd, 0xb5, 0x2d, 0xc9, 0xcf, 0x4e, 0xcd, 0x8b, 0x4f, 0xad, 0x28, 0xc8, 0x2c, 0x4a, 0x4d, 0x01, 0x00, 0x8a,
    0x82, 0x85, 0xdb, 0x1b, 0x00, 0x00, 0x00};
/* oauth_token=t&oauth_token_secret=s */
static const unsigned char token_gzip[] = {
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xcb, 0x4f, 0x2c, 0x2d, 0xc9, 0x88, 0x2f, 0xc9,
    0xcf, 0x4e, 0xcd, 0xb3, 0x2d, 0x51, 0xcb, 0x47, 0xf0, 0xe2, 0x8b, 0x53, 0x93, 0x8b, 0x52, 0x4b, 0x6c, 0x8b,
    0x01, 0xb6, 0x28, 0x34, 0xfb, 0x22, 0x00, 0x00, 0x00};

/* "Whether a body given to `diagnose` or `finish` is compressed is told by its first bytes, not by Content-Encoding,
 * which HTTP stacks leave in place." */
static void repair_the_first_bytes_tell_whether_a_body_is_compressed(void)
{
    static const char *const headers[] = {NULL, "Content-Encoding: gzip\r\n", "Content-Encoding: identity\r\n"};
    static const char plain[] = "oauth_problem=token_expired", reply[] = "oauth_token=t&oauth_token_secret=s";
    etoauth_exchange *x = NULL;
    char *sent = NULL;
    size_t i;
    int packed;

    for (i = 0; i < COUNT(headers); i++)
        for (packed = 0; packed < 2; packed++) {
            sprintf(context, "%s, %s", packed ? "gzip" : "plain", headers[i] ? headers[i] : "no header");
            begin();
            sent = signature();
            HOLDS(judge("POST", sent, 401, headers[i], packed ? (const void *)token_expired_gzip : plain,
                        packed ? sizeof token_expired_gzip : sizeof plain - 1) == ETOAUTH_ADVICE_RENEW);
            OK(etoauth_string_free(sent));
            OK(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_REQUEST_TOKEN, NULL, &x));
            GIVES(etoauth_exchange_finish(x, 200, headers[i], packed ? (const void *)token_gzip : reply,
                                          packed ? sizeof token_gzip : sizeof reply - 1),
                  ETOAUTH_OK);
            OK(etoauth_exchange_free(x));
        }
    /* Of an order, one that does not decode tells nothing. */
    begin();
    sent = signature();
    HOLDS(judge("POST", sent, 401, NULL, token_expired_gzip, sizeof token_expired_gzip / 2) == ETOAUTH_ADVICE_CHECK);
    HOLDS(judge("POST", sent, 0, NULL, NULL, 0) == ETOAUTH_ADVICE_CHECK);
    HOLDS(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
    OK(etoauth_string_free(sent));
}

/* "'Once more' is once for each fault, three sends in one call at the most." */
static void repair_three_sends_at_the_most(void)
{
    static const char *const faults[] = {"code=parameter_absent", "code=timestamp_refused", "code=token_expired",
                                         "code=nonce_used"};
    size_t i, j, k;

    for (i = 0; i < COUNT(faults); i++)
        for (j = 0; j < COUNT(faults); j++)
            for (k = 0; k < COUNT(faults); k++) {
                result got;

                sprintf(context, "%s %s %s", faults[i], faults[j], faults[k]);
                begin();
                admin("fault?on=" LIST "&kind=problem&%s", faults[i]);
                admin("fault?on=" LIST "&kind=problem&%s", faults[j]);
                admin("fault?on=" LIST "&kind=problem&%s", faults[k]);
                got = ask();
                HOLDS(got.sent == (i == j ? 2 : 3));
                HOLDS(got.status != ETOAUTH_OK && got.renews <= 1);
                HOLDS(token_state(c) != ETOAUTH_TOKEN_EXPIRED);
            }
}

int main(int argc, char **argv)
{
    static const named_case cases[] = {
        CASE(repair_one_renew_then_the_call_once_more_freshly_signed),
        CASE(repair_the_clock_by_at_most_15_minutes),
        CASE(repair_parameter_absent_once_more),
        CASE(repair_nonce_used_once_more_for_get_and_head_only),
        CASE(repair_a_dead_kept_connection),
        CASE(repair_uncertain_means_that_it_left),
        CASE(repair_what_means_that_nothing_left),
        CASE(repair_what_of_an_order_may_be_repeated),
        CASE(repair_a_refusal_that_cannot_be_read_says_nothing_of_the_token),
        CASE(repair_send_asks_for_gzip_and_decodes_it),
        CASE(repair_an_order_whose_answer_is_too_large_or_does_not_decode),
        CASE(repair_the_first_bytes_tell_whether_a_body_is_compressed),
        CASE(repair_three_sends_at_the_most),
    };

    return RUN(cases);
}
