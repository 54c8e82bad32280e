#include "base64url.h"

#include <sodium.h>
#include <string.h>

#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

void base64url_encode(char *text, const uint8_t *bytes, size_t count)
{
    sodium_bin2base64(text, sodium_base64_encoded_len(count, VARIANT), bytes, count, VARIANT);
}

bool base64url_decode(const char *text, size_t length, uint8_t *bytes, size_t room, size_t *count)
{
    /* libsodium itself refuses padding in this variant, and trailing bits that are not zero. */
    return sodium_base642bin(bytes, room, text, length, NULL, count, NULL, VARIANT) == 0;
}

bool base64url_decode_exactly(const char *text, uint8_t *bytes, size_t count)
{
    size_t found = 0;
    return text != NULL && base64url_decode(text, strlen(text), bytes, count, &found) && found == count;
}
