/* A client's signer: it signs as long as its token is the client's, and longer than the client lives. */
#include "misuse.h"
#include "sandbox.h"

static etoauth_signer *get_signer(etoauth_client *c)
{
    etoauth_signer *s = NULL;

    OK(etoauth_client_get_signer(c, &s));
    CHECK(s != NULL);
    return s;
}

/* The first three calls sign. */
static void is_fresh(etoauth_signer *s)
{
    int which;

    for (which = 0; which < 3; which++) {
        out.text = NULL;
        OK(signer_call(which, s));
        OK(etoauth_string_free(out.text));
    }
}

static void is_stale(etoauth_signer *s)
{
    int which;

    for (which = 0; which < 3; which++) {
        mark_outputs();
        EXPECT(signer_call(which, s), ETOAUTH_E_STALE);
        CHECK(outputs_untouched());
    }
}

/* An argument's mistake is told before the state, of which staleness is one. */
static void stale_comes_last(etoauth_signer *s)
{
    char *buf = out.buf;
    size_t cap = sizeof out.buf;

    REFUSED(etoauth_signer_sign(s, NULL, URL, NULL, buf, cap, NULL), ETOAUTH_E_NULL, "method");
    REFUSED(etoauth_signer_sign(s, "\xff", URL, NULL, buf, cap, NULL), ETOAUTH_E_UTF8, "method");
    REFUSED(etoauth_signer_sign(s, "1", URL, NULL, buf, cap, NULL), ETOAUTH_E_METHOD, "method");
    REFUSED(etoauth_signer_sign(s, "GET", "x", NULL, buf, cap, NULL), ETOAUTH_E_URL, "url");
    REFUSED(etoauth_signer_sign(s, "GET", URL, "a=%", buf, cap, NULL), ETOAUTH_E_ARGUMENT, "form");
    REFUSED(etoauth_signer_sign_at(s, "GET", URL, NULL, 0, "n", buf, cap, NULL), ETOAUTH_E_ARGUMENT, "timestamp");
    REFUSED(etoauth_signer_sign_at(s, "GET", URL, NULL, 1, "", buf, cap, NULL), ETOAUTH_E_ARGUMENT, "nonce");
    REFUSED(etoauth_signer_get_base_string(s, "1", URL, NULL, 1, "n", &out.text), ETOAUTH_E_METHOD, "method");
}

int main(void)
{
    etoauth_client *c;
    etoauth_signer *first, *second, *third, *last;
    char *text = NULL;

    alarm(120);
    c = new_client(sandbox("SANDBOX_URL"));
    EXPECT(etoauth_client_get_signer(c, &out.signer), ETOAUTH_E_STATE);
    log_in(c);
    first = get_signer(c);
    is_fresh(first);
    /* Its clock is its client's, to be set there. */
    EXPECT(etoauth_signer_set_clock_offset(first, 60), ETOAUTH_E_STATE);
    OK(etoauth_client_renew_access_token(c));
    is_fresh(first);

    OK(etoauth_client_set_access_token(c, "token", "token secret", 0));
    is_stale(first);
    second = get_signer(c);
    is_fresh(second);
    OK(etoauth_client_export_session(c, &text));

    log_in(c);
    is_stale(second);
    third = get_signer(c);
    is_fresh(third);
    OK(etoauth_client_revoke_access_token(c));
    is_stale(third);
    EXPECT(etoauth_client_get_signer(c, &out.signer), ETOAUTH_E_STATE);

    /* The same token anew: the signer that is asked for now works, whatever the old ones do. */
    OK(etoauth_client_import_session(c, text));
    OK(etoauth_string_free(text));
    last = get_signer(c);
    is_fresh(last);
    OK(etoauth_client_free(c));
    is_fresh(last);
    is_stale(first);
    is_stale(third);
    OK(etoauth_signer_get_bound(first, &out.number));
    stale_comes_last(first);

    OK(etoauth_signer_free(first));
    OK(etoauth_signer_free(second));
    OK(etoauth_signer_free(third));
    OK(etoauth_signer_free(last));
    CHECK(etoauth_live_objects() == 0);
    puts("no signer outlived its token");
    return 0;
}
