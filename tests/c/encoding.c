/* Prints its argument percent-encoded. */
#include "check.h"

int main(int argc, char **argv)
{
    char *encoded = NULL;

    CHECK(argc == 2);
    OK(etoauth_percent_encode(argv[1], &encoded));
    printf("%s", encoded);
    OK(etoauth_string_free(encoded));
    return 0;
}
