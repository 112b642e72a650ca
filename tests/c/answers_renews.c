/* Who answered the renew, how often it is asked for, and who asks: cases A6 to A8. */
#include "answers.h"

#define THREADS 8
#define CROWD 29

/* Answers to a renew that are not E*TRADE's word on the token. */
static const char *const strangers[] = {
    "http=403&type=text/html&body=%3Chtml%3E%3Ctitle%3E403%20ERROR%3C/title%3ERequest%20blocked.%3C/html%3E",
    "http=400",
    "http=200&type=text/html&body=%3C!DOCTYPE%20html%3E%3Chtml%3E%3Cbody%3EDown%20for%20maintenance%3C/body%3E%3C/html%3E",
    "http=200&type=text/html&body=%0A%20%3CHTML%3E%3Chead%3E%3Ctitle%3EMaintenance%3C/title%3E%3C/head%3E%3C/HTML%3E",
    "http=401",
    "http=401&type=text/html&body=%3Chtml%3EUnauthorized%3C/html%3E",
    "http=403",
    "http=404",
    "http=404&type=text/html&body=%3Chtml%3ENot%20Found%3C/html%3E",
    "http=500",
    "http=503&type=text/html&body=%3Chtml%3EService%20Unavailable%3C/html%3E",
    "http=502&encoding=gzip&body=oauth_problem%3Dtoken_rejected&truncated=1",
    "http=401&encoding=br&body=oauth_problem%3Dtoken_rejected",
    "http=401&body=oauth_problem%3D",
    "http=401&body=oauth_problem%3DToken+has+expired",
    "http=401&challenge=OAuth%20realm%3D%22x%22",
};

static void a6_a_renew_answered_by_somebody_else(void)
{
    long renews;
    size_t i;

    for (i = 0; i < COUNT(strangers); i++) {
        sprintf(context, "%.400s", strangers[i]);
        begin();
        admin("fault?on=" RENEW "&kind=status&%s", strangers[i]);
        GIVES(etoauth_client_renew_access_token(c), ETOAUTH_E_UNAVAILABLE);
        HOLDS(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
        /* Nothing is refused locally. */
        IS(ask(), ETOAUTH_OK, 1, 0);
        renews = requests(RENEW);
        GIVES(etoauth_client_renew_access_token(c), ETOAUTH_OK);
        HOLDS(requests(RENEW) == renews + 1);

        /* The same within a call that needs a renew. */
        begin();
        admin("fault?on=" RENEW "&kind=status&%s", strangers[i]);
        admin("fault?on=/v1&kind=problem&code=token_expired");
        IS(order(), ETOAUTH_E_UNAVAILABLE, 1, 1);
        HOLDS(token_state(c) == ETOAUTH_TOKEN_INACTIVE);
        IS(order(), ETOAUTH_OK, 1, 0);

        begin();
        age_token(3 * 3600);
        admin("fault?on=" RENEW "&kind=status&%s", strangers[i]);
        GIVES(etoauth_client_ensure_active(c, 0), ETOAUTH_E_UNAVAILABLE);
        HOLDS(token_state(c) == ETOAUTH_TOKEN_INACTIVE);
    }
}

static void *send_many(void *failures)
{
    int i;

    for (i = 0; i < 25; i++) {
        etoauth_response *r = NULL;
        etoauth_status status = etoauth_client_send(c, "GET", LIST, NULL, NULL, 0, &r);

        if (status == ETOAUTH_OK)
            OK(etoauth_response_free(r));
        *(int *)failures += status != ETOAUTH_E_UNAVAILABLE;
    }
    return NULL;
}

/* Each thread's calls that ended otherwise than with the renew's failure. */
static int all_threads_send(void)
{
    pthread_t threads[THREADS];
    int failures[THREADS] = {0}, all = 0, i;

    for (i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, send_many, &failures[i]) == 0);
    for (i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        all += failures[i];
    }
    return all;
}

static void a7_renew_is_down(void)
{
    time_t start;
    long most = 1, wait;

    /* The server says how long. */
    begin();
    admin("fault?on=/v1&kind=problem&code=token_expired&times=1000000");
    admin("fault?on=" RENEW "&kind=status&http=503&retry_after=100&times=1000000");
    HOLDS(all_threads_send() == 0);
    HOLDS(requests(RENEW) == 1);
    HOLDS(requests(LIST) == THREADS * 25);

    /* It does not: after one second, two, four, and so on. */
    begin();
    admin("fault?on=/v1&kind=problem&code=token_expired&times=1000000");
    admin("fault?on=" RENEW "&kind=status&http=503&times=1000000");
    start = time(NULL);
    HOLDS(all_threads_send() == 0);
    for (wait = 1; wait <= (long)(time(NULL) - start) + 1; wait = 2 * wait + 1)
        most++;
    sprintf(context, "%ld renews, at most %ld", requests(RENEW), most);
    HOLDS(requests(RENEW) <= most);
}

static etoauth_status leader_ended;

static void *lead(void *leader)
{
    leader_ended = etoauth_client_ensure_active(leader, 0);
    return NULL;
}

static void *follow(void *ended)
{
    etoauth_response *r = NULL;

    *(etoauth_status *)ended = etoauth_client_send(c, "GET", LIST, NULL, NULL, 0, &r);
    if (r != NULL)
        OK(etoauth_response_free(r));
    return NULL;
}

enum end { CANCELLED, TIMED_OUT, FREED };

/* A leader whose renew is never answered; the others were all refused before its call ends. */
static void lost_leader(enum end end)
{
    etoauth_status ended[CROWD];
    pthread_t leader_thread, threads[CROWD];
    etoauth_client *leader;
    int i;

    begin();
    leader = end == TIMED_OUT ? c : share_of(c);
    sprintf(context, "%s", end == CANCELLED ? "cancelled" : end == FREED ? "freed" : "its own time-out");
    admin("expire?what=idle");
    age_token(3 * 3600);
    admin("fault?on=" RENEW "&kind=stall&when=before");
    if (end == TIMED_OUT)
        OK(etoauth_client_set_timeout_ms(leader, 1500));
    CHECK(pthread_create(&leader_thread, NULL, lead, leader) == 0);
    while (requests(RENEW) == 0)
        continue;
    /* A call keeps the timeout that it began with. */
    OK(etoauth_client_set_timeout_ms(c, 30000));
    for (i = 0; i < CROWD; i++)
        CHECK(pthread_create(&threads[i], NULL, follow, &ended[i]) == 0);
    while (count("refused") < CROWD && end != TIMED_OUT)
        continue;
    if (end == CANCELLED)
        OK(etoauth_client_cancel(leader));
    else if (end == FREED)
        OK(etoauth_client_free(leader));
    CHECK(pthread_join(leader_thread, NULL) == 0);
    /* One that is slow to notice its time-out may find that another call has renewed meanwhile. */
    HOLDS((leader_ended != ETOAUTH_OK || end == TIMED_OUT) && leader_ended != ETOAUTH_E_LOGIN);
    for (i = 0; i < CROWD; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        GIVES(ended[i], ETOAUTH_OK);
    }
    HOLDS(requests(RENEW) == 2 && count("renews") == 1);
    HOLDS(renew_wait() == 0);
    if (end == CANCELLED)
        OK(etoauth_client_free(leader));
    context[0] = '\0';
}

static void a8_a_leader_whose_timeout_ends(void)
{
    lost_leader(TIMED_OUT);
}

static void a8_a_leader_that_was_cancelled(void)
{
    lost_leader(CANCELLED);
    lost_leader(FREED);
}

int main(int argc, char **argv)
{
    static const named_case cases[] = {
        CASE(a6_a_renew_answered_by_somebody_else),
        CASE(a7_renew_is_down),
        CASE(a8_a_leader_whose_timeout_ends),
        CASE(a8_a_leader_that_was_cancelled),
    };

    return RUN(cases);
}
