/* Texts that are too long for the memory that is left, in every argument: each allocation of that size fails in turn, once
 * or with all that follow. The call says so, or does as it does with memory, and nothing ends the process. With PLANT=abort
 * the program ends itself, and must fail. */
#include "arguments.h"

#include "allocator.h"

/* The longest that is copied without asking first, and what is larger than the memory in reserve hands out. */
#define LENGTH 65000
#define LONG 600000
#define BODY (ARGUMENTS)
#define ANSWER (ARGUMENTS + 1)
#define DIAGNOSED (ARGUMENTS + 2)
#define SESSION (ARGUMENTS + 3)
#define ALL (ARGUMENTS + 4)

static char *text, *session;
static long faults;

static etoauth_status finish_with_body(void)
{
    etoauth_exchange *x = make_exchange(c);
    etoauth_status status = etoauth_exchange_finish(x, 503, NULL, text, LONG);

    OK(etoauth_exchange_free(x));
    return status;
}

static etoauth_status call_any(size_t which)
{
    etoauth_status status;

    if (which < ARGUMENTS)
        return call(which, text);
    if (which == BODY)
        return etoauth_client_send(sender, "POST", "/v1", "Content-Type: text/plain", text, LONG, &out.response);
    if (which == ANSWER)
        return finish_with_body();
    if (which == DIAGNOSED)
        return etoauth_client_diagnose(c, "GET", AUTHORIZATION, 401, NULL, text, LONG, &out.advice);
    status = etoauth_client_import_session(c, session);
    if (status == ETOAUTH_OK)
        status = etoauth_client_export_session(c, &out.text);
    return status;
}

static void take_any(size_t which)
{
    if (which < ARGUMENTS)
        take(which);
    else if (which == SESSION)
        OK(etoauth_string_free(out.text));
}

static void torture(size_t which)
{
    etoauth_status without, status;
    size_t length, prefix = which < ARGUMENTS ? strlen(arguments[which].prefix) : 0;
    int persistent;

    /* It keeps what it was given, in the memory in reserve if need be. */
    c = make_client();
    OK(etoauth_client_set_access_token(c, "token", "secret", 0));
    length = which < ARGUMENTS && !TAKES_ANY_LENGTH(which) ? LENGTH : LONG;
    memset(text, 'a', length);
    text[length] = '\0';
    if (prefix > 0)
        memcpy(text, arguments[which].prefix, prefix);
    without = call_any(which);
    if (without == ETOAUTH_OK)
        take_any(which);
    for (persistent = 0; persistent <= 1; persistent++) {
        memory_faults.persistent = persistent;
        for (memory_faults.at = 1;; memory_faults.at++) {
            memory_faults.count = memory_faults.struck = 0;
            memory_faults.armed = 1;
            status = call_any(which);
            memory_faults.armed = 0;
            if (status == ETOAUTH_OK)
                take_any(which);
            else if (status != without && status != ETOAUTH_E_MEMORY)
                fprintf(stderr, "%d: %s\n", (int)which, etoauth_status_name(status));
            CHECK(status == without || (status == ETOAUTH_E_MEMORY && memory_faults.struck > 0));
            if (memory_faults.struck == 0)
                break;
            faults++;
        }
    }
    OK(etoauth_client_free(c));
}

int main(void)
{
    const char *plant = getenv("PLANT");
    size_t which;

    alarm(600);
    text = calloc(LONG + 1, 1);
    CHECK(text != NULL);
    memory_faults.least = LENGTH / 8;
    s = make_signer();
    p = make_prepared(s);
    /* A session has several in one. */
    memset(text, 'a', LENGTH / 4);
    c = make_client();
    OK(etoauth_client_set_access_token(c, text, text, 0));
    OK(etoauth_client_export_session(c, &session));
    OK(etoauth_client_free(c));
    sender = new_client(sandbox("SANDBOX_URL"));
    log_in(sender);
    r = make_response(sender);
    OK(etoauth_client_set_base_urls(sender, NULL, NULL, "http://127.0.0.1:1"));
    for (which = 0; which < ALL; which++)
        torture(which);
    OK(etoauth_string_free(session));
    OK(etoauth_response_free(r));
    OK(etoauth_client_free(sender));
    OK(etoauth_prepared_free(p));
    OK(etoauth_signer_free(s));
    CHECK(etoauth_live_objects() == 0);
    free(text);
    CHECK(faults > 0 && (plant == NULL || strcmp(plant, "abort") != 0));
    printf("%ld allocations for long texts failed, and none of them the process\n", faults);
    return 0;
}
