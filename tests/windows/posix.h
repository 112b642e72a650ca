/* What the C programs of the tests take from POSIX, on Windows: included before all else. read, write and close are for
   sockets alone; temporary files are made in the current directory. */
#ifndef POSIX_H
#define POSIX_H

#include <winsock2.h>
#include <ws2tcpip.h>

#include <iphlpapi.h>

#include <direct.h>
#include <errno.h>
#include <io.h>
#include <sched.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MSG_NOSIGNAL 0
#define MSG_DONTWAIT 0x40000000
#define F_SETFL 0
#define O_NONBLOCK 1
#define SHUT_WR SD_SEND
#undef CALLBACK
#undef EAGAIN
#define EAGAIN WSAEWOULDBLOCK
#undef ECONNRESET
#define ECONNRESET WSAECONNRESET

static int posix_socket(int family, int type, int protocol)
{
    WSADATA about;

    WSAStartup(MAKEWORD(2, 2), &about);
    return (int)socket(family, type, protocol);
}

static int posix_told(int result)
{
    if (result < 0)
        errno = WSAGetLastError();
    return result;
}

static int posix_nonblocking(int s, u_long wanted)
{
    return ioctlsocket((SOCKET)s, FIONBIO, &wanted);
}

static int posix_recv(int s, char *to, size_t length, int flags)
{
    int got;

    if (flags & MSG_DONTWAIT)
        posix_nonblocking(s, 1);
    got = posix_told(recv((SOCKET)s, to, (int)length, flags & ~MSG_DONTWAIT));
    if (flags & MSG_DONTWAIT)
        posix_nonblocking(s, 0);
    return got;
}

static int posix_send(int s, const char *from, size_t length)
{
    return posix_told(send((SOCKET)s, from, (int)length, 0));
}

static int posix_poll(struct pollfd *entries, ULONG count, int ms)
{
    if (count > 0)
        return WSAPoll(entries, count, ms);
    Sleep((DWORD)ms);
    return 0;
}

static int posix_close(int s)
{
    return s == 0 ? 0 : closesocket((SOCKET)s);
}

/* Nobody needs the descriptor: 0 is none. */
static int posix_mkstemp(char *path)
{
    FILE *made;

    memmove(path, strrchr(path, '/') + 1, strlen(strrchr(path, '/')));
    made = fopen(path, "wb");
    return made != NULL && fclose(made) == 0 ? 0 : -1;
}

static DWORD WINAPI posix_alarm_rings(void *seconds)
{
    Sleep((DWORD)(size_t)seconds * 1000);
    TerminateProcess(GetCurrentProcess(), 142);
    return 0;
}

#define socket(family, type, protocol) posix_socket(family, type, protocol)
#define accept(s, address, length) (int)accept((SOCKET)(s), address, length)
#define recv(s, to, length, flags) posix_recv(s, to, length, flags)
#define send(s, from, length, flags) posix_send(s, from, length)
#define read(s, to, length) posix_recv(s, to, length, 0)
#define write(s, from, length) posix_send(s, from, length)
#define close(s) posix_close(s)
#define mkstemp(path) posix_mkstemp(path)
#define fcntl(s, what, flags) posix_nonblocking(s, flags)
#define poll(entries, count, ms) posix_poll(entries, count, ms)
#define alarm(seconds) CloseHandle(CreateThread(NULL, 0, posix_alarm_rings, (void *)(size_t)(seconds), 0, NULL))
#define mkdir(path, mode) _mkdir(path)

#endif
