/* Weeks of many persons' logins, calls and orders in minutes: the sandbox's clock and this program's are moved together.
 * Faults come at random, by SEED. What is wanted is counted here and what happened at the sandbox: every order is placed
 * once, and every person logs in once a day. After a night in which all clients were freed, the process must be as it was
 * after the first. DAYS and CLIENTS say how much; the argument is a directory for the session files.
 *
 * One half of the days lies around the next change of the clocks in New York, the other around the one after it. With
 * PLANT (order, login, handle, memory, descriptor or thread) the program makes that mistake by itself, and must fail. */
#define _GNU_SOURCE
#include <dirent.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>

#include "sandbox.h"

#define MOST_CLIENTS 200
#define ROUNDS 8
#define LONGEST_TRY 20

struct person {
    int number, logins_today, visited, ordered;
    char name[16], file[512], faulty[64], orders[64], place[80];
    etoauth_client *c;
};

static struct person persons[MOST_CLIENTS];
static int days, clients, first_half;
static long changes[2], longer[2];
static long calls, faults, logins, logins_lost, orders, restarts;
static const char *plant;

/* How far the time is ahead of this machine's. */
static volatile long shift;

/* In place of the system's. The monotonic clock stays: waits are measured by it. */
int clock_gettime(clockid_t clock, struct timespec *at)
{
    int result = (int)syscall(SYS_clock_gettime, clock, at);

    if (clock == CLOCK_REALTIME || clock == CLOCK_BOOTTIME)
        at->tv_sec += shift;
    return result;
}

time_t time(time_t *into)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (into != NULL)
        *into = now.tv_sec;
    return now.tv_sec;
}

static void advance_to(long at)
{
    if (at <= (long)time(NULL))
        return;
    shift += at - (long)time(NULL);
    admin("clock?offset=%ld", shift);
}

/* Midnight in New York at the beginning of a month's first Sunday, or of a later one. */
static long sunday(int year, int month, int later, int hour)
{
    struct tm first;
    long days_since_1970;

    memset(&first, 0, sizeof first);
    first.tm_year = year - 1900;
    first.tm_mon = month - 1;
    first.tm_mday = 1;
    days_since_1970 = (long)timegm(&first) / 86400;
    /* 1970-01-01 was a Thursday. */
    return (days_since_1970 + (10 - days_since_1970 % 7) % 7 + 7 * later) * 86400 + hour * 3600;
}

/* The second Sunday of March has 23 hours, the first of November 25. Those that come next, while the sandbox's certificate
   is valid. */
static void choose_dates(void)
{
    long soonest = (long)time(NULL) + (days / 4 + 1) * 86400L;
    int change, half = 0;

    for (change = 0; half < 2; change++) {
        int spring = change % 2 == 0;
        long at = spring ? sunday(2026 + change / 2, 3, 1, 5) : sunday(2026 + change / 2, 11, 0, 4);

        if (at < soonest)
            continue;
        changes[half] = at;
        longer[half++] = spring ? -3600 : 3600;
    }
}

/* Midnight in New York at the beginning of this day. */
static long midnight(int half, int day)
{
    int from_change = half == 0 ? day - first_half / 2 : day - first_half - (days - first_half) / 2;

    return changes[half] + from_change * 86400L + (from_change > 0 ? longer[half] : 0);
}

static long day_begin(int day)
{
    return midnight(day >= first_half, day);
}

static long day_end(int day)
{
    return midnight(day >= first_half, day + 1);
}

static uint64_t state;

/* Sebastiano Vigna's xorshift64*. */
static unsigned below(unsigned end)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (unsigned)((state * 0x2545f4914f6cdd1du >> 32) % end);
}

static int planted(const char *mistake)
{
    return plant != NULL && strcmp(plant, mistake) == 0;
}

static etoauth_client *person_client(struct person *p)
{
    etoauth_client *c = new_client(sandbox(p->number % 2 == 0 ? "SANDBOX_URL" : "SANDBOX_TLS_URL"));

    OK(etoauth_client_set_ca_file(c, sandbox("SANDBOX_CA_FILE")));
    OK(etoauth_client_set_session_file(c, p->file));
    return c;
}

enum outcome { DONE, AGAIN, LOOK, OVER };

static int expired(etoauth_client *c)
{
    return token_state(c) == ETOAUTH_TOKEN_EXPIRED;
}

/* What a program is to do after this failure. Any that faults of the network or the server can't cause ends the run. */
static enum outcome after(etoauth_client *c, etoauth_status status)
{
    switch (status) {
    case ETOAUTH_OK:
        return DONE;
    case ETOAUTH_E_LOGIN:
        return expired(c) ? OVER : AGAIN;
    case ETOAUTH_E_UNCERTAIN:
        return LOOK;
    case ETOAUTH_E_CONNECT:
    case ETOAUTH_E_TIMEOUT:
    case ETOAUTH_E_HTTP:
    case ETOAUTH_E_RESPONSE:
    case ETOAUTH_E_SIGNATURE:
    case ETOAUTH_E_CONSUMER_KEY:
    case ETOAUTH_E_RATE_LIMIT:
    case ETOAUTH_E_UNAVAILABLE:
    case ETOAUTH_E_DENIED:
        return AGAIN;
    default:
        OK(status);
        return AGAIN;
    }
}

/* A response that is no success leaves open what became of an order, unless it says to send it again. */
static enum outcome call(etoauth_client *c, const char *method, const char *path, const char *body, char **answer,
                         int32_t *attempts)
{
    const char *headers = body == NULL ? NULL : "Content-Type: application/json";
    etoauth_response *r = NULL;
    etoauth_status status;
    enum outcome outcome;
    int32_t http = 0;
    size_t length;

    __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
    status = etoauth_client_send(c, method, path, headers, body, body == NULL ? 0 : strlen(body), &r);
    outcome = after(c, status);
    if (status != ETOAUTH_OK)
        return outcome;
    OK(etoauth_response_get_status(r, &http));
    if (attempts != NULL)
        OK(etoauth_response_get_attempts(r, attempts));
    if (answer != NULL && http == 200)
        OK(etoauth_response_get_body(r, answer, &length));
    OK(etoauth_response_free(r));
    return http == 200 ? DONE : LOOK;
}

/* A failed renewal makes the library wait by a clock that is not moved: the program asks by itself. */
static void renew_if_needed(struct person *p)
{
    int32_t wait = 0;

    OK(etoauth_client_get_renew_wait_s(p->c, &wait));
    if (wait > 0) {
        calls++;
        CHECK(after(p->c, etoauth_client_renew_access_token(p->c)) != OVER || p->logins_today == 0);
    }
}

static void log_in_person(struct person *p)
{
    int tries;

    for (tries = 0;; tries++) {
        const char *code;
        etoauth_status status;
        long before;

        CHECK(tries < LONGEST_TRY);
        calls += 2;
        status = etoauth_client_fetch_request_token(p->c);
        if (after(p->c, status) != DONE)
            continue;
        code = approve_as(p->c, p->name);
        before = count("access_tokens");
        status = etoauth_client_fetch_access_token(p->c, code);
        if (status == ETOAUTH_OK)
            break;
        CHECK(after(p->c, status) != OVER);
        /* Issued, but the answer was lost: only another login helps. */
        logins_lost += count("access_tokens") - before;
    }
    p->logins_today++;
    logins++;
}

/* Asks until there is an answer. A fault that is still armed may be met, and one more that the connection is left with. */
static void ask(struct person *p, char **answer)
{
    int tries;

    for (tries = 0; tries < LONGEST_TRY; tries++) {
        enum outcome outcome = call(p->c, "GET", p->orders, NULL, answer, NULL);

        if (outcome == DONE)
            return;
        CHECK(outcome != OVER);
        renew_if_needed(p);
    }
    check_failed(__FILE__, __LINE__, "a question was never answered");
}

/* Until nothing is left of a fault, for later calls are judged more strictly. */
static void settle(struct person *p)
{
    int tries;

    for (tries = 0; tries < LONGEST_TRY; tries++) {
        int32_t attempts = 0;

        renew_if_needed(p);
        if (call(p->c, "GET", p->orders, NULL, NULL, &attempts) == DONE && attempts == 1 && count("faults") == 0)
            return;
    }
    check_failed(__FILE__, __LINE__, "a fault never ended");
}

static void place_order(struct person *p, int faulty)
{
    char id[32], named[48], body[128], *list = NULL;
    int tries;

    sprintf(id, "P%03dN%06d", p->number, ++p->ordered);
    sprintf(named, "\"%s\"", id);
    sprintf(body, "{\"PlaceOrderRequest\":{\"clientOrderId\":\"%s\"}}", id);
    orders++;
    for (tries = 0;; tries++) {
        enum outcome outcome = call(p->c, "POST", p->place, body, NULL, NULL);
        int placed;

        CHECK(tries < LONGEST_TRY && outcome != OVER);
        CHECK(outcome == DONE || faulty);
        if (outcome == DONE)
            return;
        renew_if_needed(p);
        if (outcome == AGAIN || planted("order"))
            continue;
        do {
            OK(etoauth_string_free(list));
            list = NULL;
            ask(p, &list);
            /* A fault's answer is none. */
        } while (strstr(list, "OrdersResponse") == NULL);
        placed = strstr(list, named) != NULL;
        OK(etoauth_string_free(list));
        list = NULL;
        if (placed)
            return;
    }
}

static void *ask_twice(void *client)
{
    int i;

    for (i = 0; i < 2; i++)
        CHECK(call(client, "GET", "/v1/accounts/list", NULL, NULL, NULL) == DONE);
    OK(etoauth_client_free(client));
    return NULL;
}

/* Several threads at once, maybe after an idle spell: one renewal serves all. */
static void burst(struct person *p)
{
    pthread_t threads[4];
    long renews = count("renews");
    int i;

    for (i = 0; i < 4; i++)
        CHECK(pthread_create(&threads[i], NULL, ask_twice, share_of(p->c)) == 0);
    for (i = 0; i < 4; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(count("renews") <= renews + 1);
}

/* No token is active for two more hours, so this always renews. */
static void renew(struct person *p, int faulty)
{
    int tries;

    for (tries = 0;; tries++) {
        etoauth_status status = tries == 0 ? etoauth_client_ensure_active(p->c, 7200)
                                           : etoauth_client_renew_access_token(p->c);
        enum outcome outcome = after(p->c, status);

        calls++;
        CHECK(tries < LONGEST_TRY && outcome != OVER);
        CHECK(outcome == DONE || faulty);
        if (outcome == DONE)
            return;
    }
}

static void restart(struct person *p)
{
    if (p->c != NULL)
        OK(etoauth_client_free(p->c));
    p->c = person_client(p);
    restarts++;
}

static void shared(struct person *p, int cancelled)
{
    etoauth_client *share = share_of(p->c);
    etoauth_response *r = NULL;

    if (cancelled) {
        OK(etoauth_client_cancel(share));
        EXPECT(etoauth_client_send(share, "GET", p->orders, NULL, NULL, 0, &r), ETOAUTH_E_CANCELLED);
    } else {
        OK(etoauth_client_set_timeout_ms(share, 20000));
        CHECK(call(share, "GET", p->orders, NULL, NULL, NULL) == DONE);
    }
    OK(etoauth_client_free(share));
}

/* Another program of the person's, with the same session file. */
static void beside(struct person *p)
{
    etoauth_client *other = person_client(p);

    CHECK(call(other, "GET", p->orders, NULL, NULL, NULL) == DONE);
    OK(etoauth_client_free(other));
}

/* Before anything of the request is carried out, or at least so that no login is lost. */
static const char *const early_faults[] = {
    "kind=drop&when=before", "kind=drop&when=before&reset=1", "kind=stall&when=before", "kind=status&http=503",
    "kind=status&http=429&retry_after=1", "kind=status&http=500&body=x", "kind=problem&code=nonce_used",
    "kind=problem&code=parameter_absent", "kind=problem&code=timestamp_refused", "kind=problem&code=signature_invalid",
    "kind=redirect&to=http://127.0.0.1:1/"};

static const char *const late_faults[] = {
    "kind=drop&when=after", "kind=drop&when=after&reset=1", "kind=drop&when=headers", "kind=drop&when=body",
    "kind=drop&when=idle", "kind=drop&when=next", "kind=stall&when=after", "kind=stall&when=headers",
    "kind=stall&when=body", "kind=slow&ms=1", "kind=garbage", "kind=close_delimited", "kind=date&skew=-4000"};

/* Which refuse the token, or give another answer. None says of a refusal that it was a success. */
static const char *const api_faults[] = {
    "kind=problem&code=token_rejected", "kind=problem&code=token_expired&times=2", "kind=status&http=401",
    "kind=problem&code=permission_denied", "kind=problem&message=Nothing&shape=html", "kind=drop&when=chunked",
    "kind=stall&when=chunked", "kind=oversize&bytes=200000&encoding=gzip&truncated=1",
    "kind=status&http=400&encoding=gzip&truncated=1&body=x"};

#define COUNT(array) ((unsigned)(sizeof(array) / sizeof *(array)))

static void arm(struct person *p, const char *on, unsigned kinds)
{
    unsigned which = below(kinds);
    const char *fault = which < COUNT(early_faults) ? early_faults[which]
                        : (which -= COUNT(early_faults)) < COUNT(late_faults)
                            ? late_faults[which] : api_faults[which - COUNT(late_faults)];

    admin("fault?on=%s&%s", on, fault);
    /* Only what never ends is not waited for: all else ends, however busy the machine is. */
    if (strstr(fault, "stall") != NULL)
        OK(etoauth_client_set_timeout_ms(p->c, 500));
    faults++;
}

#define IN_LOGIN (COUNT(early_faults) + COUNT(late_faults))
#define IN_CALL (IN_LOGIN + COUNT(api_faults))

/* The first call of the day finds the login over, whatever happens meanwhile; the person logs in. */
static void begin_day(struct person *p, int faulty)
{
    int tries;

    for (tries = 0; token_state(p->c) != ETOAUTH_TOKEN_NONE; tries++) {
        CHECK(tries < LONGEST_TRY);
        if (call(p->c, "GET", p->orders, NULL, NULL, NULL) == OVER)
            break;
        CHECK(faulty);
        renew_if_needed(p);
    }
    if (faulty)
        arm(p, below(2) == 0 ? "/oauth/request_token" : "/oauth/access_token", IN_LOGIN);
    log_in_person(p);
}

static void visit(struct person *p, int day)
{
    int faulty = below(3) == 0, what = (int)below(11);
    int32_t expires = 0;
    long left;

    if (p->c == NULL)
        restart(p);
    if (!p->visited) {
        p->visited = 1;
        begin_day(p, faulty);
        if (planted("login") && day == 1 && p->number == 0)
            log_in_person(p);
    }
    OK(etoauth_client_get_token_state(p->c, NULL, NULL, &expires));
    left = day_end(day) - (long)time(NULL);
    CHECK(expires - left < 5 && left - expires < 5);
    switch (what) {
    case 4:
        if (faulty)
            arm(p, p->faulty, IN_CALL);
        ask(p, NULL);
        break;
    case 5:
        if (faulty)
            arm(p, "/oauth/renew", IN_LOGIN);
        renew(p, faulty);
        break;
    case 6:
        restart(p);
        ask(p, NULL);
        break;
    case 7:
    case 8:
        if (faulty)
            settle(p);
        shared(p, what == 8);
        break;
    case 9:
        if (faulty)
            settle(p);
        burst(p);
        break;
    case 10:
        if (faulty)
            settle(p);
        beside(p);
        break;
    default:
        if (faulty)
            arm(p, p->faulty, IN_CALL);
        place_order(p, faulty);
    }
    if (faulty)
        settle(p);
    OK(etoauth_client_set_timeout_ms(p->c, 30000));
}

static int entries(const char *path)
{
    DIR *list = opendir(path);
    int found = 0;

    CHECK(list != NULL);
    while (readdir(list) != NULL)
        found++;
    closedir(list);
    return found;
}

static long resident_kib(void)
{
    char line[256];
    FILE *status = fopen("/proc/self/status", "r");
    long kib = 0;

    CHECK(status != NULL);
    while (fgets(line, sizeof line, status) != NULL)
        sscanf(line, "VmRSS: %ld", &kib);
    fclose(status);
    return kib;
}

static long heap_kib(void)
{
#if __GLIBC_PREREQ(2, 33)
    struct mallinfo2 heap = mallinfo2();
#else
    struct mallinfo heap = mallinfo();
#endif

    return (long)((heap.uordblks + heap.hblkhd) / 1024);
}

/* Freed strings are held back for a while: until these have taken their places. */
static void displace_strings(void)
{
    int i;

    for (i = 0; i < 2000; i++) {
        char *text = NULL;

        OK(etoauth_percent_encode("x", &text));
        OK(etoauth_string_free(text));
    }
}

static void *stay(void *nothing)
{
    for (;;)
        pause();
    return nothing;
}

/* Leaves something behind, as the name of the mistake says. */
static void leave(void)
{
    char *text = NULL;
    pthread_t thread;

    if (planted("handle"))
        OK(etoauth_percent_encode("x", &text));
    if (planted("descriptor"))
        CHECK(dup(1) >= 0);
    if (planted("thread"))
        CHECK(pthread_create(&thread, NULL, stay, NULL) == 0);
    if (planted("memory")) {
        text = malloc(1 << 17);
        CHECK(text != NULL);
        memset(text, 1, 1 << 17);
    }
}

/* All clients are freed, and what is left of the process is compared with what the first night left. */
static void night(int day)
{
    static int descriptors;
    static long resident, heap;
    struct timespec begin, now;
    int i;

    for (i = 0; i < clients; i++) {
        OK(etoauth_client_free(persons[i].c));
        persons[i].c = NULL;
    }
    displace_strings();
    leave();
    CHECK(etoauth_live_objects() == 0);
    /* The library's temporary threads may outlive their calls, though not for long. */
    clock_gettime(CLOCK_MONOTONIC, &begin);
    do {
        sched_yield();
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec - begin.tv_sec > 5)
            check_failed(__FILE__, __LINE__, "a thread was left");
    } while (entries("/proc/self/task") != 3);
    malloc_trim(0);
    if (descriptors == 0) {
        descriptors = entries("/proc/self/fd");
        resident = resident_kib();
        heap = heap_kib();
    }
    printf("day %2d: %ld calls, %ld faults, %ld orders; %ld KiB resident, %ld KiB allocated, %d descriptors, 1 thread, "
           "no handle\n", day + 1, calls, faults, orders, resident_kib(), heap_kib(), entries("/proc/self/fd") - 3);
    CHECK(entries("/proc/self/fd") == descriptors);
    /* Of the resident pages, some are the allocator's, in pieces. */
    CHECK(heap_kib() < heap + 64 && resident_kib() < resident + 8192);
}

static int by_time(const void *left, const void *right)
{
    const long *a = left, *b = right;

    return *a < *b ? -1 : *a > *b;
}

static void live_through(int day)
{
    long times[ROUNDS];
    int round, i;

    for (i = 0; i < clients; i++)
        persons[i].logins_today = persons[i].visited = 0;
    /* Not so near to midnight that a round would last into the next day. */
    for (round = 0; round < ROUNDS; round++)
        times[round] = day_begin(day) + 1 + (long)below((unsigned)(day_end(day) - day_begin(day) - 900));
    qsort(times, ROUNDS, sizeof *times, by_time);
    for (round = 0; round < ROUNDS; round++) {
        advance_to(times[round]);
        for (i = 0; i < clients; i++)
            if (round == 0 || below(4) > 0)
                visit(&persons[i], day);
    }
    for (i = 0; i < clients; i++)
        CHECK(persons[i].logins_today == 1);
    if (day % 2 == 0 || day == days - 1)
        night(day);
}

static long setting(const char *name, long otherwise)
{
    return getenv(name) == NULL ? otherwise : atol(getenv(name));
}

int main(int argc, char **argv)
{
    long seed = setting("SEED", (long)time(NULL) % 1000000);
    int i, day;

    CHECK(argc == 2);
    /* The allocator counts what its threads' caches hold as allocated, unless they hold nothing. */
    if (getenv("GLIBC_TUNABLES") == NULL) {
        CHECK(setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 1) == 0);
        execv("/proc/self/exe", argv);
    }
    alarm(3000);
    days = (int)setting("DAYS", 24);
    clients = (int)setting("CLIENTS", 50);
    plant = getenv("PLANT");
    CHECK(days > 1 && days <= 48 && clients > 0 && clients <= MOST_CLIENTS);
    first_half = (days + 1) / 2;
    choose_dates();
    state = (uint64_t)seed * 2 + 1;
    printf("SEED=%ld DAYS=%d CLIENTS=%d\n", seed, days, clients);
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (i = 0; i < clients; i++) {
        struct person *p = &persons[i];

        p->number = i;
        sprintf(p->name, "%d", i);
        sprintf(p->file, "%.400s/session-%d", argv[1], i);
        sprintf(p->faulty, "/v1/accounts/p%d/", i);
        sprintf(p->orders, "/v1/accounts/p%d/orders.json", i);
        sprintf(p->place, "/v1/accounts/p%d/orders/place", i);
    }
    for (day = 0; day < days; day++)
        live_through(day);
    if (count("orders") != orders)
        fprintf(stderr, "%ld orders were wanted, %ld placed, %ld of them repeated\n", orders, count("orders"),
                count("orders_repeated"));
    CHECK(count("orders") == orders && count("orders_repeated") == 0);
    CHECK(logins == (long)days * clients && count("access_tokens") == logins + logins_lost);
    printf("%d days, %d clients, %ld calls, %ld faults, %ld restarts, %ld renewals, %ld logins and %ld whose response was "
           "lost, %ld orders: every order placed once, one login a day and person, nothing left behind\n",
           days, clients, calls, faults, restarts, count("renews"), logins, logins_lost, orders);
    return 0;
}
