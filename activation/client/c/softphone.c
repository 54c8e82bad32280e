#include "softphone.h"

#include "base64url.h"
#include "device.h"
#include "keeping.h"
#include "proving.h"
#include "strict_json.h"
#include "trust.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CERTIFICATE_FILE "certificate.json"

void show(json_t *object)
{
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static const char *explain(const char *reason)
{
    static const char *const TEXTS[][2] = {
        {"malformed", "The certificate is damaged: activate again."},
        {"wrong_type", "This is no certificate but something else: activate again."},
        {"unknown_root", "The certificate was issued by somebody whom this program does not know."},
        {"signature", "The certificate's signature does not match: activate again."},
        {"not_delegated", "The key that signed the certificate was not allowed to."},
        {"ttl", "The certificate lives longer than its issuer allows."},
        {"product", "The certificate is for another product."},
        {"not_yet_valid", "The certificate is not valid yet: is this machine's clock right?"},
        {"expired", "The certificate has run out: connect this machine, so that it can renew it."},
        {"clock_back", "This machine's clock was set back: set it to the right time, or go online and renew."},
        {"key_leaked", "The key that signed the certificate has leaked: activate again."},
        {"revoked", "The certificate was revoked: ask whoever gave you the licence."},
        {"policy", "This program is too old for the certificate: update it."},
        {"device", "The certificate is another machine's."},
    };
    for (size_t at = 0; at < sizeof TEXTS / sizeof *TEXTS; at++)
        if (strcmp(TEXTS[at][0], reason) == 0)
            return TEXTS[at][1];
    return "The certificate does not hold.";
}

/* Check a certificate against the roots and this machine, and show what it says or what is wrong. */
static int show_verified(const struct softphone *softphone, const struct device *device, const char *status,
                         const char *certificate, const char *delegation, bool fresh)
{
    struct terms terms = {0};
    struct comparison comparison = {0};
    const char *reason = trust_certificate(softphone, device, certificate, delegation, fresh, &terms, &comparison);
    if (reason != NULL)
        fprintf(stderr, "%s\n", explain(reason));
    if (reason == NULL)
        show(json_pack("{sssssssssssIso?sOsOsO}", "status", status, "license_id", terms.license_id, "activation_id",
                       terms.activation_id, "product", terms.product, "kind", terms.kind, "renew_after",
                       (json_int_t)terms.renew_after, "expires_at",
                       terms.ends ? json_integer(terms.expires_at) : NULL, "agreed", comparison.agreed, "differing",
                       comparison.differing, "missing", comparison.missing));
    else
        show(json_pack("{sssssO?sO?}", "status", "not verified", "reason", reason, "differing", comparison.differing,
                       "missing", comparison.missing));
    comparison_free(&comparison);
    terms_free(&terms);
    return reason == NULL ? DONE : REFUSED;
}

static int refuse(const struct reply *reply)
{
    if (reply->status == 0) {
        fprintf(stderr, "%s Try again later.\n", reply->wrong);
        return LATER;
    }
    const char *detail = json_text(reply->answer, "detail"), *code = json_text(reply->answer, "code");
    fprintf(stderr, "%s\n", detail != NULL ? detail : "The server answered in a way that this program does not know.");
    show(json_pack("{sssssO?}", "status", "refused", "code", code != NULL ? code : "unknown", "problem", reply->answer));
    return REFUSED;
}

static const char *const ANSWERED[] = {"license_id", "activation_id", "certificate", "delegation", "renew_after", NULL};

static bool is_answer(const struct reply *reply)
{
    bool good = reply->status == 200 || reply->status == 201;
    for (size_t at = 0; ANSWERED[at] != NULL; at++)
        good = good && json_text(reply->answer, ANSWERED[at]) != NULL;
    return good;
}

/* Ask the server. What is neither its answer nor a refusal, a hotel's page say, did not come from it. */
static void ask(struct reply *reply, const struct softphone *softphone, const char *path, const json_t *message,
                const char *login, const char *password)
{
    http_post(reply, &softphone->server, path, message, login, password);
    if (reply->status == 0 || reply->status >= 400 || is_answer(reply))
        return;
    snprintf(reply->wrong, sizeof reply->wrong, "What answered is not the licence server (%ld).", reply->status);
    reply->status = 0;
}

/* Keep an answer's certificate, if it verifies. */
static int take_answer(const struct softphone *softphone, const struct device *device, const struct reply *reply)
{
    json_t *kept = json_pack("{ssss}", "server", softphone->server.url, "product", softphone->product);
    for (size_t at = 0; ANSWERED[at] != NULL; at++)
        json_object_set(kept, ANSWERED[at], json_object_get(reply->answer, ANSWERED[at]));
    const char *status = reply->status == 201 ? "activated" : "already active here";
    int done = show_verified(softphone, device, status, json_text(kept, "certificate"), json_text(kept, "delegation"), true);
    if (done == DONE && !keep(softphone->folder, CERTIFICATE_FILE, kept))
        done = REFUSED;
    json_decref(kept);
    return done;
}

int fingerprint_command(const struct softphone *softphone, bool show_values)
{
    struct device device = {0};
    bool good = read_device(&device, &softphone->tree, softphone->folder);
    if (good)
        show(json_pack("{sssOsOsO*}", "name", device.name, "counts", device.fingerprint.parts, "ignored",
                       device.fingerprint.ignored, "components", show_values ? device.components : NULL));
    device_free(&device);
    return good ? DONE : REFUSED;
}

static json_t *write_activation(const struct softphone *softphone, const struct person *person,
                                const struct device *device, const char *public_key)
{
    json_t *message = json_pack("{sssssoss*}", "product", softphone->product, "version", softphone->version, "device",
                                write_device(device, public_key), "license_id", person->license_id);
    if (person->move)
        json_object_set_new(message, "move", json_true());
    return message;
}

int activate_command(const struct softphone *softphone, const struct person *person)
{
    struct device device = {0};
    struct reply reply = {0};
    char public_key[BASE64URL_ROOM(KEY_BYTES)];
    int done = REFUSED;
    if (read_device(&device, &softphone->tree, softphone->folder) && name_device_key(softphone->folder, public_key)) {
        json_t *message = write_activation(softphone, person, &device, public_key);
        ask(&reply, softphone, "/v1/activations", message, person->login, person->password);
        json_decref(message);
        bool granted = reply.status == 200 || reply.status == 201;
        done = granted ? take_answer(softphone, &device, &reply) : refuse(&reply);
        if (reply.status != 0)
            learn_revocations(softphone);
    }
    reply_free(&reply);
    device_free(&device);
    return done;
}

static json_t *load_certificate(const struct softphone *softphone)
{
    json_t *kept = load_kept(softphone->folder, CERTIFICATE_FILE);
    if (kept != NULL && json_text(kept, "certificate") != NULL && json_text(kept, "delegation") != NULL)
        return kept;
    fprintf(stderr, "There is no certificate in %s: activate first.\n", softphone->folder);
    json_decref(kept);
    return NULL;
}

static int renew(const struct softphone *softphone, const struct device *device, const char *certificate)
{
    struct reply reply;
    char *proof;
    if (!prove(softphone->folder, certificate, &proof)) {
        free(proof);
        return REFUSED;
    }
    json_t *message = json_pack("{sssoss*ss*}", "certificate", certificate, "device", write_device(device, NULL),
                                "version", softphone->version, "proof", proof);
    ask(&reply, softphone, "/v1/renewals", message, NULL, NULL);
    json_decref(message);
    int done = reply.status == 200 ? take_answer(softphone, device, &reply) : refuse(&reply);
    if (proof != NULL && reply.status != 0)
        settle_proof(softphone->folder, reply.status != 200 && json_object_get(reply.answer, "proof") != NULL);
    const char *code = json_text(reply.answer, "code");
    /* A superseded client waits for the person: it never takes the licence back by itself (R8). */
    if (reply.status == 409 && code != NULL && strcmp(code, "superseded") == 0)
        forget(softphone->folder, CERTIFICATE_FILE);
    if (reply.status != 0)
        learn_revocations(softphone);
    reply_free(&reply);
    free(proof);
    return done;
}

int renew_command(const struct softphone *softphone)
{
    struct device device = {0};
    json_t *kept = load_certificate(softphone);
    int done = REFUSED;
    if (kept != NULL && read_device(&device, &softphone->tree, softphone->folder))
        done = renew(softphone, &device, json_text(kept, "certificate"));
    device_free(&device);
    json_decref(kept);
    return done;
}

int verify_command(const struct softphone *softphone)
{
    struct device device = {0};
    json_t *kept = load_certificate(softphone);
    int done = REFUSED;
    if (kept != NULL && read_device(&device, &softphone->tree, softphone->folder))
        done = show_verified(softphone, &device, "verified", json_text(kept, "certificate"),
                             json_text(kept, "delegation"), false);
    device_free(&device);
    json_decref(kept);
    return done;
}
