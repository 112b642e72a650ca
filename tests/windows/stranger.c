/* A whole login over TLS by a program that has the header, the DLL and its import library, and of Windows kernel32
   alone: no C runtime, so that it can be built where there is none, in the way of either compiler. The sandbox's URL,
   CA file, key, secret and code are in the environment. */
#define ETOAUTH_DLL
#include "etoauth.h"

#define KERNEL32 __declspec(dllimport)
KERNEL32 void __stdcall ExitProcess(uint32_t code);
KERNEL32 void *__stdcall GetStdHandle(uint32_t which);
KERNEL32 int __stdcall WriteFile(void *file, const void *bytes, uint32_t length, uint32_t *written, void *overlapped);
KERNEL32 uint32_t __stdcall GetEnvironmentVariableA(const char *name, char *value, uint32_t size);

/* The linker of Microsoft's kind wants it where there are floating point numbers. */
int _fltused;

static void say(const char *text)
{
    uint32_t length = 0, written;

    while (text[length] != '\0')
        length++;
    WriteFile(GetStdHandle((uint32_t)-11), text, length, &written, NULL);
}

static void check(etoauth_status status, const char *call)
{
    static char text[1024];

    if (status == ETOAUTH_OK)
        return;
    etoauth_last_error(NULL, text, sizeof text, NULL);
    say(call);
    say(": ");
    say(etoauth_status_name(status));
    say(" ");
    say(text);
    say("\n");
    ExitProcess(1);
}

#define OK(call) check((call), #call)

static const char *fact(const char *name, char *value, uint32_t size)
{
    if (GetEnvironmentVariableA(name, value, size) == 0)
        ExitProcess(2);
    return value;
}

static void live(void)
{
    static char url[256], base[256], file[512], key[128], secret[128], code[128];
    etoauth_client *c = NULL;
    etoauth_response *r = NULL;
    etoauth_signer *s = NULL;
    char *text = NULL, header[ETOAUTH_HEADER_MAX];
    int32_t http = 0, i;
    size_t length = 0;

    fact("SANDBOX_TLS_URL", url, sizeof url);
    for (i = 0; url[i] != '\0'; i++)
        base[i] = url[i];
    for (length = 0; length < 7; length++)
        base[(size_t)i + length] = "/oauth"[length];
    OK(etoauth_self_test());
    OK(etoauth_client_new(ETOAUTH_ENV_SANDBOX, fact("SANDBOX_KEY", key, sizeof key),
                          fact("SANDBOX_SECRET", secret, sizeof secret), &c));
    OK(etoauth_client_set_base_urls(c, base, base, url));
    OK(etoauth_client_set_proxy(c, ""));
    OK(etoauth_client_set_ca_file(c, fact("SANDBOX_CA_FILE", file, sizeof file)));
    OK(etoauth_client_fetch_request_token(c));
    OK(etoauth_client_get_authorize_url(c, &text));
    OK(etoauth_string_free(text));
    OK(etoauth_client_fetch_access_token(c, fact("SANDBOX_CODE", code, sizeof code)));
    OK(etoauth_client_send(c, "GET", "/v1/accounts/list.json", NULL, NULL, 0, &r));
    OK(etoauth_response_get_status(r, &http));
    OK(etoauth_response_get_body(r, &text, &length));
    if (http != 200 || length == 0)
        ExitProcess(3);
    OK(etoauth_string_free(text));
    OK(etoauth_response_free(r));
    OK(etoauth_client_get_signer(c, &s));
    OK(etoauth_signer_sign(s, "GET", "https://localhost/v1", NULL, header, sizeof header, NULL));
    OK(etoauth_signer_free(s));
    OK(etoauth_client_renew_access_token(c));
    OK(etoauth_client_revoke_access_token(c));
    OK(etoauth_client_free(c));
    if (etoauth_client_free(c) != ETOAUTH_E_HANDLE || etoauth_live_objects() != 0)
        ExitProcess(4);
    say("lived a whole day as a stranger\n");
}

#ifdef _MSC_VER
void mainCRTStartup(void)
{
    live();
    ExitProcess(0);
}
#else
int main(void)
{
    live();
    return 0;
}
#endif
