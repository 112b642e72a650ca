/* The DLL, whose path is the argument, stays loaded: a handle made before FreeLibrary works after it, and before and
   after another LoadLibrary. */
#include <stdio.h>
#include <windows.h>

#include "etoauth.h"

typedef etoauth_status(ETOAUTH_CALL *signer_new)(const char *, const char *, const char *, const char *,
                                                 etoauth_signer **);
typedef etoauth_status(ETOAUTH_CALL *signer_sign)(etoauth_signer *, const char *, const char *, const char *, char *,
                                                  size_t, size_t *);

static int fail(const char *what)
{
    fprintf(stderr, "%s (error %lu)\n", what, GetLastError());
    return 1;
}

static FARPROC find(HMODULE library, const char *name)
{
    FARPROC found = GetProcAddress(library, name);

    if (found == NULL)
        exit(fail(name));
    return found;
}

static int signs(signer_sign sign, etoauth_signer *s)
{
    char header[ETOAUTH_HEADER_MAX];

    return sign(s, "GET", "https://localhost/v1", NULL, header, sizeof header, NULL) == ETOAUTH_OK;
}

int main(int argc, char **argv)
{
    HMODULE library, again;
    etoauth_signer *s = NULL;
    signer_new make;
    signer_sign sign;
    int i;

    if (argc != 2 || (library = LoadLibraryA(argv[1])) == NULL)
        return fail("LoadLibrary");
    make = (signer_new)(void *)find(library, "etoauth_signer_new");
    sign = (signer_sign)(void *)find(library, "etoauth_signer_sign");
    if (make("key", "secret", NULL, NULL, &s) != ETOAUTH_OK || !signs(sign, s))
        return fail("the first signature");
    for (i = 0; i < 3; i++)
        FreeLibrary(library);
    if (GetModuleHandleA("etoauth.dll") != library)
        return fail("FreeLibrary unloaded it");
    if (!signs(sign, s))
        return fail("the handle after FreeLibrary");
    if ((again = LoadLibraryA(argv[1])) != library)
        return fail("another address");
    sign = (signer_sign)(void *)find(again, "etoauth_signer_sign");
    if (!signs(sign, s))
        return fail("the handle after another LoadLibrary");
    puts("loaded for good");
    return 0;
}
