/* The session file, in the directory that is the argument: what it does to the client, the client to it, and two
 * clients to each other. */
#include "session_file.h"

static etoauth_client *c, *other;

static void created_and_adopted(void)
{
    log_in(c);
    OK(etoauth_client_fetch_request_token(c));
    OK(etoauth_client_set_session_file(c, file));
    saved(c);
    private_files();

    /* What the other one held is replaced, its pending login as well. */
    OK(etoauth_client_set_access_token(other, "token", "token secret", 0));
    OK(etoauth_client_set_session_file(other, file));
    CHECK(alike(c, other));
    OK(send_get(other));
    OK(etoauth_client_fetch_access_token(other, approve(other)));
}

/* Neither a damaged file nor an unusable path touches anything; the file before stays attached. */
static void refused(const char *path, etoauth_status expected)
{
    char *before = export_of(c), named[sizeof content];

    EXPECT(etoauth_client_set_session_file(c, path), expected);
    /* A directory is named without the slash at its end. */
    strcpy(named, path);
    while (named[0] != '\0' && strchr("/\\", named[strlen(named) - 1]) != NULL)
        named[strlen(named) - 1] = '\0';
    SENTENCE(expected == ETOAUTH_E_ARGUMENT ? "path" : named);
    CHECK(holds(c, before));
    OK(etoauth_string_free(before));
    OK(etoauth_client_set_access_token(c, "token", "token secret", 0));
    saved(c);
}

static void refused_content(const char *bytes, size_t length)
{
    char now[sizeof content];

    write_file(in_directory("damaged"), bytes, length);
    refused(in_directory("damaged"), ETOAUTH_E_SESSION);
    CHECK(read_file(in_directory("damaged"), now) == length && memcmp(now, bytes, length) == 0);
}

static void refusals(void)
{
    etoauth_client *stranger = NULL;
    size_t length = read_file(file, content), i;
    char damaged[sizeof content], *text;

    for (i = 0; i < length - 1; i += 9) {
        refused_content(content, i);
        memcpy(damaged, content, length);
        damaged[i] ^= 1;
        refused_content(damaged, length);
        damaged[i] = (char)0xff;
        refused_content(damaged, length);
        damaged[i] = '\0';
        refused_content(damaged, length);
    }
    memset(damaged, 'A', sizeof damaged);
    refused_content(damaged, sizeof damaged);
    OK(etoauth_client_new(ETOAUTH_ENV_SANDBOX, "another key", "secret", &stranger));
    text = export_of(stranger);
    refused_content(text, strlen(text));
    OK(etoauth_string_free(text));
    OK(etoauth_client_free(stranger));
    CHECK(unlink(in_directory("damaged")) == 0);

    refused(in_directory("missing/session"), ETOAUTH_E_FILE);
    refused(in_directory(""), ETOAUTH_E_FILE);
    write_file(in_directory("plain"), "", 0);
    refused(in_directory("plain/session"), ETOAUTH_E_FILE);
    CHECK(mkdir(in_directory("folder"), 0700) == 0);
    refused(in_directory("folder"), ETOAUTH_E_FILE);
    refused("", ETOAUTH_E_ARGUMENT);
}

static void detached(void)
{
    char now[sizeof content];
    size_t length = read_file(file, content);

    OK(etoauth_client_set_session_file(c, NULL));
    OK(etoauth_client_set_access_token(c, "token", "another secret", 0));
    log_in(c);
    CHECK(read_file(file, now) == length && memcmp(now, content, length) == 0);
    OK(etoauth_client_set_session_file(c, NULL));
    /* Attached anew, the file's session is back. */
    OK(etoauth_client_set_session_file(c, file));
    saved(c);
    CHECK(read_file(file, now) == length && memcmp(now, content, length) == 0);
}

static void every_change_is_saved(void)
{
    char *token = NULL, *secret = NULL, *text;

    OK(etoauth_client_fetch_request_token(c));
    saved(c);
    OK(etoauth_client_fetch_access_token(c, approve(c)));
    saved(c);
    text = export_of(c);
    admin("clock?advance=90");
    sync_clock(c);
    OK(etoauth_client_renew_access_token(c));
    saved(c);
    CHECK(!holds(c, text));
    OK(etoauth_client_get_access_token(c, &token, &secret));
    OK(etoauth_client_revoke_access_token(c));
    saved(c);
    OK(etoauth_client_import_session(c, text));
    saved(c);
    OK(etoauth_client_set_access_token(c, token, secret, 0));
    saved(c);
    EXPECT(etoauth_client_renew_access_token(c), ETOAUTH_E_LOGIN);
    saved(c);
    log_in(c);
    /* Use counts from the last answer; the file hears of it once a minute. */
    admin("clock?advance=90");
    sync_clock(c);
    OK(send_get(c));
    saved(c);
    OK(etoauth_string_free(token));
    OK(etoauth_string_free(secret));
    OK(etoauth_string_free(text));
    private_files();
}

/* One logs in anew; the other's old token is dead by then, and each of its calls goes on with the new one. */
/* A renewal that an exchange led for its API call. */
static void renewed_by_an_exchange(void)
{
    etoauth_exchange *x = NULL;
    int32_t step = 0;

    log_in(c);
    OK(etoauth_exchange_new_request(c, "GET", "/v1/accounts/list", NULL, &x));
    OK(etoauth_exchange_next(x, &step, NULL));
    EXPECT(etoauth_exchange_finish(x, 401, NULL, "oauth_problem=token_expired", 27), ETOAUTH_E_AGAIN);
    OK(etoauth_exchange_next(x, &step, NULL));
    CHECK(step == ETOAUTH_STEP_RENEW);
    EXPECT(etoauth_exchange_finish(x, 200, NULL, NULL, 0), ETOAUTH_E_AGAIN);
    CHECK(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
    saved(c);
    OK(etoauth_exchange_free(x));
}

static void adoption(void)
{
    etoauth_exchange *x = NULL;
    char *header = NULL;

    OK(etoauth_client_set_session_file(other, file));
    log_in(c);
    CHECK(!same_token(c, other));
    OK(send_get(other));
    CHECK(same_token(c, other));

    three_hours_later(c);
    sync_clock(other);
    log_in(c);
    CHECK(token_state(other) == ETOAUTH_TOKEN_INACTIVE);
    OK(etoauth_client_ensure_active(other, 60));
    CHECK(alike(c, other));

    log_in(c);
    OK(etoauth_client_renew_access_token(other));
    CHECK(same_token(c, other));

    log_in(c);
    OK(etoauth_exchange_new(other, ETOAUTH_EXCHANGE_RENEW, NULL, &x));
    CHECK(same_token(c, other));
    OK(etoauth_exchange_get_authorization(x, &header));
    OK(etoauth_string_free(header));
    OK(etoauth_exchange_free(x));

    OK(etoauth_client_fetch_request_token(c));
    OK(etoauth_client_fetch_access_token(other, approve(c)));
    OK(send_get(c));
    CHECK(same_token(c, other));

    log_in(c);
    OK(etoauth_client_revoke_access_token(other));
    CHECK(token_state(other) == ETOAUTH_TOKEN_REVOKED && token_state(c) == ETOAUTH_TOKEN_ACTIVE);
    EXPECT(send_get(c), ETOAUTH_E_STATE);
    CHECK(token_state(c) == ETOAUTH_TOKEN_REVOKED);

    /* A call that found no token a moment ago takes the new one without a renew. */
    log_in(c);
    OK(send_get(other));
    OK(etoauth_client_set_session_file(other, NULL));
}

/* A link stands for its file, and a relative path for the directory of then. */
static void links_and_relative_paths(void)
{
#ifdef _WIN32 /* There, making a link is a privilege. */
    static const char alias[] = "relative";
#else
    static const char alias[] = "link";
    struct stat about;
#endif
    char before[512], target[512];

    CHECK(getcwd(before, sizeof before) != NULL);
    strcpy(target, in_directory("relative"));
#ifndef _WIN32
    CHECK(symlink("relative", in_directory(alias)) == 0);
#endif
    CHECK(chdir(directory) == 0);
    OK(etoauth_client_set_session_file(c, "relative"));
    CHECK(chdir(before) == 0);
    OK(etoauth_client_set_session_file(other, in_directory(alias)));
    OK(etoauth_client_set_access_token(c, "token of one", "token secret", 0));
    OK(etoauth_client_set_access_token(other, "token of the other", "token secret", 0));
#ifndef _WIN32
    CHECK(lstat(in_directory(alias), &about) == 0 && S_ISLNK(about.st_mode));
#endif
    OK(etoauth_client_set_session_file(c, NULL));
    OK(etoauth_client_set_session_file(c, target));
    CHECK(alike(c, other));
    OK(etoauth_client_set_session_file(c, NULL));
    OK(etoauth_client_set_session_file(other, NULL));
}

int main(int argc, char **argv)
{
    alarm(600);
    CHECK(argc == 2);
    directory = argv[1];
    strcpy(file, in_directory("session"));
    at_noon();
    c = synced_client();
    other = synced_client();
    created_and_adopted();
    OK(etoauth_client_set_session_file(other, NULL));
    refusals();
    detached();
    every_change_is_saved();
    renewed_by_an_exchange();
    adoption();
    links_and_relative_paths();
    OK(etoauth_client_free(c));
    OK(etoauth_client_free(other));
    CHECK(etoauth_live_objects() == 0);
    puts("every change was kept");
    return 0;
}
