/* A response and a string that do not fit into the memory that is left: a status says so, and the next call succeeds. The
 * argument is the URL of a peer whose first response is empty and whose others have 4 MiB. */
#define _GNU_SOURCE
#include <sys/resource.h>
#include <unistd.h>

#include "peer.h"

#define MIB (1 << 20)

static struct rlimit limit;

/* Leaves this much address space. */
static void leave(size_t bytes)
{
    struct rlimit low = limit;
    unsigned long pages = 0;
    FILE *usage = fopen("/proc/self/statm", "r");

    CHECK(usage != NULL && fscanf(usage, "%lu", &pages) == 1 && fclose(usage) == 0);
    low.rlim_cur = pages * (rlim_t)sysconf(_SC_PAGESIZE) + bytes;
    CHECK(setrlimit(RLIMIT_AS, &low) == 0);
}

int main(int argc, char **argv)
{
    etoauth_client *c;
    char *text = malloc(MIB + 1), *encoded = NULL;

    alarm(600);
    CHECK(argc == 2 && text != NULL && getrlimit(RLIMIT_AS, &limit) == 0);
    memset(text, '%', MIB);
    text[MIB] = '\0';
    c = client_for(argv[1]);
    /* The connection is kept. */
    OK(get(c));

    leave(MIB);
    EXPECT(etoauth_percent_encode(text, &encoded), ETOAUTH_E_MEMORY);
    EXPECT(get(c), ETOAUTH_E_MEMORY);
    CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
    OK(get(c));
    leave(MIB);
    EXPECT(ask(c, "POST"), ETOAUTH_E_UNCERTAIN);
    SENTENCE("memory");

    CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
    OK(get(c));
    OK(etoauth_client_free(c));
    free(text);
    CHECK(etoauth_live_objects() == 0);
    puts("said so");
    return 0;
}
