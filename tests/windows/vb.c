/* A workbook's day at the sandbox, through the VBA layer, and what a workbook can do wrong there. The argument is a
   path for a session file. */
#include "../c/sandbox.h"
#include "vb.h"

#include <stddef.h>

#define JSON "/v1/accounts/list.json"
#define FAR_AWAY ((intptr_t)0x5a5a5a5a)

static BSTR out;

/* StrPtr of a String. */
static intptr_t text(const char *utf8)
{
    return ADDRESS(string(utf8));
}

/* What a String variable holds, until the next question. */
static const char *held(BSTR variable)
{
    static char utf8[65536];
    int length = (int)SysStringLen(variable);

    length = WideCharToMultiByte(CP_UTF8, 0, variable, length, utf8, sizeof utf8 - 1, NULL, NULL);
    utf8[length] = '\0';
    return utf8;
}

/* A client as a workbook opens one. */
static intptr_t open_client(void)
{
    char oauth[256], authorize[256];
    const char *url = sandbox("SANDBOX_TLS_URL");
    intptr_t client = 0;

    sprintf(oauth, "%s/oauth", url);
    sprintf(authorize, "%s/e/t/etws/authorize", url);
    OK(etoauth_vb_open(ETOAUTH_ENV_SANDBOX, text(sandbox("SANDBOX_KEY")), text(sandbox("SANDBOX_SECRET")), &client));
    OK(etoauth_vb_set_base_urls(client, text(oauth), text(authorize), text(url)));
    OK(etoauth_vb_set_base_urls(client, 0, text(""), 0));
    OK(etoauth_vb_set_proxy(client, 0));
    OK(etoauth_vb_set_ca_file(client, text(sandbox("SANDBOX_CA_FILE"))));
    return client;
}

static int32_t state_of(intptr_t client)
{
    int32_t state = -1, inactive = -1, expires = -1;

    OK(etoauth_vb_token_state(client, &state, &inactive, &expires));
    CHECK(inactive >= 0 && expires >= 0);
    return state;
}

static intptr_t code_of(const char *url)
{
    char code[64];
    const char *found = strstr(admin("approve?%s", strstr(url, "token=")), "\"oauth_verifier\":\"");

    CHECK(found != NULL && sscanf(found, "\"oauth_verifier\":\"%63[^\"]", code) == 1);
    return text(code);
}

static void log_in_by_code(intptr_t client)
{
    OK(etoauth_vb_login_url(client, ADDRESS(&out)));
    EXPECT(etoauth_vb_login(client, text("WRONG")), ETOAUTH_E_VERIFIER);
    OK(etoauth_vb_login(client, code_of(held(out))));
    CHECK(state_of(client) == ETOAUTH_TOKEN_ACTIVE);
}

/* The port is known to C alone, whose handle it is. */
static void log_in_by_callback(intptr_t client)
{
    char request[1024], *url = NULL;
    struct sockaddr_in address;
    intptr_t listener = 0;
    etoauth_status status;
    int s;

    OK(etoauth_vb_login_url(client, ADDRESS(&out)));
    OK(etoauth_vb_listen(client, text("http://127.0.0.1:0/back"), &listener));
    EXPECT(etoauth_vb_poll(listener, client, ADDRESS(&out)), ETOAUTH_E_TIMEOUT);
    OK(etoauth_listener_get_url((etoauth_listener *)listener, &url));
    sprintf(request, "GET /back?oauth_%s&oauth_verifier=", strstr(held(out), "token="));
    strcat(request, held((BSTR)code_of(held(out))));
    strcat(request, " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    s = socket(AF_INET, SOCK_STREAM, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short)atoi(strrchr(url, ':') + 1));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(connect(s, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(write(s, request, (int)strlen(request)) == (int)strlen(request));
    do
        status = etoauth_vb_poll(listener, client, ADDRESS(&out));
    while (status == ETOAUTH_E_TIMEOUT);
    OK(status);
    close(s);
    OK(etoauth_string_free(url));
    OK(etoauth_vb_login(client, ADDRESS(out)));
    OK(etoauth_vb_unlisten(listener));
    EXPECT(etoauth_vb_unlisten(listener), ETOAUTH_E_HANDLE);
    EXPECT(etoauth_vb_poll(listener, client, ADDRESS(&out)), ETOAUTH_E_HANDLE);
    CHECK(state_of(client) == ETOAUTH_TOKEN_ACTIVE);
}

static void a_day(const char *session)
{
    intptr_t client = open_client(), other = open_client();
    int32_t http = 0;
    BSTR exported = NULL;

    EXPECT(etoauth_vb_renew(client), ETOAUTH_E_STATE);
    CHECK(state_of(client) == ETOAUTH_TOKEN_NONE);
    OK(etoauth_vb_set_session_file(client, text(session)));
    log_in_by_code(client);
    OK(etoauth_vb_send(client, text("GET"), text(JSON), 0, 0, &http, ADDRESS(&out)));
    CHECK(http == 200 && held(out)[0] == '{');
    OK(etoauth_vb_send(client, text("POST"), text("/v1/echo"), text("Content-Type: text/plain"), text("Z\xc3\xbcrich"),
                       &http, ADDRESS(&out)));
    CHECK(http == 200 && strstr(held(out), "\"body\":\"Z\xc3\xbcrich\"") != NULL);
    OK(etoauth_vb_sign(client, text("GET"), text("https://localhost/"), ADDRESS(&out)));
    CHECK(strncmp(held(out), "OAuth ", 6) == 0);
    OK(etoauth_vb_renew(client));
    CHECK(count("renews") == 1);
    OK(etoauth_vb_ensure_active(client, 60));
    CHECK(count("renews") == 1);

    /* The file keeps the login for the next start; a text does, too. */
    OK(etoauth_vb_set_session_file(other, text(session)));
    CHECK(state_of(other) == ETOAUTH_TOKEN_ACTIVE);
    OK(etoauth_vb_set_session_file(other, 0));
    OK(etoauth_vb_export_session(client, ADDRESS(&exported)));
    OK(etoauth_vb_import_session(other, ADDRESS(exported)));
    EXPECT(etoauth_vb_import_session(other, text("nonsense")), ETOAUTH_E_SESSION);

    log_in_by_callback(other);
    OK(etoauth_vb_read_log(client, ADDRESS(&out)));
    CHECK(strstr(held(out), "Renew Access Token") != NULL);
    OK(etoauth_vb_read_log(client, ADDRESS(&out)));
    CHECK(SysStringLen(out) == 0);
    OK(etoauth_vb_revoke(other));
    CHECK(state_of(other) == ETOAUTH_TOKEN_REVOKED);
    OK(etoauth_vb_close(client));
    EXPECT(etoauth_vb_close(client), ETOAUTH_E_HANDLE);
    EXPECT(etoauth_vb_renew(client), ETOAUTH_E_HANDLE);
    OK(etoauth_vb_close(other));
    OK(etoauth_vb_close(0));
    OK(etoauth_vb_unlisten(0));
}

/* Excel stands still no longer than this. */
static void no_answer(void)
{
    intptr_t client = open_client();
    DWORD begin, took;
    int32_t http = 77;

    log_in_by_code(client);
    admin("fault?kind=stall&when=after&on=" JSON);
    OK(etoauth_vb_set_timeout_ms(client, 700));
    begin = GetTickCount();
    EXPECT(etoauth_vb_send(client, text("GET"), text(JSON), 0, 0, &http, ADDRESS(&out)), ETOAUTH_E_UNCERTAIN);
    took = GetTickCount() - begin;
    /* Far below the ten seconds that it would be without. */
    CHECK(took >= 600 && took < 8000 && http == 77);
    OK(etoauth_vb_last_error(ADDRESS(&out)));
    CHECK(SysStringLen(out) > 20);
    OK(etoauth_vb_close(client));
}

static void texts(void)
{
    static const OLECHAR half[] = {'a', 0xd83d, 0}, with_nul[] = {'a', 0, 'b'};
    intptr_t other = 0;
    int32_t advice = 77;

    OK(etoauth_vb_version(ADDRESS(&out)));
    CHECK(strcmp(held(out), ETOAUTH_VERSION_STRING) == 0);
    OK(etoauth_vb_percent_encode(text("Z\xc3\xbcrich \xf0\x9f\x98\x80"), ADDRESS(&out)));
    CHECK(strcmp(held(out), "Z%C3%BCrich%20%F0%9F%98%80") == 0);
    OK(etoauth_vb_percent_encode(0, ADDRESS(&out)));
    CHECK(SysStringLen(out) == 0);
    EXPECT(etoauth_vb_percent_encode(ADDRESS(SysAllocString(half)), ADDRESS(&out)), ETOAUTH_E_UTF8);
    EXPECT(etoauth_vb_percent_encode(ADDRESS(SysAllocStringLen(with_nul, 3)), ADDRESS(&out)), ETOAUTH_E_ARGUMENT);
    EXPECT(etoauth_vb_open(0, text("key"), text("secret"), &other), ETOAUTH_E_ARGUMENT);
    EXPECT(etoauth_vb_open(ETOAUTH_ENV_LIVE, 0, text("secret"), &other), ETOAUTH_E_ARGUMENT);
    CHECK(other == 0);
    OK(etoauth_vb_last_error(ADDRESS(&out)));
    CHECK(strstr(held(out), "consumer_key") != NULL);
    OK(etoauth_vb_advice(ETOAUTH_E_LOGIN, &advice));
    CHECK(advice == ETOAUTH_ADVICE_LOGIN);
    OK(etoauth_vb_advice(ETOAUTH_E_UNCERTAIN, &advice));
    CHECK(advice == ETOAUTH_ADVICE_CHECK);
    EXPECT(etoauth_vb_advice(ETOAUTH_E_LOGIN, NULL), ETOAUTH_E_NULL);
}

/* NULL is told before a wrong address, that before a closed client, that before a text that is none, and that before
   what a text means. */
static void first_mistakes(void)
{
    static const OLECHAR half[] = {0xd83d, 0};
    intptr_t client = open_client(), closed = open_client(), broken = ADDRESS(SysAllocString(half));
    int32_t number = 77;

    OK(etoauth_vb_close(closed));
    EXPECT(etoauth_vb_send(closed, FAR_AWAY, broken, 0, 0, &number, 0), ETOAUTH_E_NULL);
    EXPECT(etoauth_vb_token_state(closed, (int32_t *)FAR_AWAY, &number, NULL), ETOAUTH_E_NULL);
    EXPECT(etoauth_vb_send(closed, broken, FAR_AWAY, 0, 0, &number, ADDRESS(&out)), ETOAUTH_E_ARGUMENT);
    EXPECT(etoauth_vb_send(closed, broken, text(JSON), 0, 0, &number, ADDRESS(&out)), ETOAUTH_E_HANDLE);
    EXPECT(etoauth_vb_sign(client, text("no method"), broken, ADDRESS(&out)), ETOAUTH_E_UTF8);
    EXPECT(etoauth_vb_sign(client, text("no method"), text("https://localhost/"), ADDRESS(&out)), ETOAUTH_E_METHOD);
    EXPECT(etoauth_vb_sign(client, text("GET"), text("https://localhost/"), ADDRESS(&out)), ETOAUTH_E_STATE);
    CHECK(number == 77);
    OK(etoauth_vb_close(client));
}

/* Each text, handle and variable in turn is one that no workbook has. */
static void wrong_addresses(void)
{
    static const char constant[8] = "constant";
    const intptr_t wrong_texts[] = {1, 2, 4, 6, FAR_AWAY, FAR_AWAY + 1, -1, -2, INTPTR_MIN};
    const intptr_t wrong_variables[] = {1, 2, 8, FAR_AWAY, -8, INTPTR_MIN, ADDRESS(constant)};
    const intptr_t wrong_handles[] = {1, 16, FAR_AWAY, -1, INTPTR_MIN, ADDRESS(&out)};
    intptr_t client = open_client(), listener = 0;
    int32_t number = 77;
    size_t i;

    for (i = 0; i < sizeof wrong_texts / sizeof *wrong_texts; i++) {
        intptr_t wrong = wrong_texts[i];

        EXPECT(etoauth_vb_open(1, wrong, text("s"), &listener), ETOAUTH_E_ARGUMENT);
        EXPECT(etoauth_vb_open(1, text("k"), wrong, &listener), ETOAUTH_E_ARGUMENT);
        EXPECT(etoauth_vb_set_base_urls(client, wrong, 0, 0), ETOAUTH_E_ARGUMENT);
        EXPECT(etoauth_vb_set_base_urls(client, 0, wrong, 0), ETOAUTH_E_ARGUMENT);
        EXPECT(etoauth_vb_set_base_urls(client, 0, 0, wrong), ETOAUTH_E_ARGUMENT);
        EXPECT(etoauth_vb_set_proxy(client, wrong), ETOAUTH_E_ARGUMENT);
        EXPECT(etoauth_vb_set_ca_file(client, wrong), ETOAUTH_E_ARGUMENT);
        EXPECT(etoauth_vb_set_session_file(client, wrong), ETOAUTH_E_ARGUMENT);
        EXPECT(etoauth_vb_login(client, wrong), ETOAUTH_E_ARGUMENT);
        EXPECT(etoauth_vb_listen(client, wrong, &listener), ETOAUTH_E_ARGUMENT);
        EXPECT(etoauth_vb_sign(client, wrong, text(JSON), ADDRESS(&out)), ETOAUTH_E_ARGUMENT);
        EXPECT(etoauth_vb_sign(client, text("GET"), wrong, ADDRESS(&out)), ETOAUTH_E_ARGUMENT);
        EXPECT(etoauth_vb_send(client, wrong, text(JSON), 0, 0, &number, ADDRESS(&out)), ETOAUTH_E_ARGUMENT);
        EXPECT(etoauth_vb_send(client, text("GET"), wrong, 0, 0, &number, ADDRESS(&out)), ETOAUTH_E_ARGUMENT);
        EXPECT(etoauth_vb_send(client, text("GET"), text(JSON), wrong, 0, &number, ADDRESS(&out)), ETOAUTH_E_ARGUMENT);
        EXPECT(etoauth_vb_send(client, text("GET"), text(JSON), 0, wrong, &number, ADDRESS(&out)), ETOAUTH_E_ARGUMENT);
        EXPECT(etoauth_vb_percent_encode(wrong, ADDRESS(&out)), ETOAUTH_E_ARGUMENT);
        EXPECT(etoauth_vb_import_session(client, wrong), ETOAUTH_E_ARGUMENT);
    }
    for (i = 0; i <= sizeof wrong_variables / sizeof *wrong_variables; i++) {
        /* The last is 0, which is told as NULL is in C. */
        intptr_t wrong = i == sizeof wrong_variables / sizeof *wrong_variables ? 0 : wrong_variables[i];
        etoauth_status told = wrong == 0 ? ETOAUTH_E_NULL : ETOAUTH_E_ARGUMENT;

        EXPECT(etoauth_vb_open(1, text("k"), text("s"), (intptr_t *)wrong), told);
        EXPECT(etoauth_vb_login_url(client, wrong), told);
        EXPECT(etoauth_vb_listen(client, text("http://127.0.0.1:0/"), (intptr_t *)wrong), told);
        EXPECT(etoauth_vb_token_state(client, (int32_t *)wrong, &number, &number), told);
        EXPECT(etoauth_vb_token_state(client, &number, (int32_t *)wrong, &number), told);
        EXPECT(etoauth_vb_token_state(client, &number, &number, (int32_t *)wrong), told);
        EXPECT(etoauth_vb_sign(client, text("GET"), text(JSON), wrong), told);
        EXPECT(etoauth_vb_send(client, text("GET"), text(JSON), 0, 0, (int32_t *)wrong, ADDRESS(&out)), told);
        EXPECT(etoauth_vb_send(client, text("GET"), text(JSON), 0, 0, &number, wrong), told);
        EXPECT(etoauth_vb_percent_encode(text("a"), wrong), told);
        EXPECT(etoauth_vb_export_session(client, wrong), told);
        EXPECT(etoauth_vb_read_log(client, wrong), told);
        EXPECT(etoauth_vb_last_error(wrong), told);
        EXPECT(etoauth_vb_version(wrong), told);
    }
    CHECK(number == 77 && memcmp(constant, "constant", 8) == 0);
    OK(etoauth_vb_listen(client, text("http://127.0.0.1:0/"), &listener));
    for (i = 0; i <= sizeof wrong_handles / sizeof *wrong_handles + 1; i++) {
        intptr_t wrong = i < sizeof wrong_handles / sizeof *wrong_handles ? wrong_handles[i]
                         : i == sizeof wrong_handles / sizeof *wrong_handles ? listener : 0;
        etoauth_status told = wrong == 0 ? ETOAUTH_E_NULL : ETOAUTH_E_HANDLE;

        EXPECT(etoauth_vb_close(wrong), wrong == 0 ? ETOAUTH_OK : told);
        EXPECT(etoauth_vb_unlisten(wrong == listener ? client : wrong), wrong == 0 ? ETOAUTH_OK : told);
        EXPECT(etoauth_vb_set_base_urls(wrong, 0, 0, 0), told);
        EXPECT(etoauth_vb_set_timeout_ms(wrong, 1000), told);
        EXPECT(etoauth_vb_set_proxy(wrong, 0), told);
        EXPECT(etoauth_vb_set_ca_file(wrong, text("x")), told);
        EXPECT(etoauth_vb_set_session_file(wrong, 0), told);
        EXPECT(etoauth_vb_login_url(wrong, ADDRESS(&out)), told);
        EXPECT(etoauth_vb_login(wrong, text("x")), told);
        EXPECT(etoauth_vb_listen(wrong, text("x"), &listener), told);
        EXPECT(etoauth_vb_poll(wrong == listener ? client : wrong, client, ADDRESS(&out)), told);
        EXPECT(etoauth_vb_renew(wrong), told);
        EXPECT(etoauth_vb_revoke(wrong), told);
        EXPECT(etoauth_vb_ensure_active(wrong, 0), told);
        EXPECT(etoauth_vb_token_state(wrong, &number, &number, &number), told);
        EXPECT(etoauth_vb_sign(wrong, text("GET"), text(JSON), ADDRESS(&out)), told);
        EXPECT(etoauth_vb_send(wrong, text("GET"), text(JSON), 0, 0, &number, ADDRESS(&out)), told);
        EXPECT(etoauth_vb_export_session(wrong, ADDRESS(&out)), told);
        EXPECT(etoauth_vb_import_session(wrong, text("x")), told);
        EXPECT(etoauth_vb_read_log(wrong, ADDRESS(&out)), told);
    }
    CHECK(number == 77);
    EXPECT(etoauth_vb_set_timeout_ms(client, 0), ETOAUTH_E_ARGUMENT);
    EXPECT(etoauth_vb_set_timeout_ms(client, -1), ETOAUTH_E_ARGUMENT);
    EXPECT(etoauth_vb_ensure_active(client, -1), ETOAUTH_E_ARGUMENT);
    OK(etoauth_vb_unlisten(listener));
    OK(etoauth_vb_close(client));
}

/* Parts of a Type that VBA packs are at any address. What is beside them stays. */
static void unaligned(void)
{
#pragma pack(push, 1)
    static struct {
        char before;
        intptr_t client;
        char between;
        int32_t numbers[3];
        char then;
        BSTR text;
        char after;
    } all = {1, 0, 2, {-1, -1, -1}, 3, NULL, 4};
#pragma pack(pop)
    char *const base = (char *)&all;
    int32_t *const numbers = (int32_t *)(void *)(base + offsetof(__typeof__(all), numbers));
    const intptr_t variable = ADDRESS(base + offsetof(__typeof__(all), text));

    OK(etoauth_vb_open(ETOAUTH_ENV_SANDBOX, text("k"), text("s"),
                       (intptr_t *)(void *)(base + offsetof(__typeof__(all), client))));
    OK(etoauth_vb_token_state(all.client, numbers, numbers + 1, numbers + 2));
    CHECK(all.numbers[0] == ETOAUTH_TOKEN_NONE && all.numbers[1] == 0 && all.numbers[2] == 0);
    OK(etoauth_vb_version(variable));
    CHECK(strcmp(held(all.text), ETOAUTH_VERSION_STRING) == 0);
    OK(etoauth_vb_percent_encode(text("another text, which is longer"), variable));
    CHECK(strcmp(held(all.text), "another%20text%2C%20which%20is%20longer") == 0);
    OK(etoauth_vb_advice(ETOAUTH_E_LOGIN, numbers));
    CHECK(all.numbers[0] == ETOAUTH_ADVICE_LOGIN);
    CHECK(all.before == 1 && all.between == 2 && all.then == 3 && all.after == 4);
    OK(etoauth_vb_close(all.client));
}

/* After a reset in its editor VBA has lost the handle of what listens: the next one takes over the port. */
static void listens_again(void)
{
    intptr_t client = open_client(), lost = 0, next = 0;
    char *url = NULL;

    OK(etoauth_vb_listen(client, text("http://127.0.0.1:0/back"), &lost));
    OK(etoauth_listener_get_url((etoauth_listener *)lost, &url));
    OK(etoauth_vb_listen(client, text(url), &next));
    EXPECT(etoauth_vb_poll(lost, client, ADDRESS(&out)), ETOAUTH_E_STATE);
    EXPECT(etoauth_vb_poll(next, client, ADDRESS(&out)), ETOAUTH_E_TIMEOUT);
    OK(etoauth_string_free(url));
    OK(etoauth_vb_unlisten(lost));
    OK(etoauth_vb_unlisten(next));
    OK(etoauth_vb_close(client));
}

int main(int argc, char **argv)
{
    alarm(600);
    CHECK(argc == 2);
    texts();
    first_mistakes();
    wrong_addresses();
    unaligned();
    listens_again();
    a_day(argv[1]);
    no_answer();
    CHECK(etoauth_live_objects() == 0);
    puts("a workbook's day");
    return 0;
}
