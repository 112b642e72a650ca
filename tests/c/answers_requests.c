/* What is known of an answer that has no length or was cut, and requests that are refused before they leave: cases A14,
 * A15, A17, A19, A20 and, of a peer that drips, B2. */
#include "answers.h"

static void a14_an_answer_without_a_length(void)
{
    static const char *const faults[] = {"kind=close_delimited", "kind=status&http=200&body=%7B%7D&length=0",
                                         "kind=status&http=401&body=oauth_problem%3Dtoken_expired&length=0",
                                         "kind=status&http=503&length=0",
                                         "kind=status&http=200&body=%7B%7D&encoding=gzip&length=0"};
    size_t i;

    begin();
    for (i = 0; i < COUNT(faults); i++) {
        sprintf(context, "%.400s", faults[i]);
        admin("fault?on=" ORDER "&%s", faults[i]);
        IS(order(), ETOAUTH_E_UNCERTAIN, 1, 0);
        SAYS("no length");
        SAYS_NOT("other error");
        HOLDS(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
    }
    /* To a question it is a complete one. */
    for (i = 0; i < COUNT(faults); i++) {
        sprintf(context, "%.400s", faults[i]);
        admin("fault?on=" LIST "&%s", faults[i]);
        HOLDS(ask().status == ETOAUTH_OK);
    }
}

static void a15_a_question_that_lost_its_connection(void)
{
    static const char *const faults[] = {"kind=drop&when=body", "kind=drop&when=headers", "kind=drop&when=chunked",
                                         "kind=stall&when=body", "kind=stall&when=headers", "kind=stall&when=after"};
    size_t i;

    for (i = 0; i < COUNT(faults); i++) {
        sprintf(context, "%.400s", faults[i]);
        begin();
        if (strstr(faults[i], "stall") != NULL)
            OK(etoauth_client_set_timeout_ms(c, 500));
        admin("fault?on=" LIST "&%s", faults[i]);
        IS(ask(), ETOAUTH_E_UNCERTAIN, 1, 0);
        SAYS("ask again");
        SAYS_NOT("check before");
        if (strstr(faults[i], "headers") != NULL || strstr(faults[i], "after") != NULL) {
            admin("fault?on=" LIST "&%s", faults[i]);
            IS(call_of(c, "HEAD", LIST, NULL, NULL), ETOAUTH_E_UNCERTAIN, 1, 0);
            SAYS("ask again");
        }
        /* An order's is no such sentence. */
        admin("fault?on=" ORDER "&%s", faults[i]);
        IS(order(), ETOAUTH_E_UNCERTAIN, 1, 0);
        SAYS_NOT("ask again");
    }
}

static void a17_a_symbol_with_a_number_sign(void)
{
    static const char *const urls[] = {"/v1/market/quote/WYND#", "/v1/market/quote/WYND#,IBM",
                                       "/v1/market/quote/IBM?x=a#b"};
    char url[256], *header = NULL;
    etoauth_response *r = NULL;
    size_t i;

    begin();
    for (i = 0; i < COUNT(urls); i++) {
        sprintf(context, "%s", urls[i]);
        GIVES(etoauth_client_send(c, "GET", urls[i], NULL, NULL, 0, &r), ETOAUTH_E_URL);
        SAYS("%23");
        sprintf(url, "https://localhost%s", urls[i]);
        GIVES(etoauth_client_sign(c, "GET", url, &header), ETOAUTH_E_URL);
        SAYS("%23");
    }
    IS(call_of(c, "GET", "/v1/market/quote/WYND%23", NULL, NULL), ETOAUTH_OK, 1, 0);
}

/* The base string of this URL with a fixed time and nonce, or of none. */
static char *base_string(const char *url)
{
    etoauth_signer *s = NULL;
    char *text = NULL;

    OK(etoauth_signer_new("key", "secret", "token", "token secret", &s));
    OK(etoauth_signer_get_base_string(s, "GET", url, NULL, 1000000000, "nonce", &text));
    OK(etoauth_signer_free(s));
    return text;
}

static void a19_a_signature_in_the_query(void)
{
    static const struct {
        const char *url, *same_as;
    } pairs[] = {
        {"https://localhost/v1?oauth_signature=abc", "https://localhost/v1"},
        {"https://localhost/v1?a=1&oauth_signature=abc%3D&b=2", "https://localhost/v1?a=1&b=2"},
        {"https://localhost/v1?oauth_signature=&a=1", "https://localhost/v1?a=1"},
        {"https://localhost/v1?oauth_signature&a=1", "https://localhost/v1?a=1"},
        {"https://localhost/v1?oauth%5Fsignature=abc&a=1", "https://localhost/v1?a=1"},
        {"https://localhost/v1?oauth_signature=x&oauth_signature=y&a=1", "https://localhost/v1?a=1"},
    };
    char header[2][ETOAUTH_HEADER_MAX], *text[2];
    etoauth_prepared *p = NULL;
    etoauth_signer *s = NULL;
    size_t i;
    int j;

    for (i = 0; i < COUNT(pairs); i++) {
        sprintf(context, "%s", pairs[i].url);
        text[0] = base_string(pairs[i].url);
        text[1] = base_string(pairs[i].same_as);
        HOLDS(strcmp(text[0], text[1]) == 0);
        for (j = 0; j < 2; j++) {
            const char *url = j ? pairs[i].same_as : pairs[i].url;

            OK(etoauth_string_free(text[j]));
            OK(etoauth_signer_new("key", "secret", "token", "token secret", &s));
            OK(etoauth_signer_sign_at(s, "GET", url, NULL, 1000000000, "nonce", header[j], sizeof header[j], NULL));
            OK(etoauth_prepared_new(s, "GET", url, &p));
            OK(etoauth_signer_free(s));
            s = NULL;
            {
                char prepared[ETOAUTH_HEADER_MAX];

                OK(etoauth_prepared_sign_at(p, 1000000000, "nonce", prepared, sizeof prepared, NULL));
                HOLDS(strcmp(prepared, header[j]) == 0);
            }
            OK(etoauth_prepared_free(p));
            p = NULL;
        }
        HOLDS(strcmp(header[0], header[1]) == 0);
    }
    /* Others are signed where they stand, and so is what only looks like it. */
    text[0] = base_string("https://localhost/v1?oauth_callback=oob&oauth_signature=x&oauth_signaturf=1&xoauth_signature=2");
    HOLDS(strstr(text[0], "oauth_callback%3Doob") != NULL && strstr(text[0], "oauth_signaturf%3D1") != NULL);
    HOLDS(strstr(text[0], "xoauth_signature%3D2") != NULL && strstr(text[0], "oauth_signature%3Dx") == NULL);
    HOLDS(strstr(text[0], "oauth_signature_method%3DHMAC-SHA1") != NULL);
    OK(etoauth_string_free(text[0]));
}

static void a20_two_content_types_and_connect(void)
{
    static const char *const headers[] = {
        "Content-Type: application/json\nContent-Type: application/json",
        "Content-Type: application/json\r\ncontent-type: application/xml\r\n",
        "CONTENT-TYPE: application/json\nX-Other: 1\nContent-Type: application/x-www-form-urlencoded",
    };
    static const char *const methods[] = {"CONNECT", "connect", "Connect"};
    char *header = NULL, buffer[ETOAUTH_HEADER_MAX];
    etoauth_signer *s = NULL;
    etoauth_response *r = NULL;
    long before;
    size_t i;

    begin();
    before = count("requests");
    for (i = 0; i < COUNT(headers); i++) {
        sprintf(context, "headers %d", (int)i);
        IS(call_of(c, "POST", ORDER, headers[i], "{}"), ETOAUTH_E_ARGUMENT, 0, 0);
        SAYS("headers");
    }
    OK(etoauth_client_get_signer(c, &s));
    for (i = 0; i < COUNT(methods); i++) {
        sprintf(context, "%s", methods[i]);
        GIVES(etoauth_client_send(c, methods[i], LIST, NULL, NULL, 0, &r), ETOAUTH_E_METHOD);
        SAYS("method");
        if (r != NULL)
            OK(etoauth_response_free(r));
        r = NULL;
    }
    /* A signature alone goes nowhere: API.md speaks of the method in general, so either is right. */
    GIVES_EITHER(etoauth_client_sign(c, "CONNECT", "https://localhost/v1", &header), ETOAUTH_E_METHOD, ETOAUTH_OK);
    GIVES_EITHER(etoauth_signer_sign(s, "CONNECT", "https://localhost/v1", NULL, buffer, sizeof buffer, NULL),
                 ETOAUTH_E_METHOD,
                 ETOAUTH_OK);
    OK(etoauth_string_free(header));
    OK(etoauth_signer_free(s));
    HOLDS(count("requests") == before);
}

static double seconds(void)
{
    struct timespec now;

    CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A byte every half second, in the TLS handshake, in the head and in the body. */
static void b2_a_peer_that_drips(void)
{
    static const char *const urls[] = {"SANDBOX_URL", "SANDBOX_TLS_URL"};
    double start;
    size_t i;

    alarm(20);
    for (i = 0; i < COUNT(urls); i++) {
        sprintf(context, "%s", urls[i]);
        if (c != NULL)
            OK(etoauth_client_free(c));
        admin("reset");
        c = new_client(sandbox(urls[i]));
        OK(etoauth_client_set_ca_file(c, sandbox("SANDBOX_CA_FILE")));
        sync_clock(c);
        log_in(c);
        OK(etoauth_client_set_timeout_ms(c, 1000));
        admin("fault?on=/v1&kind=slow&ms=500");
        start = seconds();
        IS(order(), ETOAUTH_E_UNCERTAIN, 1, 0);
        HOLDS(seconds() - start < 1.5);
        if (i == 0)
            continue;
        /* A new handshake, of which nothing has left when the time is over. */
        OK(etoauth_client_set_user_agent(c, "test"));
        admin("fault?kind=slow&ms=500&when=accept");
        start = seconds();
        {
            etoauth_response *r = NULL;

            GIVES(etoauth_client_send(c, "POST", ORDER, NULL, NULL, 0, &r), ETOAUTH_E_TIMEOUT);
        }
        HOLDS(seconds() - start < 1.5);
    }
}

int main(int argc, char **argv)
{
    static const named_case cases[] = {
        CASE(a14_an_answer_without_a_length),
        CASE(a15_a_question_that_lost_its_connection),
        CASE(a17_a_symbol_with_a_number_sign),
        CASE(a19_a_signature_in_the_query),
        CASE(a20_two_content_types_and_connect),
        CASE(b2_a_peer_that_drips),
    };

    return RUN(cases);
}
