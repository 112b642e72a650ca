/* What a workbook does to the DLL when VBA is reset, when workbooks come and go, and when it calls at random, by
   GetProcAddress, as VBA does. On x86 each call must leave the stack as it was, for there the callee clears it. The
   arguments are the DLL and how many calls. */
#include <windows.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition) ((condition) ? (void)0 : failed(__LINE__, #condition))

/* Linked against no import library, so that the DLL is there only when it was loaded. */
static void failed(int line, const char *what)
{
    fprintf(stderr, "vb_reset.c:%d: %s\n", line, what);
    exit(1);
}

#include "vb.h"

typedef int32_t(__stdcall *with_1)(intptr_t);
typedef int32_t(__stdcall *with_2)(intptr_t, intptr_t);
typedef int32_t(__stdcall *with_3)(intptr_t, intptr_t, intptr_t);
typedef int32_t(__stdcall *with_4)(intptr_t, intptr_t, intptr_t, intptr_t);
typedef int32_t(__stdcall *with_7)(intptr_t, intptr_t, intptr_t, intptr_t, intptr_t, intptr_t, intptr_t);

/* Their names and what each is given: an h is a client, l a listener, t a text, S a String, v a variable, n a number, x
   nothing. Those that would use the network are never given a client that has a host. */
static struct function {
    const char *name, *arguments;
    FARPROC address;
    long successes;
} functions[] = {
    {"etoauth_vb_open", "nttv", NULL, 0},
    {"etoauth_vb_close", "h", NULL, 0},
    {"etoauth_vb_set_base_urls", "httt", NULL, 0},
    {"etoauth_vb_set_timeout_ms", "hn", NULL, 0},
    {"etoauth_vb_set_proxy", "ht", NULL, 0},
    {"etoauth_vb_set_ca_file", "ht", NULL, 0},
    {"etoauth_vb_set_session_file", "hx", NULL, 0},
    {"etoauth_vb_login_url", "hS", NULL, 0},
    {"etoauth_vb_login", "ht", NULL, 0},
    {"etoauth_vb_listen", "htv", NULL, 0},
    {"etoauth_vb_poll", "lhS", NULL, 0},
    {"etoauth_vb_unlisten", "l", NULL, 0},
    {"etoauth_vb_renew", "h", NULL, 0},
    {"etoauth_vb_revoke", "h", NULL, 0},
    {"etoauth_vb_ensure_active", "hn", NULL, 0},
    {"etoauth_vb_token_state", "hvvv", NULL, 0},
    {"etoauth_vb_sign", "httS", NULL, 0},
    {"etoauth_vb_send", "httttvS", NULL, 0},
    {"etoauth_vb_percent_encode", "tS", NULL, 0},
    {"etoauth_vb_export_session", "hS", NULL, 0},
    {"etoauth_vb_import_session", "ht", NULL, 0},
    {"etoauth_vb_last_error", "S", NULL, 0},
    {"etoauth_vb_advice", "nv", NULL, 0},
    {"etoauth_vb_read_log", "hS", NULL, 0},
    {"etoauth_vb_version", "S", NULL, 0},
};

#define FUNCTIONS (sizeof functions / sizeof *functions)

/* The DLL of a workbook, which may let go of it. */
static HMODULE load(const char *dll)
{
    HMODULE module = LoadLibraryA(dll);
    size_t i;

    CHECK(module != NULL);
    for (i = 0; i < FUNCTIONS; i++)
        CHECK((functions[i].address = GetProcAddress(module, functions[i].name)) != NULL);
    return module;
}

static uintptr_t stack(void)
{
#ifdef __i386__
    uintptr_t pointer;

    __asm__ volatile("mov %%esp, %0" : "=r"(pointer));
    return pointer;
#else
    return 0;
#endif
}

static int32_t call_here(size_t function, const intptr_t *a)
{
    FARPROC f = functions[function].address;
    uintptr_t before, after;
    int32_t result;

    switch (strlen(functions[function].arguments)) {
    case 1:
        before = stack();
        result = ((with_1)(void *)f)(a[0]);
        after = stack();
        break;
    case 2:
        before = stack();
        result = ((with_2)(void *)f)(a[0], a[1]);
        after = stack();
        break;
    case 3:
        before = stack();
        result = ((with_3)(void *)f)(a[0], a[1], a[2]);
        after = stack();
        break;
    case 4:
        before = stack();
        result = ((with_4)(void *)f)(a[0], a[1], a[2], a[3]);
        after = stack();
        break;
    default:
        before = stack();
        result = ((with_7)(void *)f)(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
        after = stack();
    }
    if (before != after) {
        fprintf(stderr, "%s left the stack %ld bytes off\n", functions[function].name, (long)(after - before));
        exit(1);
    }
    return result;
}

static uint32_t seed = 2463534242u;

static uint32_t chance(uint32_t choices)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed % choices;
}

/* VBA's stack on x86 is a multiple of four, and no more: compiled for such a stack, these calls have any. */
static int32_t call(size_t function, const intptr_t *a)
{
    volatile char *room = __builtin_alloca(4 * chance(4) + 1);
    int32_t result;

    room[0] = 0;
    result = call_here(function, a);
    functions[function].successes += result == 0;
    return result;
}

static int32_t by_name(const char *name, intptr_t a, intptr_t b, intptr_t c, intptr_t d)
{
    intptr_t arguments[7] = {a, b, c, d, 0, 0, 0};
    size_t i;

    for (i = 0; strcmp(functions[i].name, name) != 0; i++)
        CHECK(i + 1 < FUNCTIONS);
    return call(i, arguments);
}

#define HANDLES 64

static intptr_t clients[HANDLES], listeners[HANDLES];
static BSTR strings[8], texts[8];
static int32_t numbers[8];

/* Often right, often not. */
static intptr_t argument(char kind)
{
    static intptr_t put;
    static char *reserved;

    /* What nobody may read or write, so that no wrong address is right by chance. */
    if (reserved == NULL)
        CHECK((reserved = VirtualAlloc(NULL, 65536, MEM_RESERVE, PAGE_NOACCESS)) != NULL);
    if (chance(8) == 0)
        switch (chance(3)) {
        case 0:
            return (intptr_t)chance(64);
        case 1:
            return -1 - (intptr_t)chance(64);
        default:
            return ADDRESS(reserved + chance(65536));
        }
    switch (kind) {
    case 'h':
        return clients[chance(HANDLES)];
    case 'l':
        return listeners[chance(HANDLES)];
    case 't':
        return ADDRESS(texts[chance(8)]);
    case 'S':
        return ADDRESS(&strings[chance(8)]);
    case 'v':
        return ADDRESS(chance(2) ? &numbers[2 * chance(4)] : (int32_t *)&put);
    case 'n':
        return (int32_t)chance(5) - 1;
    default:
        return 0;
    }
}

/* What it puts into a slot, in place of what was there. */
static void keep(intptr_t *slots, intptr_t made, const char *end)
{
    size_t slot = chance(HANDLES);

    by_name(end, slots[slot], 0, 0, 0);
    slots[slot] = made;
}

static void at_random(long calls)
{
    static const char *const no_success[] = {"login_url", "login", "renew", "revoke", "ensure_active", "send", "sign",
                                             "set_ca_file", "import_session", "poll"};
    static const char *const words[] = {"", "GET", "https://localhost/?a=b", "\xc3\xbc", "http://127.0.0.1:0/", "key",
                                        "A: b\r\n", "/v1/x"};
    intptr_t arguments[7], made;
    const long least = calls / 10000;
    size_t i, j, function;

    for (i = 0; i < 8; i++)
        texts[i] = string(words[i]);
    for (; calls > 0; calls--) {
        function = chance(FUNCTIONS);
        for (j = 0; functions[function].arguments[j] != '\0'; j++)
            arguments[j] = argument(functions[function].arguments[j]);
        made = 0;
        if (strcmp(functions[function].name, "etoauth_vb_open") == 0) {
            arguments[3] = ADDRESS(&made);
            if (call(function, arguments) == 0) {
                /* No host is there for it. */
                CHECK(by_name("etoauth_vb_set_base_urls", made, ADDRESS(string("http://127.0.0.1:1")), 0,
                              ADDRESS(string("http://127.0.0.1:1"))) == 0);
                keep(clients, made, "etoauth_vb_close");
            }
        } else if (strcmp(functions[function].name, "etoauth_vb_listen") == 0) {
            arguments[2] = ADDRESS(&made);
            if (call(function, arguments) == 0)
                keep(listeners, made, "etoauth_vb_unlisten");
        } else {
            call(function, arguments);
        }
    }
    /* Those that need no login must have served at times. */
    for (i = 0; i < FUNCTIONS; i++) {
        for (j = 0; j < sizeof no_success / sizeof *no_success; j++)
            if (strcmp(functions[i].name + strlen("etoauth_vb_"), no_success[j]) == 0)
                break;
        if (j == sizeof no_success / sizeof *no_success && functions[i].successes < least) {
            fprintf(stderr, "%s served %ld times\n", functions[i].name, functions[i].successes);
            exit(1);
        }
    }
    for (i = 0; i < HANDLES; i++) {
        by_name("etoauth_vb_close", clients[i], 0, 0, 0);
        by_name("etoauth_vb_unlisten", listeners[i], 0, 0, 0);
    }
}

static intptr_t opened(void)
{
    intptr_t client = 0;

    CHECK(by_name("etoauth_vb_open", ETOAUTH_ENV_SANDBOX, ADDRESS(string("key")), ADDRESS(string("secret")),
                  ADDRESS(&client)) == 0);
    return client;
}

static DWORD WINAPI another_workbook(void *dll)
{
    int i;

    for (i = 0; i < 200; i++) {
        HMODULE module = LoadLibraryA(dll);
        intptr_t client = opened();

        CHECK(by_name("etoauth_vb_close", client, 0, 0, 0) == 0);
        CHECK(by_name("etoauth_vb_close", client, 0, 0, 0) == ETOAUTH_E_HANDLE);
        FreeLibrary(module);
    }
    return 0;
}

/* VBA forgets its handles, or the workbook is closed and its DLL let go: the next start finds the DLL as it was. */
static void resets(const char *dll)
{
    HMODULE module = load(dll);
    HANDLE threads[4];
    intptr_t lost, kept, state[2];
    int i;

    kept = opened();
    for (i = 0; i < 100; i++) {
        lost = opened();
        CHECK(FreeLibrary(module) && FreeLibrary(GetModuleHandleA("etoauth.dll")));
        module = load(dll);
        CHECK(by_name("etoauth_vb_token_state", kept, ADDRESS(&state[0]), ADDRESS(&state[0]), ADDRESS(&state[0])) == 0);
        CHECK(by_name("etoauth_vb_close", lost, 0, 0, 0) == 0);
        CHECK(by_name("etoauth_vb_close", lost, 0, 0, 0) == ETOAUTH_E_HANDLE);
        CHECK(opened() != lost);
    }
    for (i = 0; i < 4; i++)
        CHECK((threads[i] = CreateThread(NULL, 0, another_workbook, (void *)dll, 0, NULL)) != NULL);
    CHECK(WaitForMultipleObjects(4, threads, TRUE, INFINITE) == WAIT_OBJECT_0);
    CHECK(by_name("etoauth_vb_close", kept, 0, 0, 0) == 0);
}

/* A call that never ends is a failure, too. */
static DWORD WINAPI give_up(void *nothing)
{
    (void)nothing;
    Sleep(600000);
    CHECK(!"it hangs");
    return 0;
}

int main(int argc, char **argv)
{
    CHECK(argc == 3);
    CloseHandle(CreateThread(NULL, 0, give_up, NULL, 0, NULL));
    resets(argv[1]);
    at_random(atol(argv[2]));
    puts("Excel still runs");
    return 0;
}
