/* A relay on a port of its own, between a client and the sandbox, that does one mischief at one byte: of the next
 * connection, or of the one that is open already. As a proxy it takes a CONNECT first. */
#ifndef RELAY_H
#define RELAY_H

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>

#include "sandbox.h"

enum mischief { CUT, RESET, STALL, DRIP, MISCHIEFS };
enum direction { TO_SERVER, TO_CLIENT };

/* More than a call may open. */
#define MOST_LINKS 8
#define BETWEEN_DRIPS_MS 15

struct link {
    /* The client's end and the server's; -1 when there is none. */
    int end[2];
    /* Bytes that went by in each direction since the mischief was armed. */
    long passed[2];
    int stalled, dripping, tunnelled;
    /* The last bytes of what a client says to a proxy. */
    char tail[4];
};

struct relay {
    int listener, port, server_port, proxy, wake[2];
    pthread_t thread;
    struct link links[MOST_LINKS];
    /* What is to be done at which byte: to every connection, or to the first that gets there. */
    enum mischief mischief;
    enum direction direction;
    long at;
    int armed, every;
    volatile int struck;
    /* Commands of the owner: 'a' arms what is above, 'e' ends the round and all connections. */
    pthread_mutex_t lock;
    pthread_cond_t done;
    int answered;
};

static void end_link(struct link *l, int reset)
{
    static const struct linger at_once = {1, 0};
    int side;

    for (side = 0; side < 2; side++) {
        if (l->end[side] >= 0) {
            if (reset)
                setsockopt(l->end[side], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
            close(l->end[side]);
        }
        l->end[side] = -1;
    }
}

static void new_link(struct relay *r)
{
    struct link *l;
    int client = accept(r->listener, NULL, NULL);

    if (client < 0)
        return;
    for (l = r->links; l < r->links + MOST_LINKS && l->end[0] >= 0; l++)
        continue;
    CHECK(l < r->links + MOST_LINKS);
    memset(l, 0, sizeof *l);
    l->end[0] = client;
    l->end[1] = connect_to(r->server_port);
}

static int send_all(int s, const char *bytes, long length)
{
    while (length > 0) {
        ssize_t sent = send(s, bytes, (size_t)length, MSG_NOSIGNAL);

        if (sent <= 0)
            return 0;
        bytes += sent;
        length -= sent;
    }
    return 1;
}

/* What a client says to a proxy is answered here; the bytes count as the server's. Whether the mischief strikes. */
static int answer_connect(struct relay *r, struct link *l)
{
    static const char answer[] = "HTTP/1.1 200 Connection established\r\n\r\n";
    const long length = (long)sizeof answer - 1;
    int strikes = r->armed && (r->every || !r->struck) && r->direction == TO_CLIENT && r->at < length;
    long sent = strikes && r->mischief != DRIP ? r->at : length;

    l->tunnelled = 1;
    l->passed[TO_CLIENT] += sent;
    send_all(l->end[0], answer, sent);
    return strikes;
}

/* One read of one side's, handed on as far as the mischief lets it. */
static void hand_on(struct relay *r, struct link *l, enum direction direction)
{
    char bytes[16384];
    long limit = l->dripping ? 1 : (long)sizeof bytes, got, at;
    int strikes = r->armed && (r->every || !r->struck) && direction == r->direction;

    got = recv(l->end[direction], bytes, (size_t)limit, 0);
    if (got <= 0) {
        end_link(l, 0);
        return;
    }
    at = r->at - l->passed[direction];
    strikes = strikes && !l->dripping && got > at;
    if (strikes && r->mischief != DRIP)
        got = at;
    l->passed[direction] += got;
    if (r->proxy && !l->tunnelled && direction == TO_SERVER) {
        long i;

        for (i = 0; i < got; i++) {
            memmove(l->tail, l->tail + 1, 3);
            l->tail[3] = bytes[i];
        }
        if (!strikes && memcmp(l->tail, "\r\n\r\n", 4) == 0)
            strikes = answer_connect(r, l);
    } else if (!send_all(l->end[!direction], bytes, got)) {
        end_link(l, 0);
        return;
    }
    if (!strikes)
        return;
    r->struck = 1;
    switch (r->mischief) {
    case CUT: end_link(l, 0); break;
    case RESET: end_link(l, 1); break;
    case STALL: l->stalled = 1; break;
    default: l->dripping = 1; break;
    }
}

static void obey(struct relay *r)
{
    char command;
    int i;

    CHECK(read(r->wake[0], &command, 1) == 1);
    pthread_mutex_lock(&r->lock);
    r->struck = 0;
    r->armed = command == 'a';
    for (i = 0; i < MOST_LINKS; i++) {
        r->links[i].passed[0] = r->links[i].passed[1] = 0;
        if (command == 'e')
            end_link(&r->links[i], 0);
    }
    r->answered = 1;
    pthread_cond_signal(&r->done);
    pthread_mutex_unlock(&r->lock);
}

static void *serve(void *given)
{
    static const struct timespec pause = {0, BETWEEN_DRIPS_MS * 1000000L};
    struct relay *r = given;

    for (;;) {
        struct pollfd watched[2 + 2 * MOST_LINKS];
        int i, side, drips = 0;

        watched[0].fd = r->wake[0];
        watched[1].fd = r->listener;
        for (i = 0; i < 2 * MOST_LINKS; i++)
            watched[2 + i].fd = r->links[i / 2].stalled ? -1 : r->links[i / 2].end[i % 2];
        for (i = 0; i < 2 + 2 * MOST_LINKS; i++)
            watched[i].events = POLLIN;
        CHECK(poll(watched, 2 + 2 * MOST_LINKS, -1) > 0);
        if (watched[0].revents) {
            obey(r);
            continue;
        }
        for (i = 0; i < MOST_LINKS; i++) {
            struct link *l = &r->links[i];

            for (side = 0; side < 2; side++)
                if (watched[2 + 2 * i + side].revents && l->end[side] >= 0 && !l->stalled)
                    hand_on(r, l, side == 0 ? TO_SERVER : TO_CLIENT);
            drips |= l->end[0] >= 0 && l->dripping;
        }
        if (watched[1].revents)
            new_link(r);
        /* The rhythm is what dripping is about. */
        if (drips)
            nanosleep(&pause, NULL);
    }
    return NULL;
}

static void command(struct relay *r, char what)
{
    pthread_mutex_lock(&r->lock);
    r->answered = 0;
    CHECK(write(r->wake[1], &what, 1) == 1);
    while (!r->answered)
        pthread_cond_wait(&r->done, &r->lock);
    pthread_mutex_unlock(&r->lock);
}

static void start_relay(struct relay *r, int server_port)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    int i;

    memset(r, 0, sizeof *r);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    r->listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(bind(r->listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(r->listener, 16) == 0);
    CHECK(getsockname(r->listener, (struct sockaddr *)&address, &length) == 0);
    r->port = ntohs(address.sin_port);
    r->server_port = server_port;
    for (i = 0; i < MOST_LINKS; i++)
        r->links[i].end[0] = r->links[i].end[1] = -1;
    CHECK(pipe(r->wake) == 0);
    CHECK(pthread_mutex_init(&r->lock, NULL) == 0 && pthread_cond_init(&r->done, NULL) == 0);
    CHECK(pthread_create(&r->thread, NULL, serve, r) == 0);
}

/* The next connection, or with every all of them, meets the mischief when so many bytes have passed. */
static void arm(struct relay *r, enum mischief mischief, enum direction direction, long at, int every)
{
    r->mischief = mischief;
    r->direction = direction;
    r->at = at;
    r->every = every;
    command(r, 'a');
}

#endif
