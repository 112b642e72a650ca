/* make -C benches. Nothing here judges a time; what signs wrongly ends the program. */
#define _POSIX_C_SOURCE 200809L
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "etoauth.h"
#include "process.h"
#include "speed.h"
#include "threads.h"

/* The machine, as far as it matters here. */
static void print_machine(void)
{
    char line[4096];
    FILE *f = fopen("/proc/cpuinfo", "r");
    int model = 0, sha = 0;

    printf("etoauth %s, %s, C compiler %s, %ld cores\n", etoauth_version(), OpenSSL_version(OPENSSL_VERSION),
           __VERSION__, sysconf(_SC_NPROCESSORS_ONLN));
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        if (!model && strncmp(line, "model name", 10) == 0 && strchr(line, ':') != NULL) {
            printf("%s", strchr(line, ':') + 2);
            model = 1;
        }
        sha |= strstr(line, " sha_ni") != NULL || strstr(line, " sha1 ") != NULL;
    }
    if (f != NULL)
        fclose(f);
    printf("The CPU has %s for SHA-1.\n\n", sha ? "instructions" : "no instructions");
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: %s LIBETOAUTH.SO LIBETOAUTH.A ETOAUTH-SANDBOX\n", argv[0]);
        return 2;
    }
    print_machine();
    if (!check_and_time_signatures() || !time_handle_check() || !time_threads() ||
        !measure_process(argv[0], argv[1], argv[2], argv[3]))
        return 1;
    printf("\nFor the README\n\n");
    print_markdown();
    return 0;
}
