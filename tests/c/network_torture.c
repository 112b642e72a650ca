/* Every byte of a connection, in both directions: there it is cut, reset, stalled or dripped from then on, plainly, over
 * TLS, and over TLS through a proxy, on a new connection and on a kept one, during questions, orders and the four OAuth
 * calls. No call may return late. An order must have arrived once if the call succeeded, never if its status says that
 * nothing left, and at most once otherwise; afterwards the client must work as before. STEP is the distance between the
 * bytes that are tried, THREADS how many calls are under way. With PLANT (order or late) the program makes that mistake
 * by itself, and must fail. */
#define _GNU_SOURCE
#include <signal.h>
#include <time.h>

#include "order.h"
#include "relay.h"

#define TIMEOUT_MS 300
/* The machine may be busy with other threads' handshakes. */
#define LATE_S 2.0
#define MOST_THREADS 128

enum way { PLAIN, TLS, CONNECT, WAYS };
enum call { QUESTION, ORDER, REQUEST_TOKEN, ACCESS_TOKEN, RENEW, REVOKE, CALLS };

static const char *const way_names[] = {"plain", "TLS", "TLS through a proxy"};
static const char *const call_names[] = {"question", "order", "request token", "access token", "renew", "revoke"};
static const char *const mischief_names[] = {"cut", "reset", "stalled", "dripped"};

/* Each thread has one way and takes its scenes in turn. */
struct worker {
    int number;
    char name[16];
    enum way way;
    pthread_t thread;
    struct relay relay;
    etoauth_client *c;
    long step, faults, statuses[128];
    int orders;
    /* The last order's. */
    char account[40];
};

static struct worker workers[MOST_THREADS];
static int threads;
static long step;
static const char *plant;

static double now(void)
{
    struct timespec at;

    CHECK(clock_gettime(CLOCK_MONOTONIC, &at) == 0);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static etoauth_status question(struct worker *w)
{
    etoauth_response *r = NULL;
    int32_t http = 200;
    etoauth_status status = etoauth_client_send(w->c, "GET", "/v1/accounts/list", NULL, NULL, 0, &r);

    if (status == ETOAUTH_OK)
        OK(etoauth_response_get_status(r, &http));
    CHECK(http == 200);
    OK(etoauth_response_free(r));
    return status;
}

static void set_urls(struct worker *w)
{
    char url[64], oauth[80], authorize[96], proxy[64] = "";
    int server = port_of(w->way == PLAIN ? "SANDBOX_URL" : "SANDBOX_TLS_URL");

    sprintf(url, "http%s://127.0.0.1:%d", w->way == PLAIN ? "" : "s",
            w->way == CONNECT ? server : w->relay.port);
    sprintf(oauth, "%s/oauth", url);
    sprintf(authorize, "%s/e/t/etws/authorize", url);
    if (w->way == CONNECT)
        sprintf(proxy, "http://127.0.0.1:%d", w->relay.port);
    OK(etoauth_client_set_base_urls(w->c, oauth, authorize, url));
    OK(etoauth_client_set_proxy(w->c, proxy));
}

static void log_in_own(struct worker *w)
{
    OK(etoauth_client_fetch_request_token(w->c));
    OK(etoauth_client_fetch_access_token(w->c, approve_as(w->c, w->name)));
}

static etoauth_status order(struct worker *w)
{
    sprintf(w->account, "%d-%d", w->number, ++w->orders);
    if (plant != NULL && strcmp(plant, "order") == 0)
        (void)place_order(w->c, w->account);
    return place_order(w->c, w->account);
}

/* What must hold once the connection is as it should be again. */
static void judge(struct worker *w, enum call call, const char *code, etoauth_status status)
{
    int32_t state = -1;
    int times;

    CHECK(status != ETOAUTH_E_INTERNAL && status != ETOAUTH_E_NULL && status != ETOAUTH_E_ARGUMENT);
    switch (call) {
    case ORDER:
        times = times_placed(w->c, w->account);
        CHECK(times <= 1);
        CHECK(status != ETOAUTH_OK || times == 1);
        CHECK(status == ETOAUTH_OK || status == ETOAUTH_E_UNCERTAIN || times == 0);
        break;
    case REQUEST_TOKEN:
        CHECK(status == ETOAUTH_OK || etoauth_client_fetch_request_token(w->c) == ETOAUTH_OK);
        return;
    case ACCESS_TOKEN:
        /* The code may be used up: then the login begins again. */
        if (status != ETOAUTH_OK && etoauth_client_fetch_access_token(w->c, code) != ETOAUTH_OK)
            log_in_own(w);
        break;
    case REVOKE:
        OK(etoauth_client_get_token_state(w->c, &state, NULL, NULL));
        CHECK(state == ETOAUTH_TOKEN_REVOKED);
        log_in_own(w);
        break;
    default:
        break;
    }
    OK(question(w));
}

static etoauth_status call_for(struct worker *w, enum call call, const char *code)
{
    switch (call) {
    case QUESTION: return question(w);
    case ORDER: return order(w);
    case REQUEST_TOKEN: return etoauth_client_fetch_request_token(w->c);
    case ACCESS_TOKEN: return etoauth_client_fetch_access_token(w->c, code);
    case RENEW: return etoauth_client_renew_access_token(w->c);
    default: return etoauth_client_revoke_access_token(w->c);
    }
}

/* Whether the call got so far as to meet the mischief. */
static int play(struct worker *w, enum call call, int kept, enum mischief mischief, enum direction direction, long at,
                int every)
{
    const char *code = NULL;
    etoauth_status status;
    double begun, took;
    int struck;

    if (call == ACCESS_TOKEN) {
        OK(etoauth_client_fetch_request_token(w->c));
        code = approve_as(w->c, w->name);
    }
    if (kept)
        OK(question(w));
    else
        command(&w->relay, 'e');
    OK(etoauth_client_set_timeout_ms(w->c, TIMEOUT_MS));
    arm(&w->relay, mischief, direction, at, every);
    begun = now();
    status = call_for(w, call, code);
    took = now() - begun + (plant != NULL && strcmp(plant, "late") == 0 ? LATE_S : 0);
    struck = w->relay.struck;
    command(&w->relay, 'e');
    OK(etoauth_client_set_timeout_ms(w->c, 30000));
    w->statuses[-status]++;
    if (took > LATE_S)
        fprintf(stderr, "it took %f s\n", took);
    CHECK(took <= LATE_S);
    CHECK(struck || status == ETOAUTH_OK || status == ETOAUTH_E_TIMEOUT || status == ETOAUTH_E_UNCERTAIN);
    judge(w, call, code, status);
    return struck;
}

static __thread char where[160];

static void tell_where(void)
{
    if (where[0] != '\0')
        fprintf(stderr, "%s\n", where);
}

static void scene(struct worker *w, enum call call, int kept, enum mischief mischief, enum direction direction)
{
    /* Threads of one way begin at different bytes. */
    long at;

    for (at = w->number / WAYS * step; ; at += w->step) {
        int every = mischief != DRIP && (at / step + kept) % 2;

        sprintf(where, "%s, %s, a %s connection, %s at byte %ld to the %s%s", call_names[call], way_names[w->way],
                kept ? "kept" : "new", mischief_names[mischief], at, direction == TO_SERVER ? "server" : "client",
                every ? ", each time" : "");
        if (!play(w, call, kept, mischief, direction, at, every))
            break;
        w->faults++;
    }
    where[0] = '\0';
}

static void *work(void *given)
{
    struct worker *w = given;
    int i;

    w->c = NULL;
    OK(etoauth_client_new(ETOAUTH_ENV_SANDBOX, sandbox("SANDBOX_KEY"), sandbox("SANDBOX_SECRET"), &w->c));
    OK(etoauth_client_set_ca_file(w->c, sandbox("SANDBOX_CA_FILE")));
    w->relay.proxy = w->way == CONNECT;
    set_urls(w);
    log_in_own(w);
    for (i = 0; i < CALLS * 2 * MISCHIEFS * 2; i++)
        scene(w, i % CALLS, i / CALLS % 2, i / CALLS / 2 % MISCHIEFS, i / CALLS / 2 / MISCHIEFS);
    OK(etoauth_client_free(w->c));
    return NULL;
}

int main(void)
{
    long faults = 0, statuses[128];
    int i, status;

    alarm(5400);
    atexit(tell_where);
    signal(SIGPIPE, SIG_IGN);
    step = getenv("STEP") == NULL ? 1 : atol(getenv("STEP"));
    threads = getenv("THREADS") == NULL ? 48 : atoi(getenv("THREADS"));
    plant = getenv("PLANT");
    CHECK(step > 0 && threads >= WAYS && threads <= MOST_THREADS);
    memset(statuses, 0, sizeof statuses);
    for (i = 0; i < threads; i++) {
        struct worker *w = &workers[i];

        w->number = i;
        sprintf(w->name, "%d", i);
        w->way = i % WAYS;
        w->step = step * ((threads - w->way - 1) / WAYS + 1);
        start_relay(&w->relay, port_of(w->way == PLAIN ? "SANDBOX_URL" : "SANDBOX_TLS_URL"));
        CHECK(pthread_create(&w->thread, NULL, work, w) == 0);
    }
    for (i = 0; i < threads; i++) {
        CHECK(pthread_join(workers[i].thread, NULL) == 0);
        faults += workers[i].faults;
        for (status = 0; status < 128; status++)
            statuses[status] += workers[i].statuses[status];
    }
    CHECK(etoauth_live_objects() == 0 && faults > 0 && count("orders_repeated") == 0);
    for (status = 0; status < 128; status++)
        if (statuses[status] > 0)
            printf("%8ld %s\n", statuses[status], etoauth_status_name(-status));
    printf("%ld network faults, no order repeated, no call late\n", faults);
    return 0;
}
