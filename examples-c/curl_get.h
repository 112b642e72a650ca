/* HTTP for 03_own_http.c, with libcurl: one GET with one header, and no redirects. Replace it by your own. */
#ifndef CURL_GET_H
#define CURL_GET_H

#include <curl/curl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "etoauth.h"

/* The header block and the body of the latest response. */
static struct part {
    char text[65536];
    size_t len;
} head, body;

/* Data that does not fit ends the transfer: an incomplete response is no response. */
static size_t collect(char *data, size_t one, size_t n, void *part)
{
    struct part *to = part;

    if (n >= sizeof to->text - to->len)
        return 0;
    memcpy(to->text + to->len, data, n);
    to->len += n;
    return one * n;
}

/* Returns the HTTP status of the response, or 0 if no complete response came. */
static int32_t get(const char *url, const char *authorization)
{
    char field[ETOAUTH_HEADER_MAX + 32];
    struct curl_slist *fields;
    CURL *curl = curl_easy_init();
    long status = 0;

    snprintf(field, sizeof field, "Authorization: %s", authorization);
    fields = curl_slist_append(NULL, field);
    memset(&head, 0, sizeof head);
    memset(&body, 0, sizeof body);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
    /* A signature is valid for one URL only, and the credentials belong to one host. */
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "127.0.0.1");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 30L);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &head);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    if (curl_easy_perform(curl) == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(fields);
    curl_easy_cleanup(curl);
    return (int32_t)status;
}

#endif
