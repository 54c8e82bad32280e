#include "proof.h"

#include "base64url.h"
#include "jws.h"
#include "strict_json.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define TYP "license-proof+jwt"
#define HASH_ROOM BASE64URL_ROOM(crypto_hash_sha256_BYTES)

static void hash_certificate(char text[HASH_ROOM], const char *certificate)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const uint8_t *)certificate, strlen(certificate));
    base64url_encode(text, hash, sizeof hash);
}

char *make_proof(const uint8_t seed[KEY_BYTES], const char *certificate, int64_t counter, int64_t now)
{
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
    char kid[KID_ROOM], hashed[HASH_ROOM], claims[160];
    crypto_sign_seed_keypair(public_key, secret, seed);
    thumbprint(kid, public_key);
    hash_certificate(hashed, certificate);
    snprintf(claims, sizeof claims, "{\"iat\":%" PRId64 ",\"ctr\":%" PRId64 ",\"cth\":\"%s\"}", now, counter, hashed);
    char *token = jws_sign(TYP, kid, claims, secret);
    sodium_memzero(secret, sizeof secret);
    return token;
}

static const char *read_claims(const struct jws *jws, const char *certificate, int64_t *counter)
{
    static const char *const names[] = {"iat", "ctr", "cth", NULL};
    char wanted[HASH_ROOM];
    int64_t issued_at;
    json_t *claims = strict_json_read(jws->payload, jws->payload_length);
    const char *hashed = json_text(claims, "cth"), *reason = NULL;
    hash_certificate(wanted, certificate);
    if (!json_has_exactly(claims, names) || hashed == NULL || !json_number(claims, "iat", &issued_at) ||
        !json_number(claims, "ctr", counter) || *counter < 1)
        reason = "malformed";
    else if (strcmp(hashed, wanted) != 0)
        reason = "certificate";
    json_decref(claims);
    return reason;
}

const char *verify_proof(const char *token, const uint8_t public_key[KEY_BYTES], const char *certificate,
                         int64_t *counter)
{
    struct jws jws;
    char kid[KID_ROOM];
    const char *reason = jws_parse(&jws, token, TYP);
    if (reason != NULL)
        return reason;
    thumbprint(kid, public_key);
    if (strcmp(jws.kid, kid) != 0)
        reason = "key";
    else if (!is_signed(public_key, jws.text, jws.text_length, jws.signature, SIGNATURE_BYTES))
        reason = "signature";
    else
        reason = read_claims(&jws, certificate, counter);
    jws_free(&jws);
    return reason;
}
