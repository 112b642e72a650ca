/* A client that holds a token, for a scripted peer of the tests, and its simplest calls. */
#ifndef PEER_H
#define PEER_H

#include "check.h"

static etoauth_client *client_for(const char *url)
{
    etoauth_client *c = NULL;

    OK(etoauth_client_new(ETOAUTH_ENV_LIVE, "key", "secret", &c));
    OK(etoauth_client_set_base_urls(c, url, NULL, url));
    OK(etoauth_client_set_proxy(c, ""));
    OK(etoauth_client_set_access_token(c, "token", "secret", 0));
    return c;
}

static etoauth_status ask(etoauth_client *c, const char *method)
{
    etoauth_response *r = NULL;
    etoauth_status status = etoauth_client_send(c, method, "/v1/x", NULL, NULL, 0, &r);

    etoauth_response_free(r);
    return status;
}

static etoauth_status get(etoauth_client *c)
{
    return ask(c, "GET");
}

#endif
