/* A client's signer, and what it prepared: they sign as long as their token is the client's, and longer than the client
   lives. */
#include "misuse.h"
#include "sandbox.h"

struct signers {
    etoauth_signer *s;
    etoauth_prepared *prepared;
};

static struct signers get_signers(etoauth_client *c)
{
    struct signers got = {NULL, NULL};

    OK(etoauth_client_get_signer(c, &got.s));
    CHECK(got.s != NULL);
    got.prepared = make_prepared(got.s);
    return got;
}

static void signs(etoauth_prepared *p)
{
    int which;

    for (which = 0; which < PREPARED_CALLS; which++)
        OK(prepared_call(which, p));
}

/* The first three calls sign. */
static void are_fresh(struct signers both)
{
    int which;

    for (which = 0; which < 3; which++) {
        out.text = NULL;
        OK(signer_call(which, both.s));
        OK(etoauth_string_free(out.text));
    }
    signs(both.prepared);
    /* One that is prepared only now is as good. */
    OK(etoauth_prepared_new(both.s, "GET", URL, &out.prepared));
    signs(out.prepared);
    OK(etoauth_prepared_free(out.prepared));
}

static void are_stale(struct signers both)
{
    int which;

    for (which = 0; which < 3; which++) {
        mark_outputs();
        EXPECT(signer_call(which, both.s), ETOAUTH_E_STALE);
        CHECK(outputs_untouched());
    }
    for (which = 0; which < PREPARED_CALLS; which++) {
        mark_outputs();
        EXPECT(prepared_call(which, both.prepared), ETOAUTH_E_STALE);
        CHECK(outputs_untouched());
    }
    mark_outputs();
    EXPECT(etoauth_prepared_new(both.s, "GET", URL, &out.prepared), ETOAUTH_E_STALE);
    CHECK(outputs_untouched());
}

/* An argument's mistake is told before the state, of which staleness is one. */
static void stale_comes_last(struct signers both)
{
    etoauth_signer *s = both.s;
    char *buf = out.buf;
    size_t cap = sizeof out.buf, bound;

    REFUSED(etoauth_signer_sign(s, NULL, URL, NULL, buf, cap, NULL), ETOAUTH_E_NULL, "method");
    REFUSED(etoauth_signer_sign(s, "\xff", URL, NULL, buf, cap, NULL), ETOAUTH_E_UTF8, "method");
    REFUSED(etoauth_signer_sign(s, "1", URL, NULL, buf, cap, NULL), ETOAUTH_E_METHOD, "method");
    REFUSED(etoauth_signer_sign(s, "GET", "x", NULL, buf, cap, NULL), ETOAUTH_E_URL, "url");
    REFUSED(etoauth_signer_sign(s, "GET", URL, "a=%", buf, cap, NULL), ETOAUTH_E_ARGUMENT, "form");
    REFUSED(etoauth_signer_sign_at(s, "GET", URL, NULL, 0, "n", buf, cap, NULL), ETOAUTH_E_ARGUMENT, "timestamp");
    REFUSED(etoauth_signer_sign_at(s, "GET", URL, NULL, 1, "", buf, cap, NULL), ETOAUTH_E_ARGUMENT, "nonce");
    REFUSED(etoauth_signer_get_base_string(s, "1", URL, NULL, 1, "n", &out.text), ETOAUTH_E_METHOD, "method");

    REFUSED(etoauth_prepared_sign_at(both.prepared, 0, "n", buf, cap, NULL), ETOAUTH_E_ARGUMENT, "timestamp");
    REFUSED(etoauth_prepared_new(s, "1", URL, &out.prepared), ETOAUTH_E_METHOD, "method");
    REFUSED(etoauth_prepared_new(s, "GET", "x", &out.prepared), ETOAUTH_E_URL, "url");
    REFUSED(etoauth_prepared_sign_at(both.prepared, 1, "\xff", buf, cap, NULL), ETOAUTH_E_UTF8, "nonce");
    REFUSED(etoauth_prepared_sign_at(both.prepared, 1, "", buf, cap, NULL), ETOAUTH_E_ARGUMENT, "nonce");
    OK(etoauth_signer_get_bound(s, &bound));
    EXPECT(etoauth_prepared_sign(both.prepared, buf, bound - 1, NULL), ETOAUTH_E_BUFFER);
}

static void free_both(struct signers both)
{
    OK(etoauth_signer_free(both.s));
    OK(etoauth_prepared_free(both.prepared));
}

int main(void)
{
    etoauth_client *c;
    struct signers first, second, third, lone, last;
    char *text = NULL;

    alarm(600);
    c = new_client(sandbox("SANDBOX_URL"));
    EXPECT(etoauth_client_get_signer(c, &out.signer), ETOAUTH_E_STATE);
    log_in(c);
    first = get_signers(c);
    are_fresh(first);
    /* Its clock is its client's, to be set there. */
    EXPECT(etoauth_signer_set_clock_offset(first.s, 60), ETOAUTH_E_STATE);
    OK(etoauth_client_renew_access_token(c));
    are_fresh(first);

    OK(etoauth_client_set_access_token(c, "token", "token secret", 0));
    are_stale(first);
    second = get_signers(c);
    are_fresh(second);
    OK(etoauth_client_export_session(c, &text));

    log_in(c);
    are_stale(second);
    third = get_signers(c);
    are_fresh(third);
    /* A prepared request is told even when its signer is gone. */
    lone = get_signers(c);
    OK(etoauth_signer_free(lone.s));
    signs(lone.prepared);
    OK(etoauth_client_revoke_access_token(c));
    are_stale(third);
    EXPECT(prepared_call(0, lone.prepared), ETOAUTH_E_STALE);
    OK(etoauth_prepared_free(lone.prepared));
    EXPECT(etoauth_client_get_signer(c, &out.signer), ETOAUTH_E_STATE);

    /* The same token anew: the signer that is asked for now works, whatever the old ones do. */
    OK(etoauth_client_import_session(c, text));
    OK(etoauth_string_free(text));
    last = get_signers(c);
    are_fresh(last);
    OK(etoauth_client_free(c));
    are_fresh(last);
    are_stale(first);
    are_stale(third);
    OK(etoauth_signer_get_bound(first.s, &out.number));
    stale_comes_last(first);

    /* A prepared request needs neither its client nor its signer. */
    OK(etoauth_signer_free(last.s));
    signs(last.prepared);
    OK(etoauth_prepared_free(last.prepared));

    free_both(first);
    free_both(second);
    free_both(third);
    CHECK(etoauth_live_objects() == 0);
    puts("no signer outlived its token");
    return 0;
}
