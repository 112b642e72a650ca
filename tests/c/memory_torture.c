/* Each allocation in turn fails, once or with all that follow in the same call, during a login over TLS, questions, an
 * order, a renewal, a revoke, and all that surrounds them, with a session file. Each round is a process of its own. It
 * must come to its end: a call succeeds or says that memory was short, whoever repeats it then succeeds, and an order
 * is placed once. The arguments are a directory for the session file, the first place, the distance to the next, and
 * how many rounds at most may be aborted. With PLANT (order or abort) the program makes that mistake by itself, and
 * must fail. */
#define _GNU_SOURCE
#include <execinfo.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "order.h"

#include "allocator.h"

static char file[512];
/* The call under way, which the process that started the round reads, too. */
static char *call_name;
static const char *plant = "";
/* What the round refuses, over all its calls. */
static long at, passed;
static int persistent;

/* One call with the round's fault: those before it have passed so many places. */
static void arm(const char *name)
{
    sprintf(call_name, "%.99s", name);
    memory_faults.at = at - passed;
    memory_faults.persistent = persistent;
    memory_faults.count = 0;
    memory_faults.armed = memory_faults.struck == 0;
}

static void disarm(void)
{
    memory_faults.armed = 0;
    passed += memory_faults.count;
}

/* A call succeeds, or it met a fault and says so. */
static int short_of_memory(etoauth_status status)
{
    long struck = memory_faults.struck;

    disarm();
    if (status == ETOAUTH_OK)
        return 0;
    if (struck == 0)
        fprintf(stderr, "%s failed without a fault\n", call_name);
    CHECK(struck > 0);
    return 1;
}

/* Whatever became of it, once there is memory again the call succeeds. */
#define MUST(call)                                                                                                     \
    do {                                                                                                               \
        etoauth_status status_;                                                                                        \
                                                                                                                       \
        arm(#call);                                                                                                    \
        status_ = call;                                                                                                \
        if (short_of_memory(status_)) {                                                                                \
            told(status_);                                                                                             \
            OK(call);                                                                                                  \
        }                                                                                                              \
    } while (0)

/* A first attempt that was lost may have taken effect: what comes then is up to the caller. */
static int tried(const char *name, etoauth_status status)
{
    sprintf(call_name, "%.99s", name);
    return !short_of_memory(status);
}

static void told(etoauth_status status)
{
    char sentence[512] = "";

    OK(etoauth_last_error(NULL, sentence, sizeof sentence, NULL));
    if (status == ETOAUTH_E_INTERNAL || status == ETOAUTH_E_NULL || sentence[0] == '\0')
        fprintf(stderr, "%s: %s, %s\n", call_name, etoauth_status_name(status), sentence);
    CHECK(status != ETOAUTH_E_INTERNAL && status != ETOAUTH_E_NULL && sentence[0] != '\0');
}

static etoauth_status get(etoauth_client *c, const char *path)
{
    etoauth_response *r = NULL;
    int32_t http = 200;
    etoauth_status status = etoauth_client_send(c, "GET", path, NULL, NULL, 0, &r);

    if (status == ETOAUTH_OK)
        OK(etoauth_response_get_status(r, &http));
    CHECK(http == 200);
    OK(etoauth_response_free(r));
    return status;
}

static void order(etoauth_client *c)
{
    char account[40];
    etoauth_status status;

    /* One of this round's own. */
    sprintf(account, "%d-%ld", persistent, at);
    arm("order");
    status = place_order(c, account);
    if (strcmp(plant, "order") == 0)
        (void)place_order(c, account);
    if (!short_of_memory(status)) {
        CHECK(times_placed(c, account) == 1);
        return;
    }
    told(status);
    CHECK(times_placed(c, account) <= (status == ETOAUTH_E_UNCERTAIN));
}

/* The verification code is good for one attempt. */
static void log_in_with_faults(etoauth_client *c)
{
    const char *code;
    etoauth_status status;

    MUST(etoauth_client_fetch_request_token(c));
    code = approve(c);
    arm("access token");
    status = etoauth_client_fetch_access_token(c, code);
    if (tried("access token", status))
        return;
    told(status);
    if (status == ETOAUTH_E_MEMORY && etoauth_client_fetch_access_token(c, code) == ETOAUTH_OK)
        return;
    log_in(c);
}

static void texts(etoauth_client *c)
{
    char *text = NULL;

    MUST(etoauth_client_export_session(c, &text));
    MUST(etoauth_client_import_session(c, text));
    OK(etoauth_string_free(text));
    MUST(etoauth_client_sign(c, "GET", "https://localhost/v1", &text));
    OK(etoauth_string_free(text));
    MUST(etoauth_client_sign_url(c, "GET", "https://localhost/v1?a=b", &text));
    OK(etoauth_string_free(text));
    MUST(etoauth_percent_encode("a b c", &text));
    OK(etoauth_string_free(text));
}

static void signers(etoauth_client *c)
{
    char header[ETOAUTH_HEADER_MAX];
    etoauth_signer *signer = NULL;
    etoauth_prepared *prepared = NULL;

    MUST(etoauth_client_get_signer(c, &signer));
    MUST(etoauth_signer_sign(signer, "GET", "https://localhost/v1", NULL, header, sizeof header, NULL));
    MUST(etoauth_prepared_new(signer, "GET", "https://localhost/v1", &prepared));
    MUST(etoauth_prepared_sign(prepared, header, sizeof header, NULL));
    OK(etoauth_prepared_free(prepared));
    OK(etoauth_signer_free(signer));
}

static void exchange(etoauth_client *c)
{
    etoauth_exchange *x = NULL;
    static const char renewed[] = "Access Token has been renewed";

    MUST(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_RENEW, NULL, &x));
    MUST(etoauth_exchange_finish(x, 200, NULL, renewed, strlen(renewed)));
    OK(etoauth_exchange_free(x));
}

static void round_of_calls(void)
{
    char oauth[256], authorize[256];
    const char *url = sandbox("SANDBOX_TLS_URL");
    etoauth_client *c = NULL, *share = NULL;

    sprintf(oauth, "%s/oauth", url);
    sprintf(authorize, "%s/e/t/etws/authorize", url);
    MUST(etoauth_client_new(ETOAUTH_ENV_SANDBOX, sandbox("SANDBOX_KEY"), sandbox("SANDBOX_SECRET"), &c));
    MUST(etoauth_client_set_base_urls(c, oauth, authorize, url));
    MUST(etoauth_client_set_proxy(c, ""));
    MUST(etoauth_client_set_ca_file(c, sandbox("SANDBOX_CA_FILE")));
    MUST(etoauth_client_set_session_file(c, file));
    log_in_with_faults(c);
    MUST(get(c, "/v1/accounts/list"));
    MUST(etoauth_client_share(c, &share));
    MUST(get(share, "/v1/accounts/list?of=share"));
    order(c);
    MUST(etoauth_client_renew_access_token(c));
    MUST(etoauth_client_ensure_active(c, 8000));
    texts(c);
    signers(c);
    exchange(c);
    MUST(etoauth_client_revoke_access_token(c));
    OK(etoauth_client_free(share));
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
}

/* Where rounds were aborted. */
static struct site {
    char call[100];
    long times;
} sites[64];

static void note_site(void)
{
    struct site *one = sites;

    while (one->times > 0 && strcmp(one->call, call_name) != 0)
        one++;
    CHECK(one < sites + 64);
    strcpy(one->call, call_name);
    one->times++;
}

enum outcome { ENDED, NO_SUCH_PLACE, ABORTED };

static void tell_abort(int number)
{
    void *frames[40];

    (void)number;
    if (getenv("TELL") == NULL)
        _exit(40 + ABORTED);
    backtrace_symbols_fd(frames, backtrace(frames, 40), 2);
    _exit(40 + ABORTED);
}

static enum outcome play(void)
{
    void *warm[1];
    int status = -1;
    pid_t child = fork();

    CHECK(child >= 0);
    if (child == 0) {
        alarm(120);
        (void)backtrace(warm, 1);
        signal(SIGABRT, tell_abort);
        unlink(file);
        round_of_calls();
        if (strcmp(plant, "abort") == 0 && memory_faults.struck > 0)
            abort();
        _exit(memory_faults.struck > 0 ? 40 + ENDED : 40 + NO_SUCH_PLACE);
    }
    CHECK(waitpid(child, &status, 0) == child);
    if (WIFEXITED(status) && WEXITSTATUS(status) >= 40)
        return WEXITSTATUS(status) - 40;
    fprintf(stderr, "it ended with %x at place %ld%s\n", (unsigned)status, at, persistent ? " and all that follow" : "");
    exit(1);
}

int main(int argc, char **argv)
{
    long faults = 0, aborted = 0, first, step, most;
    struct site *site;

    CHECK(argc == 5);
    call_name = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(call_name != MAP_FAILED);
    if (getenv("PLANT") != NULL)
        plant = getenv("PLANT");
    sprintf(file, "%.500s/session", argv[1]);
    first = atol(argv[2]);
    step = atol(argv[3]);
    most = atol(argv[4]);
    for (persistent = 0; persistent <= 1; persistent++) {
        enum outcome outcome;

        for (at = first; (outcome = play()) != NO_SUCH_PLACE; at += step) {
            faults++;
            if (outcome == ABORTED)
                note_site();
            aborted += outcome == ABORTED;
        }
    }
    for (site = sites; site->times > 0; site++)
        printf("%ld aborts in %s\n", site->times, site->call);
    printf("%ld allocations failed, %ld rounds aborted\n", faults, aborted);
    CHECK(faults > 0 && aborted <= most);
    return 0;
}
