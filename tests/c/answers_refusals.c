/* What an answer to an API call means: cases A1 to A5 and A9. */
#include "answers.h"

#define GZIP "kind=status&http=401&encoding=gzip"

/* An order that was refused in a way that tells nothing, or that may mean an earlier copy. */
static void order_is_uncertain(const char *fault)
{
    sprintf(context, "%.400s", fault);
    begin();
    admin("fault?on=" ORDER "&%s", fault);
    IS(order(), ETOAUTH_E_UNCERTAIN, 1, 0);
    HOLDS(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
    HOLDS(count("orders") == 0);
    context[0] = '\0';
}

static void a1_a_compressed_refusal_of_an_order(void)
{
    static const char *const forms[] = {"&encoding=gzip&truncated=1", "&encoding=gzip&truncated=1&announced=0",
                                        "&encoding=deflate",          "&encoding=br",
                                        "&encoding=br&announced=0",   "&encoding=deflate&announced=0"};
    static const char *const words[] = {"nonce_used", "token_expired", "timestamp_refused", "parameter_absent"};
    char fault[256];
    result got;
    size_t i, j;

    order_is_uncertain(GZIP "&body=oauth_problem%3Dnonce_used");
    order_is_uncertain(GZIP "&announced=0&body=oauth_problem%3Dnonce_used");
    for (i = 0; i < COUNT(forms); i++)
        for (j = 0; j < COUNT(words); j++) {
            sprintf(fault, "kind=status&http=401&body=oauth_problem%%3D%s%s", words[j], forms[i]);
            order_is_uncertain(fault);
        }

    /* Asked for by the caller: the header is the library's to write, and nothing leaves. */
    begin();
    IS(call_of(c, "POST", ORDER, "Content-Type: application/json\nAccept-Encoding: gzip", "{}"), ETOAUTH_E_ARGUMENT, 0,
       0);
    IS(call_of(c, "GET", LIST, "accept-encoding: identity", NULL), ETOAUTH_E_ARGUMENT, 0, 0);

    /* A refusal that is decoded is repaired as any other. */
    admin("fault?on=" ORDER "&" GZIP "&body=oauth_problem%%3Dtoken_expired");
    got = order();
    IS(got, ETOAUTH_OK, 2, 1);
    HOLDS(got.http == 200 && got.attempts == 2 && count("orders") == 1);
    admin("fault?on=" ORDER "&kind=problem&code=signature_invalid&shape=html&encoding=gzip&announced=0");
    IS(order(), ETOAUTH_E_SIGNATURE, 1, 0);
    admin("fault?on=" ORDER "&kind=problem&code=parameter_absent&shape=json&http=400&encoding=gzip");
    IS(order(), ETOAUTH_OK, 2, 0);
}

static void a2_a_compressed_refusal_of_a_question(void)
{
    static const char *const announced[] = {"", "&announced=0"};
    size_t i;

    for (i = 0; i < COUNT(announced); i++) {
        sprintf(context, "gzip%s", announced[i]);
        begin();
        admin("fault?on=" LIST "&times=3&" GZIP "&body=oauth_problem%%3Dsignature_invalid%s", announced[i]);
        IS(ask(), ETOAUTH_E_SIGNATURE, 1, 0);
        HOLDS(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
        /* The next call is not refused locally. */
        IS(ask(), ETOAUTH_E_SIGNATURE, 1, 0);
        IS(ask(), ETOAUTH_E_SIGNATURE, 1, 0);
        IS(ask(), ETOAUTH_OK, 1, 0);
        admin("fault?on=" LIST "&" GZIP "&body=oauth_problem%%3Dtoken_expired%s", announced[i]);
        IS(ask(), ETOAUTH_OK, 2, 1);
        admin("fault?on=" LIST "&" GZIP "&body=oauth_problem%%3Dnonce_used%s", announced[i]);
        IS(ask(), ETOAUTH_OK, 2, 0);
    }
}

/* A code in a header or a body, which the next text or the status explains. */
static void a3_a_code_that_cannot_be_read(void)
{
    static const char *const quotes[] = {"'", "\"", "&quot;", "&#39;", "&apos;", "&#34;"};
    static const char *const none[] = {
        "oauth_problem=\"\"", "oauth_problem=''", "oauth_problem=", "oauth_problem=&quot;&quot;",
        "oauth_problem=Consumer+key+has+expired", "oauth_problem=\"Consumer key has expired\"",
        "oauth_problem=Consumer%20key%20has%20expired",
    };
    char text[256];
    size_t i, in_header;
    result got;

    begin();
    for (i = 0; i < COUNT(quotes); i++)
        for (in_header = 0; in_header < 2; in_header++) {
            const char *parameters = in_header ? "kind=status&http=401&challenge" : "kind=status&http=401&body";

            sprintf(text, "oauth_problem=%stoken_expired%s", quotes[i], quotes[i]);
            sprintf(context, "%s in the %s", text, in_header ? "header" : "body");
            fault_with(parameters, text);
            IS(ask(), ETOAUTH_OK, 2, 1);
            sprintf(text, "OAuth realm=\"x\", oauth_problem=%ssignature_invalid%s", quotes[i], quotes[i]);
            fault_with(parameters, text);
            IS(order(), ETOAUTH_E_SIGNATURE, 1, 0);
            sprintf(text, "oauth_problem=%snonce_used%s", quotes[i], quotes[i]);
            fault_with(parameters, text);
            IS(order(), ETOAUTH_E_UNCERTAIN, 1, 0);
        }

    for (i = 0; i < COUNT(none); i++) {
        sprintf(context, "%s in the header, a code in the body", none[i]);
        fault_with("on=/v1&kind=status&http=401&body=oauth_problem%3Dsignature_invalid&challenge", none[i]);
        IS(ask(), ETOAUTH_E_SIGNATURE, 1, 0);
        fault_with("on=/v1&kind=status&http=403&body=oauth_problem%3Dtoken_expired&challenge", none[i]);
        IS(order(), ETOAUTH_OK, 2, 1);
        /* The status alone: a 401 is a refusal, others are the caller's. */
        sprintf(context, "%s alone", none[i]);
        fault_with("on=/v1&kind=status&http=401&body", none[i]);
        IS(ask(), ETOAUTH_OK, 2, 1);
        fault_with("on=/v1&kind=status&http=401&challenge", none[i]);
        IS(order(), ETOAUTH_OK, 2, 1);
        fault_with("on=/v1&kind=status&http=400&body", none[i]);
        got = ask();
        IS(got, ETOAUTH_OK, 1, 0);
        HOLDS(got.http == 400 && got.advice == ETOAUTH_ADVICE_NONE);
    }

    /* It does not count as use. */
    for (i = 0; i < COUNT(none); i++) {
        sprintf(context, "%s", none[i]);
        age_token(3 * 3600);
        HOLDS(judge_text(401, none[i]) == ETOAUTH_ADVICE_RENEW);
        HOLDS(token_state(c) == ETOAUTH_TOKEN_INACTIVE);
    }
}

static void a4_a_glitch_of_the_service(void)
{
    long renews;

    begin();
    admin("fault?on=/v1&kind=status&http=401&times=2");
    IS(ask(), ETOAUTH_E_LOGIN, 2, 1);
    HOLDS(token_state(c) != ETOAUTH_TOKEN_EXPIRED);
    IS(ask(), ETOAUTH_OK, 1, 0);
    HOLDS(token_state(c) == ETOAUTH_TOKEN_ACTIVE);

    /* The same with an order, with a page, and with the plain word: no API call ends a login. */
    begin();
    admin("fault?on=/v1&kind=status&http=401&type=text/html&body=%%3Chtml%%3EUnauthorized%%3C/html%%3E&times=2");
    IS(order(), ETOAUTH_E_LOGIN, 2, 1);
    HOLDS(token_state(c) != ETOAUTH_TOKEN_EXPIRED);
    IS(order(), ETOAUTH_OK, 1, 0);
    begin();
    admin("fault?on=/v1&kind=problem&code=token_rejected&times=2");
    IS(ask(), ETOAUTH_E_LOGIN, 2, 1);
    HOLDS(token_state(c) != ETOAUTH_TOKEN_EXPIRED);

    /* An explicit renew asks, too. */
    renews = requests(RENEW);
    GIVES(etoauth_client_renew_access_token(c), ETOAUTH_OK);
    HOLDS(requests(RENEW) == renews + 1);
    IS(ask(), ETOAUTH_OK, 1, 0);
}

static void a5_a_laptop_that_wakes_up(void)
{
    result got;

    begin();
    admin("fault?on=" LIST "&kind=drop&when=next");
    IS(ask(), ETOAUTH_OK, 1, 0);
    admin("fault?on=" LIST "&kind=problem&code=timestamp_refused");
    admin("fault?on=" LIST "&kind=problem&code=token_expired");
    got = ask();
    /* The one that the dead connection took, and three sends. */
    IS(got, ETOAUTH_OK, 4, 1);
    HOLDS(got.http == 200 && token_state(c) == ETOAUTH_TOKEN_ACTIVE);
}

static void a9_diagnose_in_a_loop(void)
{
    etoauth_exchange *x = NULL;
    int i;

    begin();
    HOLDS(judge_text(401, "oauth_problem=token_expired") == ETOAUTH_ADVICE_RENEW);
    OK(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_RENEW, NULL, &x));
    OK(etoauth_exchange_finish(x, 200, NULL, "Access Token has been renewed", 29));
    OK(etoauth_exchange_free(x));
    for (i = 0; i < 3; i++) {
        HOLDS(judge_text(401, "oauth_problem=token_expired") == ETOAUTH_ADVICE_LOGIN);
        HOLDS(token_state(c) != ETOAUTH_TOKEN_EXPIRED);
    }
    /* A new token begins anew. */
    age_token(0);
    HOLDS(judge_text(401, "oauth_problem=token_expired") == ETOAUTH_ADVICE_RENEW);
}

int main(int argc, char **argv)
{
    static const named_case cases[] = {
        CASE(a1_a_compressed_refusal_of_an_order),
        CASE(a2_a_compressed_refusal_of_a_question),
        CASE(a3_a_code_that_cannot_be_read),
        CASE(a4_a_glitch_of_the_service),
        CASE(a5_a_laptop_that_wakes_up),
        CASE(a9_diagnose_in_a_loop),
    };

    return RUN(cases);
}
