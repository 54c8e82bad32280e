/* The machine as a request's device, and beside a certificate. */
#ifndef DEVICE_H
#define DEVICE_H

#include "fingerprint.h"
#include "match.h"
#include "tree.h"

struct device {
    char name[65];
    json_t *components;
    struct fingerprint fingerprint;
};

/* Read this machine; `folder` keeps the install id, made only where no hardware part counts.
 * False with a message when the install id is damaged. Free it with device_free in either case. */
bool read_device(struct device *device, const struct tree *tree, const char *folder);
void device_free(struct device *device);

/* The device as requests name it; `public_key` may be NULL. The caller's to free. */
json_t *write_device(const struct device *device, const char *public_key);

/* NULL when a certificate is this machine's, else "policy" or "device". Free the comparison. */
const char *compare_device(struct comparison *comparison, const struct device *device, const struct terms *terms);

#endif
