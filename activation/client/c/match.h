/* Is this the enrolled device or another one? What was enrolled is the measure, never what was sent. */
#ifndef MATCH_H
#define MATCH_H

#include <jansson.h>
#include <stdbool.h>

/* Kinds in canonical order. `differing`: enrolled and sent, not equal; `missing`: enrolled and not sent;
 * `added`: sent and not enrolled. */
struct comparison {
    bool same;
    json_t *agreed, *differing, *missing, *added;
};

/* Compare digests by kind, under a policy's label such as "standard/1". False for an unknown policy.
 * Free the comparison with comparison_free in either case. */
bool compare(struct comparison *comparison, const char *policy, const json_t *enrolled, const json_t *presented);

void comparison_free(struct comparison *comparison);

#endif
