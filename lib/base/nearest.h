#ifndef RHYTHM_BASE_NEAREST_H
#define RHYTHM_BASE_NEAREST_H

#include <stddef.h>

/*
 * nearest: which known word somebody most probably meant.
 *
 * Two words are near if few letters have to be changed, added, left out or swapped with their
 * neighbor to make one of the other; capitals do not count. Nothing is ever corrected here, only
 * named.
 *
 *     struct nearest nearest = nearest_to(word, len);
 *     nearest_offer(&nearest, "claims");                        each word that would do
 *     message_fail(STATUS_USAGE, "there is no ...; %s",
 *                  nearest_remedy(&nearest, "--", "", "see rhythm-token --help"));
 */

struct nearest {
    const char *word; /* as it was typed, len bytes of it */
    size_t len;
    const char *best; /* of those offered; NULL: none is near */
    size_t distance;
    char remedy[128];
};

/* len bytes of word, which must stay. */
struct nearest nearest_to(const char *word, size_t len);

/* Offers a known word, which must stay. Of equally near ones the first is taken. */
void nearest_offer(struct nearest *nearest, const char *candidate);

/*
 * "did you mean X?", with before and after around the word; or otherwise if nothing is near. The
 * string is in nearest.
 */
const char *nearest_remedy(struct nearest *nearest, const char *before, const char *after,
                           const char *otherwise);

#endif
