#include "fingerprint.h"

#include "base64url.h"
#include "normalise.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define MACS_GIVEN 16
#define INSTALL_ID 6

const char *const KINDS[KIND_COUNT] = {"hdd_serial", "system_uuid", "board_serial", "machine_id",
                                       "mac",        "cpu_id",      "install_id"};

/* The kinds that identify a machine: images copy machine_id, all of one model have one cpu_id. */
static bool is_hardware(const char *kind)
{
    return strcmp(kind, "machine_id") != 0 && strcmp(kind, "cpu_id") != 0;
}

static void ignore(struct fingerprint *fingerprint, const char *kind, const char *why)
{
    json_array_append_new(fingerprint->ignored, json_pack("[ss]", kind, why));
}

static int by_text(const void *one, const void *other)
{
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

/* The texts of an array, sorted, each once, at most `limit`. */
static json_t *sort_texts(const json_t *texts, size_t limit)
{
    json_t *sorted = json_array();
    size_t count = json_array_size(texts);
    const char **order = calloc(count + 1, sizeof *order);
    for (size_t at = 0; order != NULL && at < count; at++)
        order[at] = json_string_value(json_array_get(texts, at));
    if (order != NULL)
        qsort(order, count, sizeof *order, by_text);
    for (size_t at = 0; order != NULL && at < count && json_array_size(sorted) < limit; at++)
        if (at == 0 || strcmp(order[at], order[at - 1]) != 0)
            json_array_append_new(sorted, json_string(order[at]));
    free(order);
    return sorted;
}

static void read_one(struct fingerprint *fingerprint, const char *kind, const json_t *value, json_t *counted,
                     json_t *reasons)
{
    struct examined examined;
    if (!json_is_string(value))
        return;
    examine(&examined, kind, json_string_value(value), json_string_length(value));
    if (examined.why == NULL)
        json_array_append_new(counted, json_string(examined.text));
    else if (reasons != NULL)
        json_array_append_new(reasons, json_string(examined.why));
    else
        ignore(fingerprint, kind, examined.why);
}

/* What counts of several values, sorted; of any kind but mac several are none. */
static json_t *read_many(struct fingerprint *fingerprint, const char *kind, const json_t *values)
{
    json_t *counted = json_array(), *reasons = json_array(), *value;
    size_t at;
    json_array_foreach(values, at, value)
        read_one(fingerprint, kind, value, counted, reasons);
    json_t *sorted = sort_texts(counted, SIZE_MAX), *why = sort_texts(reasons, SIZE_MAX);
    json_array_foreach(why, at, value)
        ignore(fingerprint, kind, json_string_value(value));
    if (strcmp(kind, "mac") != 0 && json_array_size(sorted) > 1) {
        ignore(fingerprint, kind, "more than one value");
        json_array_clear(sorted);
    }
    if (json_array_size(sorted) > MACS_GIVEN)
        ignore(fingerprint, kind, "more than 16 values");
    while (json_array_size(sorted) > MACS_GIVEN)
        json_array_remove(sorted, MACS_GIVEN);
    json_decref(counted);
    json_decref(reasons);
    json_decref(why);
    return sorted;
}

/* Put what counts of one kind among the parts; tell whether anything did. */
static bool read_kind(struct fingerprint *fingerprint, const char *kind, const json_t *sent)
{
    json_t *values;
    if (json_is_array(sent) && json_array_size(sent) == 1 && strcmp(kind, "install_id") != 0)
        sent = json_array_get(sent, 0);
    if (json_is_array(sent)) {
        values = read_many(fingerprint, kind, sent);
    } else {
        values = json_array();
        read_one(fingerprint, kind, sent, values, NULL);
    }
    bool counts = json_array_size(values) > 0;
    if (counts)
        json_object_set(fingerprint->parts, kind, values);
    json_decref(values);
    return counts;
}

void identify(struct fingerprint *fingerprint, const json_t *components, bool install_id_allowed)
{
    *fingerprint = (struct fingerprint){json_object(), json_array(), false};
    for (size_t at = 0; at < INSTALL_ID; at++)
        if (read_kind(fingerprint, KINDS[at], json_object_get(components, KINDS[at])))
            fingerprint->identifiable = fingerprint->identifiable || is_hardware(KINDS[at]);
    const json_t *install_id = json_object_get(components, KINDS[INSTALL_ID]);
    if (install_id == NULL)
        return;
    if (!install_id_allowed)
        ignore(fingerprint, KINDS[INSTALL_ID], "not allowed for this product");
    else if (read_kind(fingerprint, KINDS[INSTALL_ID], install_id))
        fingerprint->identifiable = true;
}

void fingerprint_free(struct fingerprint *fingerprint)
{
    json_decref(fingerprint->parts);
    json_decref(fingerprint->ignored);
    *fingerprint = (struct fingerprint){0};
}

void component_digest(char digest[DIGEST_ROOM], const uint8_t salt[SALT_BYTES], const char *kind,
                      const char *value)
{
    uint8_t hash[SALT_BYTES];
    crypto_generichash_state state;
    crypto_generichash_init(&state, salt, SALT_BYTES, sizeof hash);
    crypto_generichash_update(&state, (const uint8_t *)kind, strlen(kind) + 1); /* with its NUL */
    crypto_generichash_update(&state, (const uint8_t *)value, strlen(value));
    crypto_generichash_final(&state, hash, sizeof hash);
    base64url_encode(digest, hash, sizeof hash);
}

json_t *component_digests(const uint8_t salt[SALT_BYTES], const json_t *parts)
{
    json_t *digests = json_object(), *values, *value;
    const char *kind;
    size_t at;
    json_object_foreach((json_t *)parts, kind, values)
    {
        json_t *found = json_array();
        json_array_foreach(values, at, value)
        {
            char digest[DIGEST_ROOM];
            component_digest(digest, salt, kind, json_string_value(value));
            json_array_append_new(found, json_string(digest));
        }
        json_object_set_new(digests, kind, found);
    }
    return digests;
}
