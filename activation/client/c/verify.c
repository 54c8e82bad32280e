#include "verify.h"

#include "strict_json.h"
#include "terms.h"

#include <string.h>

static const char *read_delegation(const struct jws *jws, struct delegation *delegation)
{
    static const char *const names[] = {"kid", "jwk", "nbf", "exp", "max_ttl", "offline", NULL};
    json_t *claims = strict_json_read(jws->payload, jws->payload_length);
    const char *kid = json_text(claims, "kid");
    const json_t *offline = json_object_get(claims, "offline");
    bool good = json_has_exactly(claims, names) && kid != NULL && json_is_boolean(offline) &&
                read_public_jwk(json_object_get(claims, "jwk"), delegation->public_key) &&
                json_number(claims, "nbf", &delegation->not_before) &&
                json_number(claims, "exp", &delegation->expires_at) &&
                json_number(claims, "max_ttl", &delegation->max_ttl) &&
                delegation->not_before < delegation->expires_at && delegation->max_ttl >= 1;
    if (good) {
        thumbprint(delegation->kid, delegation->public_key);
        delegation->offline = json_is_true(offline);
        good = strcmp(kid, delegation->kid) == 0;
    }
    json_decref(claims);
    return good ? NULL : "malformed";
}

static const char *check_root(const struct jws *jws, const struct roots *roots)
{
    for (size_t at = 0; at < roots->count; at++) {
        char kid[KID_ROOM];
        thumbprint(kid, roots->keys[at]);
        if (strcmp(kid, jws->kid) != 0)
            continue;
        return is_signed(roots->keys[at], jws->text, jws->text_length, jws->signature, SIGNATURE_BYTES)
                   ? NULL
                   : "signature";
    }
    return "unknown_root";
}

const char *verify_delegation(const char *token, const struct roots *roots, struct delegation *delegation)
{
    struct jws jws;
    const char *reason = jws_parse(&jws, token, "license-key+jwt");
    if (reason != NULL)
        return reason;
    reason = check_root(&jws, roots);
    if (reason == NULL)
        reason = read_delegation(&jws, delegation);
    jws_free(&jws);
    return reason;
}

static const char *check_terms(const struct terms *terms, const struct delegation *delegation)
{
    if (terms->issued_at < delegation->not_before || terms->issued_at >= delegation->expires_at)
        return "not_delegated";
    if (!terms->ends)
        return delegation->offline ? NULL : "ttl";
    return terms->expires_at - terms->issued_at > delegation->max_ttl ? "ttl" : NULL;
}

static const char *check_wanted(const struct terms *terms, const char *product, const int64_t *now)
{
    if (product != NULL && strcmp(terms->product, product) != 0)
        return "product";
    if (now != NULL && *now < terms->not_before)
        return "not_yet_valid";
    return now != NULL && terms->ends && *now >= terms->expires_at ? "expired" : NULL;
}

static const char *verify_under(const struct jws *jws, const struct delegation *delegation,
                                const char *product, const int64_t *now, struct terms *terms)
{
    if (strcmp(jws->kid, delegation->kid) != 0)
        return "not_delegated";
    if (!is_signed(delegation->public_key, jws->text, jws->text_length, jws->signature, SIGNATURE_BYTES))
        return "signature";
    const char *reason = terms_read(terms, jws->payload, jws->payload_length);
    memcpy(terms->kid, delegation->kid, KID_ROOM);
    if (reason == NULL)
        reason = check_terms(terms, delegation);
    return reason != NULL ? reason : check_wanted(terms, product, now);
}

const char *verify_certificate(const char *token, const char *delegation_token, const struct roots *roots,
                               const char *product, const int64_t *now, struct terms *terms)
{
    struct jws jws;
    struct delegation delegation;
    *terms = (struct terms){0};
    const char *reason = jws_parse(&jws, token, "license+jwt");
    if (reason != NULL)
        return reason;
    reason = verify_delegation(delegation_token, roots, &delegation);
    if (reason == NULL)
        reason = verify_under(&jws, &delegation, product, now, terms);
    jws_free(&jws);
    if (reason != NULL)
        terms_free(terms);
    return reason;
}
