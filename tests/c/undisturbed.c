/* What the library leaves as it was in its process, and what it adds to it: a few descriptors, all close-on-exec, and
 * threads that end. The argument is a path for a session file. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "sandbox.h"

#define DESCRIPTORS 1024

static struct state {
    struct sigaction actions[65];
    sigset_t mask;
    mode_t umask;
    struct rlimit limits[RLIM_NLIMITS];
    char locale[256], directory[1024], environment[65536];
} before, after;

static void look(struct state *state)
{
    char *end = state->environment;
    int i;

    for (i = 1; i <= 64; i++)
        if (sigaction(i, NULL, &state->actions[i]) != 0)
            memset(&state->actions[i], 0, sizeof state->actions[i]);
    CHECK(sigprocmask(SIG_SETMASK, NULL, &state->mask) == 0);
    state->umask = umask(0);
    umask(state->umask);
    for (i = 0; i < RLIM_NLIMITS; i++)
        CHECK(getrlimit(i, &state->limits[i]) == 0);
    CHECK(snprintf(state->locale, sizeof state->locale, "%s", setlocale(LC_ALL, NULL)) < (int)sizeof state->locale);
    CHECK(getcwd(state->directory, sizeof state->directory) != NULL);
    for (i = 0; environ[i] != NULL; i++) {
        CHECK(strlen(environ[i]) + 2 < (size_t)(state->environment + sizeof state->environment - end));
        end += sprintf(end, "%s\n", environ[i]);
    }
}

static void compare(void)
{
    int i;

    for (i = 1; i <= 64; i++) {
        CHECK(after.actions[i].sa_handler == before.actions[i].sa_handler);
        CHECK(after.actions[i].sa_flags == before.actions[i].sa_flags);
        CHECK(sigismember(&after.mask, i) == sigismember(&before.mask, i));
    }
    CHECK(after.umask == before.umask);
    CHECK(memcmp(after.limits, before.limits, sizeof after.limits) == 0);
    CHECK(strcmp(after.locale, before.locale) == 0);
    CHECK(strcmp(after.directory, before.directory) == 0);
    CHECK(strcmp(after.environment, before.environment) == 0);
}

/* How many descriptors are open now that were not open before, all of which an exec must close. */
static int new_descriptors(const char *open_before)
{
    int i, found = 0;

    for (i = 0; i < DESCRIPTORS; i++) {
        int flags = fcntl(i, F_GETFD);

        if (flags == -1 || open_before[i])
            continue;
        CHECK(flags == FD_CLOEXEC);
        found++;
    }
    return found;
}

static int threads(void)
{
    int found = 0;
    DIR *tasks = opendir("/proc/self/task");

    CHECK(tasks != NULL);
    for (struct dirent *task; (task = readdir(tasks)) != NULL;)
        found += task->d_name[0] != '.';
    closedir(tasks);
    return found;
}

int main(int argc, char **argv)
{
    char open_before[DESCRIPTORS];
    etoauth_client *c;
    etoauth_listener *l = NULL;
    etoauth_response *r = NULL;
    char *url = NULL;
    int i;

    alarm(600);
    CHECK(argc == 2);
    for (i = 0; i < DESCRIPTORS; i++)
        open_before[i] = fcntl(i, F_GETFD) != -1;
    look(&before);

    c = new_client(sandbox("SANDBOX_TLS_URL"));
    OK(etoauth_client_set_ca_file(c, sandbox("SANDBOX_CA_FILE")));
    OK(etoauth_client_set_session_file(c, argv[1]));
    OK(etoauth_listener_new("http://localhost:0/", &l));
    EXPECT(etoauth_listener_wait(l, NULL, 0, &url), ETOAUTH_E_TIMEOUT);
    log_in(c);
    OK(etoauth_client_send(c, "GET", "/v1/accounts/list", NULL, NULL, 0, &r));
    OK(etoauth_client_renew_access_token(c));
    EXPECT(etoauth_client_send(c, "GET", NULL, NULL, NULL, 0, &r), ETOAUTH_E_NULL);

    /* At least the listener's socket and a kept connection. */
    CHECK(new_descriptors(open_before) >= 2);
    while (threads() > 1)
        continue;
    OK(etoauth_response_free(r));
    OK(etoauth_listener_free(l));
    OK(etoauth_client_revoke_access_token(c));
    OK(etoauth_client_free(c));
    while (threads() > 1)
        continue;
    CHECK(new_descriptors(open_before) == 0);
    look(&after);
    compare();
    puts("as it was");
    return 0;
}
