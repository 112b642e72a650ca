/* One of several processes on a session file: FILE TIMEOUT_MS WHAT N. The driver gives the sign to begin by a line. */
#include "session.h"

static etoauth_client *c;

static void ready(void)
{
    puts("ready");
    fflush(stdout);
    CHECK(getchar() == '\n');
}

/* Changes the file without end; token and secret are the number in as many digits as it takes to differ in length. */
static void write_on(int number)
{
    char token[512];

    for (;; number++) {
        sprintf(token, "%0*d", 10 + number * 37 % 240, number);
        OK(etoauth_client_set_access_token(c, token, token, 0));
        printf("%d\n", number);
        fflush(stdout);
    }
}

static void read_number(void)
{
    char *token = NULL, *secret = NULL, expected[512];
    int number;

    OK(etoauth_client_get_access_token(c, &token, &secret));
    number = atoi(token);
    sprintf(expected, "%0*d", 10 + number * 37 % 240, number);
    CHECK(strcmp(token, expected) == 0 && strcmp(secret, expected) == 0);
    printf("%d\n", number);
    OK(etoauth_string_free(token));
    OK(etoauth_string_free(secret));
}

int main(int argc, char **argv)
{
    int n, i;

    alarm(600);
    CHECK(argc == 5);
    n = atoi(argv[4]);
    c = synced_client();
    OK(etoauth_client_set_timeout_ms(c, (uint32_t)atol(argv[2])));
    OK(etoauth_client_set_session_file(c, argv[1]));
    if (strcmp(argv[3], "log in") == 0) {
        at_noon();
        sync_clock(c);
        log_in(c);
        three_hours_later(c);
        CHECK(token_state(c) == ETOAUTH_TOKEN_INACTIVE);
    } else if (strcmp(argv[3], "send") == 0) {
        ready();
        for (i = 0; i < n; i++)
            OK(send_get(c));
    } else if (strcmp(argv[3], "ensure") == 0) {
        ready();
        for (i = 0; i < n; i++)
            OK(etoauth_client_ensure_active(c, 60));
    } else if (strcmp(argv[3], "wait") == 0) {
        ready();
        EXPECT(etoauth_client_ensure_active(c, 60), ETOAUTH_E_TIMEOUT);
    } else if (strcmp(argv[3], "write") == 0) {
        write_on(n);
    } else {
        CHECK(strcmp(argv[3], "read") == 0);
        read_number();
    }
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
    return 0;
}
