/* Vectors of proofs, revocations and offline files. */
#include "armour.h"
#include "base64url.h"
#include "proof.h"
#include "revocations.h"
#include "strict_json.h"
#include "vector_cases.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

bool run_proof(const json_t *entry)
{
    uint8_t key[KEY_BYTES];
    int64_t counter;
    if (!base64url_decode_exactly(json_text(entry, "public_key"), key, sizeof key))
        return false;
    const char *reason = verify_proof(json_text(entry, "proof"), key, json_text(entry, "certificate"), &counter);
    return is_reason(entry, reason) &&
           (reason != NULL || counter == json_integer_value(json_object_get(entry, "counter")));
}

bool run_revocations(const json_t *entry)
{
    struct roots roots;
    json_t *claims;
    const json_t *asked = json_object_get(entry, "now");
    int64_t now = json_integer_value(asked);
    read_roots(entry, &roots);
    const char *reason = verify_revocations(json_text(entry, "revocations"), json_text(entry, "delegation"), &roots,
                                            json_is_null(asked) ? NULL : &now, json_object_get(entry, "leaked"), &claims);
    bool good = is_reason(entry, reason);
    if (good && reason == NULL)
        good = json_equal(json_object_get(claims, "keys"), json_object_get(entry, "keys")) &&
               json_equal(json_object_get(claims, "certificates"), json_object_get(entry, "certificates"));
    json_decref(claims);
    return good;
}

bool run_certificate_file(const json_t *entry)
{
    size_t length;
    const char *reason;
    uint8_t *file = read_bytes(entry, "file", &length);
    json_t *answer = file != NULL ? read_certificate_file(file, length, &reason) : NULL;
    bool good = file != NULL && is_reason(entry, reason);
    if (good && reason == NULL)
        good = json_equal(json_object_get(answer, "certificate"), json_object_get(entry, "certificate")) &&
               json_equal(json_object_get(answer, "delegation"), json_object_get(entry, "delegation"));
    json_decref(answer);
    free(file);
    return good;
}

/* What a box holds: NULL where it does not open. The caller's to free. */
static uint8_t *open_box(const uint8_t *box, size_t length, const json_t *subject)
{
    uint8_t public_key[crypto_box_PUBLICKEYBYTES], secret[crypto_box_SECRETKEYBYTES];
    if (length < crypto_box_SEALBYTES ||
        !base64url_decode_exactly(json_text(subject, "sealing_public"), public_key, sizeof public_key) ||
        !base64url_decode_exactly(json_text(subject, "sealing_secret"), secret, sizeof secret))
        return NULL;
    uint8_t *opened = malloc(length - crypto_box_SEALBYTES + 1);
    if (opened != NULL && crypto_box_seal_open(opened, box, length, public_key, secret) == 0)
        return opened;
    free(opened);
    return NULL;
}

/* What a request says is the server's to judge; a client shows that it can read the armour and close the box. */
bool run_request_file(const json_t *entry, const json_t *subject)
{
    size_t length, count = 0;
    uint8_t *file = read_bytes(entry, "file", &length);
    uint8_t *box = file != NULL ? armour_read(REQUEST_LABEL, file, length, &count) : NULL;
    uint8_t *opened = box != NULL ? open_box(box, count, subject) : NULL;
    const char *wanted = json_text(entry, "reason");
    bool good = file != NULL && (box == NULL) == (wanted != NULL && strcmp(wanted, "armour") == 0);
    if (good && box != NULL)
        good = (opened == NULL) == (wanted != NULL && strcmp(wanted, "seal") == 0);
    if (good && wanted == NULL) {
        json_t *request = strict_json_read(opened, count - crypto_box_SEALBYTES);
        good = json_equal(request, json_object_get(entry, "request"));
        json_decref(request);
    }
    free(opened);
    free(box);
    free(file);
    return good;
}
