/* A panic is caught within the DLL. It has no way to panic but a clock that fails: this program puts one of its own
   into the DLL's list of imports. */
#include <windows.h>

#include "../c/check.h"

static int broken;

static BOOL WINAPI clock_of_ours(LARGE_INTEGER *now)
{
    static LONGLONG ticks;

    now->QuadPart = ++ticks;
    return !broken;
}

static void *address(char *base, DWORD offset)
{
    return base + offset;
}

/* How many entries of that name were replaced. */
static int replace(char *base, const char *name, ULONG_PTR by)
{
    IMAGE_DOS_HEADER *dos = address(base, 0);
    IMAGE_NT_HEADERS *head = address(base, (DWORD)dos->e_lfanew);
    IMAGE_IMPORT_DESCRIPTOR *from =
        address(base, head->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT].VirtualAddress);
    int replaced = 0;

    for (; from->Name != 0; from++) {
        IMAGE_THUNK_DATA *names = address(base, from->OriginalFirstThunk), *entry = address(base, from->FirstThunk);

        for (; names->u1.AddressOfData != 0; names++, entry++) {
            IMAGE_IMPORT_BY_NAME *import = address(base, (DWORD)names->u1.AddressOfData);
            DWORD before;

            if (IMAGE_SNAP_BY_ORDINAL(names->u1.Ordinal) || strcmp((const char *)import->Name, name) != 0)
                continue;
            CHECK(VirtualProtect(entry, sizeof *entry, PAGE_READWRITE, &before));
            entry->u1.Function = by;
            CHECK(VirtualProtect(entry, sizeof *entry, before, &before));
            replaced++;
        }
    }
    return replaced;
}

int main(void)
{
    etoauth_client *c = NULL;
    int round;

    OK(etoauth_client_new(ETOAUTH_ENV_SANDBOX, "key", "secret", &c));
    OK(etoauth_client_set_base_urls(c, "http://127.0.0.1:1", NULL, NULL));
    OK(etoauth_client_set_proxy(c, ""));
    CHECK(replace((char *)GetModuleHandleA("etoauth.dll"), "QueryPerformanceCounter", (ULONG_PTR)clock_of_ours) > 0);
    for (round = 0; round < 3; round++) {
        broken = 1;
        EXPECT(etoauth_client_fetch_request_token(c), ETOAUTH_E_INTERNAL);
        broken = 0;
        OK(etoauth_self_test());
    }
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
    puts("a panic is a status");
    return 0;
}
