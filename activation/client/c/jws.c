#include "jws.h"

#include "base64url.h"
#include "strict_json.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *read_header(struct jws *jws, const char *text, size_t length, const char *typ)
{
    static const char *const names[] = {"alg", "typ", "kid", NULL};
    uint8_t bytes[MAX_TOKEN];
    size_t count;
    if (!base64url_decode(text, length, bytes, sizeof bytes, &count))
        return "malformed";
    jws->header = strict_json_read(bytes, count);
    const char *alg = json_text(jws->header, "alg"), *found = json_text(jws->header, "typ");
    jws->kid = json_text(jws->header, "kid");
    if (!json_has_exactly(jws->header, names) || alg == NULL || strcmp(alg, "EdDSA") != 0 || jws->kid == NULL)
        return "malformed";
    return found != NULL && strcmp(found, typ) == 0 ? NULL : "wrong_type";
}

static const char *read_parts(struct jws *jws, const char *token, const char *typ, size_t most)
{
    const char *first = token != NULL ? strchr(token, '.') : NULL, *second = first ? strchr(first + 1, '.') : NULL;
    if (second == NULL || strlen(token) > most)
        return "malformed";
    uint8_t signature[SIGNATURE_BYTES + 1]; /* room for one too many */
    size_t room = (size_t)(second - first), signature_length;
    jws->payload = malloc(room);
    if (jws->payload == NULL ||
        !base64url_decode(first + 1, room - 1, jws->payload, room, &jws->payload_length) ||
        !base64url_decode(second + 1, strlen(second + 1), signature, sizeof signature, &signature_length))
        return "malformed";
    const char *reason = read_header(jws, token, (size_t)(first - token), typ);
    if (reason != NULL || signature_length != SIGNATURE_BYTES)
        return reason != NULL ? reason : "malformed";
    memcpy(jws->signature, signature, SIGNATURE_BYTES);
    jws->text = token;
    jws->text_length = (size_t)(second - token);
    return NULL;
}

const char *jws_parse(struct jws *jws, const char *token, const char *typ)
{
    return jws_parse_long(jws, token, typ, MAX_TOKEN);
}

const char *jws_parse_long(struct jws *jws, const char *token, const char *typ, size_t most)
{
    *jws = (struct jws){0};
    const char *reason = read_parts(jws, token, typ, most);
    if (reason != NULL)
        jws_free(jws);
    return reason;
}

void jws_free(struct jws *jws)
{
    json_decref(jws->header);
    free(jws->payload);
    *jws = (struct jws){0};
}

char *jws_sign(const char *typ, const char *kid, const char *claims, const uint8_t *secret_key)
{
    char header[192];
    int length = snprintf(header, sizeof header, "{\"alg\":\"EdDSA\",\"typ\":\"%s\",\"kid\":\"%s\"}", typ, kid);
    if (length < 0 || (size_t)length >= sizeof header)
        return NULL;
    size_t head = BASE64URL_ROOM((size_t)length), body = BASE64URL_ROOM(strlen(claims));
    char *token = malloc(head + body + BASE64URL_ROOM(SIGNATURE_BYTES));
    if (token == NULL)
        return NULL;
    uint8_t signature[SIGNATURE_BYTES];
    base64url_encode(token, (const uint8_t *)header, (size_t)length);
    strcat(token, ".");
    base64url_encode(token + strlen(token), (const uint8_t *)claims, strlen(claims));
    crypto_sign_detached(signature, NULL, (const uint8_t *)token, strlen(token), secret_key);
    strcat(token, ".");
    base64url_encode(token + strlen(token), signature, SIGNATURE_BYTES);
    return token;
}
