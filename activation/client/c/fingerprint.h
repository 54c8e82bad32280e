/* All components together: what counts, whether it identifies a machine, and its digests. */
#ifndef FINGERPRINT_H
#define FINGERPRINT_H

#include "verify.h"

#define KIND_COUNT 7
extern const char *const KINDS[KIND_COUNT]; /* in canonical order */

struct fingerprint {
    json_t *parts;   /* kind: [canonical text, sorted] */
    json_t *ignored; /* [[kind, why]] */
    bool identifiable;
};

/* Read a request's components: {kind: text or [text]}. Free it with fingerprint_free. */
void identify(struct fingerprint *fingerprint, const json_t *components, bool install_id_allowed);
void fingerprint_free(struct fingerprint *fingerprint);

/* BLAKE2b-128(key = salt, kind NUL value) in base64url. */
void component_digest(char digest[DIGEST_ROOM], const uint8_t salt[SALT_BYTES], const char *kind,
                      const char *value);

/* The digests of all parts: kind: [digest]. The caller's to free. */
json_t *component_digests(const uint8_t salt[SALT_BYTES], const json_t *parts);

#endif
