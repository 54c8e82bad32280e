/* The device's key at work: counter and the proof on its way are kept before a proof is sent. */
#ifndef PROVING_H
#define PROVING_H

#include <stdbool.h>

/* The device's public key in base64url, 43 characters; a new key is made where there is none that
 * is any good. False with a message. */
bool name_device_key(const char *folder, char public_key[44]);

/* The proof to send with a certificate: the one that was not answered yet, else a new one. free() it.
 * NULL where this device has no key. False with a message where key or counter are damaged. */
bool prove(const char *folder, const char *certificate, char **proof);

/* Note that the server answered the proof; `refused`: and does not believe this key any more, so that the next
 * activation makes another. */
void settle_proof(const char *folder, bool refused);

#endif
