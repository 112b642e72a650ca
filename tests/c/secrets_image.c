/* Where secrets are while a program lives, and that none is left once it has freed its objects: the memory of the whole
   process is searched, and all that the library writes or says. The argument is a directory for its files. With PLANT
   in the environment the program keeps a copy by itself, and must fail. */
#include "image.h"

#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "sandbox.h"

enum {
    KEY, CONSUMER_SECRET, REQUEST_TOKEN, REQUEST_SECRET, VERIFIER, TOKEN, TOKEN_SECRET, PASSWORD, SESSION, QUERY, HEADER,
    BODY, RESPONSE
};

static const char *const names[MARKERS] = {
    "consumer key", "consumer secret", "request token", "request secret", "verifier", "access token", "token secret",
    "proxy password", "session text", "query", "header", "request body", "response body"};

#define ONLY(marker) (1ul << (marker))
#define CREDENTIALS (ONLY(KEY) | ONLY(CONSUMER_SECRET) | ONLY(PASSWORD))
#define LOGGED_IN (CREDENTIALS | ONLY(TOKEN) | ONLY(TOKEN_SECRET))
/* What a kept connection has in its buffers, HTTP's and TLS's: the last request and the last response. */
#define KEPT (ONLY(REQUEST_TOKEN) | ONLY(VERIFIER) | ONLY(QUERY) | ONLY(HEADER) | ONLY(BODY) | ONLY(RESPONSE))
/* The end of a text that was signed, which is the request in another form, stays on the stack until another call needs the
   place. What it is signed with does not. */
#define SIGNED (ONLY(KEY) | ONLY(REQUEST_TOKEN) | ONLY(VERIFIER) | ONLY(TOKEN) | ONLY(QUERY) | ONLY(BODY))

static FILE *report;
static const char *transport, *directory;
static char session_file[512], errors[512];
static int failures, ended;
static unsigned long on_stack, kept_copies;
static int stalling;

static void found_what(const char *stage, int marker)
{
    fprintf(report, "%s, %s: the %s was found %lu times, %lu of them on the unused stack; %s, in %s\n", transport, stage,
            names[marker], found[marker] + found_on_stack[marker], found_on_stack[marker],
            form_names[found_form[marker]], found_in[marker]);
}

/* Searches the memory, where these may be, and these must be: a search that finds nothing proves nothing. */
static void stage(const char *name, unsigned long may, unsigned long must)
{
    unsigned long copies = 0;
    int m;

    search_memory();
    for (m = 0; m < MARKERS; m++) {
        copies += found[m];
        on_stack += found_on_stack[m];
        kept_copies += (may & ~LOGGED_IN & KEPT & ONLY(m)) == 0 ? 0 : found[m];
        if (((may & ONLY(m)) == 0 && found[m] > 0) || ((SIGNED & ONLY(m)) == 0 && found_on_stack[m] > 0)) {
            found_what(name, m);
            failures++;
        } else if ((must & ONLY(m)) != 0 && found[m] == 0) {
            fprintf(report, "%s, %s: no %s was found\n", transport, name, names[m]);
            failures++;
        }
    }
    fprintf(report, "%-14s %-30s %2lu copies", transport, name, copies);
    for (m = 0; m < MARKERS; m++)
        if (found[m] > 0)
            fprintf(report, "%s %s %lu", copies > 0 ? ":" : ",", names[m], found[m]), copies = 0;
    fputc('\n', report);
}

static void none_found(const char *where)
{
    int m;

    for (m = 0; m < MARKERS; m++) {
        if (found[m] == 0)
            continue;
        found_what(where, m);
        failures++;
    }
}

/* Asks the sandbox without a copy of the question that outlives it. */
static void arm(const char *const texts[])
{
    static char answer[4096];
    struct sockaddr_in address;
    const char *question[4], *whole;
    size_t got = 0;
    ssize_t n;
    int s = socket(AF_INET, SOCK_STREAM, 0);

    question[0] = "GET /sandbox/fault?";
    question[1] = joined(texts);
    question[2] = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    question[3] = NULL;
    whole = joined(question);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short)atoi(strrchr(sandbox("SANDBOX_URL"), ':') + 1));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(connect(s, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(write(s, whole, strlen(whole)) == (ssize_t)strlen(whole));
    hide();
    while ((n = read(s, answer + got, sizeof answer - 1 - got)) > 0)
        got += (size_t)n;
    answer[got] = '\0';
    close(s);
    CHECK(strncmp(answer, "HTTP/1.1 200 ", 13) == 0);
}

static void answer_with_token(int token, int secret)
{
    const char *texts[5];

    texts[0] = "kind=token_reply&on=/oauth&body=oauth_token%3D";
    texts[1] = percent_encoded(percent_encoded(show(token)));
    texts[2] = "%26oauth_token_secret%3D";
    texts[3] = percent_encoded(percent_encoded(show(secret)));
    texts[4] = NULL;
    arm(texts);
}

static void answer_with_body(void)
{
    const char *texts[3];

    texts[0] = "kind=status&http=200&on=/v1&body=";
    texts[1] = percent_encoded(show(RESPONSE));
    texts[2] = NULL;
    arm(texts);
}

/* The failure, all that is told about it, and the log. */
static void failed(etoauth_client *c, etoauth_status got, etoauth_status expected)
{
    char text[4][ETOAUTH_ERROR_MAX] = {"", "", "", ""}, *log = NULL;
    int i;

    EXPECT(got, expected);
    OK(etoauth_last_error(NULL, text[0], sizeof text[0], NULL));
    OK(etoauth_last_problem(NULL, text[1], sizeof text[1], NULL));
    OK(etoauth_client_last_error(c, NULL, text[2], sizeof text[2], NULL));
    OK(etoauth_client_last_problem(c, NULL, text[3], sizeof text[3], NULL));
    CHECK(text[0][0] != '\0' && strcmp(text[0], text[2]) == 0);
    for (i = 0; i < 4; i++) {
        search_text(text[i], strlen(text[i]), text[i]);
        none_found("a sentence");
    }
    OK(etoauth_client_read_log(c, &log));
    search_text(log, strlen(log), "the log");
    none_found("the log");
    OK(etoauth_string_free(log));
}

static etoauth_status post(etoauth_client *c, etoauth_response **r)
{
    const char *path[3], *headers[3], *body[4];
    const char *url, *lines, *form;
    etoauth_status status;

    path[0] = "/v1/echo?q=";
    path[1] = percent_encoded(show(QUERY));
    path[2] = NULL;
    headers[0] = "Content-Type: application/x-www-form-urlencoded\nX-Private: ";
    headers[1] = show(HEADER);
    headers[2] = NULL;
    body[0] = "a=1&b=";
    body[1] = percent_encoded(show(BODY));
    body[2] = "&c=3";
    body[3] = NULL;
    url = joined(path);
    lines = joined(headers);
    form = joined(body);
    status = etoauth_client_send(c, "POST", url, lines, form, strlen(form), r);
    hide();
    return status;
}

static etoauth_client *secret_client(const char *url, const char *proxy)
{
    etoauth_client *c = NULL;
    char oauth[256];
    const char *texts[4];

    sprintf(oauth, "%s/oauth", url);
    OK(etoauth_client_new(ETOAUTH_ENV_SANDBOX, show(KEY), show(CONSUMER_SECRET), &c));
    hide();
    OK(etoauth_client_set_base_urls(c, oauth, NULL, url));
    OK(etoauth_client_set_ca_file(c, sandbox("SANDBOX_CA_FILE")));
    texts[0] = "http://user:";
    texts[1] = percent_encoded(show(PASSWORD));
    texts[2] = proxy;
    texts[3] = NULL;
    OK(etoauth_client_set_proxy(c, proxy == NULL ? "" : joined(texts)));
    hide();
    return c;
}

static void log_in_with_markers(etoauth_client *c)
{
    char *url = NULL;

    answer_with_token(REQUEST_TOKEN, REQUEST_SECRET);
    OK(etoauth_client_fetch_request_token(c));
    OK(etoauth_client_get_authorize_url(c, &url));
    OK(etoauth_string_free(url));
    stage("a login begun", CREDENTIALS | ONLY(REQUEST_TOKEN) | ONLY(REQUEST_SECRET),
          ONLY(REQUEST_TOKEN) | ONLY(REQUEST_SECRET));
    answer_with_token(TOKEN, TOKEN_SECRET);
    OK(etoauth_client_fetch_access_token(c, show(VERIFIER)));
    hide();
    stage("logged in", LOGGED_IN | KEPT, ONLY(TOKEN) | ONLY(TOKEN_SECRET));
}

static void use(etoauth_client *c)
{
    etoauth_response *r = NULL;
    char *text = NULL;
    size_t length;

    answer_with_body();
    OK(post(c, &r));
    OK(etoauth_response_get_body(r, &text, &length));
    CHECK(length == 32);
    stage("a response held", LOGGED_IN | KEPT, ONLY(RESPONSE));
    OK(etoauth_string_free(text));
    OK(etoauth_response_free(r));
    stage("the response freed", LOGGED_IN | KEPT, 0);
}

static void *cancel_when_asked(void *client)
{
    long before = requests("/v1/echo");

    admin("fault?kind=stall&when=before&on=/v1");
    __atomic_store_n(&stalling, 1, __ATOMIC_RELEASE);
    while (requests("/v1/echo") == before)
        continue;
    OK(etoauth_client_cancel(client));
    return NULL;
}

static void fail(etoauth_client *c)
{
    etoauth_response *r = NULL;
    pthread_t thread;

    admin("fault?kind=drop&when=after&on=/v1");
    failed(c, post(c, &r), ETOAUTH_E_UNCERTAIN);
    admin("fault?kind=stall&when=before&on=/v1");
    OK(etoauth_client_set_timeout_ms(c, 500));
    failed(c, post(c, &r), ETOAUTH_E_UNCERTAIN);
    OK(etoauth_client_set_timeout_ms(c, 30000));
    CHECK(pthread_create(&thread, NULL, cancel_when_asked, c) == 0);
    while (!__atomic_load_n(&stalling, __ATOMIC_ACQUIRE))
        continue;
    failed(c, post(c, &r), ETOAUTH_E_UNCERTAIN);
    CHECK(pthread_join(thread, NULL) == 0);
    __atomic_store_n(&stalling, 0, __ATOMIC_RELEASE);
    admin("fault?kind=drop&when=body&on=/v1");
    failed(c, post(c, &r), ETOAUTH_E_UNCERTAIN);
    admin("fault?kind=garbage&on=/v1");
    failed(c, post(c, &r), ETOAUTH_E_UNCERTAIN);
    admin("fault?kind=problem&code=signature_invalid&on=/v1");
    failed(c, post(c, &r), ETOAUTH_E_SIGNATURE);
    /* Left alone, the sandbox knows neither the key nor the token. */
    failed(c, post(c, &r), ETOAUTH_E_CONSUMER_KEY);
    failed(c, etoauth_client_renew_access_token(c), ETOAUTH_E_CONSUMER_KEY);
    failed(c, etoauth_client_fetch_request_token(c), ETOAUTH_E_CONSUMER_KEY);
    stage("after nine failures", LOGGED_IN | KEPT, 0);
}

/* Signers, a prepared request, exchanges, the session as a text and in a file. */
static void objects(etoauth_client *c)
{
    static char header[ETOAUTH_HEADER_MAX];
    etoauth_client *share = share_of(c);
    etoauth_exchange *x = NULL;
    etoauth_prepared *p = NULL;
    etoauth_signer *s = NULL, *own = NULL;
    char *text = NULL;
    int32_t step = 0;
    const char *url[3], *form[3];

    OK(etoauth_client_get_signer(c, &s));
    OK(etoauth_signer_new(show(KEY), show(CONSUMER_SECRET), show(TOKEN), show(TOKEN_SECRET), &own));
    url[0] = "http://localhost/v1/echo?q=";
    url[1] = percent_encoded(show(QUERY));
    url[2] = NULL;
    form[0] = "b=";
    form[1] = percent_encoded(show(BODY));
    form[2] = NULL;
    OK(etoauth_signer_sign(own, "POST", joined(url), joined(form), header, sizeof header, NULL));
    OK(etoauth_prepared_new(s, "GET", joined(url), &p));
    OK(etoauth_prepared_sign(p, header, sizeof header, NULL));
    OK(etoauth_signer_get_base_string(s, "POST", joined(url), joined(form), 1, "n", &text));
    OK(etoauth_string_free(text));
    OK(etoauth_exchange_new_request(c, "POST", strchr(joined(url) + 10, '/'), joined(form), &x));
    hide();
    OK(etoauth_exchange_next(x, &step, NULL));
    OK(etoauth_exchange_get_authorization(x, &text));
    OK(etoauth_string_free(text));
    OK(etoauth_exchange_finish(x, 200, NULL, show(RESPONSE), 32));
    hide();
    forget(header, sizeof header);
    stage("signers and an exchange", LOGGED_IN | KEPT, LOGGED_IN & ~ONLY(PASSWORD));
    OK(etoauth_signer_free(s));
    OK(etoauth_signer_free(own));
    OK(etoauth_prepared_free(p));
    OK(etoauth_exchange_free(x));
    OK(etoauth_client_free(share));
    stage("these freed", LOGGED_IN | KEPT, 0);

    OK(etoauth_client_export_session(c, &text));
    CHECK(strlen(text) > 3 * LONGEST);
    remember(SESSION, text + LONGEST, LONGEST);
    stage("the session exported", LOGGED_IN | KEPT | ONLY(SESSION), ONLY(SESSION));
    OK(etoauth_string_free(text));
    OK(etoauth_client_set_session_file(c, session_file));
    search_file(session_file);
    CHECK(found[SESSION] + found[TOKEN] + found[TOKEN_SECRET] > 0);
    failed(c, etoauth_client_renew_access_token(c), ETOAUTH_E_CONSUMER_KEY);
    stage("the session in a file", LOGGED_IN | KEPT | ONLY(SESSION), 0);
    OK(etoauth_client_set_session_file(c, NULL));
    stage("the file detached", LOGGED_IN | KEPT, 0);
    OK(etoauth_client_set_session_file(c, session_file));
}

/* A person's browser comes to a listener. */
static void redirect(void)
{
    static char page[4096];
    struct sockaddr_in address;
    const char *texts[6], *whole;
    char *url = NULL;
    etoauth_listener *l = NULL;
    int s = socket(AF_INET, SOCK_STREAM, 0);

    OK(etoauth_listener_new("http://127.0.0.1:0/back", &l));
    OK(etoauth_listener_get_url(l, &url));
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short)atoi(strrchr(url, ':') + 1));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    OK(etoauth_string_free(url));
    CHECK(connect(s, (struct sockaddr *)&address, sizeof address) == 0);
    texts[0] = "GET /back?oauth_token=";
    texts[1] = percent_encoded(show(REQUEST_TOKEN));
    texts[2] = "&oauth_verifier=";
    texts[3] = percent_encoded(show(VERIFIER));
    texts[4] = " HTTP/1.1\r\nHost: a\r\n\r\n";
    texts[5] = NULL;
    whole = joined(texts);
    CHECK(write(s, whole, strlen(whole)) == (ssize_t)strlen(whole));
    hide();
    OK(etoauth_listener_wait(l, NULL, 30000, &url));
    stage("a redirect held", LOGGED_IN | KEPT, ONLY(VERIFIER));
    OK(etoauth_string_free(url));
    OK(etoauth_listener_free(l));
    while (read(s, page, sizeof page) > 0)
        continue;
    close(s);
    stage("the redirect freed", 0, 0);
}

static void life(const char *how, const char *url, const char *proxy)
{
    etoauth_client *c;

    transport = how;
    c = secret_client(url, proxy);
    stage("a client", CREDENTIALS, ONLY(KEY) | ONLY(CONSUMER_SECRET) | (proxy == NULL ? 0 : ONLY(PASSWORD)));
    log_in_with_markers(c);
    use(c);
    fail(c);
    objects(c);
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
    stage("everything freed", 0, 0);
    redirect();
    CHECK(unlink(session_file) == 0);
}

/* Passes everything on between two sockets until either ends. */
static void relay(int one, int other)
{
    static char bytes[65536];
    struct pollfd ends[2];
    int i;

    ends[0].fd = one;
    ends[1].fd = other;
    ends[0].events = ends[1].events = POLLIN;
    while (poll(ends, 2, -1) > 0) {
        for (i = 0; i < 2; i++) {
            ssize_t n = ends[i].revents == 0 ? -1 : read(ends[i].fd, bytes, sizeof bytes);

            if (ends[i].revents != 0 && (n <= 0 || write(ends[!i].fd, bytes, (size_t)n) != n))
                return;
        }
    }
}

/* A proxy that asks for no password, in a process of its own. Gives the end of its URL. */
static pid_t start_proxy(char *url)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), s, target;
    char head[8192];
    size_t got;
    pid_t child;

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 64) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
    sprintf(url, "@127.0.0.1:%d", ntohs(address.sin_port));
    child = fork();
    CHECK(child >= 0);
    if (child > 0) {
        close(listener);
        return child;
    }
    signal(SIGCHLD, SIG_IGN);
    alarm(600);
    while ((s = accept(listener, NULL, NULL)) >= 0) {
        if (fork() > 0) {
            close(s);
            continue;
        }
        for (got = 0; got < 4 || memcmp(head + got - 4, "\r\n\r\n", 4) != 0; got++)
            if (got == sizeof head || read(s, head + got, 1) != 1)
                _exit(1);
        head[got - 1] = '\0';
        target = socket(AF_INET, SOCK_STREAM, 0);
        address.sin_port = htons((unsigned short)atoi(strchr(head, ':') + 1));
        if (strstr(head, "Basic") == NULL || connect(target, (struct sockaddr *)&address, sizeof address) != 0)
            _exit(1);
        if (write(s, "HTTP/1.1 200 OK\r\n\r\n", 19) == 19)
            relay(s, target);
        _exit(0);
    }
    _exit(0);
}

/* Copies of all markers in all forms, which the search must find, and no longer when they are wiped. */
static void can_see(void)
{
    char *heap = malloc(4096), stack[4096];
    char *const at[3] = {heap, stack, shown};
    unsigned long expected = 0;
    int m, i;

    transport = "itself";
    CHECK(heap != NULL);
    stage("nothing planted", 0, 0);
    for (i = 0; i < 3; i++) {
        char *next = at[i];

        for (m = 0; m < MARKERS; m++) {
            char *plain = shown + sizeof shown / 2, *encoded;

            shown_length = sizeof shown / 2;
            CHECK(strlen(show(m)) == 32);
            encoded = percent_encoded(plain);
            next += sprintf(next, "%s|", plain) + 1;
            next += sprintf(next, "%s|", encoded) + 1;
            next += sprintf(next, "%.12s|", plain + 9 + m % 3) + 1;
            forget(plain, sizeof shown / 2);
        }
        shown_length = 0;
    }
    search_memory();
    for (m = 0; m < MARKERS; m++)
        expected += found[m] == 9;
    fprintf(report, "itself         %lu markers planted, on heap, stack and in static memory: each found nine times\n",
            expected);
    CHECK(expected == MARKERS);
    forget(heap, 4096);
    forget(stack, sizeof stack);
    forget(shown, sizeof shown);
    stage("the copies wiped", 0, 0);
    free(heap);
}

/* No file beside the session's is left, and none has a secret; nor has anything that was printed. */
static void files(void)
{
    DIR *entries = opendir(directory);
    struct dirent *entry;
    char path[1024];
    int seen = 0;

    CHECK(entries != NULL);
    fflush(NULL);
    while ((entry = readdir(entries)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        sprintf(path, "%.500s/%.300s", directory, entry->d_name);
        search_file(path);
        none_found("a file");
        seen++;
    }
    closedir(entries);
    CHECK(seen == 4);
}

/* A check that failed has said so in a file. */
static void tell_errors(void)
{
    static char text[4096];
    int file = ended ? -1 : open(errors, O_RDONLY);

    fflush(NULL);
    if (file >= 0 && read(file, text, sizeof text - 1) >= 0)
        fputs(text, report);
}

int main(int argc, char **argv)
{
    static char output[512], proxy[64];
    static char *kept;
    pid_t proxy_process;
    int m, forms = 0;
    static unsigned char seen[FORMS];
    size_t i;

    CHECK(argc == 2);
    /* When the dynamic linker looks a function up during a run, it saves the processor's registers on the stack, whatever
       is in them. */
    if (getenv("LD_BIND_NOW") == NULL) {
        CHECK(setenv("LD_BIND_NOW", "1", 1) == 0);
        execv("/proc/self/exe", argv);
    }
    alarm(600);
    directory = argv[1];
    sprintf(session_file, "%.400s/session", directory);
    sprintf(output, "%.400s/output", directory);
    sprintf(errors, "%.400s/errors", directory);
    report = fdopen(dup(1), "w");
    CHECK(report != NULL && freopen(output, "w", stdout) != NULL && freopen(errors, "w", stderr) != NULL);
    CHECK(atexit(tell_errors) == 0);
    setvbuf(report, NULL, _IOLBF, 0);
    proxy_process = start_proxy(proxy);
    make_markers(names);
    can_see();
    if (getenv("PLANT") != NULL) {
        kept = malloc(64);
        CHECK(kept != NULL);
        strcpy(kept, show(TOKEN_SECRET) + 16);
        hide();
    }
    life("plain", sandbox("SANDBOX_URL"), NULL);
    life("TLS", sandbox("SANDBOX_TLS_URL"), NULL);
    life("TLS by proxy", sandbox("SANDBOX_TLS_URL"), proxy);
    kill(proxy_process, SIGTERM);
    waitpid(proxy_process, NULL, 0);
    transport = "all";
    files();
    ended = 1;
    free(kept);
    for (i = 0; i < piece_count; i++)
        seen[pieces[i].form] = 1;
    for (m = 0; m < FORMS; m++)
        forms += seen[m];
    fprintf(report, "while clients lived: %lu copies of what was sent and received in the buffers of kept connections; "
                    "%lu parts of signed texts on the unused stack\n", kept_copies, on_stack);
    fprintf(report, "%d markers in %d forms, searched %lu times in %llu MiB: %s\n", MARKERS, forms, searches,
            searched_bytes >> 20, failures == 0 ? "none left" : "some were left");
    return failures != 0;
}
