#include "device.h"

#include "components.h"
#include "keeping.h"

bool read_device(struct device *device, const struct tree *tree, const char *folder)
{
    char install_id[33];
    read_device_name(tree, device->name);
    device->components = read_components(tree);
    identify(&device->fingerprint, device->components, false);
    bool needed = !device->fingerprint.identifiable;
    /* One that was made is sent for good: a device known by it stays known when its first hardware appears. */
    if (!needed && !is_kept(folder, "install_id"))
        return true;
    if (!load_install_id(folder, install_id))
        return !needed;
    json_object_set_new(device->components, "install_id", json_string(install_id));
    fingerprint_free(&device->fingerprint);
    identify(&device->fingerprint, device->components, true);
    return true;
}

void device_free(struct device *device)
{
    json_decref(device->components);
    fingerprint_free(&device->fingerprint);
}

json_t *write_device(const struct device *device, const char *public_key)
{
    return json_pack("{sssssOss*}", "platform", "linux", "name", device->name, "components", device->components,
                     "public_key", public_key);
}

const char *compare_device(struct comparison *comparison, const struct device *device, const struct terms *terms)
{
    json_t *presented = component_digests(terms->salt, device->fingerprint.parts);
    bool known = compare(comparison, terms->policy, terms->components, presented);
    json_decref(presented);
    if (!known)
        return "policy";
    return comparison->same ? NULL : "device";
}
