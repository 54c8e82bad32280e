#include "strict_json.h"

#include <string.h>

#define MAX_DEPTH 16
#define LARGEST_NUMBER ((INT64_C(1) << 53) - 1)

static bool is_too_deep(const char *text, size_t length)
{
    int depth = 0;
    bool in_string = false;
    for (size_t at = 0; at < length; at++) {
        char here = text[at];
        if (in_string && here == '\\')
            at++;
        else if (here == '"')
            in_string = !in_string;
        else if (!in_string && (here == '[' || here == '{') && ++depth > MAX_DEPTH)
            return true;
        else if (!in_string && (here == ']' || here == '}'))
            depth--;
    }
    return false;
}

json_t *strict_json_read(const void *text, size_t length)
{
    /* jansson by itself refuses NUL, NaN, surrogates, bad UTF-8 and what follows the value. */
    if (is_too_deep(text, length))
        return NULL;
    return json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
}

const char *json_text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

bool json_number(const json_t *object, const char *name, int64_t *number)
{
    const json_t *found = json_object_get(object, name);
    *number = json_integer_value(found);
    /* jansson keeps 1 and 1.0 apart, and true is neither. */
    return json_is_integer(found) && *number >= 0 && *number <= LARGEST_NUMBER;
}

bool json_has_exactly(const json_t *object, const char *const *names)
{
    size_t count = 0;
    for (; names[count] != NULL; count++)
        if (json_object_get(object, names[count]) == NULL)
            return false;
    return json_object_size(object) == count;
}
