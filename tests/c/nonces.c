/* No nonce comes twice: from prepared requests and signers with one token, old and new, in threads that live long or
   briefly, and in forked children. The argument is how many to make; "some" prints a few, to be compared with those of
   another run. Of each nonce 120 bits are kept, of which no two sets will be equal by chance. */
#define _DEFAULT_SOURCE
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "header.h"

#define URL "https://localhost/v1?a=1"
#define THREADS 4
/* Signed by each brief thread, brief child and short-lived handle. */
#define BRIEF 50

/* The low 8 bits of the second word say who made it. */
struct print {
    uint64_t one, two;
};

static struct print *prints;
/* One signer with two prepared requests, and another with the same credentials. */
static etoauth_signer *s, *twin;
static etoauth_prepared *first, *second, *of_twin;

enum maker { FIRST, SECOND, SIGNER, TWIN, OF_TWIN, SHORT_LIVED, MAKERS };
enum place { LONG_THREAD, BRIEF_THREAD, CHILD, GRANDCHILD, PLACES };

static const char *const makers[] = {"prepared", "another", "the signer", "its twin", "the twin's prepared", "a short-lived one"};
static const char *const places[] = {"a long thread", "a brief thread", "a child", "a grandchild"};

static uint64_t mixed(uint64_t n)
{
    n = (n ^ n >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    n = (n ^ n >> 27) * UINT64_C(0x94d049bb133111eb);
    return n ^ n >> 31;
}

static struct print print_of(const char *text, int who)
{
    size_t length = strlen(text), i;
    struct print print;
    uint64_t words[8] = {0};

    memcpy(words, text, length);
    print.one = mixed(length);
    print.two = mixed(~(uint64_t)length);
    for (i = 0; i * 8 < length; i++) {
        print.one = mixed(print.one ^ words[i]);
        print.two = mixed(print.two + words[i] * 0x9e3779b97f4a7c15u);
    }
    print.two = (print.two & ~(uint64_t)255) | (uint64_t)who;
    return print;
}

/* The next of some signatures; the short-lived handle is made anew now and then. */
static void next_nonce(size_t number, etoauth_prepared **short_lived, nonce text)
{
    char header[ETOAUTH_HEADER_MAX];
    size_t cap = sizeof header;

    switch ((enum maker)(number % MAKERS)) {
    case FIRST: OK(etoauth_prepared_sign(first, header, cap, NULL)); break;
    case SECOND: OK(etoauth_prepared_sign_at(second, 1344885636, NULL, header, cap, NULL)); break;
    case SIGNER: OK(etoauth_signer_sign(s, "GET", URL, NULL, header, cap, NULL)); break;
    case TWIN: OK(etoauth_signer_sign_at(twin, "GET", URL, NULL, 1344885636, NULL, header, cap, NULL)); break;
    case OF_TWIN: OK(etoauth_prepared_sign(of_twin, header, cap, NULL)); break;
    default:
        if (number / MAKERS % BRIEF == 0) {
            OK(etoauth_prepared_free(*short_lived));
            OK(etoauth_prepared_new(s, "GET", URL, short_lived));
        }
        OK(etoauth_prepared_sign(*short_lived, header, cap, NULL));
    }
    read_nonce(header, text);
}

struct share {
    struct print *to;
    size_t count;
    enum place place;
};

static void *fill(void *argument)
{
    const struct share *share = argument;
    etoauth_prepared *short_lived = NULL;
    nonce text;
    size_t i;

    for (i = 0; i < share->count; i++) {
        next_nonce(i, &short_lived, text);
        share->to[i] = print_of(text, (int)share->place * MAKERS + (int)(i % MAKERS));
    }
    OK(etoauth_prepared_free(short_lived));
    return NULL;
}

static void in_long_threads(struct print *to, size_t count)
{
    pthread_t threads[THREADS];
    struct share shares[THREADS];
    size_t i;

    for (i = 0; i < THREADS; i++) {
        shares[i].to = to + count / THREADS * i;
        shares[i].count = i + 1 == THREADS ? count - count / THREADS * i : count / THREADS;
        shares[i].place = LONG_THREAD;
        CHECK(pthread_create(&threads[i], NULL, fill, &shares[i]) == 0);
    }
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
}

/* Each begins where another has ended, in the same memory. */
static void in_brief_threads(struct print *to, size_t count)
{
    pthread_t threads[THREADS];
    struct share shares[THREADS];
    size_t i, begun;

    while (count > 0) {
        for (begun = 0; begun < THREADS && count > 0; begun++) {
            shares[begun].to = to;
            shares[begun].count = count < BRIEF ? count : BRIEF;
            shares[begun].place = BRIEF_THREAD;
            to += shares[begun].count;
            count -= shares[begun].count;
            CHECK(pthread_create(&threads[begun], NULL, fill, &shares[begun]) == 0);
        }
        for (i = 0; i < begun; i++)
            CHECK(pthread_join(threads[i], NULL) == 0);
    }
}

/* The child signs before and after it has a child of its own; the grandchild's thread is one more. */
static void child(struct share share)
{
    struct share part = share;
    pid_t grandchild;
    int status;

    part.count = share.count / 4;
    fill(&part);
    part.to += part.count;
    grandchild = fork();
    CHECK(grandchild >= 0);
    part.place = grandchild == 0 ? GRANDCHILD : CHILD;
    if (grandchild == 0) {
        pthread_t thread;

        CHECK(pthread_create(&thread, NULL, fill, &part) == 0 && pthread_join(thread, NULL) == 0);
        part.to += part.count;
        fill(&part);
        _exit(0);
    }
    part.to += 2 * part.count;
    part.count = (size_t)(share.to + share.count - part.to);
    fill(&part);
    CHECK(waitpid(grandchild, &status, 0) == grandchild && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Two siblings at a time, with nothing signed in between; each time the parent goes on a little. */
static void in_children(struct print *to, size_t count, size_t each)
{
    etoauth_prepared *short_lived = NULL;
    nonce text;
    struct share share;
    pid_t children[2];
    int i, begun, status;

    while (count > 0) {
        for (begun = 0; begun < 2 && count > 0; begun++) {
            share.to = to;
            share.count = count < each ? count : each;
            share.place = CHILD;
            to += share.count;
            count -= share.count;
            children[begun] = fork();
            CHECK(children[begun] >= 0);
            if (children[begun] == 0) {
                child(share);
                _exit(0);
            }
        }
        for (i = 0; i < begun; i++)
            CHECK(waitpid(children[i], &status, 0) == children[i] && WIFEXITED(status) && WEXITSTATUS(status) == 0);
        for (i = 0; i < MAKERS && count > 0; i++, to++, count--) {
            next_nonce((size_t)i, &short_lived, text);
            *to = print_of(text, (int)LONG_THREAD * MAKERS + i);
        }
    }
    OK(etoauth_prepared_free(short_lived));
}

static int by_print(const void *a, const void *b)
{
    const struct print *one = a, *two = b;

    if (one->one != two->one)
        return one->one < two->one ? -1 : 1;
    return (one->two > two->two) - (one->two < two->two);
}

static void none_twice(size_t count)
{
    size_t i;

    qsort(prints, count, sizeof *prints, by_print);
    for (i = 1; i < count; i++) {
        int whose = (int)(prints[i - 1].two & 255), too = (int)(prints[i].two & 255);

        if (prints[i - 1].one != prints[i].one || prints[i - 1].two >> 8 != prints[i].two >> 8)
            continue;
        fprintf(stderr, "one nonce from %s in %s and from %s in %s\n", makers[whose % MAKERS], places[whose / MAKERS],
                makers[too % MAKERS], places[too / MAKERS]);
        CHECK(0);
    }
}

static void print_some(void)
{
    etoauth_prepared *short_lived = NULL;
    nonce text;
    size_t i;

    for (i = 0; i < 10 * MAKERS; i++) {
        next_nonce(i, &short_lived, text);
        puts(text);
    }
    OK(etoauth_prepared_free(short_lived));
}

static void unique(size_t count)
{
    size_t third = count / 3, bytes = count * sizeof *prints;

    CHECK(third >= BRIEF);
    /* Children write into it, too. */
    prints = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(prints != MAP_FAILED);
    in_children(prints, third / 2, third / 4 + 1);
    in_long_threads(prints + third, third);
    in_brief_threads(prints + 2 * third, count - 2 * third);
    in_children(prints + third / 2, third - third / 2, third / 400 + BRIEF);
    none_twice(count);
    CHECK(munmap(prints, bytes) == 0);
    printf("%lu nonces, none twice\n", (unsigned long)count);
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    alarm(3600);
    OK(etoauth_signer_new("key", "secret", "token", "token secret", &s));
    OK(etoauth_signer_new("key", "secret", "token", "token secret", &twin));
    OK(etoauth_prepared_new(s, "GET", URL, &first));
    OK(etoauth_prepared_new(s, "GET", URL, &second));
    OK(etoauth_prepared_new(twin, "GET", URL, &of_twin));
    if (strcmp(argv[1], "some") == 0)
        print_some();
    else
        unique((size_t)atol(argv[1]));
    OK(etoauth_prepared_free(first));
    OK(etoauth_prepared_free(second));
    OK(etoauth_prepared_free(of_twin));
    OK(etoauth_signer_free(s));
    OK(etoauth_signer_free(twin));
    CHECK(etoauth_live_objects() == 0);
    return 0;
}
