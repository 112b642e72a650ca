/* Table 4: what a program pays that never signs much. */
#define _POSIX_C_SOURCE 200809L
#include "process.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "harness.h"

#define LOADS 21

/* The one line that a command prints, or false. */
static int ask(const char *command, char *line, int cap)
{
    FILE *f = popen(command, "r");
    int ok = f != NULL && fgets(line, cap, f) != NULL;

    if (f == NULL || pclose(f) != 0 || !ok) {
        fprintf(stderr, "This failed: %s\n", command);
        return 0;
    }
    return 1;
}

static void print_size(const char *name, const char *path)
{
    struct stat file;

    if (stat(path, &file) == 0)
        printf("%-46s %10.2f MB\n", name, (double)file.st_size / 1e6);
}

static int print_load(const char *directory, const char *shared)
{
    double load[LOADS], first[LOADS], rss[LOADS], dirty[LOADS], client[LOADS];
    char command[2048], line[256];
    int i;

    snprintf(command, sizeof command, "'%s/load' '%s'", directory, shared);
    for (i = 0; i < LOADS; i++)
        if (!ask(command, line, sizeof line) ||
            sscanf(line, "%lf %lf %lf %lf %lf", &load[i], &first[i], &rss[i], &dirty[i], &client[i]) != 5)
            return 0;
    printf("%-46s %10.2f ms\n", "dlopen in a fresh process, its file in memory", median_of(load, LOADS));
    printf("%-46s %10.2f ms\n", "dlopen to the first signature", median_of(first, LOADS));
    printf("%-46s %10.0f KiB\n", "resident memory that this adds", median_of(rss, LOADS));
    printf("%-46s %10.0f KiB\n", "of it private and dirty", median_of(dirty, LOADS));
    printf("%-46s %10.0f bytes\n", "an idle client, one of 10,000", median_of(client, LOADS));
    return 1;
}

static int print_login(const char *directory, const char *sandbox)
{
    char command[2048], line[256];
    long requests, connections, calls, call_requests, call_connections;
    double login, call, client;

    snprintf(command, sizeof command, "'%s' -- '%s/login'", sandbox, directory);
    if (!ask(command, line, sizeof line) ||
        sscanf(line, "%ld %ld %lf %ld %ld %ld %lf %lf", &requests, &connections, &login, &calls, &call_requests,
               &call_connections, &call, &client) != 8)
        return 0;
    printf("\nA login over TLS, on this machine against etoauth-sandbox. It counts connections, and every one of\n"
           "them begins with one TLS handshake.\n\n");
    printf("%-46s %10ld\n", "round trips of HTTP", requests);
    printf("%-46s %10ld\n", "connections, and TLS handshakes", connections);
    printf("%-46s %10.2f ms\n", "time of both ends together", login);
    printf("then %ld calls: %-32s %10ld\n", calls, "round trips of HTTP", call_requests);
    printf("%-46s %10ld\n", "new connections, and TLS handshakes", call_connections);
    printf("%-46s %10.2f ms\n", "time of a call, both ends together", call);
    printf("%-46s %10.0f KiB\n", "a client with an open connection, one of 50", client / 1024);
    return 1;
}

int measure_process(const char *bench, const char *shared, const char *archive, const char *sandbox)
{
    char directory[1024], login[1100], *slash;

    snprintf(directory, sizeof directory, "%s", bench);
    slash = strrchr(directory, '/');
    strcpy(slash != NULL ? slash : directory, slash != NULL ? "" : ".");
    printf("\n4  A process\n\n");
    print_size("the shared library", shared);
    print_size("the static library", archive);
    snprintf(login, sizeof login, "%s/login-static", directory);
    print_size("a program linked with it", login);
    fflush(stdout);
    return print_load(directory, shared) && print_login(directory, sandbox);
}
