#include "proving.h"

#include "base64url.h"
#include "keeping.h"
#include "proof.h"
#include "strict_json.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PROOF_FILE "proof.json"

bool name_device_key(const char *folder, char public_key[44])
{
    uint8_t seed[KEY_BYTES], public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
    int64_t counter;
    json_t *kept = load_kept(folder, PROOF_FILE);
    bool refused = json_is_true(json_object_get(kept, "refused")) ||
                   (!json_number(kept, "counter", &counter) && is_kept(folder, PROOF_FILE));
    json_decref(kept);
    if (refused || !load_device_key(folder, seed)) {
        forget(folder, PROOF_FILE);
        if (!make_device_key(folder, seed))
            return false;
    }
    crypto_sign_seed_keypair(public, secret, seed);
    base64url_encode(public_key, public, KEY_BYTES);
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(seed, sizeof seed);
    return true;
}

static bool keep_proof(const char *folder, int64_t counter, const char *proof, bool refused)
{
    json_t *kept = json_pack("{sIss*sb}", "counter", (json_int_t)counter, "proof", proof, "refused", refused);
    bool good = keep(folder, PROOF_FILE, kept);
    json_decref(kept);
    return good;
}

/* Whether a kept proof is over this very certificate, by this key. */
static bool is_over(const char *proof, const uint8_t seed[KEY_BYTES], const char *certificate)
{
    uint8_t public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
    int64_t counter;
    crypto_sign_seed_keypair(public, secret, seed);
    sodium_memzero(secret, sizeof secret);
    return proof != NULL && verify_proof(proof, public, certificate, &counter) == NULL;
}

bool prove(const char *folder, const char *certificate, char **proof)
{
    uint8_t seed[KEY_BYTES];
    int64_t counter = 0;
    *proof = NULL;
    if (!is_kept(folder, "device.key"))
        return true;
    json_t *kept = load_kept(folder, PROOF_FILE);
    const char *waiting = json_text(kept, "proof");
    /* Counting anew would look like a copy of this device at work. */
    bool good = load_device_key(folder, seed) && (json_number(kept, "counter", &counter) || !is_kept(folder, PROOF_FILE));
    if (good && is_over(waiting, seed, certificate)) {
        *proof = strdup(waiting);
    } else if (good) {
        *proof = make_proof(seed, certificate, counter + 1, (int64_t)time(NULL));
        good = *proof != NULL && keep_proof(folder, counter + 1, *proof, json_is_true(json_object_get(kept, "refused")));
    } else {
        fprintf(stderr, "The device's key in %s is damaged: activate again, which makes another.\n", folder);
    }
    json_decref(kept);
    sodium_memzero(seed, sizeof seed);
    return good;
}

void settle_proof(const char *folder, bool refused)
{
    int64_t counter;
    json_t *kept = load_kept(folder, PROOF_FILE);
    if (json_number(kept, "counter", &counter))
        keep_proof(folder, counter, NULL, refused);
    json_decref(kept);
}
