/* Settings that a client refuses, and that it stays as it was. */
#include "misuse.h"
#include "sandbox.h"

#include <time.h>

#define COUNT(array) (sizeof array / sizeof *array)

static void environments(void)
{
    REFUSED(etoauth_client_new(0, "key", "secret", &out.client), ETOAUTH_E_ARGUMENT, "env");
    REFUSED(etoauth_client_new(3, "key", "secret", &out.client), ETOAUTH_E_ARGUMENT, "env");
    REFUSED(etoauth_client_new(-1, "key", "secret", &out.client), ETOAUTH_E_ARGUMENT, "env");
    REFUSED(etoauth_client_new(INT32_MIN, "key", "secret", &out.client), ETOAUTH_E_ARGUMENT, "env");
    REFUSED(etoauth_client_new(ETOAUTH_ENV_LIVE, "", "secret", &out.client), ETOAUTH_E_ARGUMENT, "consumer_key");
    REFUSED(etoauth_client_new(ETOAUTH_ENV_LIVE, "key", "", &out.client), ETOAUTH_E_ARGUMENT, "consumer_secret");
    REFUSED(etoauth_signer_new("", "secret", NULL, NULL, &out.signer), ETOAUTH_E_ARGUMENT, "consumer_key");
    REFUSED(etoauth_signer_new("key", "secret", "", "secret", &out.signer), ETOAUTH_E_ARGUMENT, "token");
}

static void tokens(etoauth_client *c)
{
    char *token = NULL, *secret = NULL;
    int64_t now = (int64_t)time(NULL);

    OK(etoauth_client_set_access_token(c, "kept", "kept secret", 0));
    REFUSED(etoauth_client_set_access_token(c, "", "secret", 0), ETOAUTH_E_ARGUMENT, "token");
    REFUSED(etoauth_client_set_access_token(c, "token", "", 0), ETOAUTH_E_ARGUMENT, "token_secret");
    REFUSED(etoauth_client_set_access_token(c, "token", "secret", -1), ETOAUTH_E_ARGUMENT, "issued_at");
    REFUSED(etoauth_client_set_access_token(c, "token", "secret", INT64_MIN), ETOAUTH_E_ARGUMENT, "issued_at");
    REFUSED(etoauth_client_set_access_token(c, "token", "secret", INT64_MAX), ETOAUTH_E_ARGUMENT, "issued_at");
    REFUSED(etoauth_client_set_access_token(c, "token", "secret", now * 1000), ETOAUTH_E_ARGUMENT, "issued_at");
    OK(etoauth_client_get_access_token(c, &token, &secret));
    CHECK(strcmp(token, "kept") == 0 && strcmp(secret, "kept secret") == 0);
    OK(etoauth_string_free(token));
    OK(etoauth_string_free(secret));
    OK(etoauth_client_set_access_token(c, "token", "secret", 1));
    OK(etoauth_client_set_access_token(c, "token", "secret", now));
    CHECK(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
    REFUSED(etoauth_client_set_access_token(c, "token", "secret", now + 7200), ETOAUTH_E_ARGUMENT, "issued_at");
}

static void base_urls(etoauth_client *c)
{
    static const char *insecure[] = {
        "http://api.etrade.com/oauth", "http://api.etrade.com:443", "http://localhost.example/", "http://128.0.0.1/",
        "http://127.0.0.1.example/", "http://10.0.0.1/", "http://[::2]/", "http://0.0.0.0/", "HTTP://example.com",
    };
    static const char *unusable[] = {
        "", "localhost", "https://", "ftp://localhost/", "https://localhost/ ", "https://localhost/a b",
        "https://localhost/\n", "https://localhost/\r\nHost: x", "https://localhost/#f", "https://localhost/?q=1",
        "https://localhost/?", "https://user:password@localhost/", "http://127.0.0.1@example.com/", "https://localhost/%",
        "https://localhost/%zz", "https://localhost/\"", "https://localhost/|", "https://localhost/\xc3\xa9",
        "https://localhost:0/", "https://localhost:65536/", "http://localhost\\@example.com/",
    };
    static const char *fine[] = {
        "https://localhost", "http://localhost", "http://LOCALHOST:1/", "http://127.0.0.1:1", "http://127.255.0.9/oauth",
        "http://[::1]:1/", "HTTPS://example.com/a/b/",
    };
    size_t i;

    for (i = 0; i < COUNT(insecure); i++) {
        REFUSED(etoauth_client_set_base_urls(c, insecure[i], NULL, NULL), ETOAUTH_E_INSECURE, "oauth_base");
        REFUSED(etoauth_client_set_base_urls(c, NULL, insecure[i], NULL), ETOAUTH_E_INSECURE, "authorize_url");
        REFUSED(etoauth_client_set_base_urls(c, NULL, NULL, insecure[i]), ETOAUTH_E_INSECURE, "api_base");
        /* The other two would do, and must not be kept. */
        REFUSED(etoauth_client_set_base_urls(c, fine[0], fine[0], insecure[i]), ETOAUTH_E_INSECURE, "api_base");
    }
    for (i = 0; i < COUNT(unusable); i++) {
        REFUSED(etoauth_client_set_base_urls(c, unusable[i], NULL, NULL), ETOAUTH_E_URL, "oauth_base");
        REFUSED(etoauth_client_set_base_urls(c, NULL, unusable[i], NULL), ETOAUTH_E_URL, "authorize_url");
        REFUSED(etoauth_client_set_base_urls(c, NULL, NULL, unusable[i]), ETOAUTH_E_URL, "api_base");
        REFUSED(etoauth_client_set_base_urls(c, fine[0], unusable[i], fine[0]), ETOAUTH_E_URL, "authorize_url");
    }
    log_in(c);
    for (i = 0; i < COUNT(fine); i++)
        OK(etoauth_client_set_base_urls(c, fine[i], fine[i], fine[i]));
}

static void network(etoauth_client *c)
{
    static const char *proxies[] = {
        " ", "localhost", "localhost:1", "http://", "https://", "http://local host:1", "http://localhost:x", "http://localhost:65536",
        "socks5://localhost:1", "ftp://localhost:1", "http://localhost:1\n", "http://localhost\r\nX: y", "http://\xc3\xa9:1",
        "http://user:pass word@localhost:1", "http://localhost:0", "http://:1", "http://user@:1",
    };
    static const char *agents[] = {"", " ", "a\nb", "a\r\nX: y", "\n", "a\n", "a\tb", "a\x7f", "a\x01", "\xc3\xa9"};
    size_t i;

    REFUSED(etoauth_client_set_timeout_ms(c, 0), ETOAUTH_E_ARGUMENT, "timeout_ms");
    for (i = 0; i < COUNT(agents); i++)
        REFUSED(etoauth_client_set_user_agent(c, agents[i]), ETOAUTH_E_ARGUMENT, "text");
    for (i = 0; i < COUNT(proxies); i++)
        REFUSED(etoauth_client_set_proxy(c, proxies[i]), ETOAUTH_E_URL, "url");
    EXPECT(etoauth_client_set_proxy(c, "socks5://user:secret@localhost:1"), ETOAUTH_E_URL);
    SENTENCE("SOCKS");
    EXPECT(etoauth_client_set_proxy(c, "http://localhost:65536"), ETOAUTH_E_URL);
    SENTENCE("bad port");
    log_in(c);
    OK(etoauth_client_set_timeout_ms(c, 1));
    OK(etoauth_client_set_timeout_ms(c, UINT32_MAX));
    OK(etoauth_client_set_user_agent(c, "Tables/1.0 (a \"quoted\" remark; more)"));
    OK(etoauth_client_set_proxy(c, "http://user:password@localhost:1"));
    OK(etoauth_client_set_proxy(c, "HTTPS://localhost"));
    OK(etoauth_client_set_proxy(c, ""));
    log_in(c);
}

/* The sandbox's authority, and a revocation list that is none. */
static void write_damaged_list(const char *path)
{
    char text[8192];
    FILE *from = fopen(sandbox("SANDBOX_CA_FILE"), "rb"), *to = fopen(path, "wb");
    size_t length;

    CHECK(from != NULL && to != NULL);
    length = fread(text, 1, sizeof text, from);
    CHECK(length > 0 && fwrite(text, 1, length, to) == length && fclose(from) == 0);
    CHECK(fputs("-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n", to) >= 0 && fclose(to) == 0);
}

static void certificates(etoauth_client *c)
{
    static const char *damaged[] = {
        "\n", "no PEM\n", "-----BEGIN CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n", "\xff\xfe\x80", "-----BEGIN ",
        "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n", "-----END CERTIFICATE-----\n",
    };
    char path[] = "/tmp/etoauth-pem-XXXXXX";
    int file = mkstemp(path);
    FILE *pem;
    size_t i;

    CHECK(file >= 0 && close(file) == 0);
    REFUSED(etoauth_client_set_ca_file(c, ""), ETOAUTH_E_FILE, "pem_path");
    REFUSED(etoauth_client_set_ca_file(c, "/nowhere/at/all.pem"), ETOAUTH_E_FILE, "pem_path");
    EXPECT(etoauth_client_set_ca_file(c, "/nowhere/at/all.pem"), ETOAUTH_E_FILE);
    SENTENCE("/nowhere/at/all.pem: no such file");
    REFUSED(etoauth_client_set_ca_file(c, "/"), ETOAUTH_E_FILE, "pem_path");
    REFUSED(etoauth_client_set_ca_file(c, "/dev/null"), ETOAUTH_E_FILE, "pem_path");
    REFUSED(etoauth_client_set_ca_file(c, path), ETOAUTH_E_FILE, "pem_path");
    for (i = 0; i < COUNT(damaged); i++) {
        pem = fopen(path, "wb");
        CHECK(pem != NULL && fputs(damaged[i], pem) >= 0 && fclose(pem) == 0);
        REFUSED(etoauth_client_set_ca_file(c, path), ETOAUTH_E_FILE, "pem_path");
    }
    write_damaged_list(path);
    REFUSED(etoauth_client_set_ca_file(c, path), ETOAUTH_E_FILE, "pem_path");
    EXPECT(etoauth_client_set_ca_file(c, path), ETOAUTH_E_FILE);
    SENTENCE("a revocation list (CRL) that cannot be read");
    unlink(path);
    EXPECT(etoauth_client_fetch_request_token(c), ETOAUTH_E_TLS);
    OK(etoauth_client_set_ca_file(c, sandbox("SANDBOX_CA_FILE")));
    EXPECT(etoauth_client_set_ca_file(c, "/"), ETOAUTH_E_FILE);
    log_in(c);
}

int main(void)
{
    etoauth_client *c;

    alarm(600);
    environments();
    c = new_client(sandbox("SANDBOX_URL"));
    base_urls(c);
    OK(etoauth_client_free(c));
    c = new_client(sandbox("SANDBOX_URL"));
    network(c);
    OK(etoauth_client_free(c));
    c = new_client(sandbox("SANDBOX_TLS_URL"));
    certificates(c);
    tokens(c);
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
    puts("no setting was half made");
    return 0;
}
