/* What happens while the session file, in the directory that is the argument, can't be written or is gone: calls that
 * only look and sign don't notice, logins and imports say it, and the next change makes up for it. */
#include "session_file.h"

static etoauth_client *c;
static char aside[512];

/* Its directory is a plain file now, which stops root as well. */
static void break_directory(void)
{
    CHECK(rename(directory, aside) == 0);
    write_file(directory, "", 0);
}

static void mend_directory(void)
{
    CHECK(unlink(directory) == 0);
    CHECK(rename(aside, directory) == 0);
}

static void look_and_sign(void)
{
    etoauth_signer *s = NULL;
    char *text = NULL, *secret = NULL, header[ETOAUTH_HEADER_MAX];
    int64_t offset;

    CHECK(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
    sign_once(c);
    OK(etoauth_client_sign_url(c, "GET", "https://localhost/v1", &text));
    OK(etoauth_string_free(text));
    OK(etoauth_client_get_access_token(c, &text, &secret));
    OK(etoauth_string_free(text));
    OK(etoauth_string_free(secret));
    OK(etoauth_client_get_authorize_url(c, &text));
    OK(etoauth_string_free(text));
    OK(etoauth_client_get_clock_offset(c, &offset));
    OK(etoauth_client_get_signer(c, &s));
    OK(etoauth_signer_sign(s, "GET", "https://localhost/v1", NULL, header, sizeof header, NULL));
    OK(etoauth_signer_free(s));
    OK(etoauth_string_free(export_of(c)));
}

static void local_calls_never_touch_it(void)
{
    char lock[600];

    log_in(c);
    OK(etoauth_client_fetch_request_token(c));
    OK(etoauth_client_set_session_file(c, file));
    break_directory();
    look_and_sign();
    mend_directory();
    sprintf(lock, "%s.lock", file);
    CHECK(unlink(file) == 0 && unlink(lock) == 0);
    look_and_sign();
    CHECK(access(file, F_OK) != 0 && access(lock, F_OK) != 0);
    write_file(file, "no session", 10);
    look_and_sign();
    CHECK(read_file(file, content) == 10 && memcmp(content, "no session", 10) == 0);
    /* The next change puts it right. */
    OK(etoauth_client_set_access_token(c, "token", "token secret", 0));
    saved(c);
}

/* The person has logged in, and the token works; but the next start would not know. */
static void login_unsaved(void)
{
    char *token = NULL, *secret = NULL, *session;

    OK(etoauth_client_fetch_request_token(c));
    break_directory();
    EXPECT(etoauth_client_fetch_access_token(c, approve(c)), ETOAUTH_E_FILE);
    SENTENCE(file);
    CHECK(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
    OK(send_get(c));
    session = export_of(c);
    mend_directory();
    /* The file that is older still is no reason to go back. */
    OK(send_get(c));
    CHECK(holds(c, session));
    OK(etoauth_client_get_access_token(c, &token, &secret));
    break_directory();
    EXPECT(etoauth_client_import_session(c, session), ETOAUTH_E_FILE);
    CHECK(holds(c, session));
    OK(etoauth_client_set_access_token(c, token, secret, 0));
    OK(send_get(c));
    mend_directory();
    OK(etoauth_client_import_session(c, session));
    saved(c);
    OK(etoauth_string_free(token));
    OK(etoauth_string_free(secret));
    OK(etoauth_string_free(session));
}

/* The same for a host's own HTTP. */
static void exchange_unsaved(void)
{
    static const char reply[] = "oauth_token=T&oauth_token_secret=S";
    etoauth_exchange *x = NULL;

    OK(etoauth_client_fetch_request_token(c));
    OK(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_ACCESS_TOKEN, "CODE", &x));
    break_directory();
    EXPECT(etoauth_exchange_finish(x, 200, NULL, reply, sizeof reply - 1), ETOAUTH_E_FILE);
    CHECK(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
    OK(etoauth_exchange_free(x));
    mend_directory();
}

/* Renews don't fail for the file, those that others ask for neither. */
static void renew_unsaved(void)
{
    log_in(c);
    break_directory();
    OK(etoauth_client_fetch_request_token(c));
    three_hours_later(c);
    OK(etoauth_client_renew_access_token(c));
    CHECK(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
    OK(send_get(c));
    admin("expire?what=idle");
    OK(send_get(c));
    three_hours_later(c);
    CHECK(token_state(c) == ETOAUTH_TOKEN_INACTIVE);
    OK(etoauth_client_ensure_active(c, 60));
    CHECK(count("renews") == 3);
    mend_directory();
    OK(etoauth_client_fetch_request_token(c));
    saved(c);
    break_directory();
    OK(etoauth_client_revoke_access_token(c));
    CHECK(token_state(c) == ETOAUTH_TOKEN_PENDING);
    mend_directory();
    OK(etoauth_client_fetch_request_token(c));
    saved(c);
}

int main(int argc, char **argv)
{
    alarm(600);
    CHECK(argc == 2);
    directory = argv[1];
    strcpy(file, in_directory("session"));
    sprintf(aside, "%.500s.aside", directory);
    at_noon();
    c = synced_client();
    local_calls_never_touch_it();
    login_unsaved();
    exchange_unsaved();
    renew_unsaved();
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
    puts("nothing was lost with the file");
    return 0;
}
