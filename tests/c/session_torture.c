/* Each file operation in turn fails, once or from then on, while the session file in the directory that is the argument is
 * attached, changed, used and adopted. The file must hold a whole session that is the old one or the new one, whoever
 * needs no file must not notice, and whoever can't be served must be told so. */
#include "file_faults.h"

#include "session_file.h"

#include <signal.h>
#include <sys/wait.h>

/* The fault of this round. */
static int at, error, persistent;
static const char *scene_name = "";
/* By PLANT=torn, each fault tears the file, and the program must fail. */
static int torn;

static etoauth_client *c;
static char old_text[4096], new_text[4096], other_text[4096], authorization[ETOAUTH_HEADER_MAX];

/* A client that is not attached, with the consumer of all the others. */
static etoauth_client *a_client(void)
{
    etoauth_client *made = NULL;

    OK(etoauth_client_new(ETOAUTH_ENV_SANDBOX, "key", "secret", &made));
    OK(etoauth_client_set_proxy(made, ""));
    OK(etoauth_client_set_timeout_ms(made, 2000));
    return made;
}

/* A session with this token, which was used five minutes ago. */
static void make_session(const char *token, int seconds_ago, char *text)
{
    etoauth_client *maker = a_client();
    char *session;

    OK(etoauth_client_set_access_token(maker, token, "token secret", (int64_t)time(NULL) - seconds_ago));
    session = export_of(maker);
    CHECK(strlen(session) < sizeof old_text);
    strcpy(text, session);
    OK(etoauth_string_free(session));
    OK(etoauth_client_free(maker));
}

static int holds_token(etoauth_client *client, const char *expected)
{
    char *token = NULL, *secret = NULL;
    int same;

    if (etoauth_client_get_access_token(client, &token, &secret) != ETOAUTH_OK)
        return strcmp(expected, "") == 0;
    same = strcmp(token, expected) == 0;
    OK(etoauth_string_free(token));
    OK(etoauth_string_free(secret));
    return same;
}

/* What a process that starts now finds; "" for a session without a token. */
static int file_holds(const char *token)
{
    etoauth_client *later = a_client();
    int same;

    OK(etoauth_client_set_session_file(later, file));
    same = holds_token(later, token);
    OK(etoauth_client_free(later));
    return same;
}

static int exists(const char *suffix)
{
    char path[600];

    sprintf(path, "%s%s", file, suffix);
    return access(path, F_OK) == 0;
}

static void remove_files(void)
{
    static const char *const suffixes[] = {"", ".lock", ".renew", ".new"};
    char path[600];
    size_t i;

    for (i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        sprintf(path, "%s%s", file, suffixes[i]);
        unlink(path);
    }
}

/* Another process has put this session into the file's place. */
static void put(const char *text)
{
    char path[600];

    sprintf(path, "%s.put", file);
    write_file(path, text, strlen(text));
    CHECK(chmod(path, 0600) == 0 && rename(path, file) == 0);
}

/* A call of the client's looks at its file, and has no faults to meet. */
static void next_call(void)
{
    etoauth_exchange *x = NULL;
    etoauth_status status = etoauth_exchange_new(c, ETOAUTH_EXCHANGE_REQUEST_TOKEN, NULL, &x);

    OK(status);
    OK(etoauth_exchange_free(x));
}

static void attached_with(const char *text)
{
    remove_files();
    put(text);
    c = a_client();
    OK(etoauth_client_set_session_file(c, file));
}

/* What is done under faults, and what must be true after it. */
typedef struct {
    const char *name;
    void (*prepare)(void);
    etoauth_status (*act)(void);
    void (*judge)(etoauth_status status);
} scene;

static void prepare_new(void)
{
    remove_files();
    put(old_text);
    c = a_client();
    OK(etoauth_client_import_session(c, new_text));
}

static etoauth_status attach(void)
{
    return etoauth_client_set_session_file(c, file);
}

/* The file is only read: nothing of it may change. */
static void judge_attached(etoauth_status status)
{
    char now[sizeof content];
    size_t length = read_file(file, now);

    CHECK(length == strlen(old_text) && memcmp(now, old_text, length) == 0);
    if (status != ETOAUTH_OK)
        EXPECT(status, ETOAUTH_E_FILE);
    CHECK(holds_token(c, status == ETOAUTH_OK ? "old" : "new"));
    OK(etoauth_client_set_access_token(c, "later", "token secret", 0));
    CHECK(file_holds(status == ETOAUTH_OK ? "later" : "old"));
}

static void prepare_missing(void)
{
    remove_files();
    c = a_client();
    OK(etoauth_client_import_session(c, new_text));
}

/* A file that was not wanted in the end may be left where nothing can be removed; but a whole one. */
static void judge_created(etoauth_status status)
{
    CHECK(holds_token(c, "new"));
    if (status == ETOAUTH_OK) {
        CHECK(file_holds("new"));
        return;
    }
    EXPECT(status, ETOAUTH_E_FILE);
    if (exists(""))
        CHECK(faults.persistent && file_holds("new"));
}

static void prepare_old(void)
{
    attached_with(old_text);
}

static etoauth_status set_token(void)
{
    return etoauth_client_set_access_token(c, "new", "token secret", 0);
}

static void old_or_new(void)
{
    CHECK(holds_token(c, "new"));
    CHECK(file_holds("old") || file_holds("new"));
    next_call();
    CHECK(holds_token(c, "new") && file_holds("new"));
}

static void judge_set(etoauth_status status)
{
    OK(status);
    old_or_new();
}

static etoauth_status import(void)
{
    return etoauth_client_import_session(c, new_text);
}

static void judge_import(etoauth_status status)
{
    /* A directory that may not be read can't be synced, and some file systems sync none. */
    if (status == ETOAUTH_OK)
        CHECK(file_holds("new") && (faults.unsynced == 0 || error == EACCES || error == EINVAL || error == EOPNOTSUPP));
    else
        EXPECT(status, ETOAUTH_E_FILE);
    old_or_new();
}

static const char reply[] = "oauth_token=new&oauth_token_secret=token%20secret";
static etoauth_exchange *login;

static void prepare_login(void)
{
    static const char request[] = "oauth_token=r&oauth_token_secret=s&oauth_callback_confirmed=true";

    attached_with(old_text);
    OK(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_REQUEST_TOKEN, NULL, &login));
    OK(etoauth_exchange_finish(login, 200, NULL, request, sizeof request - 1));
    OK(etoauth_exchange_free(login));
    OK(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_ACCESS_TOKEN, "CODE", &login));
}

static etoauth_status finish_login(void)
{
    return etoauth_exchange_finish(login, 200, NULL, reply, sizeof reply - 1);
}

static void judge_login(etoauth_status status)
{
    OK(etoauth_exchange_free(login));
    judge_import(status);
}

/* Nobody listens there. */
static char nowhere[64];

static void prepare_revoke(void)
{
    attached_with(old_text);
    OK(etoauth_client_set_base_urls(c, nowhere, NULL, nowhere));
}

static etoauth_status revoke_token(void)
{
    return etoauth_client_revoke_access_token(c);
}

static void judge_revoke(etoauth_status status)
{
    EXPECT(status, ETOAUTH_E_CONNECT);
    CHECK(token_state(c) == ETOAUTH_TOKEN_REVOKED);
    CHECK(file_holds("") || file_holds("old"));
    next_call();
    CHECK(token_state(c) == ETOAUTH_TOKEN_REVOKED && file_holds(""));
}

/* An answer to a call of the host's, which counts as a use and is due to be saved. */
static etoauth_status use(void)
{
    int32_t advice = -1;

    return etoauth_client_diagnose(c, "GET", authorization, 200, NULL, NULL, 0, &advice);
}

static void judge_use(etoauth_status status)
{
    OK(status);
    CHECK(holds_token(c, "old") && file_holds("old"));
    CHECK(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
}

/* Another process has logged in meanwhile. */
static void prepare_overtaken(void)
{
    attached_with(old_text);
    put(other_text);
}

static etoauth_status begin_call(void)
{
    etoauth_exchange *x = NULL;
    etoauth_status status = etoauth_exchange_new(c, ETOAUTH_EXCHANGE_RENEW, NULL, &x);

    if (status == ETOAUTH_OK)
        OK(etoauth_exchange_free(x));
    return status;
}

static void judge_overtaken(etoauth_status status)
{
    OK(status);
    CHECK(file_holds("other"));
    next_call();
    CHECK(holds_token(c, "other"));
}

/* A call that could not read the login of the other process, and its use of the old token. */
static etoauth_status begin_and_use(void)
{
    etoauth_status status = begin_call();

    return status == ETOAUTH_OK ? use() : status;
}

/* E1 with a process of its own: it logs in while this one can't read the file once, but can lock and write it. */
static void another_process_logs_in(void)
{
    int status = -1;
    pid_t child = fork();

    CHECK(child >= 0);
    if (child == 0) {
        etoauth_client *own;

        alarm(60);
        own = a_client();
        if (etoauth_client_set_session_file(own, file) != ETOAUTH_OK ||
            etoauth_client_set_access_token(own, "other", "token secret", 0) != ETOAUTH_OK)
            _exit(1);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void prepare_two_processes(void)
{
    attached_with(old_text);
    another_process_logs_in();
}

/* The same for as long as the file can't be read, while all else works: it is not replaced, whatever is to be saved. */
static void unreadable(void)
{
    static etoauth_status (*const acts[])(void) = {use, set_token, import, revoke_token, begin_call};
    char now[sizeof content];
    size_t i, length;

    for (i = 0; i < sizeof acts / sizeof *acts; i++) {
        prepare_revoke();
        put(other_text);
        faults.unreadable = file;
        arm(EIO, 1, 1);
        EXPECT(acts[i](), acts[i] == import ? ETOAUTH_E_FILE : acts[i] == revoke_token ? ETOAUTH_E_CONNECT : ETOAUTH_OK);
        next_call();
        CHECK(faults.struck > 0);
        disarm();
        faults.unreadable = NULL;
        length = read_file(file, now);
        CHECK(length == strlen(other_text) && memcmp(now, other_text, length) == 0);
        next_call();
        if (acts[i] == set_token || acts[i] == import)
            CHECK(holds_token(c, "new") && file_holds("new"));
        if (acts[i] == use || acts[i] == begin_call)
            CHECK(holds_token(c, "other") && file_holds("other"));
        OK(etoauth_client_free(c));
    }
}

/* Content that is not this version's, or not this client's, is left as it is by every change, until it is gone. */
static void foreign_content(const char *foreign)
{
    char now[sizeof content];
    size_t length;

    attached_with(old_text);
    put(foreign);
    next_call();
    OK(use());
    OK(etoauth_client_set_access_token(c, "mine", "token secret", 0));
    EXPECT(import(), ETOAUTH_E_FILE);
    SENTENCE(file);
    CHECK(holds_token(c, "new"));
    OK(etoauth_client_set_access_token(c, "mine", "token secret", 0));
    next_call();
    length = read_file(file, now);
    CHECK(length == strlen(foreign) && memcmp(now, foreign, length) == 0);
    EXPECT(attach(), ETOAUTH_E_SESSION);
    CHECK(holds_token(c, "mine"));
    CHECK(unlink(file) == 0);
    next_call();
    CHECK(holds_token(c, "mine") && file_holds("mine"));
    /* One that is only damaged holds nothing that could be lost. */
    put("etoauth-session-1.damaged.0000000000000000\n");
    next_call();
    CHECK(holds_token(c, "mine"));
    OK(import());
    CHECK(file_holds("new"));
    OK(etoauth_client_free(c));
}

static void foreign_contents(void)
{
    static const char of_a_newer_version[] = "etoauth-session-2.bW9yZQ.0123456789abcdef.and.more\n";
    static const struct {
        int32_t environment;
        const char *key;
    } others[] = {{ETOAUTH_ENV_SANDBOX, "another key"}, {ETOAUTH_ENV_LIVE, "key"}};
    size_t i;

    foreign_content(of_a_newer_version);
    for (i = 0; i < sizeof others / sizeof *others; i++) {
        etoauth_client *stranger = NULL;
        char *text;

        OK(etoauth_client_new(others[i].environment, others[i].key, "secret", &stranger));
        OK(etoauth_client_set_access_token(stranger, "theirs", "token secret", 0));
        text = export_of(stranger);
        foreign_content(text);
        OK(etoauth_string_free(text));
        OK(etoauth_client_free(stranger));
    }
}

/* What this process does itself meanwhile: the login of the other one is replaced by what is newer, or stays. */
static void judge_beside(etoauth_status status)
{
    CHECK(status == ETOAUTH_OK || status == ETOAUTH_E_FILE);
    CHECK(file_holds("other") || file_holds("new"));
    next_call();
    CHECK(holds_token(c, "new") && file_holds("new"));
}

static void judge_use_beside(etoauth_status status)
{
    OK(status);
    CHECK(file_holds("other"));
    next_call();
    CHECK(holds_token(c, "other") && file_holds("other"));
}

static void judge_revoke_beside(etoauth_status status)
{
    /* Who could not read of the new login revokes the old one, and then holds the new one. */
    CHECK(status == ETOAUTH_E_CONNECT || status == ETOAUTH_E_STATE);
    CHECK(file_holds("other") || file_holds(""));
    next_call();
    CHECK(!holds_token(c, "old") && !file_holds("old"));
}

static void prepare_revoke_beside(void)
{
    prepare_two_processes();
    OK(etoauth_client_set_base_urls(c, nowhere, NULL, nowhere));
}

static const scene scenes[] = {
    {"attach", prepare_new, attach, judge_attached},
    {"create", prepare_missing, attach, judge_created},
    {"set", prepare_old, set_token, judge_set},
    {"import", prepare_old, import, judge_import},
    {"login", prepare_login, finish_login, judge_login},
    {"revoke", prepare_revoke, revoke_token, judge_revoke},
    {"use", prepare_old, use, judge_use},
    {"adopt", prepare_overtaken, begin_call, judge_overtaken},
    {"adopt and use", prepare_overtaken, begin_and_use, judge_overtaken},
    {"two processes", prepare_two_processes, begin_and_use, judge_overtaken},
    {"two processes, set", prepare_two_processes, set_token, judge_beside},
    {"two processes, import", prepare_two_processes, import, judge_beside},
    {"two processes, use", prepare_two_processes, use, judge_use_beside},
    {"two processes, revoke", prepare_revoke_beside, revoke_token, judge_revoke_beside},
};

/* A failed check leaves by exit. */
static void tell_where(void)
{
    if (scene_name != NULL)
        fprintf(stderr, "%s: %s, operation %d of %d %s\n", scene_name, strerror(error), at, faults.count,
                persistent ? "and all that follow" : "alone");
}

/* Faults at each place in turn, until a round has no such place any more. */
static int torture(const scene *one)
{
    etoauth_status status;

    scene_name = one->name;
    for (at = 1;; at++) {
        one->prepare();
        arm(error, persistent, at);
        status = one->act();
        disarm();
        if (torn && faults.struck > 0)
            CHECK(truncate(file, 20) == 0 || errno == ENOENT);
        if (error == EINTR)
            CHECK(status == (one->act == revoke_token ? ETOAUTH_E_CONNECT : ETOAUTH_OK));
        if (!persistent)
            CHECK(!exists(".new"));
        one->judge(status);
        OK(attach());
        OK(etoauth_client_set_access_token(c, "end", "token secret", 0));
        CHECK(file_holds("end") && !exists(".new"));
        OK(etoauth_client_free(c));
        CHECK(etoauth_live_objects() == 0);
        CHECK(faults.left_open == 0);
        if (faults.struck == 0)
            return at - 1;
    }
}

static void learn_nowhere(void)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    int s = socket(AF_INET, SOCK_STREAM, 0);

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(s, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(getsockname(s, (struct sockaddr *)&address, &length) == 0);
    sprintf(nowhere, "http://127.0.0.1:%d", ntohs(address.sin_port));
}

static void sign_with_old_token(void)
{
    etoauth_client *signing = a_client();
    char *header = NULL;

    OK(etoauth_client_import_session(signing, old_text));
    OK(etoauth_client_sign(signing, "GET", "https://localhost/v1", &header));
    strcpy(authorization, header);
    OK(etoauth_string_free(header));
    OK(etoauth_client_free(signing));
}

int main(int argc, char **argv)
{
    const char *plant = getenv("PLANT");
    /* A few, then the others that the manual has for these calls, but for two that are no failures: they say that a file
       is absent or there. */
    static const int errors[] = {
        EIO, ENOSPC, EACCES, EMFILE, EINTR,
        ENFILE, EDQUOT, EROFS, EPERM, ENOMEM, ELOOP, EBUSY, EAGAIN, ENOLCK, ESTALE, EFBIG, ETXTBSY, EOVERFLOW, ENXIO,
        ENODEV, EINVAL, ENOTDIR, EISDIR, ENAMETOOLONG, EOPNOTSUPP, EBADF, EFAULT, EMLINK, ENOTEMPTY, EXDEV, ETIMEDOUT,
    };
    const size_t count = argc == 2 ? 5 : sizeof errors / sizeof *errors;
    int places = 0;
    size_t i, j;

    alarm(3600);
    CHECK(argc == 2 || (argc == 3 && strcmp(argv[2], "every") == 0));
    atexit(tell_where);
    directory = argv[1];
    sprintf(faults.directory, "%.500s", directory);
    strcpy(file, in_directory("session"));
    make_session("old", 300, old_text);
    make_session("new", 10, new_text);
    make_session("other", 20, other_text);
    sign_with_old_token();
    learn_nowhere();
    torn = plant != NULL && strcmp(plant, "torn") == 0;
    scene_name = NULL;
    unreadable();
    foreign_contents();
    for (i = 0; i < sizeof scenes / sizeof *scenes; i++) {
        for (j = 0; j < count; j++) {
            error = errors[j];
            /* A signal that never ends is none. */
            for (persistent = 0; persistent <= (error != EINTR); persistent++)
                places += torture(&scenes[i]);
        }
    }
    scene_name = NULL;
    CHECK(places > 200);
    printf("%d faults, no session torn or lost\n", places);
    return 0;
}
