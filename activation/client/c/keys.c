#include "keys.h"

#include "base64url.h"
#include "strict_json.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

void thumbprint(char kid[KID_ROOM], const uint8_t public_key[KEY_BYTES])
{
    char x[BASE64URL_ROOM(KEY_BYTES)], jwk[128];
    uint8_t hash[crypto_hash_sha256_BYTES];
    base64url_encode(x, public_key, KEY_BYTES);
    /* Members in lexical order, no white space: that is the canonical form. */
    int length = snprintf(jwk, sizeof jwk, "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"%s\"}", x);
    crypto_hash_sha256(hash, (const uint8_t *)jwk, (size_t)length);
    base64url_encode(kid, hash, sizeof hash);
}

bool read_public_jwk(const json_t *jwk, uint8_t public_key[KEY_BYTES])
{
    const char *kty = json_text(jwk, "kty"), *crv = json_text(jwk, "crv");
    return kty != NULL && crv != NULL && strcmp(kty, "OKP") == 0 && strcmp(crv, "Ed25519") == 0 &&
           base64url_decode_exactly(json_text(jwk, "x"), public_key, KEY_BYTES);
}

bool is_signed(const uint8_t public_key[KEY_BYTES], const char *text, size_t length,
               const uint8_t *signature, size_t signature_length)
{
    /* libsodium also refuses keys of small order and signatures that are not reduced. */
    return signature_length == SIGNATURE_BYTES &&
           crypto_sign_verify_detached(signature, (const uint8_t *)text, length, public_key) == 0;
}
