#include "tree.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_BYTES (1 << 20)

static bool locate(const struct tree *tree, const char *path, char located[PATH_MAX])
{
    return snprintf(located, PATH_MAX, "%s%s", tree->root, path) < PATH_MAX;
}

char *tree_read(const struct tree *tree, const char *path, size_t *length)
{
    char located[PATH_MAX];
    FILE *file = locate(tree, path, located) ? fopen(located, "rb") : NULL;
    char *bytes = file != NULL ? malloc(MAX_BYTES + 1) : NULL;
    *length = bytes != NULL ? fread(bytes, 1, MAX_BYTES, file) : 0;
    if (bytes != NULL && ferror(file)) {
        free(bytes);
        bytes = NULL;
    }
    if (bytes != NULL)
        bytes[*length] = '\0';
    if (file != NULL)
        fclose(file);
    return bytes;
}

void tree_text(const struct tree *tree, const char *path, char *text, size_t room)
{
    size_t length;
    char *bytes = tree_read(tree, path, &length);
    const char *begin = bytes != NULL ? bytes + strspn(bytes, " \t\r\n") : "";
    snprintf(text, room, "%s", begin);
    for (size_t end = strlen(text); end > 0 && strchr(" \t\r\n", text[end - 1]) != NULL; end--)
        text[end - 1] = '\0';
    free(bytes);
}

bool tree_has(const struct tree *tree, const char *path)
{
    char located[PATH_MAX];
    struct stat found;
    return locate(tree, path, located) && lstat(located, &found) == 0;
}

void tree_resolve(const struct tree *tree, const char *path, char resolved[PATH_MAX])
{
    char located[PATH_MAX], root[PATH_MAX], real[PATH_MAX];
    resolved[0] = '\0';
    if (!locate(tree, path, located) || realpath(located, real) == NULL ||
        realpath(tree->root[0] != '\0' ? tree->root : "/", root) == NULL)
        return;
    size_t length = strcmp(root, "/") == 0 ? 0 : strlen(root);
    if (strncmp(real, root, length) == 0 && real[length] == '/')
        snprintf(resolved, PATH_MAX, "%s", real + length);
}

json_t *tree_names(const struct tree *tree, const char *path)
{
    char located[PATH_MAX];
    json_t *names = json_array();
    DIR *folder = locate(tree, path, located) ? opendir(located) : NULL;
    struct dirent *entry;
    while (folder != NULL && (entry = readdir(folder)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            json_array_append_new(names, json_string(entry->d_name));
    if (folder != NULL)
        closedir(folder);
    sort_array(names);
    return names;
}

static bool is_padding(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0';
}

static bool is_text(const char *value, size_t length)
{
    size_t characters = 0;
    json_t *text = json_stringn(value, length); /* NULL unless it is UTF-8 */
    for (size_t at = 0; text != NULL && at < length; at++) {
        unsigned char here = (unsigned char)value[at];
        characters += (here & 0xC0) != 0x80;
        if (here < 32 || here == 127)
            characters = SIZE_MAX / 2;
    }
    bool good = text != NULL && characters <= 256 && strstr(json_string_value(text), "\xEF\xBF\xBD") == NULL;
    json_decref(text);
    return good;
}

bool clean_value(char *value, size_t room, const char *raw, size_t length)
{
    while (length > 0 && is_padding(raw[length - 1]))
        length--;
    while (length > 0 && is_padding(*raw)) {
        raw++;
        length--;
    }
    if (length == 0 || length >= room || !is_text(raw, length))
        return false;
    memcpy(value, raw, length);
    value[length] = '\0';
    return true;
}

static int by_text(const void *one, const void *other)
{
    return strcmp(json_string_value(*(json_t *const *)one), json_string_value(*(json_t *const *)other));
}

void sort_array(json_t *texts)
{
    size_t count = json_array_size(texts);
    json_t **order = calloc(count + 1, sizeof(json_t *));
    if (order == NULL)
        return;
    for (size_t at = 0; at < count; at++)
        order[at] = json_incref(json_array_get(texts, at));
    qsort(order, count, sizeof(json_t *), by_text);
    json_array_clear(texts);
    for (size_t at = 0; at < count; at++)
        json_array_append_new(texts, order[at]);
    free(order);
}
