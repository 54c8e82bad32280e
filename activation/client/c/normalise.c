#include "normalise.h"

#include <stdio.h>
#include <string.h>

static bool is_blank(char c)
{
    return (c >= 9 && c <= 13) || (c >= 28 && c <= 32);
}

static bool is_padding(char c)
{
    return c == '\0' || is_blank(c);
}

static bool is_between(char c, char first, char last)
{
    return c >= first && c <= last;
}

/* ASCII only, whatever the locale says. */
static char to_upper(char c)
{
    return is_between(c, 'a', 'z') ? (char)(c - 32) : c;
}

static char to_lower(char c)
{
    return is_between(c, 'A', 'Z') ? (char)(c + 32) : c;
}

static bool is_letter_or_digit(char c)
{
    return is_between(to_lower(c), 'a', 'z') || is_between(c, '0', '9');
}

/* Everything but ASCII's marks, so that all spellings of one value look alike. */
static void keep_bare(char *told, const char *text)
{
    for (; *text != '\0'; text++)
        if (is_letter_or_digit(*text) || (unsigned char)*text > 127)
            *told++ = *text;
    *told = '\0';
}

/* Remove every one of `marks` from a text. */
static void drop(char *text, const char *marks)
{
    char *kept = text;
    for (; *text != '\0'; text++)
        if (strchr(marks, *text) == NULL)
            *kept++ = *text;
    *kept = '\0';
}

static bool are_hex(const char *text, size_t count)
{
    return strlen(text) == count && strspn(text, "0123456789abcdef") == count;
}

/* Upper case, words parted by `between` ("" or " "). */
static const char *write_words(char *text, const char *value, size_t length, const char *between)
{
    char *end = text;
    bool waiting = false;
    for (size_t at = 0; at < length; at++) {
        if (is_padding(value[at])) {
            waiting = end != text;
            continue;
        }
        if (!is_between(value[at], 33, 126))
            return "not readable";
        if (waiting && *between != '\0')
            *end++ = *between;
        waiting = false;
        *end++ = to_upper(value[at]);
    }
    *end = '\0';
    return NULL;
}

static const char *read_text(char *text, const char *kind, const char *value, size_t length)
{
    char told[VALUE_ROOM];
    size_t shortest = strcmp(kind, "install_id") == 0 ? 8 : 4;
    const char *why = write_words(text, value, length, strcmp(kind, "hdd_serial") == 0 ? "" : " ");
    if (why != NULL)
        return why;
    keep_bare(told, text);
    if (told[0] == '\0')
        return "empty";
    if (is_shared(kind, told))
        return "shared by many machines";
    return strlen(told) < shortest ? "too short" : NULL;
}

/* Lower case without padding at both ends. False where a NUL stands inside: no number holds one. */
static bool write_lower(char *text, const char *value, size_t length)
{
    while (length > 0 && is_padding(value[length - 1]))
        length--;
    while (length > 0 && is_padding(*value)) {
        value++;
        length--;
    }
    for (size_t at = 0; at < length; at++)
        text[at] = to_lower(value[at]);
    text[length] = '\0';
    return strlen(text) == length;
}

static const char *why_unreadable(const char *kind, const char *text)
{
    char told[VALUE_ROOM];
    keep_bare(told, text);
    if (told[0] == '\0')
        return "empty";
    return is_shared(kind, told) ? "shared by many machines" : "not readable";
}

/* 32 digits, however a UUID is written: with dashes, braces, urn:uuid: or without. */
static const char *read_digits(char *text, const char *kind, const char *value, size_t length)
{
    char digits[VALUE_ROOM];
    if (!write_lower(text, value, length))
        return "not readable";
    const char *begin = strncmp(text, "urn:uuid:", 9) == 0 ? text + 9 : text;
    begin += strspn(begin, "{}");
    size_t count = strlen(begin);
    while (count > 0 && strchr("{}", begin[count - 1]) != NULL)
        count--;
    memcpy(digits, begin, count);
    digits[count] = '\0';
    drop(digits, "-");
    if (!are_hex(digits, 32))
        return why_unreadable(kind, text);
    if (is_shared(kind, digits))
        return "shared by many machines";
    if (strcmp(kind, "system_uuid") == 0)
        snprintf(text, VALUE_ROOM, "%.8s-%.4s-%.4s-%.4s-%.12s", digits, digits + 8, digits + 12, digits + 16,
                 digits + 20);
    else
        strcpy(text, digits);
    return NULL;
}

static const char *read_mac(char *text, const char *kind, const char *value, size_t length)
{
    char lower[VALUE_ROOM];
    if (!write_lower(lower, value, length))
        return "not readable";
    strcpy(text, lower);
    drop(text, ":-.");
    if (!are_hex(text, 12))
        return why_unreadable(kind, lower);
    if (strchr("13579bdf", text[1]) != NULL)
        return "multicast";
    if (strchr("26ae", text[1]) != NULL)
        return "locally administered";
    return is_shared(kind, text) ? "shared by many machines" : NULL;
}

static size_t count_characters(const char *value, size_t length)
{
    size_t count = 0;
    for (size_t at = 0; at < length; at++)
        count += ((unsigned char)value[at] & 0xC0) != 0x80;
    return count;
}

void examine(struct examined *examined, const char *kind, const char *value, size_t length)
{
    static const struct {
        const char *kind;
        const char *(*read)(char *text, const char *kind, const char *value, size_t length);
    } RULES[] = {
        {"hdd_serial", read_text}, {"board_serial", read_text},  {"cpu_id", read_text}, {"install_id", read_text},
        {"machine_id", read_digits}, {"system_uuid", read_digits}, {"mac", read_mac},
    };
    examined->why = "unknown kind";
    if (count_characters(value, length) > LONGEST_VALUE || length >= VALUE_ROOM) {
        examined->why = "too long";
        return;
    }
    for (size_t at = 0; at < sizeof RULES / sizeof *RULES; at++)
        if (strcmp(RULES[at].kind, kind) == 0)
            examined->why = RULES[at].read(examined->text, kind, value, length);
}
