#include "vector_cases.h"

#include "base64url.h"
#include "strict_json.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

bool is_reason(const json_t *entry, const char *reason)
{
    const char *wanted = json_text(entry, "reason");
    return wanted == NULL || reason == NULL ? wanted == reason : strcmp(wanted, reason) == 0;
}

uint8_t *read_bytes(const json_t *entry, const char *name, size_t *count)
{
    const char *text = json_text(entry, name);
    size_t room = text != NULL ? strlen(text) + 1 : 0;
    uint8_t *bytes = text != NULL ? malloc(room) : NULL;
    if (bytes != NULL && base64url_decode(text, room - 1, bytes, room, count))
        return bytes;
    free(bytes);
    return NULL;
}

void read_roots(const json_t *entry, struct roots *roots)
{
    size_t at;
    json_t *root, *listed = json_object_get(entry, "roots");
    *roots = (struct roots){.count = json_array_size(listed)};
    json_array_foreach(listed, at, root)
    {
        if (at < 4)
            base64url_decode_exactly(json_string_value(root), roots->keys[at], KEY_BYTES);
    }
}

bool is_equal(const char *one, const char *other)
{
    return one == NULL || other == NULL ? one == other : strcmp(one, other) == 0;
}

static bool run_key(const json_t *entry)
{
    uint8_t public_key[KEY_BYTES], seed[KEY_BYTES], made[KEY_BYTES], secret[crypto_sign_SECRETKEYBYTES];
    char kid[KID_ROOM];
    const char *wanted = json_text(entry, "kid");
    if (!read_public_jwk(json_object_get(entry, "jwk"), public_key))
        return wanted == NULL;
    thumbprint(kid, public_key);
    if (base64url_decode_exactly(json_text(entry, "seed"), seed, sizeof seed)) {
        crypto_sign_seed_keypair(made, secret, seed);
        if (memcmp(made, public_key, KEY_BYTES) != 0)
            return false;
    }
    return is_equal(kid, wanted);
}

static bool run_signature(const json_t *entry)
{
    size_t key_count, length, count;
    uint8_t *key = read_bytes(entry, "public_key", &key_count);
    uint8_t *message = read_bytes(entry, "message", &length);
    uint8_t *signature = read_bytes(entry, "signature", &count);
    bool good = key != NULL && message != NULL && signature != NULL && key_count == KEY_BYTES &&
                is_signed(key, (const char *)message, length, signature, count);
    free(key);
    free(message);
    free(signature);
    return good == json_is_true(json_object_get(entry, "good"));
}

static bool run_rfc8032(const json_t *entry)
{
    static const char *const NAMES[] = {"secret_key", "public_key", "message", "signature"};
    uint8_t parts[4][2048], made[SIGNATURE_BYTES], secret[crypto_sign_SECRETKEYBYTES], public_key[KEY_BYTES];
    size_t counts[4];
    for (size_t at = 0; at < 4; at++) {
        const char *text = json_text(entry, NAMES[at]);
        if (text == NULL || sodium_hex2bin(parts[at], sizeof parts[at], text, strlen(text), NULL, &counts[at], NULL))
            return false;
    }
    crypto_sign_seed_keypair(public_key, secret, parts[0]);
    crypto_sign_detached(made, NULL, parts[2], counts[2], secret);
    return memcmp(public_key, parts[1], KEY_BYTES) == 0 && memcmp(made, parts[3], SIGNATURE_BYTES) == 0 &&
           is_signed(public_key, (const char *)parts[2], counts[2], made, sizeof made);
}

static bool run_base64url(const json_t *entry)
{
    const json_t *text = json_object_get(entry, "text");
    uint8_t bytes[64];
    char hex[129], again[BASE64URL_ROOM(64)];
    size_t count;
    if (!base64url_decode(json_string_value(text), json_string_length(text), bytes, sizeof bytes, &count))
        return json_text(entry, "hex") == NULL;
    sodium_bin2hex(hex, sizeof hex, bytes, count);
    base64url_encode(again, bytes, count);
    return is_equal(hex, json_text(entry, "hex")) && is_equal(again, json_string_value(text));
}

static bool run_strict_json(const json_t *entry)
{
    size_t length;
    uint8_t *text = read_bytes(entry, "json", &length);
    json_t *value = text != NULL ? strict_json_read(text, length) : NULL;
    bool good = (value != NULL) == json_is_true(json_object_get(entry, "good"));
    json_decref(value);
    free(text);
    return good;
}

static bool run_delegation(const json_t *entry)
{
    struct roots roots;
    struct delegation told;
    read_roots(entry, &roots);
    const char *reason = verify_delegation(json_text(entry, "delegation"), &roots, &told);
    if (reason != NULL || !is_reason(entry, reason))
        return is_reason(entry, reason);
    return is_equal(told.kid, json_text(entry, "kid")) &&
           told.not_before == json_integer_value(json_object_get(entry, "nbf")) &&
           told.expires_at == json_integer_value(json_object_get(entry, "exp")) &&
           told.max_ttl == json_integer_value(json_object_get(entry, "max_ttl")) &&
           told.offline == json_is_true(json_object_get(entry, "offline"));
}

static bool run_certificate(const json_t *entry)
{
    struct roots roots;
    struct terms terms;
    const json_t *asked = json_object_get(entry, "now");
    int64_t now = json_integer_value(asked);
    read_roots(entry, &roots);
    const char *reason =
        verify_certificate(json_text(entry, "certificate"), json_text(entry, "delegation"), &roots,
                           json_text(entry, "product"), json_is_null(asked) ? NULL : &now, &terms);
    terms_free(&terms);
    return is_reason(entry, reason);
}

const struct subject SUBJECTS[] = {
    {"rfc8032.json", "vectors", run_rfc8032, NULL},
    {"keys.json", "cases", run_key, NULL},
    {"signatures.json", "cases", run_signature, NULL},
    {"base64url.json", "cases", run_base64url, NULL},
    {"strict_json.json", "cases", run_strict_json, NULL},
    {"digests.json", "accounts", run_digests, NULL},
    {"normalisation.json", "cases", run_normalisation, NULL},
    {"fingerprints.json", "cases", run_fingerprint, NULL},
    {"matching.json", "cases", run_match, NULL},
    {"delegations.json", "cases", run_delegation, NULL},
    {"certificates.json", "cases", run_certificate, NULL},
    {"proofs.json", "cases", run_proof, NULL},
    {"revocations.json", "cases", run_revocations, NULL},
    {"offline_requests.json", "cases", NULL, run_request_file},
    {"offline_certificates.json", "cases", run_certificate_file, NULL},
    {NULL, NULL, NULL, NULL},
};
