/* API.md, "what may be repeated is what was plainly refused", and compressed answers: a case for each sentence. */
#include "answers_orders.h"

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
        "kind=problem&code=signature_invalid", "kind=problem&code=consumer_key_rejected",
            "kind=problem&code=permission_denied",
        "kind=problem&code=something_new",     "kind=problem&code=nonce_used",
            "kind=problem&code=callback_rejected",
        "kind=status&http=400",                "kind=status&http=403",                    "kind=status&http=404",
        "kind=status&http=409",                "kind=status&http=429",                    "kind=status&http=500",
        "kind=status&http=503",                "kind=redirect&to=/v1/echo",               "kind=status&http=408",
        "kind=problem&message=Number%20of%20requests%20exceeded%20the%20rate%20limit%20set&http=400",
        "kind=problem&message=timed%20out%20your%20original%20order%20request&http=500",
    };
    size_t i, j;

    for (i = 0; i < COUNT(changing); i++) {
        begin();
        for (j = 0; j < COUNT(token_words); j++) {
            sprintf(context, "%s %s", changing[i].method, token_words[j]);
            admin("fault?on=/v1&kind=problem&%s", token_words[j]);
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
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xcb, 0x4f, 0x2c, 0x2d, 0xc9, 0x88, 0x2f, 0x28, 0xca,
        0x4f,
    0xca, 0x49, 0xcd, 0xb5, 0x2d, 0xc9, 0xcf, 0x4e, 0xcd, 0x8b, 0x4f, 0xad, 0x28, 0xc8, 0x2c, 0x4a, 0x4d, 0x01, 0x00,
        0x8a,
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
    static const char binary[] = "\001oauth_problem=token_expired\002";
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
    /* Nor does a binary one with a code somewhere in it. Found by fuzzing. */
    HOLDS(judge("POST", sent, 401, NULL, binary, sizeof binary - 1) == ETOAUTH_ADVICE_CHECK);
    HOLDS(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
    OK(etoauth_string_free(sent));
}

int main(int argc, char **argv)
{
    static const named_case cases[] = {
        CASE(repair_what_of_an_order_may_be_repeated),
        CASE(repair_a_refusal_that_cannot_be_read_says_nothing_of_the_token),
        CASE(repair_send_asks_for_gzip_and_decodes_it),
        CASE(repair_an_order_whose_answer_is_too_large_or_does_not_decode),
        CASE(repair_the_first_bytes_tell_whether_a_body_is_compressed),
    };

    return RUN(cases);
}
