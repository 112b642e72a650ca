/* Signs the vectors that the driver writes to standard input, prepared, too: fields between tabs, "-" for none, one case
   a line.
   name method url form key secret token token_secret timestamp nonce base_string signature */
#include "check.h"

static char line[1 << 16];

static const char *field(char **rest)
{
    char *start = *rest, *end = start + strcspn(start, "\t\n");

    *rest = *end == '\0' ? end : end + 1;
    *end = '\0';
    return strcmp(start, "-") == 0 ? NULL : start;
}

int main(void)
{
    int cases = 0, prepared = 0;

    OK(etoauth_self_test());
    while (fgets(line, sizeof line, stdin) != NULL) {
        char *rest = line, *base = NULL, expected[256], header[ETOAUTH_HEADER_MAX];
        const char *name = field(&rest), *method = field(&rest), *url = field(&rest), *form = field(&rest);
        const char *key = field(&rest), *secret = field(&rest), *token = field(&rest), *token_secret = field(&rest);
        int64_t timestamp = atoll(field(&rest));
        const char *nonce = field(&rest), *base_string = field(&rest), *signature = field(&rest);
        size_t len = 0;
        etoauth_signer *s = NULL;

        OK(etoauth_signer_new(key, secret, token, token_secret, &s));
        OK(etoauth_signer_get_base_string(s, method, url, form, timestamp, nonce, &base));
        if (strcmp(base, base_string) != 0) {
            fprintf(stderr, "%s: base string\n  %s\nis not\n  %s\n", name, base, base_string);
            return 1;
        }
        OK(etoauth_signer_sign_at(s, method, url, form, timestamp, nonce, header, sizeof header, &len));
        CHECK(strlen(header) == len);
        CHECK(strncmp(header, "OAuth ", 6) == 0);
        CHECK(strchr(header, '\n') == NULL);
        sprintf(expected, "oauth_signature=\"%s\"", signature);
        if (strstr(header, expected) == NULL) {
            fprintf(stderr, "%s: %s\nlacks %s\n", name, header, expected);
            return 1;
        }
        /* What is prepared has no form. */
        if (form == NULL) {
            char again[ETOAUTH_HEADER_MAX];
            etoauth_prepared *p = NULL;

            OK(etoauth_prepared_new(s, method, url, &p));
            OK(etoauth_prepared_sign_at(p, timestamp, nonce, again, sizeof again, &len));
            CHECK(strlen(again) == len && strcmp(again, header) == 0);
            OK(etoauth_prepared_free(p));
            prepared++;
        }
        etoauth_string_free(base);
        etoauth_signer_free(s);
        cases++;
    }
    CHECK(etoauth_live_objects() == 0);
    printf("%d signatures and base strings, %d of them prepared\n", cases, prepared);
    return 0;
}
