/* Calls the DLL for a host that has no VBA but a model of one: a line that comes in names a function and its arguments,
   and a line with the status and with what the function wrote goes out. An argument is a letter and a value: n a
   number or a handle, t a text that goes in, S a String that comes out, v a Long that comes out, h a handle that comes
   out. Texts are UTF-8 in hexadecimal. The argument is the DLL. */
#include <windows.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition) ((condition) ? (void)0 : failed(__LINE__, #condition))

static void failed(int line, const char *what)
{
    fprintf(stderr, "vb_bridge.c:%d: %s\n", line, what);
    exit(1);
}

#include "vb.h"

#define MOST 7

typedef int32_t(__stdcall *with_1)(intptr_t);
typedef int32_t(__stdcall *with_2)(intptr_t, intptr_t);
typedef int32_t(__stdcall *with_3)(intptr_t, intptr_t, intptr_t);
typedef int32_t(__stdcall *with_4)(intptr_t, intptr_t, intptr_t, intptr_t);
typedef int32_t(__stdcall *with_7)(intptr_t, intptr_t, intptr_t, intptr_t, intptr_t, intptr_t, intptr_t);

static int32_t call(FARPROC f, int count, const intptr_t *a)
{
    switch (count) {
    case 1:
        return ((with_1)(void *)f)(a[0]);
    case 2:
        return ((with_2)(void *)f)(a[0], a[1]);
    case 3:
        return ((with_3)(void *)f)(a[0], a[1], a[2]);
    case 4:
        return ((with_4)(void *)f)(a[0], a[1], a[2], a[3]);
    default:
        CHECK(count == MOST);
        return ((with_7)(void *)f)(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
    }
}

static BSTR from_hex(const char *hex)
{
    static char utf8[65536];
    size_t length = strlen(hex) / 2, i;
    unsigned byte;

    CHECK(length < sizeof utf8);
    for (i = 0; i < length; i++) {
        CHECK(sscanf(hex + 2 * i, "%2x", &byte) == 1);
        utf8[i] = (char)byte;
    }
    utf8[length] = '\0';
    return string(utf8);
}

static void print_hex(BSTR text)
{
    static char utf8[1 << 20];
    int length = (int)SysStringLen(text), i;

    length = length == 0 ? 0 : WideCharToMultiByte(CP_UTF8, 0, text, length, utf8, sizeof utf8, NULL, NULL);
    for (i = 0; i < length; i++)
        printf("%02x", (unsigned char)utf8[i]);
}

int main(int argc, char **argv)
{
    static char line[1 << 18];
    HMODULE dll;

    CHECK(argc == 2 && (dll = LoadLibraryA(argv[1])) != NULL);
    while (fgets(line, sizeof line, stdin) != NULL) {
        const char *kinds[MOST];
        intptr_t arguments[MOST], handles[MOST] = {0};
        int32_t numbers[MOST] = {0};
        BSTR strings[MOST] = {NULL};
        int count = 0, i;
        char *name = strtok(line, " \r\n"), *word;
        FARPROC function = GetProcAddress(dll, name);

        CHECK(function != NULL);
        while ((word = strtok(NULL, " \r\n")) != NULL) {
            CHECK(count < MOST);
            kinds[count] = word;
            switch (word[0]) {
            case 'n':
                arguments[count] = (intptr_t)strtoll(word + 1, NULL, 10);
                break;
            case 't':
                arguments[count] = ADDRESS(from_hex(word + 1));
                break;
            case 'S':
                arguments[count] = ADDRESS(&strings[count]);
                break;
            case 'v':
                arguments[count] = ADDRESS(&numbers[count]);
                break;
            default:
                CHECK(word[0] == 'h');
                arguments[count] = ADDRESS(&handles[count]);
            }
            count++;
        }
        printf("%ld", (long)call(function, count, arguments));
        for (i = 0; i < count; i++) {
            if (kinds[i][0] == 'S') {
                printf(" %d:t", i);
                print_hex(strings[i]);
            } else if (kinds[i][0] == 'v') {
                printf(" %d:n%ld", i, (long)numbers[i]);
            } else if (kinds[i][0] == 'h') {
                printf(" %d:n%lld", i, (long long)handles[i]);
            }
        }
        puts("");
        fflush(stdout);
    }
    return 0;
}
