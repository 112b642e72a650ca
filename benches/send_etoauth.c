/* etoauth_client_send: one client for all threads, with and without a shared handle for each call, with and without a
   session file. */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sandbox.h"
#include "sender.h"

struct state {
    etoauth_client *client;
    char directory[64];     /* of the session file; "" without one */
};

static int send_by(etoauth_client *c)
{
    etoauth_response *r = NULL;
    etoauth_status status = etoauth_client_send(c, "GET", SEND_PATH, NULL, NULL, 0, &r);
    int32_t http_status = 0;
    char *body = NULL, sentence[512] = "";
    size_t len = 0;
    int ok;

    if (status == ETOAUTH_OK)
        etoauth_response_get_status(r, &http_status);
    ok = http_status == 200 && etoauth_response_get_body(r, &body, &len) == ETOAUTH_OK && len > strlen(SEND_ANSWER) &&
         memcmp(body, SEND_ANSWER, strlen(SEND_ANSWER)) == 0;
    if (!ok) {
        etoauth_last_error(NULL, sentence, sizeof sentence, NULL);
        fprintf(stderr, "etoauth_client_send: %d, status %d. %s\n", (int)status, (int)http_status, sentence);
    }
    etoauth_string_free(body);
    etoauth_response_free(r);
    return ok;
}

static int send_by_etoauth(void *state, int thread)
{
    struct state *s = state;

    (void)thread;
    return send_by(s->client);
}

static int send_by_share(void *state, int thread)
{
    struct state *s = state;
    etoauth_client *share = NULL;
    int ok = etoauth_client_share(s->client, &share) == ETOAUTH_OK && send_by(share);

    (void)thread;
    return etoauth_client_free(share) == ETOAUTH_OK && ok;
}

static void *open_client(int tls, const struct access_token *token)
{
    struct state *s = calloc(1, sizeof *s);

    if (s == NULL)
        return NULL;
    s->client = sandbox_client(tls);
    check(etoauth_client_set_access_token(s->client, token->token, token->secret, 0) == ETOAUTH_OK, "An access token");
    return s;
}

static void *open_etoauth(int tls, int threads, const struct access_token *token)
{
    (void)threads;
    return open_client(tls, token);
}

/* A client reads a file anew before each call while it is so young that its time might hide a change. That of a program
   which calls all day is older. */
static void make_older(const char *path)
{
    struct timespec times[2] = {{0, UTIME_OMIT}, {0, 0}};

    times[1].tv_sec = time(NULL) - 60;
    check(utimensat(AT_FDCWD, path, times, 0) == 0, "The session file's time");
}

static void *open_with_file(int tls, int threads, const struct access_token *token)
{
    const char *tmp = getenv("TMPDIR");
    char path[128];
    struct state *s = open_client(tls, token);

    (void)threads;
    if (s == NULL)
        return NULL;
    snprintf(s->directory, sizeof s->directory, "%s/etoauth-bench-XXXXXX", tmp != NULL && strlen(tmp) < 32 ? tmp : "/tmp");
    check(mkdtemp(s->directory) != NULL, "A directory for the session file");
    snprintf(path, sizeof path, "%s/session", s->directory);
    check(etoauth_client_set_session_file(s->client, path) == ETOAUTH_OK, "A session file");
    make_older(path);
    return s;
}

static void close_etoauth(void *state)
{
    static const char *const suffixes[] = {"", ".lock", ".renew", ".new"};
    struct state *s = state;
    char path[128];
    size_t i;

    etoauth_client_free(s->client);
    for (i = 0; s->directory[0] != '\0' && i < sizeof suffixes / sizeof *suffixes; i++) {
        snprintf(path, sizeof path, "%s/session%s", s->directory, suffixes[i]);
        unlink(path);
    }
    if (s->directory[0] != '\0')
        rmdir(s->directory);
    free(s);
}

const struct sender etoauth_sender = {"etoauth_client_send", open_etoauth, send_by_etoauth, close_etoauth};
const struct sender etoauth_sender_with_shares = {"a shared handle for each", open_etoauth, send_by_share, close_etoauth};
const struct sender etoauth_sender_with_file = {"the same with a session file", open_with_file, send_by_etoauth,
                                                close_etoauth};
