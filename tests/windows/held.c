/* Others open and close the session file all the time, as scanners do, and keep everybody out meanwhile: each change is
   saved all the same. The argument is a path for the file. */
#include "../c/check.h"

#include <windows.h>

#define CHANGES 200

static volatile LONG ended;

static DWORD WINAPI scan(void *path)
{
    while (!ended) {
        HANDLE file = CreateFileA(path, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);

        if (file != INVALID_HANDLE_VALUE) {
            Sleep(1);
            CloseHandle(file);
        }
        Sleep(3);
    }
    return 0;
}

int main(int argc, char **argv)
{
    etoauth_client *c = NULL, *next = NULL;
    char token[32], *found = NULL, *secret = NULL;
    HANDLE scanner;
    int i;

    CHECK(argc == 2);
    OK(etoauth_client_new(ETOAUTH_ENV_SANDBOX, "key", "secret", &c));
    OK(etoauth_client_new(ETOAUTH_ENV_SANDBOX, "key", "secret", &next));
    OK(etoauth_client_set_session_file(c, argv[1]));
    CHECK((scanner = CreateThread(NULL, 0, scan, argv[1], 0, NULL)) != NULL);
    for (i = 0; i < CHANGES; i++) {
        sprintf(token, "token %d", i);
        OK(etoauth_client_set_access_token(c, token, "token secret", 0));
        OK(etoauth_client_set_session_file(next, argv[1]));
        OK(etoauth_client_get_access_token(next, &found, &secret));
        CHECK(strcmp(found, token) == 0);
        OK(etoauth_string_free(found));
        OK(etoauth_string_free(secret));
    }
    ended = 1;
    CHECK(WaitForSingleObject(scanner, INFINITE) == WAIT_OBJECT_0);
    OK(etoauth_client_free(next));
    OK(etoauth_client_free(c));
    puts("no scanner was in the way");
    return 0;
}
