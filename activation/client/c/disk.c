/* The serial number of the disk that holds the root file system: from the mount table up through partitions,
 * device mapper and md to the physical disks; where that leads nowhere, the machine's own built-in disks. */
#include "components.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CARRIERS 256 /* of one root file system; a bound against circles that the kernel does not make */

static void append_unique(json_t *paths, const char *path)
{
    size_t at;
    json_t *known;
    json_array_foreach(paths, at, known)
    {
        if (strcmp(json_string_value(known), path) == 0)
            return;
    }
    if (path[0] != '\0' && json_array_size(paths) < MAX_CARRIERS)
        json_array_append_new(paths, json_string(path));
}

static bool has_below(const struct tree *tree, const char *folder, const char *name)
{
    char path[PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return tree_has(tree, path);
}

/* What carries a block device: a partition's disk, the members below a mapped one. */
static size_t append_carriers(const struct tree *tree, const char *device, json_t *paths)
{
    char path[2 * PATH_MAX], resolved[PATH_MAX];
    if (has_below(tree, device, "partition")) {
        snprintf(path, sizeof path, "%.*s", (int)(strrchr(device, '/') - device), device);
        append_unique(paths, path);
        return 1;
    }
    snprintf(path, sizeof path, "%s/slaves", device);
    json_t *names = tree_names(tree, path), *name;
    size_t at, count = 0;
    json_array_foreach(names, at, name)
    {
        snprintf(path, sizeof path, "%s/slaves/%s", device, json_string_value(name));
        tree_resolve(tree, path, resolved);
        append_unique(paths, resolved);
        count += resolved[0] != '\0';
    }
    json_decref(names);
    return count;
}

static json_t *climb_to_disks(const struct tree *tree, const char *device)
{
    json_t *paths = json_array(), *disks = json_array();
    append_unique(paths, device);
    for (size_t at = 0; at < json_array_size(paths); at++) {
        const char *here = json_string_value(json_array_get(paths, at));
        if (append_carriers(tree, here, paths) == 0 && has_below(tree, here, "device"))
            json_array_append_new(disks, json_string(here));
    }
    json_decref(paths);
    sort_array(disks);
    return disks;
}

static json_t *disks_below(const struct tree *tree, const char *path)
{
    char device[PATH_MAX] = "";
    if (tree_has(tree, path))
        tree_resolve(tree, path, device);
    return device[0] != '\0' ? climb_to_disks(tree, device) : json_array();
}

static bool is_device_number(const char *text)
{
    size_t major = strspn(text, "0123456789");
    size_t minor = text[major] == ':' ? strspn(text + major + 1, "0123456789") : 0;
    return major >= 1 && major <= 9 && minor >= 1 && minor <= 9 && text[major + 1 + minor] == '\0';
}

/* The disks of one line of the mount table, where it mounts "/". */
static json_t *disks_of_mount(const struct tree *tree, char *line)
{
    char path[PATH_MAX], resolved[PATH_MAX], *fields[5] = {NULL}, *kept = NULL;
    char *volume = strstr(line, " - "), *origin = NULL;
    if (volume != NULL) {
        *volume = '\0';
        origin = strchr(volume + 3, ' ');
    }
    for (size_t at = 0; at < 5; at++)
        fields[at] = strtok_r(at == 0 ? line : NULL, " ", &kept);
    if (fields[4] == NULL || strcmp(fields[4], "/") != 0)
        return json_array();
    json_t *disks = json_array();
    if (is_device_number(fields[2])) {
        snprintf(path, sizeof path, "/sys/dev/block/%s", fields[2]);
        json_decref(disks);
        disks = disks_below(tree, path);
    }
    /* btrfs has a number of its own that no block device bears; its source names the device. */
    if (json_array_size(disks) > 0 || origin == NULL || strncmp(origin + 1, "/dev/", 5) != 0)
        return disks;
    origin[1 + strcspn(origin + 1, " ")] = '\0';
    tree_resolve(tree, origin + 1, resolved);
    const char *target = resolved[0] != '\0' ? resolved : origin + 1;
    snprintf(path, sizeof path, "/sys/class/block/%.255s", strrchr(target, '/') + 1);
    json_decref(disks);
    return disks_below(tree, path);
}

static json_t *find_root_disks(const struct tree *tree)
{
    size_t length;
    char *mounts = tree_read(tree, "/proc/self/mountinfo", &length);
    json_t *disks = json_array();
    /* The last mount over "/" is the one that counts. */
    for (char *end = mounts != NULL ? mounts + strlen(mounts) : NULL; end != NULL && json_array_size(disks) == 0;) {
        *end = '\0';
        char *before = strrchr(mounts, '\n');
        json_decref(disks);
        disks = disks_of_mount(tree, before != NULL ? before + 1 : mounts);
        end = before;
    }
    free(mounts);
    return disks;
}

static bool is_built_in(const struct tree *tree, const char *disk)
{
    char path[PATH_MAX + 32], removable[8];
    snprintf(path, sizeof path, "%s/removable", disk);
    tree_text(tree, path, removable, sizeof removable);
    /* A USB hard disk calls itself fixed, but it is not part of this machine. */
    return strcmp(removable, "1") != 0 && strstr(disk, "/usb") == NULL && has_below(tree, disk, "device");
}

static json_t *list_built_in_disks(const struct tree *tree)
{
    json_t *names = tree_names(tree, "/sys/block"), *disks = json_array(), *name;
    size_t at;
    json_array_foreach(names, at, name)
    {
        char path[PATH_MAX], resolved[PATH_MAX];
        snprintf(path, sizeof path, "/sys/block/%s", json_string_value(name));
        tree_resolve(tree, path, resolved);
        if (resolved[0] != '\0' && is_built_in(tree, resolved))
            json_array_append_new(disks, json_string(resolved));
    }
    json_decref(names);
    sort_array(disks);
    return disks;
}

bool read_disk_serial(const struct tree *tree, char *value, size_t room)
{
    json_t *disks = find_root_disks(tree), *disk;
    size_t at;
    bool found = false;
    if (json_array_size(disks) == 0) {
        json_decref(disks);
        disks = list_built_in_disks(tree);
    }
    json_array_foreach(disks, at, disk)
    {
        found = read_serial(tree, strrchr(json_string_value(disk), '/') + 1, value, room);
        if (found)
            break;
    }
    json_decref(disks);
    return found;
}
