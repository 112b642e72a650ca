/* liboauth, as its own example oauthtest2.c makes an Authorization header. It has nothing to keep between calls; the
   example's second serialization, which gives the URL back, is left out. */
#include <stdio.h>
#include <stdlib.h>

#include <oauth.h>  /* which takes size_t for granted */

#include "contender.h"

static const struct workload *workload;

static int set_up(const struct workload *w)
{
    workload = w;
    return 1;
}

static size_t sign(char *buf, size_t cap)
{
    char **parameters = NULL, *fields;
    int count = oauth_split_url_parameters(workload->url, &parameters), len;

    oauth_sign_array2_process(&count, &parameters, NULL, OA_HMAC, "GET", CONSUMER_KEY, CONSUMER_SECRET, TOKEN,
                              TOKEN_SECRET);
    /* 2: only the oauth_ parameters; 4: values in quotes. */
    fields = oauth_serialize_url_sep(count, 1, parameters, ", ", 2 | 4);
    len = snprintf(buf, cap, "OAuth %s", fields);
    oauth_free_array(&count, &parameters);
    free(fields);
    return len > 0 && (size_t)len < cap ? (size_t)len : 0;
}

static void tear_down(void)
{
}

const struct contender liboauth = {"liboauth " LIBOAUTH_VERSION, set_up, sign, tear_down, NULL};
