/* Small files of /sys, /proc, /etc and /run below a root, which in tests is a copied tree. */
#ifndef TREE_H
#define TREE_H

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct tree {
    char root[PATH_MAX]; /* "" for the machine itself */
};

/* A file's bytes with a NUL after them, at most 1 MiB; NULL when it cannot be read. free() it. */
char *tree_read(const struct tree *tree, const char *path, size_t *length);

/* A file as text without blanks at both ends, "" when it cannot be read. */
void tree_text(const struct tree *tree, const char *path, char *text, size_t room);

bool tree_has(const struct tree *tree, const char *path);

/* The path behind all links, "" when it is not there or leads out of the tree. */
void tree_resolve(const struct tree *tree, const char *path, char resolved[PATH_MAX]);

/* What a folder holds, sorted; empty when there is no such folder. The caller's to free. */
json_t *tree_names(const struct tree *tree, const char *path);

/* A value without padding; false when it is empty, longer than 256 characters, or no text. */
bool clean_value(char *value, size_t room, const char *raw, size_t length);

/* Sort an array of texts. */
void sort_array(json_t *texts);

#endif
