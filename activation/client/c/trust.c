#include "trust.h"

#include "keeping.h"
#include "revocations.h"
#include "seen.h"
#include "strict_json.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define LIST_FILE "revocations.json"

/* The claims of the kept list, verified again; NULL where there is none that holds, and a warning where it does
 * not. Its age does not matter. */
static json_t *load_list(const struct softphone *softphone)
{
    json_t *kept = load_kept_quietly(softphone->folder, LIST_FILE), *claims = NULL;
    const char *token = json_text(kept, "revocations"), *delegation = json_text(kept, "delegation");
    const char *reason = "damaged";
    if (token != NULL && delegation != NULL)
        reason = verify_revocations(token, delegation, &softphone->roots, NULL, NULL, &claims);
    json_decref(kept);
    if (reason != NULL && is_kept(softphone->folder, LIST_FILE))
        fprintf(stderr, "%s/%s does not hold (%s) and is not used: go online, so that it is fetched anew.\n",
                softphone->folder, LIST_FILE, reason);
    return claims;
}

static int64_t issued_at(const json_t *claims)
{
    int64_t at = 0;
    return json_number(claims, "iat", &at) ? at : 0;
}

/* When the kept certificate was issued, 0 where there is none that is good. */
static int64_t kept_at(const struct softphone *softphone, const json_t *list)
{
    struct terms terms = {0};
    json_t *kept = load_kept_quietly(softphone->folder, "certificate.json");
    const char *certificate = json_text(kept, "certificate"), *delegation = json_text(kept, "delegation");
    int64_t at = 0;
    if (certificate != NULL && delegation != NULL &&
        verify_certificate(certificate, delegation, &softphone->roots, softphone->product, NULL, &terms) == NULL &&
        refuse_revoked(list, terms.kid, terms.name) == NULL)
        at = terms.issued_at;
    terms_free(&terms);
    json_decref(kept);
    return at;
}

static const char *check_times(const struct softphone *softphone, const struct terms *terms, const json_t *list,
                               bool fresh)
{
    int64_t seen = load_seen(softphone->folder), listed = issued_at(list), now, mark = seen;
    if (fresh) {
        int64_t known = kept_at(softphone, list);
        mark = mark_answer(seen, known > listed ? known : listed, terms->issued_at);
    } else {
        mark = mark > listed ? mark : listed;
        mark = mark > terms->issued_at ? mark : terms->issued_at;
    }
    if (!tell_time(softphone->folder, mark, fresh, &now))
        return "clock_back";
    if (now < terms->not_before)
        return "not_yet_valid";
    return terms->ends && now >= terms->expires_at ? "expired" : NULL;
}

const char *trust_certificate(const struct softphone *softphone, const struct device *device,
                              const char *certificate, const char *delegation, bool fresh, struct terms *terms,
                              struct comparison *comparison)
{
    const char *reason =
        verify_certificate(certificate, delegation, &softphone->roots, softphone->product, NULL, terms);
    if (reason != NULL)
        return reason;
    json_t *list = load_list(softphone);
    reason = refuse_revoked(list, terms->kid, terms->name);
    if (reason == NULL)
        reason = check_times(softphone, terms, list, fresh);
    json_decref(list);
    return reason != NULL ? reason : compare_device(comparison, device, terms);
}

/* The keys that the kept list names as leaked, the caller's to free. */
static json_t *leaked_keys(const json_t *list)
{
    json_t *leaked = json_array(), *key;
    size_t at;
    json_array_foreach(json_object_get(list, "keys"), at, key)
    {
        if (strcmp(json_text(key, "why"), "leaked") == 0)
            json_array_append(leaked, json_object_get(key, "kid"));
    }
    return leaked;
}

/* Keep a list in the place of the one before, NULL where there is none, unless it is older. */
static void keep_list(const struct softphone *softphone, const struct reply *reply, const json_t *claims,
                      const json_t *before, int64_t seen)
{
    int64_t known = kept_at(softphone, before != NULL ? before : claims), listed = issued_at(before);
    if (issued_at(claims) < listed)
        return;
    json_t *kept = json_pack("{sOsOss}", "revocations", json_object_get(reply->answer, "revocations"), "delegation",
                             json_object_get(reply->answer, "delegation"), "etag", reply->etag);
    if (keep(softphone->folder, LIST_FILE, kept))
        store_seen(softphone->folder, mark_answer(seen, known > listed ? known : listed, issued_at(claims)));
    json_decref(kept);
}

/* `kept` is the list's file and `before` what it claims. */
static void take_list(const struct softphone *softphone, const struct reply *reply, const json_t *kept,
                      const json_t *before)
{
    const char *token = json_text(reply->answer, "revocations"), *delegation = json_text(reply->answer, "delegation");
    /* The machine's own clock: the mark may come from a server whose clock was wrong. */
    int64_t now = (int64_t)time(NULL);
    json_t *claims = NULL, *leaked = leaked_keys(before);
    const char *reason = token == NULL || delegation == NULL ? "malformed"
                         : verify_revocations(token, delegation, &softphone->roots, &now, leaked, &claims);
    if (reason != NULL)
        fprintf(stderr, "The server's list of revocations does not hold (%s) and is not used.\n", reason);
    else if (before != NULL && disowns(claims, json_text(kept, "revocations")))
        keep_list(softphone, reply, claims, NULL, 0); /* whoever has that key may have dated it far ahead */
    else
        keep_list(softphone, reply, claims, before, load_seen(softphone->folder));
    json_decref(leaked);
    json_decref(claims);
}

void learn_revocations(const struct softphone *softphone)
{
    struct reply reply;
    json_t *before = load_list(softphone), *kept = load_kept_quietly(softphone->folder, LIST_FILE);
    http_get(&reply, &softphone->server, "/v1/revocations", before != NULL ? json_text(kept, "etag") : NULL);
    if (reply.status == 200)
        take_list(softphone, &reply, kept, before);
    reply_free(&reply);
    json_decref(kept);
    json_decref(before);
}
