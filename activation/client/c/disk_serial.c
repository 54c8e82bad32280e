/* Where a disk's serial number may stand. */
#include "components.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_udev(const struct tree *tree, const char *number, const char *name, char *value, size_t room)
{
    char path[PATH_MAX];
    size_t length;
    snprintf(path, sizeof path, "/run/udev/data/b%s", number);
    char *bytes = tree_read(tree, path, &length);
    const char *line = bytes;
    while (line != NULL && strncmp(line, name, strlen(name)) != 0) {
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    bool good = line != NULL && clean_value(value, room, line + strlen(name), strcspn(line, "\n") - strlen(name));
    free(bytes);
    return good;
}

/* SCSI vital product data page 80h: four bytes of header, the last two the length, then the text. */
static bool read_serial_page(const struct tree *tree, const char *path, char *value, size_t room)
{
    size_t length;
    char *bytes = tree_read(tree, path, &length);
    bool good = bytes != NULL && length >= 4 && (unsigned char)bytes[1] == 0x80;
    if (good) {
        size_t told = (size_t)(unsigned char)bytes[2] << 8 | (unsigned char)bytes[3];
        good = clean_value(value, room, bytes + 4, told < length - 4 ? told : length - 4);
    }
    free(bytes);
    return good;
}

static bool read_plain(const struct tree *tree, const char *path, char *value, size_t room)
{
    size_t length;
    char *bytes = tree_read(tree, path, &length);
    bool good = bytes != NULL && clean_value(value, room, bytes, length);
    free(bytes);
    return good;
}

bool read_serial(const struct tree *tree, const char *name, char *value, size_t room)
{
    /* Memory cards give the whole card id, since their serial number has only 32 bits. */
    static const char *const BEFORE[] = {"device/cid", "device/serial", "serial"};
    static const char *const AFTER[] = {"device/wwid", "wwid"};
    char path[PATH_MAX], number[32];
    for (size_t at = 0; at < 3; at++) {
        snprintf(path, sizeof path, "/sys/block/%.255s/%s", name, BEFORE[at]);
        if (read_plain(tree, path, value, room))
            return true;
    }
    snprintf(path, sizeof path, "/sys/block/%.255s/dev", name);
    tree_text(tree, path, number, sizeof number);
    if (read_udev(tree, number, "E:ID_SCSI_SERIAL=", value, room) ||
        read_udev(tree, number, "E:ID_SERIAL_SHORT=", value, room))
        return true;
    snprintf(path, sizeof path, "/sys/block/%.255s/device/vpd_pg80", name);
    if (read_serial_page(tree, path, value, room))
        return true;
    for (size_t at = 0; at < 2; at++) {
        snprintf(path, sizeof path, "/sys/block/%.255s/%s", name, AFTER[at]);
        if (read_plain(tree, path, value, room))
            return true;
    }
    return false;
}
