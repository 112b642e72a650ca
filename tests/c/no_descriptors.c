/* A process without a file descriptor left: connections and look-ups say so, and all is well when there is one again. The
 * argument is the port of a peer on 127.0.0.1. */
#define _POSIX_C_SOURCE 200809L
#include <sys/resource.h>
#include <unistd.h>

#include "peer.h"

#define MOST 64

static int held[MOST], count;

static void use_them_up(void)
{
    int one;

    while ((one = dup(0)) >= 0)
        held[count++] = one;
}

static void give_them_back(void)
{
    while (count > 0)
        close(held[--count]);
}

int main(int argc, char **argv)
{
    const struct rlimit few = { MOST, MOST };
    etoauth_client *by_address, *by_name;
    char url[64];

    CHECK(argc == 2);
    CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
    sprintf(url, "http://127.0.0.1:%s", argv[1]);
    by_address = client_for(url);
    sprintf(url, "http://localhost:%s", argv[1]);
    by_name = client_for(url);

    use_them_up();
    EXPECT(get(by_address), ETOAUTH_E_CONNECT);
    SENTENCE("this process has no file descriptors left");
    EXPECT(get(by_name), ETOAUTH_E_CONNECT);
    SENTENCE("this process has no file descriptors left");
    give_them_back();
    OK(get(by_address));
    OK(get(by_name));
    /* A name that is unknown is not blamed on them. */
    OK(etoauth_client_set_base_urls(by_name, NULL, NULL, "https://unknown.invalid"));
    EXPECT(get(by_name), ETOAUTH_E_CONNECT);
    SENTENCE("name is not known");
    OK(etoauth_client_free(by_address));
    OK(etoauth_client_free(by_name));
    puts("said so");
    return 0;
}
