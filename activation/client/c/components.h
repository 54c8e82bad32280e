/* This Linux machine's parts, from the same places that the Python client reads. */
#ifndef COMPONENTS_H
#define COMPONENTS_H

#include "tree.h"

/* {kind: text, "mac": [text]} of what could be read. The caller's to free. */
json_t *read_components(const struct tree *tree);

/* The machine's name, at most 64 characters. */
void read_device_name(const struct tree *tree, char name[65]);

/* The serial of the disk that holds the root file system. */
bool read_disk_serial(const struct tree *tree, char *value, size_t room);

/* The serial of one disk by its kernel's name, such as sda. */
bool read_serial(const struct tree *tree, const char *name, char *value, size_t room);

#endif
