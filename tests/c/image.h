/* Searches the process for secrets: its memory, its texts and its files. The secrets are markers, random and made anew in
   each run. They are kept masked, and so are the pieces that are looked for: whatever is found is somebody else's copy. */
#ifndef IMAGE_H
#define IMAGE_H

#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include "check.h"

#define MARKERS 13
#define LONGEST 96
/* A fragment of this many bytes is found, wherever in the marker it is from. */
#define PIECE 12
#define FORMS 11
#define MOST_PIECES (MARKERS * FORMS * 6 * LONGEST)

static const char *const form_names[FORMS] = {
    "as it is",        "percent-encoded",   "percent-encoded twice", "base64",    "base64, one byte on", "base64, two bytes on",
    "base64url",       "base64url, one on", "base64url, two on",     "UTF-16",    "hexadecimal"};

static struct marker {
    const char *name;
    unsigned char masked[LONGEST];
    size_t length;
} markers[MARKERS];

struct piece {
    uint64_t head;
    uint32_t tail;
    unsigned char marker, form;
};

static struct piece pieces[MOST_PIECES];
static size_t piece_count;
static unsigned char maybe[1 << 16];
static uint64_t mask;

/* What was found by the last search, in copies: in memory, in the part of the stack that no call uses any more, and where
   the last of them was. */
static unsigned long found[MARKERS], found_on_stack[MARKERS];
static unsigned char found_form[MARKERS];
static char found_in[MARKERS][128];

static unsigned long searches;
static unsigned long long searched_bytes;

/* Room for secrets in clear: shown for one call, hidden right after it. */
static char shown[1 << 14];
static size_t shown_length;
static unsigned char window[1 << 20];

static void forget(void *memory, size_t length)
{
    volatile unsigned char *byte = memory;

    while (length-- > 0)
        *byte++ = 0;
}

static void hide(void)
{
    forget(shown, shown_length);
    shown_length = 0;
}

/* A text in that room. */
static char *room(size_t length)
{
    char *begin = shown + shown_length;

    CHECK(shown_length + length + 1 <= sizeof shown);
    shown_length += length + 1;
    return begin;
}

static void random_bytes(void *into, size_t length)
{
    int source = open("/dev/urandom", O_RDONLY);

    CHECK(source >= 0 && read(source, into, length) == (ssize_t)length);
    close(source);
}

static char *show(int marker)
{
    const struct marker *m = &markers[marker];
    char *text = room(m->length);
    size_t i;

    for (i = 0; i < m->length; i++)
        text[i] = (char)(m->masked[i] ^ (unsigned char)(mask >> i % 8 * 8));
    text[m->length] = '\0';
    return text;
}

static char *percent_encoded(const char *text)
{
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    char *encoded = room(3 * strlen(text)), *at = encoded;

    for (; *text != '\0'; text++) {
        if (strchr(unreserved, *text) != NULL) {
            *at++ = *text;
        } else {
            *at++ = '%';
            *at++ = "0123456789ABCDEF"[(unsigned char)*text >> 4];
            *at++ = "0123456789ABCDEF"[(unsigned char)*text & 15];
        }
    }
    *at = '\0';
    return encoded;
}

/* Texts in one, ended by NULL. */
static char *joined(const char *const texts[])
{
    size_t length = 0, i;
    char *whole;

    for (i = 0; texts[i] != NULL; i++)
        length += strlen(texts[i]);
    whole = room(length);
    *whole = '\0';
    for (i = 0; texts[i] != NULL; i++)
        strcat(whole, texts[i]);
    return whole;
}

static size_t hash(uint64_t head)
{
    return (size_t)(head * 0x9e3779b97f4a7c15u >> 45);
}

static int compare(const void *left, const void *right)
{
    const struct piece *a = left, *b = right;

    if (a->head != b->head)
        return a->head < b->head ? -1 : 1;
    return a->tail < b->tail ? -1 : a->tail > b->tail;
}

static void masked_piece(const unsigned char *at, struct piece *piece)
{
    memcpy(&piece->head, at, 8);
    memcpy(&piece->tail, at + 8, 4);
    piece->head ^= mask;
    piece->tail ^= (uint32_t)mask;
}

static void look_for(int marker, int form, const char *text, size_t length)
{
    size_t i;

    for (i = 0; i + PIECE <= length; i++) {
        struct piece *piece = &pieces[piece_count++];

        CHECK(piece_count < MOST_PIECES);
        masked_piece((const unsigned char *)text + i, piece);
        piece->marker = (unsigned char)marker;
        piece->form = (unsigned char)form;
    }
}

/* Whole groups of three bytes only: their letters are the same, whatever stands before and after. */
static void look_for_base64(int marker, int form, const char *plain, const char *last_two)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    size_t start, length = strlen(plain), i;

    for (start = 0; start < 3; start++, form++) {
        char *encoded = room(2 * length), *at = encoded;

        for (i = start; i + 3 <= length; i += 3) {
            uint32_t group = (uint32_t)(unsigned char)plain[i] << 16 | (uint32_t)(unsigned char)plain[i + 1] << 8 |
                             (unsigned char)plain[i + 2];
            int shift;

            for (shift = 18; shift >= 0; shift -= 6) {
                uint32_t letter = group >> shift & 63;

                *at++ = letter < 62 ? letters[letter] : last_two[letter - 62];
            }
        }
        look_for(marker, form, encoded, (size_t)(at - encoded));
    }
}

static void know_pieces(void)
{
    size_t i;
    int m;

    piece_count = 0;
    for (m = 0; m < MARKERS; m++) {
        char *plain = show(m), *encoded;
        size_t length = markers[m].length;

        look_for(m, 0, plain, length);
        encoded = percent_encoded(plain);
        look_for(m, 1, encoded, strlen(encoded));
        encoded = percent_encoded(encoded);
        look_for(m, 2, encoded, strlen(encoded));
        look_for_base64(m, 3, plain, "+/");
        look_for_base64(m, 6, plain, "-_");
        encoded = room(2 * length);
        for (i = 0; i < length; i++) {
            encoded[2 * i] = plain[i];
            encoded[2 * i + 1] = '\0';
        }
        look_for(m, 9, encoded, 2 * length);
        for (i = 0; i < length; i++)
            sprintf(encoded + 2 * i, "%02x", (unsigned char)plain[i]);
        look_for(m, 10, encoded, 2 * length);
        hide();
    }
    qsort(pieces, piece_count, sizeof *pieces, compare);
    memset(maybe, 0, sizeof maybe);
    for (i = 0; i < piece_count; i++)
        maybe[hash(pieces[i].head) / 8] |= (unsigned char)(1 << hash(pieces[i].head) % 8);
}

/* From now on this text, or as much of it as is looked for, is what the marker stands for. */
static void remember(int marker, const char *text, size_t length)
{
    size_t i;

    CHECK(length <= LONGEST);
    markers[marker].length = length;
    for (i = 0; i < length; i++)
        markers[marker].masked[i] = (unsigned char)((unsigned char)text[i] ^ (unsigned char)(mask >> i % 8 * 8));
    know_pieces();
}

/* 32 characters each, three of which no encoding leaves as they are. */
static void make_markers(const char *const names[])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    int m, i;

    random_bytes(&mask, sizeof mask);
    for (m = 0; m < MARKERS; m++) {
        unsigned char *text = (unsigned char *)room(32);

        random_bytes(text, 32);
        for (i = 0; i < 32; i++)
            text[i] = (unsigned char)(i % 12 == 7 ? "+/="[i / 12] : letters[text[i] % 62]);
        markers[m].name = names[m];
        markers[m].length = 32;
        for (i = 0; i < 32; i++)
            markers[m].masked[i] = (unsigned char)(text[i] ^ (unsigned char)(mask >> i % 8 * 8));
        hide();
    }
    know_pieces();
}

/* Overlapping pieces are one copy. `end` is where the last copy, of `last`, has its end. */
static void search_bytes(const unsigned char *bytes, size_t length, unsigned long counts[], const char *where)
{
    size_t i, end = 0;
    int last = -1;

    for (i = 0; i + PIECE <= length; i++) {
        struct piece here, *piece;
        size_t hashed;

        memcpy(&here.head, bytes + i, 8);
        here.head ^= mask;
        hashed = hash(here.head);
        if ((maybe[hashed / 8] & 1 << hashed % 8) == 0)
            continue;
        masked_piece(bytes + i, &here);
        piece = bsearch(&here, pieces, piece_count, sizeof *pieces, compare);
        if (piece == NULL)
            continue;
        if (piece->marker != last || i > end) {
            counts[piece->marker]++;
            found_form[piece->marker] = piece->form;
            sprintf(found_in[piece->marker], "%.120s", where);
        }
        last = piece->marker;
        end = i + PIECE;
    }
    searched_bytes += length;
}

static void search_begins(void)
{
    searches++;
    memset(found, 0, sizeof found);
    memset(found_on_stack, 0, sizeof found_on_stack);
}

static void search_range(int memory, unsigned long begin, unsigned long end, unsigned long counts[], const char *where)
{
    while (begin + PIECE <= end) {
        size_t length = end - begin < sizeof window ? end - begin : sizeof window;
        ssize_t got = pread(memory, window, length, (off_t)begin);

        /* The kernel's own pages cannot be read in this way. */
        if (got <= 0)
            break;
        search_bytes(window, (size_t)got, counts, where);
        begin += (size_t)got == length && begin + length < end ? length - (PIECE - 1) : (size_t)got;
    }
}

/* The whole memory of this process, whatever it is mapped from, but for the room in which it is looked at. */
static void search_memory(void)
{
    static char maps[1 << 18];
    unsigned long here = (unsigned long)&here, skip = (unsigned long)window, skip_end = skip + sizeof window;
    int memory = open("/proc/self/mem", O_RDONLY), list = open("/proc/self/maps", O_RDONLY);
    size_t length = 0;
    ssize_t got;
    char *line;

    CHECK(memory >= 0 && list >= 0);
    while ((got = read(list, maps + length, sizeof maps - 1 - length)) > 0)
        length += (size_t)got;
    CHECK(length < sizeof maps - 1);
    maps[length] = '\0';
    close(list);
    search_begins();
    for (line = strtok(maps, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char *rest;
        unsigned long begin = strtoul(line, &rest, 16), end = strtoul(rest + 1, &rest, 16);

        if (rest[1] != 'r')
            continue;
        if (strstr(line, "[stack]") != NULL) {
            search_range(memory, begin, here, found_on_stack, line);
            search_range(memory, here, end, found, line);
        } else if (begin <= skip && skip_end <= end) {
            search_range(memory, begin, skip, found, line);
            search_range(memory, skip_end, end, found, line);
        } else {
            search_range(memory, begin, end, found, line);
        }
    }
    forget(window, sizeof window);
    close(memory);
}

static void search_text(const char *text, size_t length, const char *what)
{
    search_begins();
    search_bytes((const unsigned char *)text, length, found, what);
}

static void search_file(const char *path)
{
    int file = open(path, O_RDONLY);
    ssize_t got;

    CHECK(file >= 0);
    got = read(file, window, sizeof window);
    CHECK(got >= 0 && got < (ssize_t)sizeof window);
    close(file);
    search_begins();
    search_bytes(window, (size_t)got, found, path);
    forget(window, sizeof window);
}

#endif
