/* A URL or a form that was signed before: its oauth_signature is never signed (RFC 5849 section 3.4.1.3.1), however its
   name is spelt, and stays where it is; its other parameters of the protocol are signed like any others. */
#include "header.h"
#include "misuse.h"

#define HOST "https://localhost/v1?"
#define REST "a=1&oauth_consumer_key=other&oauth_signature_method=PLAINTEXT&z=2"

static const char *const spelt[] = {
    "oauth_signature=a%2Fb%3D", "oauth_signature=",         "oauth_signature",
    "oauth%5Fsignature=x",      "oauth%5fsignature",        "%6Fauth_signature=x",
    "oauth_signatur%65=x",      "%6f%61%75%74%68%5f%73%69%67%6e%61%74%75%72%65=x",
};

/* These are other names. */
static const char *const others[] = {
    "oauth_signature%00=x", "OAUTH_SIGNATURE=x", "oauth_signature+=x", "oauth_signature%20", "%20oauth_signature=x",
    "oauth_signatures=x", "oauth_signatur=x", "oauth%255Fsignature=x", "oauth+signature",
};

static etoauth_signer *s;

static char *base_string(const char *url, const char *form)
{
    char *text = NULL;

    OK(etoauth_signer_get_base_string(s, "GET", url, form, 1, "n", &text));
    return text;
}

/* Whether two requests sign alike, in each function that signs into a buffer. */
static void alike(const char *url, const char *form, const char *other_url, const char *other_form, int expected)
{
    char *one = base_string(url, form), *two = base_string(other_url, other_form);
    char header[ETOAUTH_HEADER_MAX], other[ETOAUTH_HEADER_MAX];

    CHECK((strcmp(one, two) == 0) == expected);
    OK(etoauth_string_free(one));
    OK(etoauth_string_free(two));
    OK(etoauth_signer_sign_at(s, "GET", url, form, 1, "n", header, sizeof header, NULL));
    OK(etoauth_signer_sign_at(s, "GET", other_url, other_form, 1, "n", other, sizeof other, NULL));
    CHECK((strcmp(header, other) == 0) == expected);
    if (form != NULL)
        return;
    OK(etoauth_prepared_new(s, "GET", url, &out.prepared));
    OK(etoauth_prepared_sign_at(out.prepared, 1, "n", other, sizeof other, NULL));
    CHECK(strcmp(header, other) == 0);
    /* With a nonce of the library's own, which takes another way. */
    {
        char fresh[ETOAUTH_HEADER_MAX];
        nonce own;

        OK(etoauth_prepared_sign(out.prepared, fresh, sizeof fresh, NULL));
        read_nonce(fresh, own);
        OK(etoauth_signer_sign_at(s, "GET", other_url, other_form, read_timestamp(fresh), own, other, sizeof other, NULL));
        CHECK((strcmp(fresh, other) == 0) == expected);
    }
    OK(etoauth_prepared_free(out.prepared));
}

/* What sign_url adds to a URL is of the request without the old signature, which stays in front of it. */
static void signed_urls(etoauth_client *c, const char *url)
{
    char *text = NULL, header[ETOAUTH_HEADER_MAX], stamp[256] = "", signature[128];
    const char *at;
    nonce own;

    OK(etoauth_client_sign_url(c, "GET", url, &text));
    CHECK(strncmp(text, url, strlen(url)) == 0 && text[strlen(url)] == '&');
    at = strstr(text + strlen(url), "&oauth_nonce=");
    CHECK(at != NULL);
    sscanf(at, "&oauth_nonce=%64[^&]", own);
    at = strstr(at, "&oauth_timestamp=");
    CHECK(at != NULL && sscanf(at, "&oauth_timestamp=%20[0-9]", stamp) == 1);
    at = strstr(at, "&oauth_signature=");
    CHECK(at != NULL);
    OK(etoauth_signer_sign_at(s, "GET", HOST REST, NULL, atoll(stamp), own, header, sizeof header, NULL));
    sprintf(signature, "oauth_signature=\"%.100s\"", at + strlen("&oauth_signature="));
    CHECK(strstr(header, signature) != NULL);
    OK(etoauth_string_free(text));
}

int main(void)
{
    etoauth_client *c = make_client();
    char url[512], form[512];
    size_t i;

    alarm(600);
    s = make_signer();
    OK(etoauth_client_set_access_token(c, "token", "token secret", 0));
    for (i = 0; i < sizeof spelt / sizeof *spelt; i++) {
        sprintf(url, HOST REST "&%s", spelt[i]);
        alike(url, NULL, HOST REST, NULL, 1);
        signed_urls(c, url);
        sprintf(url, HOST "%s&" REST "&%s&", spelt[i], spelt[0]);
        alike(url, NULL, HOST REST, NULL, 1);
        sprintf(url, HOST "%s", spelt[i]);
        alike(url, NULL, HOST, NULL, 1);
        sprintf(form, "%s&b=2", spelt[i]);
        alike(url, form, HOST, "b=2", 1);
    }
    for (i = 0; i < sizeof others / sizeof *others; i++) {
        sprintf(url, HOST REST "&%s", others[i]);
        alike(url, NULL, HOST REST, NULL, 0);
        alike(HOST, others[i], HOST, NULL, 0);
    }
    alike(HOST REST, NULL, HOST "a=1&z=2", NULL, 0);
    OK(etoauth_client_free(c));
    OK(etoauth_signer_free(s));
    CHECK(etoauth_live_objects() == 0);
    puts("no signature was signed");
    return 0;
}
