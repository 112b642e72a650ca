/* How the C programs of the tests speak to the sandbox's admin path, and a client that is set up for it. */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdarg.h>
#ifndef _WIN32 /* There, tests/windows/posix.h stands for these. */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

#include "check.h"

static const char *sandbox(const char *fact)
{
    const char *value = getenv(fact);

    CHECK(value != NULL);
    return value;
}

/* A connection to this port of loopback. */
static int connect_to(int port)
{
    struct sockaddr_in address;
    int s = socket(AF_INET, SOCK_STREAM, 0);

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(connect(s, (struct sockaddr *)&address, sizeof address) == 0);
    return s;
}

/* The port at the end of a URL that the sandbox has told. */
static int port_of(const char *fact)
{
    return atoi(strrchr(sandbox(fact), ':') + 1);
}

/* Asks the sandbox's plain port; the answer, head and all, stays until the thread's next question. */
static const char *admin(const char *format, ...)
{
    static __thread char answer[8192];
    char path[4096], request[4352];
    size_t got = 0;
    ssize_t n;
    int s = connect_to(port_of("SANDBOX_URL"));
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(path, sizeof path, format, arguments);
    va_end(arguments);
    sprintf(request, "GET /sandbox/%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path);
    CHECK(write(s, request, strlen(request)) == (ssize_t)strlen(request));
    while ((n = read(s, answer + got, sizeof answer - 1 - got)) > 0)
        got += (size_t)n;
    answer[got] = '\0';
    close(s);
    if (strstr(answer, " 200 ") == NULL)
        fprintf(stderr, "%s\n%s\n", path, answer);
    CHECK(strstr(answer, " 200 ") != NULL);
    return answer;
}

/* One of the sandbox's counters. */
static long count(const char *counter)
{
    char name[64];
    const char *found;

    sprintf(name, "\"%s\":", counter);
    found = strstr(admin("state"), name);
    CHECK(found != NULL);
    return atol(found + strlen(name));
}

/* How many requests this path has met, those that a fault answered included. */
static long requests(const char *path)
{
    char name[128];
    const char *found;

    sprintf(name, "\"%s\":", path);
    found = strstr(admin("state"), name);
    return found == NULL ? 0 : atol(found + strlen(name));
}

/* How many connections to this port of loopback are in this state, by the system's own list: 01 stands, 02 is being
   tried. */
#ifdef _WIN32
static int connections_in_state(int port, int state)
{
    static char room[1 << 20];
    PMIB_TCPTABLE list = (PMIB_TCPTABLE)(void *)room;
    ULONG size = sizeof room;
    DWORD i, wanted = state == 1 ? MIB_TCP_STATE_ESTAB : MIB_TCP_STATE_SYN_SENT;
    int found = 0;

    CHECK(GetTcpTable(list, &size, FALSE) == NO_ERROR);
    for (i = 0; i < list->dwNumEntries; i++)
        found += list->table[i].dwState == wanted && ntohs((u_short)list->table[i].dwRemotePort) == port;
    return found;
}
#else
static int connections_in_state(int port, int state)
{
    char line[256], wanted[32];
    int found = 0;
    FILE *list = fopen("/proc/net/tcp", "r");

    CHECK(list != NULL);
    sprintf(wanted, "0100007F:%04X %02X ", (unsigned)port, (unsigned)state);
    while (fgets(line, sizeof line, list) != NULL)
        found += strstr(line, wanted) != NULL;
    fclose(list);
    return found;
}
#endif

/* A client for the sandbox at this URL. */
static etoauth_client *new_client(const char *url)
{
    char oauth[256], authorize[256];
    etoauth_client *c = NULL;

    sprintf(oauth, "%s/oauth", url);
    sprintf(authorize, "%s/e/t/etws/authorize", url);
    OK(etoauth_client_new(ETOAUTH_ENV_SANDBOX, sandbox("SANDBOX_KEY"), sandbox("SANDBOX_SECRET"), &c));
    OK(etoauth_client_set_base_urls(c, oauth, authorize, url));
    OK(etoauth_client_set_proxy(c, ""));
    return c;
}

/* One more handle on a client's login. */
static etoauth_client *share_of(etoauth_client *c)
{
    etoauth_client *share = NULL;

    OK(etoauth_client_share(c, &share));
    CHECK(share != NULL && share != c);
    return share;
}

/* Approves the pending login as the person of this name, and gives its verification code. */
static const char *approve_as(etoauth_client *c, const char *person)
{
    static __thread char code[64];
    const char *found;
    char *url = NULL;

    OK(etoauth_client_get_authorize_url(c, &url));
    CHECK(strstr(url, "token=") != NULL);
    found = strstr(admin("approve?%s&person=%s", strstr(url, "token="), person), "\"oauth_verifier\":\"");
    CHECK(found != NULL);
    CHECK(sscanf(found, "\"oauth_verifier\":\"%63[^\"]", code) == 1);
    OK(etoauth_string_free(url));
    return code;
}

static const char *approve(etoauth_client *c)
{
    return approve_as(c, "");
}

static void log_in(etoauth_client *c)
{
    OK(etoauth_client_fetch_request_token(c));
    OK(etoauth_client_fetch_access_token(c, approve(c)));
}

static int32_t token_state(etoauth_client *c)
{
    int32_t state = -1;

    OK(etoauth_client_get_token_state(c, &state, NULL, NULL));
    return state;
}

#endif
