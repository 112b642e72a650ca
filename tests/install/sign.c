/* Signs the example that E*TRADE publishes. The header's version and the library's must be the same. */
#include <etoauth.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    char header[ETOAUTH_HEADER_MAX];
    etoauth_signer *s = NULL;

    if (strcmp(etoauth_version(), ETOAUTH_VERSION_STRING) != 0 || etoauth_abi_version() != ETOAUTH_ABI_VERSION ||
        etoauth_signer_new("c5bb4dcb7bd6826c7c4340df3f791188", "7d30246211192cda43ede3abd9b393b9",
                           "VbiNYl63EejjlKdQM6FeENzcnrLACrZ2JYD6NQROfVI=",
                           "XCF9RzyQr4UEPloA+WlC06BnTfYC1P0Fwr3GUw/B0Es=", &s) != ETOAUTH_OK ||
        etoauth_signer_sign_at(s, "GET", "https://api.etrade.com/v1/accounts/list", NULL, 1344885636,
                               "0bba225a40d1bbac2430aa0c6163ce44", header, sizeof header, NULL) != ETOAUTH_OK ||
        strstr(header, "oauth_signature=\"UOnPVdzExTAgHkcGWLLfeTaaMSM%3D\"") == NULL ||
        etoauth_signer_free(s) != ETOAUTH_OK)
        return 1;
    printf("signed with %s\n", etoauth_version());
    return 0;
}
