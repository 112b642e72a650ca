/* Makes a session file, whose path is the argument, and looks at who may open it and what lies beside it: this user,
   and at most the system and its administrators. */
#include <aclapi.h>
#include <sddl.h>

#include "../c/check.h"

static int is_known(PSID who, WELL_KNOWN_SID_TYPE which)
{
    return IsWellKnownSid(who, which);
}

static PSID this_user(void)
{
    static BYTE buffer[256];
    HANDLE token;
    DWORD length;

    CHECK(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token));
    CHECK(GetTokenInformation(token, TokenUser, buffer, sizeof buffer, &length));
    CloseHandle(token);
    return ((TOKEN_USER *)(void *)buffer)->User.Sid;
}

static void for_this_user_alone(char *path)
{
    PACL list = NULL;
    PSECURITY_DESCRIPTOR descriptor = NULL;
    ACL_SIZE_INFORMATION size;
    DWORD i, mine = 0;

    CHECK(GetNamedSecurityInfoA(path, SE_FILE_OBJECT, DACL_SECURITY_INFORMATION, NULL, NULL, &list, NULL,
                                &descriptor) == ERROR_SUCCESS);
    /* No list at all means that everybody may. */
    CHECK(list != NULL);
    CHECK(GetAclInformation(list, &size, sizeof size, AclSizeInformation));
    for (i = 0; i < size.AceCount; i++) {
        ACCESS_ALLOWED_ACE *entry = NULL;
        PSID who;
        char *name = NULL;

        CHECK(GetAce(list, i, (void **)&entry));
        if (entry->Header.AceType != ACCESS_ALLOWED_ACE_TYPE)
            continue;
        who = (PSID)&entry->SidStart;
        CHECK(ConvertSidToStringSidA(who, &name));
        printf("%s: %s %08lx\n", path, name, entry->Mask);
        LocalFree(name);
        if (EqualSid(who, this_user()))
            mine |= entry->Mask;
        else
            CHECK(entry->Mask == 0 || is_known(who, WinLocalSystemSid) || is_known(who, WinBuiltinAdministratorsSid));
    }
    CHECK((mine & FILE_GENERIC_READ) == FILE_GENERIC_READ && (mine & FILE_GENERIC_WRITE) == FILE_GENERIC_WRITE);
    LocalFree(descriptor);
}

int main(int argc, char **argv)
{
    static const char *const suffixes[] = {"", ".lock"};
    etoauth_client *c = NULL;
    char path[600];
    size_t i;

    CHECK(argc == 2);
    OK(etoauth_client_new(ETOAUTH_ENV_SANDBOX, "key", "secret", &c));
    OK(etoauth_client_set_access_token(c, "token", "token secret", 0));
    OK(etoauth_client_set_session_file(c, argv[1]));
    OK(etoauth_client_set_access_token(c, "another token", "token secret", 0));
    for (i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        sprintf(path, "%.500s%s", argv[1], suffixes[i]);
        for_this_user_alone(path);
    }
    OK(etoauth_client_free(c));
    puts("for this user alone");
    return 0;
}
