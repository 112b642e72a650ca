/* What the session programs share: a sandbox whose day is young, and looks into clients and files. */
#ifndef SESSION_H
#define SESSION_H

#include "sandbox.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

/* The sandbox's clock at noon in New York, or an hour later: no midnight comes near, whenever the tests run. */
static void at_noon(void)
{
    long now = (long)time(NULL);

    admin("clock?at=%ld", now - now % 86400 + 17 * 3600);
}

/* The sandbox's clock becomes the client's. */
static void sync_clock(etoauth_client *c)
{
    OK(etoauth_client_set_clock_offset(c, count("offset")));
}

static etoauth_client *synced_client(void)
{
    etoauth_client *c = new_client(sandbox("SANDBOX_URL"));

    sync_clock(c);
    return c;
}

/* The token falls asleep by the clocks of the sandbox and of this client. */
static void three_hours_later(etoauth_client *c)
{
    admin("clock?advance=%d", 3 * 3600);
    sync_clock(c);
}

static etoauth_status send_get(etoauth_client *c)
{
    etoauth_response *r = NULL;
    int32_t http = 0;
    etoauth_status status = etoauth_client_send(c, "GET", "/v1/accounts/list", NULL, NULL, 0, &r);

    if (status != ETOAUTH_OK)
        return status;
    OK(etoauth_response_get_status(r, &http));
    OK(etoauth_response_free(r));
    return http == 200 ? ETOAUTH_OK : ETOAUTH_E_HTTP;
}

/* The caller's. */
static char *export_of(etoauth_client *c)
{
    char *text = NULL;

    OK(etoauth_client_export_session(c, &text));
    return text;
}

/* Whether the client holds this very session. */
static int holds(etoauth_client *c, const char *session)
{
    char *own = export_of(c);
    int same = strcmp(own, session) == 0;

    OK(etoauth_string_free(own));
    return same;
}

/* Whether two clients are at the same point, pending login and times included. */
static int alike(etoauth_client *one, etoauth_client *other)
{
    char *text = export_of(one);
    int same = holds(other, text);

    OK(etoauth_string_free(text));
    return same;
}

/* Whether both hold the same access token, whatever else is. */
static int same_token(etoauth_client *one, etoauth_client *other)
{
    char *text[4] = {NULL, NULL, NULL, NULL};
    int same, i;

    OK(etoauth_client_get_access_token(one, &text[0], &text[1]));
    OK(etoauth_client_get_access_token(other, &text[2], &text[3]));
    same = strcmp(text[0], text[2]) == 0 && strcmp(text[1], text[3]) == 0;
    for (i = 0; i < 4; i++)
        OK(etoauth_string_free(text[i]));
    return same;
}

static void sign_once(etoauth_client *c)
{
    char *header = NULL;

    OK(etoauth_client_sign(c, "GET", "https://localhost/v1", &header));
    OK(etoauth_string_free(header));
}

#endif
