/* The claims of a certificate, read with all their types. */
#include "base64url.h"
#include "strict_json.h"
#include "terms.h"

#include <string.h>

static bool is_filled(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static bool is_digest(const json_t *text)
{
    uint8_t digest[SALT_BYTES];
    return base64url_decode_exactly(json_string_value(text), digest, sizeof digest);
}

static bool are_components(json_t *components)
{
    const char *kind;
    json_t *digests, *digest;
    size_t at;
    if (!json_is_object(components) || json_object_size(components) == 0)
        return false;
    json_object_foreach(components, kind, digests)
    {
        if (!json_is_array(digests) || json_array_size(digests) == 0)
            return false;
        json_array_foreach(digests, at, digest)
        {
            if (!is_digest(digest))
                return false;
        }
    }
    return true;
}

static bool read_optional(const json_t *object, const char *name, bool *there, int64_t *number)
{
    *there = json_object_get(object, name) != NULL;
    return !*there || json_number(object, name, number);
}

static bool read_device(struct terms *terms)
{
    const json_t *device = json_object_get(terms->claims, "dev");
    const json_t *confirmation = json_object_get(terms->claims, "cnf");
    terms->policy = json_text(device, "policy");
    terms->components = json_object_get(device, "components");
    terms->has_device_key = confirmation != NULL;
    return is_filled(terms->policy) && are_components(json_object_get(device, "components")) &&
           base64url_decode_exactly(json_text(device, "salt"), terms->salt, SALT_BYTES) &&
           (confirmation == NULL || read_public_jwk(json_object_get(confirmation, "jwk"), terms->device_key));
}

static bool read_claims(struct terms *terms)
{
    const json_t *claims = terms->claims, *license = json_object_get(claims, "lic");
    bool has_updates;
    int64_t updates_until;
    terms->name = json_text(claims, "jti");
    terms->license_id = json_text(claims, "sub");
    terms->activation_id = json_text(claims, "act");
    terms->product = json_text(claims, "aud");
    terms->kind = json_text(license, "kind");
    return is_filled(json_text(claims, "iss")) && is_filled(terms->name) &&
           is_filled(terms->license_id) && is_filled(terms->activation_id) && is_filled(terms->product) &&
           is_filled(terms->kind) && json_number(license, "major", &terms->major) &&
           read_optional(license, "updates_until", &has_updates, &updates_until) &&
           json_number(claims, "iat", &terms->issued_at) && json_number(claims, "nbf", &terms->not_before) &&
           read_optional(claims, "exp", &terms->ends, &terms->expires_at) &&
           json_number(claims, "rnw", &terms->renew_after) && json_number(claims, "epc", &terms->moves) &&
           read_device(terms);
}

const char *terms_read(struct terms *terms, const uint8_t *payload, size_t length)
{
    *terms = (struct terms){.claims = strict_json_read(payload, length)};
    if (json_is_object(terms->claims) && read_claims(terms))
        return NULL;
    terms_free(terms);
    return "malformed";
}

void terms_free(struct terms *terms)
{
    json_decref(terms->claims);
    *terms = (struct terms){0};
}
