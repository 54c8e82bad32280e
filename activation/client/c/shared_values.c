#include "normalise.h"

#include <string.h>

static const struct shared {
    const char *kind;
    const char *const *whole, *const *beginnings;
    const char *runs;
} SHARED[] = {
#include "shared_values.inc"
};

/* One character or group of them, repeated throughout, turns up again in the middle of its double. */
static bool is_repeated(const char *told)
{
    char doubled[2 * VALUE_ROOM];
    size_t length = strlen(told);
    if (length < 2 || length >= VALUE_ROOM)
        return false;
    memcpy(doubled, told, length);
    memcpy(doubled + length, told, length);
    doubled[2 * length - 1] = '\0';
    return strstr(doubled + 1, told) != NULL;
}

static bool is_listed(const struct shared *shared, const char *told)
{
    for (size_t at = 0; shared->whole[at] != NULL; at++)
        if (strcmp(shared->whole[at], told) == 0)
            return true;
    for (size_t at = 0; shared->beginnings[at] != NULL; at++)
        if (strncmp(shared->beginnings[at], told, strlen(shared->beginnings[at])) == 0)
            return true;
    return strstr(shared->runs, told) != NULL;
}

bool is_shared(const char *kind, const char *told)
{
    for (size_t at = 0; at < sizeof SHARED / sizeof *SHARED; at++)
        if (strcmp(SHARED[at].kind, kind) == 0)
            return is_listed(&SHARED[at], told) || is_repeated(told);
    return false;
}
