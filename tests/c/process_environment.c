/* Begins a login at the URL of the first argument, with what the environment says, and prints the status and the
   sentence. Every name is this machine here. */
#define _POSIX_C_SOURCE 200809L
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

struct found {
    struct addrinfo info;
    struct sockaddr_in address;
};

/* In the place of the C library's. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
    struct found *found = calloc(1, sizeof *found);

    (void)name;
    CHECK(found != NULL && service == NULL);
    found->address.sin_family = AF_INET;
    found->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    found->info.ai_family = AF_INET;
    found->info.ai_socktype = hints == NULL ? SOCK_STREAM : hints->ai_socktype;
    found->info.ai_addr = (struct sockaddr *)&found->address;
    found->info.ai_addrlen = sizeof found->address;
    *out = &found->info;
    return 0;
}

void freeaddrinfo(struct addrinfo *info)
{
    free(info);
}

int main(int argc, char **argv)
{
    char text[ETOAUTH_ERROR_MAX];
    etoauth_client *c = NULL;
    etoauth_status status;

    alarm(600);
    CHECK(argc == 2);
    OK(etoauth_client_new(ETOAUTH_ENV_SANDBOX, "key", "secret", &c));
    OK(etoauth_client_set_base_urls(c, argv[1], argv[1], argv[1]));
    OK(etoauth_client_set_timeout_ms(c, 30000));
    etoauth_client_fetch_request_token(c);
    OK(etoauth_last_error(&status, text, sizeof text, NULL));
    printf("%d %s", (int)status, text);
    OK(etoauth_client_free(c));
    return 0;
}
