/* Eight threads on the same handles while one frees them, and in calls that nobody answers. */
#include "misuse.h"
#include "sandbox.h"

#define THREADS 8
#include "together.h"

#define ROUNDS 60

static etoauth_client *c;
static etoauth_signer *s;
static etoauth_prepared *p;
static char *shared_text;

/* One that is not OK must have found the handle freed. */
static int gone(etoauth_status status)
{
    if (status != ETOAUTH_OK)
        EXPECT(status, ETOAUTH_E_HANDLE);
    return status != ETOAUTH_OK;
}

static void take(etoauth_status status, char **text, const char *part)
{
    if (gone(status))
        return;
    CHECK(strstr(*text, part) != NULL);
    OK(etoauth_string_free(*text));
}

/* Each of the calls that need no network; whether all handles are gone. */
static int use_all(void)
{
    char *text = NULL, *other = NULL, buf[ETOAUTH_HEADER_MAX];
    int32_t state;
    size_t bound;
    int client_is_gone, signer_is_gone;
    etoauth_prepared *own = NULL;

    take(etoauth_client_sign(c, "GET", URL, &text), &text, "oauth_signature");
    take(etoauth_client_sign_url(c, "GET", URL, &text), &text, "oauth_signature");
    gone(etoauth_client_set_access_token(c, "token", "token secret", 0));
    if (!gone(etoauth_client_get_access_token(c, &text, &other))) {
        OK(etoauth_string_free(text));
        OK(etoauth_string_free(other));
    }
    gone(etoauth_client_set_timeout_ms(c, 1000));
    gone(etoauth_client_set_base_urls(c, "https://localhost", NULL, NULL));
    gone(etoauth_client_set_user_agent(c, "agent"));
    gone(etoauth_client_set_proxy(c, ""));
    client_is_gone = gone(etoauth_client_get_token_state(c, &state, NULL, NULL));
    if (!gone(etoauth_signer_sign(s, "GET", URL, NULL, buf, sizeof buf, NULL)))
        CHECK(strstr(buf, "oauth_signature") != NULL);
    gone(etoauth_signer_set_clock_offset(s, 1));
    take(etoauth_signer_get_base_string(s, "GET", URL, NULL, 1, NULL, &text), &text, "oauth_nonce");
    if (!gone(etoauth_prepared_new(s, "GET", URL, &own))) {
        OK(etoauth_prepared_sign(own, buf, sizeof buf, NULL));
        OK(etoauth_prepared_free(own));
    }
    signer_is_gone = gone(etoauth_signer_get_bound(s, &bound));
    if (!gone(etoauth_prepared_sign_at(p, 1, NULL, buf, sizeof buf, NULL)))
        CHECK(strstr(buf, "oauth_signature") != NULL);
    if (!gone(etoauth_prepared_sign(p, buf, sizeof buf, NULL)))
        CHECK(strstr(buf, "oauth_signature") != NULL);
    else
        return client_is_gone && signer_is_gone;
    return 0;
}

static void *share(void *number)
{
    size_t i;

    pthread_barrier_wait(&start);
    if (number != NULL)
        while (!use_all())
            ;
    else {
        for (i = 0; i < 3; i++)
            use_all();
        OK(etoauth_client_free(c));
        OK(etoauth_signer_free(s));
        OK(etoauth_prepared_free(p));
    }
    return NULL;
}

#define FREES 4

static int frees_that_succeeded[FREES];
static pthread_mutex_t counting = PTHREAD_MUTEX_INITIALIZER;

/* However many free one thing at the same time, one of them does it. */
static void *free_all(void *unused)
{
    int freed[FREES], i;

    pthread_barrier_wait(&start);
    freed[0] = !gone(etoauth_client_free(c));
    freed[1] = !gone(etoauth_signer_free(s));
    freed[2] = !gone(etoauth_string_free(shared_text));
    freed[3] = !gone(etoauth_prepared_free(p));
    pthread_mutex_lock(&counting);
    for (i = 0; i < FREES; i++)
        frees_that_succeeded[i] += freed[i];
    pthread_mutex_unlock(&counting);
    return unused;
}

static void shared_handles(void)
{
    int round, i;

    for (round = 0; round < ROUNDS; round++) {
        c = make_client();
        s = make_signer();
        p = make_prepared(s);
        OK(etoauth_client_set_access_token(c, "token", "token secret", 0));
        all_run(share);
        CHECK(etoauth_live_objects() == 0);
        c = make_client();
        s = make_signer();
        p = make_prepared(s);
        OK(etoauth_percent_encode("text", &shared_text));
        all_run(free_all);
        for (i = 0; i < FREES; i++)
            CHECK(frees_that_succeeded[i] == round + 1);
        CHECK(etoauth_live_objects() == 0);
    }
}

/* A server on a free port that accepts and never answers. Closed, it is gone with its connections. */
static struct {
    int listener, connections[THREADS];
    size_t accepted;
} silent;

static int silent_port(void)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    silent.accepted = 0;
    silent.listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(bind(silent.listener, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(silent.listener, 2 * THREADS) == 0);
    CHECK(getsockname(silent.listener, (struct sockaddr *)&address, &length) == 0);
    return ntohs(address.sin_port);
}

/* Until each of the others has sent something and waits for an answer. */
static void silent_accept(void)
{
    char byte;

    while (silent.accepted < THREADS - 1) {
        int connection = accept(silent.listener, NULL, NULL);

        CHECK(connection >= 0 && read(connection, &byte, 1) == 1);
        silent.connections[silent.accepted++] = connection;
    }
}

static void silent_close(void)
{
    while (silent.accepted > 0)
        close(silent.connections[--silent.accepted]);
    close(silent.listener);
}

static int wait_for_all;
static etoauth_status ended[THREADS];

static void *call_into_silence(void *number)
{
    size_t own = (size_t)number;

    pthread_barrier_wait(&start);
    if (own != 0)
        ended[own] = etoauth_client_fetch_request_token(c);
    else {
        if (wait_for_all)
            silent_accept();
        ended[own] = etoauth_client_free(c);
    }
    return NULL;
}

/* The time-out is so long that only the free can end the calls before the alarm. */
static void freed_under_way(const char *scheme, etoauth_status expected)
{
    char base[64];
    int i;

    sprintf(base, "%s://127.0.0.1:%d/oauth", scheme, silent_port());
    c = make_client();
    OK(etoauth_client_set_base_urls(c, base, NULL, NULL));
    OK(etoauth_client_set_proxy(c, ""));
    OK(etoauth_client_set_ca_file(c, sandbox("SANDBOX_CA_FILE")));
    OK(etoauth_client_set_timeout_ms(c, 3600 * 1000));
    all_run(call_into_silence);
    silent_close();
    OK(ended[0]);
    for (i = 1; i < THREADS; i++) {
        if (wait_for_all)
            EXPECT(ended[i], expected);
        CHECK(ended[i] == ETOAUTH_E_CANCELLED || ended[i] == expected || ended[i] == ETOAUTH_E_HANDLE);
    }
    CHECK(etoauth_live_objects() == 0);
}

int main(void)
{
    int round;

    alarm(600);
    shared_handles();
    for (wait_for_all = 0; wait_for_all < 2; wait_for_all++) {
        for (round = 0; round < 10; round++) {
            freed_under_way("http", ETOAUTH_E_UNCERTAIN);
            freed_under_way("https", ETOAUTH_E_CANCELLED);
        }
    }
    puts("no thread was let down");
    return 0;
}
