/* Ed25519 public keys (RFC 8032): their names (RFC 7638), their JWKs (RFC 8037), their signatures. */
#ifndef KEYS_H
#define KEYS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KEY_BYTES 32
#define SIGNATURE_BYTES 64
#define KID_ROOM 44 /* 43 characters and NUL */

/* The key's JWK thumbprint: base64url of SHA-256. */
void thumbprint(char kid[KID_ROOM], const uint8_t public_key[KEY_BYTES]);

/* The 32 bytes of an Ed25519 JWK; members beside kty, crv, x are ignored. */
bool read_public_jwk(const json_t *jwk, uint8_t public_key[KEY_BYTES]);

bool is_signed(const uint8_t public_key[KEY_BYTES], const char *text, size_t length,
               const uint8_t *signature, size_t signature_length);

#endif
