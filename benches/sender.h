/* Whoever sends: a signed GET of the sandbox's list of accounts, with a fresh nonce and the time, whose answer ends up
   in memory of its own. Each keeps what a program would keep from one call to the next. */
#ifndef SENDER_H
#define SENDER_H

#define SEND_PATH "/v1/accounts/list.json"
#define SEND_ANSWER "{\"AccountListResponse\":"   /* its first bytes */
#define MOST_THREADS 16

struct access_token {
    char *token, *secret;
};

struct sender {
    const char *name;
    /* Gets ready for so many threads, which call send at once. NULL if that fails. */
    void *(*open)(int tls, int threads, const struct access_token *token);
    /* False, with words on stderr, unless the whole answer came. */
    int (*send)(void *state, int thread);
    void (*close)(void *state);
};

extern const struct sender libcurl_sender, etoauth_sender, etoauth_sender_with_shares, etoauth_sender_with_file;

#endif
