/* One spelling for one component, or none when the value identifies nothing (docs/protocol.md). */
#ifndef NORMALISE_H
#define NORMALISE_H

#include <stdbool.h>
#include <stddef.h>

#define LONGEST_VALUE 256                /* characters */
#define VALUE_ROOM (4 * LONGEST_VALUE + 1) /* of UTF-8 */

struct examined {
    char text[VALUE_ROOM]; /* the canonical text, where it counts */
    const char *why;       /* why it does not count; NULL where it does */
};

void examine(struct examined *examined, const char *kind, const char *value, size_t length);

/* Whether many machines share what `told` says: its letters and digits alone. */
bool is_shared(const char *kind, const char *told);

#endif
