/* Signs the request of E*TRADE's published example and prints the Authorization header.
 * A program that already has a key, a token and an HTTP stack needs no more than this. */
#include <stdio.h>

#include "etoauth.h"

static int failed(const char *step)
{
    char text[ETOAUTH_ERROR_MAX];

    etoauth_last_error(NULL, text, sizeof text, NULL);
    fprintf(stderr, "%s: %s\n", step, text);
    return 1;
}

int main(void)
{
    char header[ETOAUTH_HEADER_MAX];
    etoauth_signer *s = NULL;

    if (etoauth_signer_new("c5bb4dcb7bd6826c7c4340df3f791188", "7d30246211192cda43ede3abd9b393b9",
                           "VbiNYl63EejjlKdQM6FeENzcnrLACrZ2JYD6NQROfVI=",
                           "XCF9RzyQr4UEPloA+WlC06BnTfYC1P0Fwr3GUw/B0Es=", &s) != ETOAUTH_OK)
        return failed("etoauth_signer_new");

    /* etoauth_signer_sign uses the current time and a new nonce; these are the ones of the example. */
    if (etoauth_signer_sign_at(s, "GET", "https://api.etrade.com/v1/accounts/list", NULL, 1344885636,
                               "0bba225a40d1bbac2430aa0c6163ce44", header, sizeof header, NULL) != ETOAUTH_OK) {
        etoauth_signer_free(s);
        return failed("etoauth_signer_sign_at");
    }
    printf("Authorization: %s\n", header);

    if (etoauth_signer_free(s) != ETOAUTH_OK)
        return 1;
    return 0;
}
