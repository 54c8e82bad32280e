/* Base64url without padding (RFC 4648 section 5), in its one canonical spelling. */
#ifndef BASE64URL_H
#define BASE64URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Characters, with the final NUL, that `count` bytes take. */
#define BASE64URL_ROOM(count) (((count) * 4 + 2) / 3 + 1)

/* Write the text of `bytes`; `text` has BASE64URL_ROOM(count) characters. */
void base64url_encode(char *text, const uint8_t *bytes, size_t count);

/* Read what `text` spells into `bytes`. False for padding, white space, foreign characters, trailing bits
 * that are not zero, and for more than `room` bytes. */
bool base64url_decode(const char *text, size_t length, uint8_t *bytes, size_t room, size_t *count);

/* The same where exactly `count` bytes are wanted; `text` ends with NUL and may be NULL. */
bool base64url_decode_exactly(const char *text, uint8_t *bytes, size_t count);

#endif
