/* Sessions as text: from one client into another, and texts that are refused. */
#include "session.h"

static etoauth_client *c, *other;

static void move(etoauth_client *from, etoauth_client *to)
{
    char *text = export_of(from);

    OK(etoauth_client_import_session(to, text));
    CHECK(token_state(to) == token_state(from));
    OK(etoauth_string_free(text));
}

static void one_line(void)
{
    char *text = export_of(c);
    size_t i;

    CHECK(strlen(text) > 40);
    for (i = 0; text[i] != '\0'; i++)
        CHECK(isgraph((unsigned char)text[i]));
    OK(etoauth_string_free(text));
}

static void there_and_back(void)
{
    move(c, other);
    CHECK(token_state(other) == ETOAUTH_TOKEN_NONE);
    log_in(c);
    one_line();
    move(c, other);
    CHECK(token_state(other) == ETOAUTH_TOKEN_ACTIVE && same_token(c, other));
    sign_once(other);
    OK(send_get(other));
    OK(etoauth_client_renew_access_token(other));
    CHECK(count("api_calls") == 1 && count("renews") == 1);
    move(other, c);
    OK(send_get(c));
}

/* The clock is this machine's affair: the text goes to another. */
static void no_clock_in_it(void)
{
    char *text = export_of(c);
    int64_t offset = 0, before = 0;

    OK(etoauth_client_get_clock_offset(c, &before));
    OK(etoauth_client_set_clock_offset(c, 12345));
    CHECK(holds(c, text));
    OK(etoauth_client_set_clock_offset(other, -54321));
    OK(etoauth_client_import_session(other, text));
    OK(etoauth_client_get_clock_offset(other, &offset));
    CHECK(offset == -54321);
    OK(etoauth_client_set_clock_offset(c, before));
    OK(etoauth_client_set_clock_offset(other, before));
    OK(etoauth_string_free(text));
}

/* One client begins the login, another ends it, with or without a live token beside it. */
static void pending_login(void)
{
    int round;

    for (round = 0; round < 2; round++) {
        OK(etoauth_client_fetch_request_token(c));
        one_line();
        move(c, other);
        CHECK(token_state(other) == (round == 0 ? ETOAUTH_TOKEN_PENDING : ETOAUTH_TOKEN_ACTIVE));
        OK(etoauth_client_fetch_access_token(other, approve(other)));
        OK(send_get(other));
        EXPECT(etoauth_client_fetch_access_token(other, "CODE"), ETOAUTH_E_STATE);
        move(other, c);
        OK(send_get(c));
    }
}

/* What a token has come to is known to the next client, too. */
static void every_state(void)
{
    three_hours_later(c);
    sync_clock(other);
    move(c, other);
    CHECK(token_state(other) == ETOAUTH_TOKEN_INACTIVE);
    admin("fault?on=/oauth/renew&kind=problem&code=token_rejected");
    EXPECT(etoauth_client_renew_access_token(c), ETOAUTH_E_LOGIN);
    move(c, other);
    CHECK(token_state(other) == ETOAUTH_TOKEN_EXPIRED);
    EXPECT(etoauth_client_ensure_active(other, 60), ETOAUTH_E_LOGIN);
    log_in(c);
    OK(etoauth_client_revoke_access_token(c));
    move(c, other);
    CHECK(token_state(other) == ETOAUTH_TOKEN_REVOKED);
    EXPECT(etoauth_client_renew_access_token(other), ETOAUTH_E_STATE);
}

static char *before;

static void refused(const char *text)
{
    EXPECT(etoauth_client_import_session(c, text), ETOAUTH_E_SESSION);
    SENTENCE("session");
    CHECK(holds(c, before));
}

static void anothers(int32_t environment, const char *key)
{
    etoauth_client *stranger = NULL;
    char *text;

    OK(etoauth_client_new(environment, key, sandbox("SANDBOX_SECRET"), &stranger));
    OK(etoauth_client_set_access_token(stranger, "token", "token secret", 0));
    text = export_of(stranger);
    refused(text);
    EXPECT(etoauth_client_import_session(stranger, before), ETOAUTH_E_SESSION);
    CHECK(holds(stranger, text));
    OK(etoauth_string_free(text));
    OK(etoauth_client_free(stranger));
}

/* Sound in every other way: the last seconds that 64 bits hold, and seconds before 1970. */
static void extreme_times(void)
{
    static const char *const texts[] = {
        /* issued_at 2^63 - 1, and all others */
        "etoauth-session-1.eyJlbnZpcm9ubWVudCI6InNhbmRib3giLCJrZXkiOiJiMTc3NWE3ODVmMDlhNmViIiwicGVuZGluZy"
        "I6bnVsbCwicmV2b2tlZCI6ZmFsc2UsImVkaXRpb24iOjEsImNoYW5nZWRfYXQiOjkyMjMzNzIwMzY4NTQ3NzU4MDcsImFjY2"
        "VzcyI6eyJ0b2tlbiI6InQiLCJzZWNyZXQiOiJzIiwiaXNzdWVkX2F0Ijo5MjIzMzcyMDM2ODU0Nzc1ODA3LCJ1c2VkX2F0Ij"
        "o5MjIzMzcyMDM2ODU0Nzc1ODA3LCJyZW5ld2VkX2F0IjowLCJkYXkiOjkyMjMzNzIwMzY4NTQ3NzU4MDcsInN0YW5kaW5nIj"
        "oiZ29vZCJ9fQ.d5335b76b3bdc9a0",
        /* issued_at -1 */
        "etoauth-session-1.eyJlbnZpcm9ubWVudCI6InNhbmRib3giLCJrZXkiOiJiMTc3NWE3ODVmMDlhNmViIiwicGVuZGluZy"
        "I6bnVsbCwicmV2b2tlZCI6ZmFsc2UsImVkaXRpb24iOjEsImNoYW5nZWRfYXQiOjAsImFjY2VzcyI6eyJ0b2tlbiI6InQiLC"
        "JzZWNyZXQiOiJzIiwiaXNzdWVkX2F0IjotMSwidXNlZF9hdCI6MCwicmVuZXdlZF9hdCI6MCwiZGF5IjowLCJzdGFuZGluZy"
        "I6Imdvb2QifX0.d0f9a529c2104c5f",
        /* used_at -2^63 */
        "etoauth-session-1.eyJlbnZpcm9ubWVudCI6InNhbmRib3giLCJrZXkiOiJiMTc3NWE3ODVmMDlhNmViIiwicGVuZGluZy"
        "I6bnVsbCwicmV2b2tlZCI6ZmFsc2UsImVkaXRpb24iOjEsImNoYW5nZWRfYXQiOjAsImFjY2VzcyI6eyJ0b2tlbiI6InQiLC"
        "JzZWNyZXQiOiJzIiwiaXNzdWVkX2F0IjowLCJ1c2VkX2F0IjotOTIyMzM3MjAzNjg1NDc3NTgwOCwicmVuZXdlZF9hdCI6MC"
        "wiZGF5IjowLCJzdGFuZGluZyI6Imdvb2QifX0.1baa16de31b4af68",
        /* day 2^63 - 1 */
        "etoauth-session-1.eyJlbnZpcm9ubWVudCI6InNhbmRib3giLCJrZXkiOiJiMTc3NWE3ODVmMDlhNmViIiwicGVuZGluZy"
        "I6bnVsbCwicmV2b2tlZCI6ZmFsc2UsImVkaXRpb24iOjEsImNoYW5nZWRfYXQiOjAsImFjY2VzcyI6eyJ0b2tlbiI6InQiLC"
        "JzZWNyZXQiOiJzIiwiaXNzdWVkX2F0IjowLCJ1c2VkX2F0IjowLCJyZW5ld2VkX2F0IjowLCJkYXkiOjkyMjMzNzIwMzY4NT"
        "Q3NzU4MDcsInN0YW5kaW5nIjoiZ29vZCJ9fQ.2e2630732dddfa44",
    };
    static const char sound[] =
        "etoauth-session-1.eyJlbnZpcm9ubWVudCI6InNhbmRib3giLCJrZXkiOiJiMTc3NWE3ODVmMDlhNmViIiwicGVuZGluZy"
        "I6bnVsbCwicmV2b2tlZCI6ZmFsc2UsImVkaXRpb24iOjEsImNoYW5nZWRfYXQiOjAsImFjY2VzcyI6eyJ0b2tlbiI6InQiLC"
        "JzZWNyZXQiOiJzIiwiaXNzdWVkX2F0IjowLCJ1c2VkX2F0IjowLCJyZW5ld2VkX2F0IjowLCJkYXkiOjAsInN0YW5kaW5nIj"
        "oiZ29vZCJ9fQ.0675384f74757d63";
    size_t i;

    for (i = 0; i < sizeof texts / sizeof *texts; i++)
        refused(texts[i]);
    OK(etoauth_client_import_session(c, sound));
    OK(etoauth_client_import_session(c, before));
}

/* The client holds a token and a pending login, and goes on with both. */
static void refusals(void)
{
    static const char replacements[] = "Az0-_.= \n\t";
    size_t length, at, i;
    char *text;

    log_in(c);
    OK(etoauth_client_fetch_request_token(c));
    before = export_of(c);
    length = strlen(before);
    text = malloc(2 * length + 8);
    CHECK(text != NULL);

    for (at = 0; at < length; at++) {
        memcpy(text, before, at);
        text[at] = '\0';
        refused(text);
        refused(before + at + 1);
        /* Every byte of both ends, and each seventh between them. */
        if (at >= 32 && at + 32 < length && at % 7 != 0)
            continue;
        for (i = 0; replacements[i] != '\0'; i++) {
            strcpy(text, before);
            if (text[at] == replacements[i])
                continue;
            text[at] = replacements[i];
            refused(text);
        }
    }
    sprintf(text, "%s%s", before, before);
    refused(text);
    sprintf(text, "%s\n%s", before, before);
    refused(text);
    sprintf(text, "%sA", before);
    refused(text);
    refused(" ");
    refused("etoauth-session-1");
    refused("etoauth-session-1..");
    refused("\xe2\x82\xac");
    free(text);
    anothers(ETOAUTH_ENV_SANDBOX, "another key");
    anothers(ETOAUTH_ENV_LIVE, sandbox("SANDBOX_KEY"));
    extreme_times();

    OK(send_get(c));
    OK(etoauth_client_fetch_access_token(c, approve(c)));
    OK(etoauth_string_free(before));
}

int main(void)
{
    alarm(600);
    at_noon();
    c = synced_client();
    other = synced_client();
    there_and_back();
    OK(etoauth_client_revoke_access_token(c));
    pending_login();
    no_clock_in_it();
    every_state();
    refusals();
    OK(etoauth_client_free(c));
    OK(etoauth_client_free(other));
    CHECK(etoauth_live_objects() == 0);
    puts("every session was kept or refused");
    return 0;
}
