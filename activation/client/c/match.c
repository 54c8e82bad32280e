#include "match.h"

#include "fingerprint.h"

#include <string.h>

/* From policies.toml. A policy once released never changes; a change of mind is a new label. */
static const struct policy {
    const char *label;
    int weights[KIND_COUNT]; /* in the order of KINDS */
    int numerator, denominator;
    bool required[KIND_COUNT]; /* where any is: these and only these must be enrolled, sent and equal */
} POLICIES[] = {
#include "policies.inc"
};

enum { DISK = 0, MAC = 4, INSTALL = 6 };

static const struct policy *find_policy(const char *label)
{
    for (size_t at = 0; at < sizeof POLICIES / sizeof *POLICIES; at++)
        if (strcmp(POLICIES[at].label, label) == 0)
            return &POLICIES[at];
    return NULL;
}

static bool have_one_in_common(const json_t *held, const json_t *sent)
{
    for (size_t one = 0; one < json_array_size(held); one++)
        for (size_t other = 0; other < json_array_size(sent); other++)
            if (json_equal(json_array_get(held, one), json_array_get(sent, other)))
                return true;
    return false;
}

static bool agrees(size_t kind, const json_t *held, const json_t *sent)
{
    return kind == MAC ? have_one_in_common(held, sent) : json_equal(held, sent);
}

static bool is_same(const struct policy *policy, const bool *agreed, const bool *enrolled)
{
    int agreeing = 0, counting = 0, agreeing_weight = 0, counting_weight = 0;
    bool requires = false, has_required = true;
    for (size_t kind = 0; kind < KIND_COUNT; kind++) {
        requires = requires || policy->required[kind];
        has_required = has_required && (agreed[kind] || !policy->required[kind]);
        bool weighs = policy->weights[kind] > 0;
        agreeing += weighs && agreed[kind];
        counting += weighs && enrolled[kind];
        agreeing_weight += agreed[kind] ? policy->weights[kind] : 0;
        counting_weight += enrolled[kind] ? policy->weights[kind] : 0;
    }
    if (requires)
        return has_required;
    if (counting == 1)
        return agreeing == 1;
    if (agreeing < 2 && !agreed[DISK] && !agreed[INSTALL])
        return false;
    return agreeing_weight * policy->denominator >= counting_weight * policy->numerator;
}

bool compare(struct comparison *comparison, const char *label, const json_t *enrolled, const json_t *presented)
{
    bool agreed[KIND_COUNT] = {false}, held_at[KIND_COUNT] = {false};
    const struct policy *policy = find_policy(label);
    *comparison = (struct comparison){false, json_array(), json_array(), json_array(), json_array()};
    if (policy == NULL)
        return false;
    for (size_t kind = 0; kind < KIND_COUNT; kind++) {
        const json_t *held = json_object_get(enrolled, KINDS[kind]);
        const json_t *sent = json_object_get(presented, KINDS[kind]);
        held_at[kind] = json_array_size(held) > 0;
        bool is_sent = json_array_size(sent) > 0;
        agreed[kind] = held_at[kind] && is_sent && agrees(kind, held, sent);
        json_t *where = agreed[kind] ? comparison->agreed : is_sent ? comparison->added : comparison->missing;
        if (held_at[kind] && is_sent && !agreed[kind])
            where = comparison->differing;
        if (held_at[kind] || is_sent)
            json_array_append_new(where, json_string(KINDS[kind]));
    }
    comparison->same = is_same(policy, agreed, held_at);
    return true;
}

void comparison_free(struct comparison *comparison)
{
    json_decref(comparison->agreed);
    json_decref(comparison->differing);
    json_decref(comparison->missing);
    json_decref(comparison->added);
    *comparison = (struct comparison){0};
}
