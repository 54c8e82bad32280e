#include "armour.h"

#include "strict_json.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The file as text: without byte order mark, and without the zeros that UTF-16 puts between ASCII's characters. */
static char *write_text(const uint8_t *file, size_t length)
{
    char *text = malloc(length + 1), *end = text;
    size_t at = 0;
    if (length >= 3 && memcmp(file, "\xEF\xBB\xBF", 3) == 0)
        at = 3;
    else if (length >= 2 && (memcmp(file, "\xFF\xFE", 2) == 0 || memcmp(file, "\xFE\xFF", 2) == 0))
        at = 2;
    for (; text != NULL && at < length; at++)
        if (file[at] != '\0')
            *end++ = (char)file[at];
    if (text != NULL)
        *end = '\0';
    return text;
}

/* The next line without quoting and blanks at its ends; NULL after the last. Changes the text. */
static char *next_line(char **text)
{
    char *line = *text;
    if (line == NULL)
        return NULL;
    size_t length = strcspn(line, "\r\n");
    *text = line[length] != '\0' ? line + length + 1 : NULL;
    line[length] = '\0';
    line += strspn(line, "> \t\v\f");
    for (size_t end = strlen(line); end > 0 && strchr(" \t\v\f", line[end - 1]) != NULL; end--)
        line[end - 1] = '\0';
    return line;
}

/* Gather what stands between the one BEGIN and the one END after it. */
static bool gather(char *text, const char *label, char *inside)
{
    char begin[64], end[64], *line;
    int begins = 0, ends = 0;
    snprintf(begin, sizeof begin, "-----BEGIN %s-----", label);
    snprintf(end, sizeof end, "-----END %s-----", label);
    inside[0] = '\0';
    while ((line = next_line(&text)) != NULL) {
        if (strcmp(line, begin) == 0) {
            begins++;
        } else if (strcmp(line, end) == 0) {
            if (begins == 0)
                return false;
            ends++;
        } else if (begins == 1 && ends == 0) {
            size_t length = strlen(line);
            memcpy(inside, line, length + 1);
            inside += length;
        }
    }
    return begins == 1 && ends == 1;
}

uint8_t *armour_read(const char *label, const uint8_t *file, size_t length, size_t *count)
{
    char *text = write_text(file, length), *inside = malloc(length + 1);
    uint8_t *bytes = malloc(length + 1);
    bool good = text != NULL && inside != NULL && bytes != NULL && gather(text, label, inside) &&
                sodium_base642bin(bytes, length + 1, inside, strlen(inside), NULL, count, NULL,
                                  sodium_base64_VARIANT_ORIGINAL) == 0 &&
                *count > 0;
    free(text);
    free(inside);
    if (good)
        return bytes;
    free(bytes);
    return NULL;
}

static bool is_answer(const json_t *answer)
{
    static const char *const NAMES[] = {"v", "certificate", "delegation", NULL};
    int64_t version;
    const char *certificate = json_text(answer, "certificate"), *delegation = json_text(answer, "delegation");
    return json_has_exactly(answer, NAMES) && json_number(answer, "v", &version) && version == 1 &&
           certificate != NULL && certificate[0] != '\0' && delegation != NULL && delegation[0] != '\0';
}

json_t *read_certificate_file(const uint8_t *file, size_t length, const char **reason)
{
    size_t count;
    uint8_t *bytes = armour_read(ANSWER_LABEL, file, length, &count);
    json_t *answer = bytes != NULL ? strict_json_read(bytes, count) : NULL;
    *reason = bytes == NULL ? "armour" : is_answer(answer) ? NULL : "contents";
    free(bytes);
    if (*reason == NULL)
        return answer;
    json_decref(answer);
    return NULL;
}
