/* A consumer key or secret that was pasted with what nobody sees is refused at once, and the sentence says what it is. */
#include "misuse.h"

static void refused(const char *text, const char *said)
{
    int32_t env;

    for (env = ETOAUTH_ENV_LIVE; env <= ETOAUTH_ENV_SANDBOX; env++) {
        REFUSED(etoauth_client_new(env, text, "secret", &out.client), ETOAUTH_E_ARGUMENT, "consumer_key");
        SENTENCE(said);
        REFUSED(etoauth_client_new(env, "key", text, &out.client), ETOAUTH_E_ARGUMENT, "consumer_secret");
        SENTENCE(said);
    }
}

static void taken(const char *text)
{
    etoauth_client *client = NULL;

    OK(etoauth_client_new(ETOAUTH_ENV_LIVE, text, text, &client));
    OK(etoauth_client_free(client));
}

/* The text itself is a secret. */
static void not_repeated(void)
{
    char sentence[ETOAUTH_ERROR_MAX];

    EXPECT(etoauth_client_new(ETOAUTH_ENV_LIVE, "key", "hunter2\n", &out.client), ETOAUTH_E_ARGUMENT);
    OK(etoauth_last_error(NULL, sentence, sizeof sentence, NULL));
    CHECK(strstr(sentence, "hunter2") == NULL);
}

int main(void)
{
    int byte;

    alarm(600);
    refused("", "empty");
    refused(" ", "white space");
    refused("  ", "white space");
    refused("\r\n", "white space");
    refused("\xc2\xa0", "white space");
    refused("ck\n", "ends with a line break");
    refused("ck\r\n", "ends with a line break");
    refused("ck ", "ends with a space");
    refused("ck\t", "ends with a tab");
    refused("\nck", "begins with a line break");
    refused(" ck", "begins with a space");
    refused("\tck", "begins with a tab");
    refused("ck\xc2\xa0", "ends with a no-break space");
    refused("\xe3\x80\x80" "ck", "begins with white space");
    refused("\xef\xbb\xbf" "ck", "begins with a byte order mark");
    refused("ck\xe2\x80\x8b", "ends with an invisible character");
    refused("c\nk", "contains a line break");
    refused("c\tk", "contains a tab");
    refused("c\xc2\x85k", "contains a line break");
    for (byte = 1; byte < ' '; byte++) {
        char text[] = "c?k";

        text[1] = (char)byte;
        refused(text, "contains a ");
    }
    refused("c\x7fk", "contains a control character");
    not_repeated();
    taken("ck");
    taken("c k");
    taken("c\xc3\xa9k");
    CHECK(etoauth_live_objects() == 0);
    puts("nothing was pasted along");
    return 0;
}
