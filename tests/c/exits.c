/* A host that ends while a call is under way on another thread. Arguments: the way it ends, the server's URL, the call's
 * timeout in milliseconds. A line on its input tells it to leave. */
#include <pthread.h>

#include "peer.h"

static etoauth_client *c;
static pthread_t thread;

static void *call(void *unused)
{
    char text[ETOAUTH_ERROR_MAX];
    etoauth_status status = get(c);

    etoauth_last_error(NULL, text, sizeof text, NULL);
    printf("ended %d %s\n", (int)status, text);
    return unused;
}

static void hook(void)
{
    puts("hook");
    OK(etoauth_client_free(c));
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(etoauth_live_objects() == 0);
}

int main(int argc, char **argv)
{
    char line[8];
    const char *way;

    CHECK(argc == 4);
    setvbuf(stdout, NULL, _IONBF, 0);
    way = argv[1];
    c = client_for(argv[2]);
    OK(etoauth_client_set_timeout_ms(c, (uint32_t)strtoul(argv[3], NULL, 10)));
    if (strcmp(way, "exit, atexit") == 0)
        CHECK(atexit(hook) == 0);
    CHECK(pthread_create(&thread, NULL, call, NULL) == 0);
    CHECK(fgets(line, sizeof line, stdin) != NULL);
    puts("leaving");
    if (strcmp(way, "exit") == 0 || strcmp(way, "exit, atexit") == 0)
        exit(0);
    if (strcmp(way, "cancel, join") == 0)
        OK(etoauth_client_cancel(c));
    if (strcmp(way, "join") == 0 || strcmp(way, "cancel, join") == 0)
        CHECK(pthread_join(thread, NULL) == 0);
    else
        CHECK(strcmp(way, "return") == 0);
    return 0;
}
