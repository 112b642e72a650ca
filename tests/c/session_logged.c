/* A session file, in the directory that is the argument, that can't be used for a while: it fails at every call, and each
 * failure is logged once. */
#include "session_file.h"

static etoauth_client *c;
static char moved[512];

/* The file's directory is a plain file now, which stops root as well. */
static void break_directory(void)
{
    CHECK(rename(directory, moved) == 0);
    write_file(directory, "", 0);
}

static void mend_directory(void)
{
    CHECK(unlink(directory) == 0);
    CHECK(rename(moved, directory) == 0);
}

/* How many failures are in the log, which is empty then. */
static int logged_failures(void)
{
    char *lines = NULL, *at;
    int found = 0;

    OK(etoauth_client_read_log(c, &lines));
    for (at = lines; (at = strstr(at, " failed: ")) != NULL; at++)
        found++;
    OK(etoauth_string_free(lines));
    return found;
}

/* Each of these reads the file or saves into it, but for a login, which would say so. */
static void work_unsaved(void)
{
    int i;

    for (i = 0; i < 3; i++) {
        OK(send_get(c));
        OK(etoauth_client_renew_access_token(c));
        OK(etoauth_client_fetch_request_token(c));
    }
}

/* That the file can't be read is logged, and that its lock can't be used; and again when the failure changes, or after it
 * went away. */
static void failures_are_logged_once(void)
{
    log_in(c);
    logged_failures();
    break_directory();
    OK(send_get(c));
    CHECK(logged_failures() == 1);
    OK(etoauth_client_fetch_request_token(c));
    CHECK(logged_failures() == 1);
    work_unsaved();
    CHECK(logged_failures() == 0);
    CHECK(unlink(directory) == 0);
    work_unsaved();
    CHECK(logged_failures() == 1);
    write_file(directory, "", 0);
    work_unsaved();
    CHECK(logged_failures() == 2);
    mend_directory();
    OK(etoauth_client_fetch_request_token(c));
    CHECK(logged_failures() == 0);
    saved(c);
    break_directory();
    work_unsaved();
    CHECK(logged_failures() == 2);
    mend_directory();
}

int main(int argc, char **argv)
{
    alarm(600);
    CHECK(argc == 2);
    directory = argv[1];
    strcpy(file, in_directory("session"));
    sprintf(moved, "%.500s.moved", directory);
    at_noon();
    c = synced_client();
    OK(etoauth_client_set_session_file(c, file));
    failures_are_logged_once();
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
    puts("no failure was logged twice");
    return 0;
}
