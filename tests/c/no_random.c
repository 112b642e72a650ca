/* A machine without random numbers gives no nonce: a status says so, and all goes on when it has some again. */
#define _GNU_SOURCE
#include "misuse.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static int broken;

/* Stands before the C library's for the whole process, the shared library included. */
ssize_t getrandom(void *buf, size_t len, unsigned int flags)
{
    if (!broken)
        return syscall(SYS_getrandom, buf, len, flags);
    errno = EIO;
    return -1;
}

int main(void)
{
    char *buf = out.buf;
    size_t cap = sizeof out.buf;
    etoauth_signer *s = make_signer();
    etoauth_prepared *p = make_prepared(s);
    etoauth_client *c = make_client();

    OK(etoauth_client_set_access_token(c, "token", "token secret", 0));
    broken = 1;
    mark_outputs();
    EXPECT(etoauth_signer_sign(s, "GET", URL, NULL, buf, cap, &out.number), ETOAUTH_E_RANDOM);
    EXPECT(etoauth_signer_sign_at(s, "GET", URL, NULL, 1, NULL, buf, cap, &out.number), ETOAUTH_E_RANDOM);
    EXPECT(etoauth_prepared_sign(p, buf, cap, &out.number), ETOAUTH_E_RANDOM);
    EXPECT(etoauth_prepared_new(s, "GET", URL, &out.prepared), ETOAUTH_E_RANDOM);
    EXPECT(etoauth_client_sign(c, "GET", URL, &out.text), ETOAUTH_E_RANDOM);
    CHECK(outputs_untouched());
    OK(etoauth_signer_sign_at(s, "GET", URL, NULL, 1, "nonce", buf, cap, NULL));

    broken = 0;
    OK(etoauth_signer_sign(s, "GET", URL, NULL, buf, cap, NULL));
    broken = 1;
    /* From here on the thread counts. */
    OK(etoauth_signer_sign(s, "GET", URL, NULL, buf, cap, NULL));
    OK(etoauth_prepared_sign(p, buf, cap, NULL));

    OK(etoauth_prepared_free(p));
    OK(etoauth_signer_free(s));
    OK(etoauth_client_free(c));
    puts("no nonce came from nowhere");
    return 0;
}
