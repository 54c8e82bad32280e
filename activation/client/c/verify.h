/* Verifying a certificate offline, with its delegation and the roots' public keys: docs/protocol.md.
 *
 * What is wrong comes back as the reason's word, NULL when nothing is. */
#ifndef VERIFY_H
#define VERIFY_H

#include "jws.h"

#define SALT_BYTES 16
#define DIGEST_ROOM 23 /* 22 characters and NUL */

struct roots {
    uint8_t keys[4][KEY_BYTES];
    size_t count;
};

/* What a root has said of a signing key. */
struct delegation {
    char kid[KID_ROOM];
    uint8_t public_key[KEY_BYTES];
    int64_t not_before, expires_at, max_ttl;
    bool offline;
};

/* What a certificate says. The texts belong to `claims`; free all with terms_free. */
struct terms {
    json_t *claims;
    char kid[KID_ROOM]; /* the key that signed it */
    const char *name;   /* its jti */
    const char *license_id, *activation_id, *product, *kind, *policy;
    int64_t issued_at, not_before, expires_at, renew_after, major, moves;
    bool ends; /* false: no `exp`, valid for ever */
    uint8_t salt[SALT_BYTES];
    const json_t *components; /* kind: [digest in base64url] */
    bool has_device_key;
    uint8_t device_key[KEY_BYTES];
};

const char *verify_delegation(const char *token, const struct roots *roots, struct delegation *delegation);

/* `product` NULL and `now` NULL: not asked. */
const char *verify_certificate(const char *token, const char *delegation, const struct roots *roots,
                               const char *product, const int64_t *now, struct terms *terms);

void terms_free(struct terms *terms);

#endif
