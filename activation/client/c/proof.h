/* Proofs by the device's key: docs/protocol.md. */
#ifndef PROOF_H
#define PROOF_H

#include "keys.h"

/* The proof that goes with a certificate; free() it. `seed` is the device's private key, 32 bytes. */
char *make_proof(const uint8_t seed[KEY_BYTES], const char *certificate, int64_t counter, int64_t now);

/* NULL when the proof holds, else the reason's word. */
const char *verify_proof(const char *token, const uint8_t public_key[KEY_BYTES], const char *certificate,
                         int64_t *counter);

#endif
