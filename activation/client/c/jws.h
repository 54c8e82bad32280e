/* JWS compact (RFC 7515) with Ed25519 and exactly one header: alg EdDSA, the typ expected, kid. */
#ifndef JWS_H
#define JWS_H

#include "keys.h"

#define MAX_TOKEN 16384

/* A token taken apart, its signature not yet looked at. Free it with jws_free. */
struct jws {
    json_t *header;
    const char *kid; /* the header's */
    uint8_t *payload;
    size_t payload_length;
    const char *text; /* what is signed: the token's own beginning */
    size_t text_length;
    uint8_t signature[SIGNATURE_BYTES];
};

/* Take a token apart: NULL when its form is right, else "malformed" or "wrong_type". */
const char *jws_parse(struct jws *jws, const char *token, const char *typ);

/* The same for tokens of up to `most` characters. */
const char *jws_parse_long(struct jws *jws, const char *token, const char *typ, size_t most);

void jws_free(struct jws *jws);

/* Sign claims with a key (64 bytes as libsodium keeps it); free() the token. NULL when out of memory. */
char *jws_sign(const char *typ, const char *kid, const char *claims, const uint8_t *secret_key);

#endif
