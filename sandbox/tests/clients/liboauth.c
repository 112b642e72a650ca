/* liboauth, with OAuth parameters in the query and its own HTTP by libcurl. It tells no HTTP status. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* It needs size_t. */
#include <oauth.h>

static const char *base, *key, *secret;
static char token[256], token_secret[256];

/* Tells of a step whose response must contain a text, and gives the response. */
static char *step(const char *name, char *response, const char *expected)
{
    if (response != NULL && strstr(response, expected) != NULL)
        printf("%s\tok\n", name);
    else
        printf("%s\tfailed\t%.200s\n", name, response == NULL ? "no response" : response);
    return response == NULL ? strdup("") : response;
}

/* Sends a request to a path, with a body in JSON if there is one. */
static char *call(const char *method, const char *path, const char *body)
{
    char url[1024];
    snprintf(url, sizeof url, "%s%s", base, path);
    char *signed_url = oauth_sign_url2(url, NULL, OA_HMAC, method, key, secret, token, token_secret);
    char *response = body == NULL ? oauth_http_get(signed_url, NULL)
        : oauth_send_data(signed_url, body, strlen(body), "Content-Type: application/json", method);
    free(signed_url);
    return response;
}

/* Copies a value of a form, decoded. */
static void take(const char *pair, const char *name, char *value, size_t size)
{
    size_t length = strlen(name);
    if (strncmp(pair, name, length) != 0 || pair[length] != '=')
        return;
    char *decoded = oauth_url_unescape(pair + length + 1, NULL);
    snprintf(value, size, "%s", decoded);
    free(decoded);
}

/* Takes the token and its secret out of a form. */
static void take_token(const char *form)
{
    char **pairs = NULL;
    int count = oauth_split_url_parameters(form, &pairs);
    for (int i = 0; i < count; i++) {
        take(pairs[i], "oauth_token", token, sizeof token);
        take(pairs[i], "oauth_token_secret", token_secret, sizeof token_secret);
    }
    oauth_free_array(&count, &pairs);
}

/* Copies what follows a name in JSON, quoted or a number. */
static void find(const char *json, const char *name, char *value, size_t size)
{
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\":", name);
    const char *at = strstr(json, quoted);
    at = at == NULL ? "" : at + strlen(quoted);
    at += strspn(at, "\" ");
    snprintf(value, size, "%.*s", (int)strcspn(at, "\",}"), at);
}

/* The person's code, as the program beside this one reads it. */
static void page(const char *here, char *code, size_t size)
{
    char command[2048];
    char *escaped = oauth_url_escape(token);
    snprintf(command, sizeof command, "\"$PYTHON\" '%s/person.py' '%s/e/t/etws/authorize?key=%s&token=%s' 2>/dev/null",
        here, base, key, escaped);
    free(escaped);
    FILE *person = popen(command, "r");
    code[0] = '\0';
    if (person != NULL && fgets(code, (int)size, person) != NULL)
        code[strcspn(code, "\n")] = '\0';
    if (person != NULL)
        pclose(person);
    printf(code[0] != '\0' ? "page\tok\n" : "page\tfailed\tno code\n");
}

int main(int argc, char **argv)
{
    char path[512], body[1024], code[64], account[64], number[32];
    const char *terms = "{\"%s\":{\"orderType\":\"EQ\",\"clientOrderId\":\"A1\",\"Order\":[{\"allOrNone\":\"false\","
        "\"priceType\":\"LIMIT\",\"orderTerm\":\"GOOD_FOR_DAY\",\"marketSession\":\"REGULAR\",\"limitPrice\":\"1.00\","
        "\"Instrument\":[{\"Product\":{\"securityType\":\"EQ\",\"symbol\":\"IBM\"},\"orderAction\":\"BUY\","
        "\"quantityType\":\"QUANTITY\",\"quantity\":\"1\"}]}]%s}}";
    base = getenv("ETOAUTH_SANDBOX_URL");
    key = getenv("ETOAUTH_SANDBOX_KEY");
    secret = getenv("ETOAUTH_SANDBOX_SECRET");
    if (argc != 2 || base == NULL || key == NULL || secret == NULL)
        return 2;

    char *response = call("GET", "/oauth/request_token?oauth_callback=oob", NULL);
    take_token(response = step("request token", response, "oauth_token="));
    page(argv[1], code, sizeof code);
    snprintf(path, sizeof path, "/oauth/access_token?oauth_verifier=%s", code);
    take_token(step("access token", call("GET", path, NULL), "oauth_token="));
    response = step("accounts", call("GET", "/v1/accounts/list.json", NULL), "AccountListResponse");
    find(response, "accountIdKey", account, sizeof account);
    step("quote", call("GET", "/v1/market/quote/IBM.json?detailFlag=INTRADAY", NULL), "QuoteResponse");
    snprintf(path, sizeof path, "/v1/accounts/%s/balance.json?instType=BROKERAGE&realTimeNAV=true", account);
    step("balance", call("GET", path, NULL), "BalanceResponse");
    snprintf(path, sizeof path, "/v1/accounts/%s/portfolio.json", account);
    step("portfolio", call("GET", path, NULL), "PortfolioResponse");

    snprintf(path, sizeof path, "/v1/accounts/%s/orders/preview.json", account);
    snprintf(body, sizeof body, terms, "PreviewOrderRequest", "");
    response = step("preview", call("POST", path, body), "PreviewOrderResponse");
    find(response, "previewId", number, sizeof number);
    char previews[128];
    snprintf(previews, sizeof previews, ",\"PreviewIds\":[{\"previewId\":%s}]", number);
    snprintf(path, sizeof path, "/v1/accounts/%s/orders/place.json", account);
    snprintf(body, sizeof body, terms, "PlaceOrderRequest", previews);
    response = step("place", call("POST", path, body), "PlaceOrderResponse");
    find(response, "orderId", number, sizeof number);
    snprintf(path, sizeof path, "/v1/accounts/%s/orders.json", account);
    snprintf(body, sizeof body, "\"orderId\":%s", number);
    step("list", call("GET", path, NULL), body);
    snprintf(path, sizeof path, "/v1/accounts/%s/orders/cancel.json", account);
    snprintf(body, sizeof body, "{\"CancelOrderRequest\":{\"orderId\":%s}}", number);
    step("cancel", call("PUT", path, body), "CancelOrderResponse");
    step("renew", call("GET", "/oauth/renew_access_token", NULL), "renewed");
    step("revoke", call("GET", "/oauth/revoke_access_token", NULL), "Revoked");
    return 0;
}
