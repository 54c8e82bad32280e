#include "revocations.h"

#include "strict_json.h"

#include <string.h>

#define TYP "license-revocations+jwt"
#define MAX_LIST (8 * 1024 * 1024)
#define DAY_S 86400
#define LIFE_S (7 * DAY_S)

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static bool is_name(const char *text, size_t length)
{
    return text != NULL && strlen(text) == length && strspn(text, ALPHABET) == length;
}

static bool are_keys(json_t *keys)
{
    static const char *const NAMES[] = {"kid", "why", NULL};
    const char *last = "";
    json_t *key;
    size_t at;
    json_array_foreach(keys, at, key)
    {
        const char *kid = json_text(key, "kid"), *why = json_text(key, "why");
        if (!json_has_exactly(key, NAMES) || !is_name(kid, 43) || why == NULL || strcmp(kid, last) <= 0 ||
            (strcmp(why, "leaked") != 0 && strcmp(why, "rotated") != 0))
            return false;
        last = kid;
    }
    return json_is_array(keys);
}

static bool are_certificates(json_t *certificates)
{
    const char *last = "";
    json_t *jti;
    size_t at;
    json_array_foreach(certificates, at, jti)
    {
        const char *name = json_string_value(jti);
        if (!is_name(name, 22) || strcmp(name, last) <= 0)
            return false;
        last = name;
    }
    return json_is_array(certificates);
}

static const char *check_life(int64_t issued_at, int64_t expires_at, const struct delegation *delegation)
{
    if (expires_at <= issued_at || expires_at - issued_at > LIFE_S)
        return "ttl";
    return issued_at < delegation->not_before || issued_at >= delegation->expires_at ? "not_delegated" : NULL;
}

static const char *check_now(int64_t issued_at, int64_t expires_at, const int64_t *now)
{
    if (now != NULL && *now < issued_at - DAY_S)
        return "not_yet_valid";
    return now != NULL && *now >= expires_at ? "expired" : NULL;
}

static bool is_leaked(const json_t *claims, const char *kid)
{
    json_t *key;
    size_t at;
    json_array_foreach(json_object_get(claims, "keys"), at, key)
    {
        if (strcmp(json_text(key, "kid"), kid) == 0)
            return strcmp(json_text(key, "why"), "leaked") == 0;
    }
    return false;
}

static bool is_among(const json_t *names, const char *name)
{
    json_t *known;
    size_t at;
    json_array_foreach((json_t *)names, at, known)
    {
        if (json_is_string(known) && strcmp(json_string_value(known), name) == 0)
            return true;
    }
    return false;
}

static const char *check_claims(const json_t *claims, const struct delegation *delegation, const int64_t *now,
                                const json_t *leaked)
{
    static const char *const NAMES[] = {"iss", "iat", "exp", "keys", "certificates", NULL};
    const char *issuer = json_text(claims, "iss");
    int64_t issued_at, expires_at;
    if (!json_has_exactly(claims, NAMES) || issuer == NULL || issuer[0] == '\0' ||
        !are_keys(json_object_get(claims, "keys")) || !are_certificates(json_object_get(claims, "certificates")) ||
        !json_number(claims, "iat", &issued_at) || !json_number(claims, "exp", &expires_at))
        return "malformed";
    const char *reason = check_life(issued_at, expires_at, delegation);
    if (reason != NULL)
        return reason;
    if (is_leaked(claims, delegation->kid) || is_among(leaked, delegation->kid))
        return "retired";
    return check_now(issued_at, expires_at, now);
}

static const char *check_signature(const struct jws *jws, const struct delegation *delegation)
{
    if (strcmp(jws->kid, delegation->kid) != 0 || delegation->offline)
        return "not_delegated";
    return is_signed(delegation->public_key, jws->text, jws->text_length, jws->signature, SIGNATURE_BYTES)
               ? NULL
               : "signature";
}

const char *verify_revocations(const char *token, const char *delegation_token, const struct roots *roots,
                               const int64_t *now, const json_t *leaked, json_t **claims)
{
    struct jws jws;
    struct delegation delegation;
    *claims = NULL;
    const char *reason = jws_parse_long(&jws, token, TYP, MAX_LIST);
    if (reason != NULL)
        return reason;
    reason = verify_delegation(delegation_token, roots, &delegation);
    if (reason == NULL)
        reason = check_signature(&jws, &delegation);
    if (reason == NULL) {
        *claims = strict_json_read(jws.payload, jws.payload_length);
        reason = check_claims(*claims, &delegation, now, leaked);
    }
    jws_free(&jws);
    if (reason != NULL) {
        json_decref(*claims);
        *claims = NULL;
    }
    return reason;
}

const char *refuse_revoked(const json_t *claims, const char *kid, const char *jti)
{
    if (is_leaked(claims, kid))
        return "key_leaked";
    return is_among(json_object_get(claims, "certificates"), jti) ? "revoked" : NULL;
}

bool disowns(const json_t *claims, const char *token)
{
    struct jws jws;
    if (jws_parse_long(&jws, token, TYP, MAX_LIST) != NULL)
        return false;
    bool leaked = is_leaked(claims, jws.kid);
    jws_free(&jws);
    return leaked;
}
