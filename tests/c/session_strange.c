/* Files that others have put where the session, or what lies beside it, is expected, in the directory that is the argument:
 * links, pipes, other people's files, odd modes, mount points. */
#ifndef _WIN32
#define _GNU_SOURCE
#endif
#include "session_file.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/un.h>
#include <sys/wait.h>

#define NOBODY 65534

static etoauth_client *c;
static const char precious[] = "what somebody needs";

static const char *beside(const char *suffix)
{
    static char path[4][600];
    static int next;

    next = (next + 1) % 4;
    sprintf(path[next], "%s%s", file, suffix);
    return path[next];
}

static void precious_is_untouched(void)
{
    char now[sizeof content];

    CHECK(read_file(in_directory("precious"), now) == strlen(precious));
    CHECK(memcmp(now, precious, strlen(precious)) == 0);
}

static int holds_token(etoauth_client *client, const char *expected)
{
    char *token = NULL, *secret = NULL;
    int same;

    OK(etoauth_client_get_access_token(client, &token, &secret));
    same = strcmp(token, expected) == 0;
    OK(etoauth_string_free(token));
    OK(etoauth_string_free(secret));
    return same;
}

static void set_token(etoauth_client *client, const char *token)
{
    OK(etoauth_client_set_access_token(client, token, "token secret", 0));
}

/* A call of the client's looks at its file. */
static void next_call(void)
{
    etoauth_exchange *x = NULL;

    OK(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_RENEW, NULL, &x));
    OK(etoauth_exchange_free(x));
}

/* What may stand in a file's place. Each is made at this path, and removed again by unlink or rmdir. */
static void make_link(const char *path)
{
    CHECK(symlink("precious", path) == 0);
}

static void make_dangling_link(const char *path)
{
    CHECK(symlink("nothing", path) == 0);
}

static void make_hard_link(const char *path)
{
    CHECK(link(in_directory("precious"), path) == 0);
}

static void make_pipe(const char *path)
{
    CHECK(mkfifo(path, 0600) == 0);
}

static void make_directory(const char *path)
{
    CHECK(mkdir(path, 0700) == 0);
}

static void make_socket(const char *path)
{
    struct sockaddr_un address;
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    char before[512];

    /* The path may be longer than an address can be. */
    CHECK(getcwd(before, sizeof before) != NULL && chdir(directory) == 0);
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    strcpy(address.sun_path, strrchr(path, '/') + 1);
    CHECK(bind(s, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(close(s) == 0 && chdir(before) == 0);
}

/* Only root can give a file away. */
static void make_anothers(const char *path)
{
    write_file(path, precious, strlen(precious));
    CHECK(chmod(path, 0666) == 0 && chown(path, NOBODY, NOBODY) == 0);
}

static const struct {
    const char *name;
    void (*make)(const char *path);
    int by_root;
} kinds[] = {
    {"symbolic link", make_link, 0}, {"symbolic link", make_dangling_link, 0}, {"hard link", make_hard_link, 0},
    {"regular", make_pipe, 0},       {"regular", make_directory, 0},           {"regular", make_socket, 0},
    {"another user", make_anothers, 1},
};
#define KINDS (sizeof kinds / sizeof *kinds)

static int as_root(const char *what)
{
    static int told;

    if (geteuid() == 0)
        return 1;
    if (!told++)
        printf("SKIPPED %s: it takes root\n", what);
    return 0;
}

static void remove_strange(const char *path)
{
    CHECK(access(in_directory("nothing"), F_OK) != 0);
    precious_is_untouched();
    CHECK(unlink(path) == 0 || rmdir(path) == 0);
}

/* C3: the lock's file. Nothing is opened through it, and nothing can be saved; but the token is there. */
static void strange_lock(void)
{
    size_t i;

    for (i = 0; i < KINDS; i++) {
        char *session;

        if (kinds[i].by_root && !as_root("files of another user"))
            continue;
        OK(etoauth_client_set_session_file(c, file));
        set_token(c, "before");
        saved(c);
        session = export_of(c);
        CHECK(unlink(beside(".lock")) == 0);
        kinds[i].make(beside(".lock"));
        set_token(c, "after");
        CHECK(holds_token(c, "after"));
        sign_once(c);
        next_call();
        EXPECT(etoauth_client_import_session(c, session), ETOAUTH_E_FILE);
        SENTENCE(kinds[i].name);
        SENTENCE(beside(".lock"));
        CHECK(holds_token(c, "before"));
        set_token(c, "at last");
        OK(etoauth_client_set_session_file(c, NULL));
        EXPECT(etoauth_client_set_session_file(c, file), ETOAUTH_E_FILE);
        SENTENCE(kinds[i].name);
        EXPECT(etoauth_client_set_session_file(c, in_directory("made")), ETOAUTH_OK);
        OK(etoauth_client_set_session_file(c, NULL));
        CHECK(unlink(in_directory("made")) == 0 && unlink(in_directory("made.lock")) == 0);
        remove_strange(beside(".lock"));
        OK(etoauth_string_free(session));
    }
}

/* What could not be saved is saved with the next call once the lock is right again. */
static void mended_lock(void)
{
    OK(etoauth_client_set_session_file(c, file));
    CHECK(unlink(beside(".lock")) == 0);
    make_link(beside(".lock"));
    set_token(c, "not saved");
    remove_strange(beside(".lock"));
    next_call();
    CHECK(holds_token(c, "not saved"));
    saved(c);
}

/* A file that is left from a process that was killed, or put there: never written through. */
static void strange_new(void)
{
    size_t i;

    for (i = 0; i < KINDS; i++) {
        if (kinds[i].by_root && !as_root("files of another user"))
            continue;
        kinds[i].make(beside(".new"));
        if (kinds[i].make == make_directory) {
            char *session = export_of(c);

            EXPECT(etoauth_client_import_session(c, session), ETOAUTH_OK);
            set_token(c, "no room");
            OK(etoauth_string_free(session));
            session = export_of(c);
            EXPECT(etoauth_client_import_session(c, session), ETOAUTH_E_FILE);
            OK(etoauth_string_free(session));
            CHECK(rmdir(beside(".new")) == 0);
            next_call();
        } else {
            set_token(c, kinds[i].name);
            CHECK(access(beside(".new"), F_OK) != 0);
        }
        precious_is_untouched();
        saved(c);
        private_files();
    }
}

/* C12 and its like: the renew goes on without a claim, and the log says why. */
static void strange_claim(void)
{
    size_t i;

    log_in(c);
    for (i = 0; i < KINDS; i++) {
        char *lines = NULL;

        if (kinds[i].by_root && !as_root("files of another user"))
            continue;
        unlink(beside(".renew"));
        kinds[i].make(beside(".renew"));
        OK(etoauth_client_read_log(c, &lines));
        OK(etoauth_string_free(lines));
        OK(etoauth_client_renew_access_token(c));
        OK(etoauth_client_read_log(c, &lines));
        CHECK(strstr(lines, beside(".renew")) != NULL && strstr(lines, kinds[i].name) != NULL);
        OK(etoauth_string_free(lines));
        remove_strange(beside(".renew"));
    }
}

/* The session's own place. */
static void strange_session(void)
{
    static void (*const make[])(const char *) = {make_pipe, make_directory, make_socket};
    size_t i;

    for (i = 0; i < sizeof make / sizeof *make; i++) {
        make[i](in_directory("strange"));
        EXPECT(etoauth_client_set_session_file(c, in_directory("strange")), ETOAUTH_E_FILE);
        SENTENCE("regular");
        CHECK(unlink(in_directory("strange")) == 0 || rmdir(in_directory("strange")) == 0);
        /* One that comes later is met by a client that has its token. */
        OK(etoauth_client_set_session_file(c, file));
        set_token(c, "before");
        CHECK(unlink(file) == 0);
        make[i](file);
        next_call();
        set_token(c, "after");
        CHECK(holds_token(c, "after"));
        CHECK(unlink(file) == 0 || rmdir(file) == 0);
        next_call();
        saved(c);
    }
    EXPECT(etoauth_client_set_session_file(c, "/dev/null"), ETOAUTH_E_FILE);
    SENTENCE("regular");
}

/* C6. */
static void modes_and_owners(void)
{
    static const mode_t modes[] = {0666, 0644, 0640, 0604, 0777, 0700, 0601, 04600};
    struct stat facts;
    size_t i;

    for (i = 0; i < sizeof modes / sizeof *modes; i++) {
        etoauth_client *other = synced_client();

        set_token(c, "narrowed");
        CHECK(chmod(file, modes[i]) == 0);
        OK(etoauth_client_set_session_file(other, file));
        CHECK(holds_token(other, "narrowed"));
        private_files();
        OK(etoauth_client_free(other));
    }
    set_token(c, "to be narrowed later");
    CHECK(chmod(file, 0666) == 0);
    next_call();
    private_files();
    if (!as_root("files of another user"))
        return;
    for (i = 0; i < 2; i++) {
        etoauth_client *other = synced_client();
        char *session;

        set_token(other, "mine");
        set_token(c, "theirs");
        session = export_of(other);
        CHECK(chmod(file, i == 0 ? 0600 : 0666) == 0 && chown(file, NOBODY, NOBODY) == 0);
        EXPECT(etoauth_client_set_session_file(other, file), ETOAUTH_E_FILE);
        SENTENCE("another user");
        CHECK(holds_token(other, "mine"));
        OK(etoauth_client_free(other));
        /* It is not overwritten either, but the change waits until that is possible. */
        EXPECT(etoauth_client_import_session(c, session), ETOAUTH_E_FILE);
        SENTENCE("another user");
        CHECK(holds_token(c, "mine"));
        next_call();
        CHECK(stat(file, &facts) == 0 && facts.st_uid == NOBODY);
        CHECK(chown(file, 0, 0) == 0);
        next_call();
        saved(c);
        CHECK(holds_token(c, "mine"));
        private_files();
        OK(etoauth_string_free(session));
    }
}

/* C7: what a link leads to is made, and the link stays. */
static void links(void)
{
    static const char *const chain[][2] = {
        {"first", "second"}, {"second", "there/third"}, {"there/third", "../there/fourth"}, {NULL, NULL}};
    char target[512], now[512];
    struct stat facts;
    ssize_t length;
    size_t i;

    CHECK(mkdir(in_directory("there"), 0700) == 0);
    for (i = 0; chain[i][0] != NULL; i++)
        CHECK(symlink(chain[i][1], in_directory(chain[i][0])) == 0);
    strcpy(target, in_directory("there/fourth"));
    OK(etoauth_client_set_session_file(c, in_directory("first")));
    CHECK(lstat(target, &facts) == 0 && S_ISREG(facts.st_mode));
    set_token(c, "through links");
    for (i = 0; chain[i][0] != NULL; i++) {
        length = readlink(in_directory(chain[i][0]), now, sizeof now);
        CHECK(length == (ssize_t)strlen(chain[i][1]) && memcmp(now, chain[i][1], (size_t)length) == 0);
    }
    CHECK(lstat(in_directory("there/fourth.lock"), &facts) == 0);
    CHECK(lstat(in_directory("first.lock"), &facts) != 0);
    strcpy(now, file);
    strcpy(file, target);
    saved(c);
    strcpy(file, now);

    /* The whole path, through a directory that is a link itself. */
    CHECK(symlink("there", in_directory("linked")) == 0);
    sprintf(now, "%s/linked/fifth", directory);
    CHECK(symlink(now, in_directory("absolute")) == 0);
    OK(etoauth_client_set_session_file(c, in_directory("absolute")));
    CHECK(lstat(in_directory("there/fifth"), &facts) == 0 && S_ISREG(facts.st_mode));

    CHECK(symlink("circle", in_directory("round")) == 0 && symlink("round", in_directory("circle")) == 0);
    EXPECT(etoauth_client_set_session_file(c, in_directory("circle")), ETOAUTH_E_FILE);
    CHECK(symlink("missing/session", in_directory("lost")) == 0);
    EXPECT(etoauth_client_set_session_file(c, in_directory("lost")), ETOAUTH_E_FILE);
    OK(etoauth_client_set_session_file(c, file));
}

/* Does this in a process of its own, whose failure is this one's. */
static int in_another_process(int (*body)(void))
{
    pid_t child;
    int status = -1;

    fflush(stdout);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(60);
        status = body();
        fflush(stdout);
        _exit(status);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) != 1);
    return WEXITSTATUS(status);
}

/* C8: a file that is a mount point, as containers have it. */
static int mounted(void)
{
    etoauth_client *own = synced_client();
    char *session;

    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return 77;
    set_token(own, "in a container");
    OK(etoauth_client_set_session_file(own, in_directory("outside")));
    CHECK(mkdir(in_directory("inside"), 0700) == 0);
    strcpy(file, in_directory("inside/session"));
    write_file(file, "", 0);
    CHECK(mount(in_directory("outside"), file, NULL, MS_BIND, NULL) == 0);
    OK(etoauth_client_set_session_file(own, file));
    set_token(own, "not saved");
    session = export_of(own);
    EXPECT(etoauth_client_import_session(own, session), ETOAUTH_E_FILE);
    SENTENCE("mount point");
    CHECK(access(beside(".new"), F_OK) != 0);
    CHECK(umount(file) == 0);
    OK(etoauth_string_free(session));
    OK(etoauth_client_free(own));
    return 0;
}

/* C11: an umask that takes the owner's own rights. */
static int under_umask(void)
{
    static const mode_t masks[] = {0277, 0777, 0377, 0477, 0077, 0};
    size_t i;

    for (i = 0; i < sizeof masks / sizeof *masks; i++) {
        etoauth_client *own = synced_client();
        char name[64];
        int round;

        sprintf(name, "masked/session-%o", (unsigned)masks[i]);
        strcpy(file, in_directory(name));
        umask(masks[i]);
        set_token(own, "masked");
        OK(etoauth_client_set_session_file(own, file));
        set_token(own, "again");
        saved(own);
        private_files();
        /* As an earlier version has left it. */
        for (round = 0; round < 2; round++) {
            char *session = export_of(own);

            CHECK(chmod(beside(".lock"), round == 0 ? 0400 : 0200) == 0);
            set_token(own, "and again");
            OK(etoauth_client_import_session(own, session));
            saved(own);
            private_files();
            OK(etoauth_string_free(session));
        }
        OK(etoauth_client_free(own));
    }
    return 0;
}

static int under_umask_as_nobody(void)
{
    if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0 || access(in_directory("masked"), W_OK) != 0)
        return 77;
    return under_umask();
}

static void umasks(void)
{
    char name[64];
    size_t i;

    CHECK(mkdir(in_directory("masked"), 0700) == 0);
    CHECK(in_another_process(under_umask) == 0);
    if (!as_root("an umask without root's rights"))
        return;
    for (i = 0; i < 6; i++) {
        static const char *const masks[] = {"277", "777", "377", "477", "77", "0"};

        sprintf(name, "masked/session-%s", masks[i]);
        CHECK(unlink(in_directory(name)) == 0);
        strcat(name, ".lock");
        CHECK(unlink(in_directory(name)) == 0);
    }
    CHECK(chown(in_directory("masked"), NOBODY, NOBODY) == 0);
    if (in_another_process(under_umask_as_nobody) == 77)
        puts("SKIPPED an umask without root's rights: the directory is out of reach");
}

int main(int argc, char **argv)
{
    alarm(600);
    CHECK(argc == 2);
    directory = argv[1];
    strcpy(file, in_directory("session"));
    write_file(in_directory("precious"), precious, strlen(precious));
    at_noon();
    c = synced_client();
    set_token(c, "first");
    OK(etoauth_client_set_session_file(c, file));
    strange_lock();
    mended_lock();
    strange_new();
    strange_session();
    OK(etoauth_client_set_session_file(c, file));
    modes_and_owners();
    links();
    strange_claim();
    if (in_another_process(mounted) == 77)
        puts("SKIPPED a mount point: it takes a name space of its own");
    umasks();
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
    puts("no file led anywhere else");
    return 0;
}
