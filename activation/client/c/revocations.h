/* The signed list of what is no longer believed: docs/protocol.md. */
#ifndef REVOCATIONS_H
#define REVOCATIONS_H

#include "verify.h"

/* Verify a list; `now` NULL: not asked; `leaked` names the keys known as such, or is NULL. NULL and the claims,
 * the caller's to free, when it holds; else the reason's word. */
const char *verify_revocations(const char *token, const char *delegation, const struct roots *roots,
                               const int64_t *now, const json_t *leaked, json_t **claims);

/* NULL, or why a list's claims refuse a certificate: "key_leaked" or "revoked". */
const char *refuse_revoked(const json_t *claims, const char *kid, const char *jti);

/* Whether a list's claims name the key that signed another list as leaked. */
bool disowns(const json_t *claims, const char *token);

#endif
