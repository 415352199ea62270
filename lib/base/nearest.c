#include "base/nearest.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { WORD_MAX = 40 }; /* bytes; nobody mistypes a longer word for one of ours */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int same_letter(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/*
 * The optimal string alignment distance: as Levenshtein's, with two swapped neighbors as one
 * mistake. A swap looks two rows back, so three rows of the table are enough.
 */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t rows[3][WORD_MAX + 1] = {{0}};

    for (size_t k = 0; k <= b_len; k++)
        rows[0][k] = k;
    for (size_t i = 1; i <= a_len; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *before = rows[(i + 1) % 3]; /* the row above that one */

        row[0] = i;
        for (size_t k = 1; k <= b_len; k++) {
            row[k] = least(above[k - 1] + !same_letter(a[i - 1], b[k - 1]),
                           least(above[k], row[k - 1]) + 1);
            if (i > 1 && k > 1 && same_letter(a[i - 1], b[k - 2]) &&
                same_letter(a[i - 2], b[k - 1]))
                row[k] = least(row[k], before[k - 2] + 1);
        }
    }
    return rows[a_len % 3][b_len];
}

struct nearest nearest_to(const char *word, size_t len)
{
    return (struct nearest){.word = word, .len = len};
}

void nearest_offer(struct nearest *nearest, const char *candidate)
{
    size_t len = strlen(candidate);
    size_t found;

    if (!nearest->len || nearest->len > WORD_MAX || len > WORD_MAX)
        return;
    found = distance(nearest->word, nearest->len, candidate, len);
    /* a third of the word may be wrong; with more, half the words of a language are near */
    if (found * 3 > len || (nearest->best && found >= nearest->distance))
        return;
    nearest->best = candidate;
    nearest->distance = found;
}

const char *nearest_remedy(struct nearest *nearest, const char *before, const char *after,
                           const char *otherwise)
{
    if (!nearest->best)
        return otherwise;
    snprintf(nearest->remedy, sizeof nearest->remedy, "did you mean %s%s%s?", before,
             nearest->best, after);
    return nearest->remedy;
}
