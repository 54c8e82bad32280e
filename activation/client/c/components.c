#include "components.h"

#include "normalise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_MACS 16
#define NAME_ROOM 65

static bool read_value(const struct tree *tree, const char *path, char *value, size_t room)
{
    size_t length;
    char *bytes = tree_read(tree, path, &length);
    bool good = bytes != NULL && clean_value(value, room, bytes, length);
    free(bytes);
    return good;
}

static void put_first(json_t *components, const struct tree *tree, const char *kind, const char *const *paths)
{
    char value[VALUE_ROOM];
    for (; *paths != NULL; paths++) {
        if (!read_value(tree, *paths, value, sizeof value))
            continue;
        /* An image waiting for its first boot says "uninitialized", like all its copies. */
        if (strcmp(kind, "machine_id") == 0 &&
            (strlen(value) != 32 || strspn(value, "0123456789abcdefABCDEF") != 32))
            continue;
        json_object_set_new(components, kind, json_string(value));
        return;
    }
}

/* Six pairs of digits, all separated by the same ':' or '-' or by nothing. */
static bool is_mac(const char *text)
{
    size_t step = text[0] != '\0' && text[1] != '\0' && strchr(":-", text[2]) != NULL && text[2] != '\0' ? 3 : 2;
    size_t length = step == 3 ? 17 : 12;
    if (strlen(text) != length)
        return false;
    for (size_t at = 0; at < length; at++)
        if (step == 3 && at % 3 == 2 ? text[at] != text[2] : strchr("0123456789abcdefABCDEF", text[at]) == NULL)
            return false;
    return true;
}

static bool is_physical(const struct tree *tree, const char *name)
{
    char path[PATH_MAX], type[16];
    snprintf(path, sizeof path, "/sys/class/net/%s/device", name);
    bool sits_on_a_bus = tree_has(tree, path);
    snprintf(path, sizeof path, "/sys/class/net/%s/type", name);
    tree_text(tree, path, type, sizeof type);
    return sits_on_a_bus && strcmp(type, "1") == 0;
}

/* The address an interface was made with: a bond or Wi-Fi randomisation puts another over it. */
static void read_permanent(const struct tree *tree, const char *name, char address[64])
{
    static const char *const under[] = {"bonding_slave/perm_hwaddr", "phy80211/macaddress"};
    char path[PATH_MAX], assigned[16];
    for (size_t at = 0; at < 2; at++) {
        snprintf(path, sizeof path, "/sys/class/net/%s/%s", name, under[at]);
        tree_text(tree, path, address, 64);
        if (address[0] != '\0')
            return;
    }
    snprintf(path, sizeof path, "/sys/class/net/%s/addr_assign_type", name);
    tree_text(tree, path, assigned, sizeof assigned);
    snprintf(path, sizeof path, "/sys/class/net/%s/address", name);
    if (assigned[0] == '\0' || strcmp(assigned, "0") == 0)
        tree_text(tree, path, address, 64);
}

static void put_macs(json_t *components, const struct tree *tree)
{
    json_t *names = tree_names(tree, "/sys/class/net"), *name, *found = json_object(), *macs = json_array();
    size_t at;
    json_array_foreach(names, at, name)
    {
        char address[64] = "";
        if (is_physical(tree, json_string_value(name)))
            read_permanent(tree, json_string_value(name), address);
        if (is_mac(address) && json_object_get(found, address) == NULL) {
            json_object_set_new(found, address, json_true());
            json_array_append_new(macs, json_string(address));
        }
    }
    sort_array(macs);
    while (json_array_size(macs) > MAX_MACS)
        json_array_remove(macs, MAX_MACS);
    if (json_array_size(macs) > 0)
        json_object_set(components, "mac", macs);
    json_decref(macs);
    json_decref(found);
    json_decref(names);
}

/* Take a field "name : value" out of the first processor's lines. */
static bool read_field(const char *block, size_t length, const char *name, char *value, size_t room)
{
    bool found = false;
    for (const char *line = block; line < block + length;) {
        size_t span = strcspn(line, "\n");
        const char *colon = memchr(line, ':', span);
        char key[64];
        if (colon != NULL && clean_value(key, sizeof key, line, (size_t)(colon - line)) && strcmp(key, name) == 0)
            found = clean_value(value, room, colon + 1, span - (size_t)(colon + 1 - line));
        line += span + 1;
    }
    return found;
}

static void put_processor(json_t *components, const struct tree *tree)
{
    static const char *const NAMES[][5] = {
        {"vendor_id", "cpu family", "model", "stepping", NULL},
        {"CPU implementer", "CPU architecture", "CPU variant", "CPU part", "CPU revision"},
        {"isa", "mvendorid", "marchid", "mimpid", NULL},
        {"cpu", "revision", NULL, NULL, NULL},
    };
    size_t size;
    char *bytes = tree_read(tree, "/proc/cpuinfo", &size);
    const char *block = bytes != NULL ? bytes + strspn(bytes, " \t\r\n") : "";
    const char *end = strstr(block, "\n\n");
    size_t length = end != NULL ? (size_t)(end - block) : strlen(block);
    for (size_t row = 0; row < sizeof NAMES / sizeof *NAMES; row++) {
        char all[5 * (VALUE_ROOM + 1)] = "", one[VALUE_ROOM], cleaned[VALUE_ROOM];
        size_t at = 0;
        for (; at < 5 && NAMES[row][at] != NULL && read_field(block, length, NAMES[row][at], one, sizeof one); at++) {
            strcat(all, at > 0 ? " " : "");
            strcat(all, one);
        }
        if (at < 5 && NAMES[row][at] != NULL)
            continue;
        if (clean_value(cleaned, sizeof cleaned, all, strlen(all)))
            json_object_set_new(components, "cpu_id", json_string(cleaned));
        break;
    }
    free(bytes);
}

json_t *read_components(const struct tree *tree)
{
    static const char *const UUID[] = {"/sys/class/dmi/id/product_uuid", NULL};
    static const char *const BOARD[] = {"/sys/class/dmi/id/board_serial",
                                        "/sys/firmware/devicetree/base/serial-number", NULL};
    static const char *const MACHINE[] = {"/etc/machine-id", "/var/lib/dbus/machine-id", NULL};
    char serial[VALUE_ROOM];
    json_t *components = json_object();
    if (read_disk_serial(tree, serial, sizeof serial))
        json_object_set_new(components, "hdd_serial", json_string(serial));
    put_first(components, tree, "system_uuid", UUID);
    put_first(components, tree, "board_serial", BOARD);
    put_first(components, tree, "machine_id", MACHINE);
    put_macs(components, tree);
    put_processor(components, tree);
    return components;
}

void read_device_name(const struct tree *tree, char name[NAME_ROOM])
{
    tree_text(tree, "/proc/sys/kernel/hostname", name, NAME_ROOM);
    if (name[0] == '\0')
        tree_text(tree, "/etc/hostname", name, NAME_ROOM);
    char shown[NAME_ROOM];
    if (!clean_value(shown, sizeof shown, name, strlen(name)))
        snprintf(name, NAME_ROOM, "unnamed device");
}
