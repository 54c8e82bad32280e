/* JSON as the protocol reads it: nothing in it that two readers might read differently. */
#ifndef STRICT_JSON_H
#define STRICT_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* The value of a text, or NULL: not JSON, a key twice, NUL, lone surrogates, NaN, nested deeper than 16. */
json_t *strict_json_read(const void *text, size_t length);

/* Members of an object, or NULL and false where they are missing or of another type. */
const char *json_text(const json_t *object, const char *name);
bool json_number(const json_t *object, const char *name, int64_t *number); /* 0 to 2^53 - 1 */

/* Whether an object has exactly these members; the list ends with NULL. */
bool json_has_exactly(const json_t *object, const char *const *names);

#endif
