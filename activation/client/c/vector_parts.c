/* Vectors of the machine's parts: from raw values to the decision. */
#include "base64url.h"
#include "fingerprint.h"
#include "match.h"
#include "normalise.h"
#include "strict_json.h"
#include "vector_cases.h"

#include <sodium.h>
#include <string.h>

bool run_normalisation(const json_t *entry)
{
    struct examined examined;
    const json_t *value = json_object_get(entry, "value");
    examine(&examined, json_text(entry, "kind"), json_string_value(value), json_string_length(value));
    return is_equal(examined.why, json_text(entry, "why")) &&
           (examined.why != NULL || is_equal(examined.text, json_text(entry, "text")));
}

bool run_fingerprint(const json_t *entry)
{
    struct fingerprint found;
    identify(&found, json_object_get(entry, "components"), json_is_true(json_object_get(entry, "install_id_allowed")));
    bool good = json_equal(found.parts, json_object_get(entry, "parts")) &&
                json_equal(found.ignored, json_object_get(entry, "ignored")) &&
                found.identifiable == json_is_true(json_object_get(entry, "identifiable"));
    fingerprint_free(&found);
    return good;
}

bool run_digests(const json_t *entry)
{
    uint8_t salt[SALT_BYTES], wanted[SALT_BYTES];
    const char *text = json_text(entry, "salt");
    json_t *listed;
    size_t at;
    if (text == NULL || sodium_hex2bin(salt, sizeof salt, text, strlen(text), NULL, NULL, NULL) != 0)
        return false;
    json_array_foreach(json_object_get(entry, "digests"), at, listed)
    {
        char digest[DIGEST_ROOM], encoded[DIGEST_ROOM];
        const char *hex = json_text(listed, "digest");
        if (hex == NULL || sodium_hex2bin(wanted, sizeof wanted, hex, strlen(hex), NULL, NULL, NULL) != 0)
            return false;
        base64url_encode(encoded, wanted, sizeof wanted);
        component_digest(digest, salt, json_text(listed, "kind"), json_text(listed, "value"));
        if (strcmp(digest, encoded) != 0)
            return false;
    }
    return true;
}

bool run_match(const json_t *entry)
{
    struct comparison found;
    const json_t *same = json_object_get(entry, "same");
    bool known = compare(&found, json_text(entry, "policy"), json_object_get(entry, "enrolled"),
                         json_object_get(entry, "presented"));
    bool good = known == !json_is_null(same);
    if (known)
        good = good && found.same == json_is_true(same) && json_equal(found.agreed, json_object_get(entry, "agreed")) &&
               json_equal(found.differing, json_object_get(entry, "differing")) &&
               json_equal(found.missing, json_object_get(entry, "missing")) &&
               json_equal(found.added, json_object_get(entry, "added"));
    comparison_free(&found);
    return good;
}
