/* Where no thread can be created, a call says so and fails; it takes no other way that nothing could interrupt. The argument
 * is the port of a peer on 127.0.0.1. */
#include <errno.h>
#include <pthread.h>

#include "peer.h"

static int tried;

/* In place of the system's, which is at its limit. */
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument)
{
    (void)thread, (void)attributes, (void)body, (void)argument;
    tried++;
    return EAGAIN;
}

int main(int argc, char **argv)
{
    etoauth_client *c;
    char url[64];

    CHECK(argc == 2);
    sprintf(url, "http://127.0.0.1:%s", argv[1]);
    c = client_for(url);
    EXPECT(get(c), ETOAUTH_E_CONNECT);
    SENTENCE("no thread could be created for the connection");
    sprintf(url, "http://localhost:%s", argv[1]);
    OK(etoauth_client_set_base_urls(c, NULL, NULL, url));
    EXPECT(ask(c, "POST"), ETOAUTH_E_CONNECT);
    SENTENCE("no thread could be created for the look-up");
    CHECK(tried == 2);
    OK(etoauth_client_free(c));
    puts("said so");
    return 0;
}
