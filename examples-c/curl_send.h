/* HTTP for 05_event_loop.c: requests side by side, with libcurl 7.84 or later. Replace it by your own. */
#ifndef CURL_SEND_H
#define CURL_SEND_H

#include <curl/curl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "etoauth.h"
#include "support.h"

struct text {
    char *data;
    size_t len;
};

struct request {
    CURL *curl;
    struct curl_slist *fields;
    struct text head, body;     /* of the response */
    int may_have_left, is_get;
};

/* Without memory the transfer ends: an incomplete response is no response. */
static size_t collect(char *data, size_t one, size_t n, void *text)
{
    struct text *to = text;
    char *grown = realloc(to->data, to->len + n + 1);

    if (grown == NULL)
        return 0;
    memcpy(grown + to->len, data, n);
    to->data = grown;
    to->len += n;
    to->data[to->len] = '\0';
    return one * n;
}

/* libcurl calls this when the connection stands, TLS included, and nothing of the request has left. */
static int about_to_send(void *request, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
    (void)remote_ip, (void)local_ip, (void)remote_port, (void)local_port;
    ((struct request *)request)->may_have_left = 1;
    return CURL_PREREQFUNC_OK;
}

/* Ends the request, whether or not it was answered, and forgets its response. */
static void stop(CURLM *multi, struct request *r)
{
    if (r->curl != NULL)
        curl_multi_remove_handle(multi, r->curl);
    curl_easy_cleanup(r->curl);
    curl_slist_free_all(r->fields);
    free(r->head.data);
    free(r->body.data);
    memset(r, 0, sizeof *r);
}

/* Sends what the exchange says. json is the body of the call's own request, or NULL. */
static void start(CURLM *multi, struct request *r, void *owner, etoauth_exchange *exchange, const char *json)
{
    char *method = NULL, *url = NULL, *authorization = NULL, field[ETOAUTH_HEADER_MAX + 32];
    const char *ca_file = getenv("ETOAUTH_SANDBOX_CA_FILE");

    check(etoauth_exchange_get_method(exchange, &method));
    check(etoauth_exchange_get_url(exchange, &url));
    check(etoauth_exchange_get_authorization(exchange, &authorization));
    snprintf(field, sizeof field, "Authorization: %s", authorization);
    r->fields = curl_slist_append(NULL, field);
    r->is_get = strcmp(method, "GET") == 0;
    r->curl = curl_easy_init();
    curl_easy_setopt(r->curl, CURLOPT_PRIVATE, owner);
    curl_easy_setopt(r->curl, CURLOPT_URL, url);
    if (json != NULL) {
        r->fields = curl_slist_append(r->fields, "Content-Type: application/json");
        curl_easy_setopt(r->curl, CURLOPT_POSTFIELDS, json);
    }
    curl_easy_setopt(r->curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(r->curl, CURLOPT_HTTPHEADER, r->fields);
    /* When a kept connection turns out to be dead, libcurl sends the request again, an order as well. On a new
     * connection it does not. */
    curl_easy_setopt(r->curl, CURLOPT_FRESH_CONNECT, r->is_get ? 0L : 1L);
    /* A signature is valid for one URL only, and the credentials belong to one host. */
    curl_easy_setopt(r->curl, CURLOPT_FOLLOWLOCATION, 0L);
    /* With HTTP/2, requests share a connection and its failures. */
    curl_easy_setopt(r->curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    if (ca_file != NULL) {
        curl_easy_setopt(r->curl, CURLOPT_CAINFO, ca_file);
        curl_easy_setopt(r->curl, CURLOPT_PROXY, "");
    }
    curl_easy_setopt(r->curl, CURLOPT_PREREQFUNCTION, about_to_send);
    curl_easy_setopt(r->curl, CURLOPT_PREREQDATA, r);
    curl_easy_setopt(r->curl, CURLOPT_HEADERFUNCTION, collect);
    curl_easy_setopt(r->curl, CURLOPT_HEADERDATA, &r->head);
    curl_easy_setopt(r->curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(r->curl, CURLOPT_WRITEDATA, &r->body);
    curl_multi_add_handle(multi, r->curl);
    etoauth_string_free(authorization);
    etoauth_string_free(url);
    etoauth_string_free(method);
}

/* What came of the request: the HTTP status of its response, or why there is no complete one. */
static int32_t outcome(struct request *r, CURLcode result)
{
    struct curl_header *chunked;
    curl_off_t length = -1;
    long http = ETOAUTH_ANSWER_NONE;

    if (!r->may_have_left)
        return ETOAUTH_ANSWER_UNSENT;
    if (result != CURLE_OK)
        return ETOAUTH_ANSWER_NONE;
    curl_easy_getinfo(r->curl, CURLINFO_RESPONSE_CODE, &http);
    curl_easy_getinfo(r->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    /* A body that only the end of the connection ended may be a part of one. */
    if (!r->is_get && length < 0 && http != 204 &&
        curl_easy_header(r->curl, "Transfer-Encoding", 0, CURLH_HEADER, -1, &chunked) != CURLHE_OK)
        return ETOAUTH_ANSWER_NONE;
    return (int32_t)http;
}

#endif
