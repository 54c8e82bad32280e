#include "seen.h"

#include "base64url.h"
#include "keeping.h"
#include "strict_json.h"
#include "tree.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define GRACE_S 86400
#define HOUR_S 3600
#define STEP_S 60 /* the mark is written when it moved by so much: disks wear */
#define LAST_S INT64_C(253402300799)
#define MAC_BYTES 16
#define SECRET_BYTES 32

static bool load_secret(const char *folder, uint8_t secret[SECRET_BYTES])
{
    static const struct tree machine = {""};
    char path[PATH_MAX], text[64];
    if (snprintf(path, sizeof path, "%s/seen.key", folder) >= PATH_MAX)
        return false;
    tree_text(&machine, path, text, sizeof text);
    return base64url_decode_exactly(text, secret, SECRET_BYTES);
}

static bool make_secret(const char *folder, uint8_t secret[SECRET_BYTES])
{
    char text[BASE64URL_ROOM(SECRET_BYTES) + 1];
    randombytes_buf(secret, SECRET_BYTES);
    base64url_encode(text, secret, SECRET_BYTES);
    strcat(text, "\n");
    return keep_text(folder, "seen.key", text);
}

static void write_mac(char text[BASE64URL_ROOM(MAC_BYTES)], const uint8_t secret[SECRET_BYTES], int64_t seen)
{
    static const uint8_t PERSON[crypto_generichash_blake2b_PERSONALBYTES] = "seen-mark";
    uint8_t mac[MAC_BYTES];
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRId64, seen);
    crypto_generichash_blake2b_salt_personal(mac, sizeof mac, (const uint8_t *)digits, (unsigned long long)length,
                                             secret, SECRET_BYTES, NULL, PERSON);
    base64url_encode(text, mac, sizeof mac);
}

int64_t load_seen(const char *folder)
{
    uint8_t secret[SECRET_BYTES];
    char wanted[BASE64URL_ROOM(MAC_BYTES)];
    int64_t seen = 0;
    json_t *kept = load_kept_quietly(folder, "seen.json");
    const char *mac = json_text(kept, "mac");
    bool good = json_number(kept, "seen", &seen) && mac != NULL && load_secret(folder, secret);
    if (good) {
        write_mac(wanted, secret, seen);
        good = strlen(mac) == strlen(wanted) && sodium_memcmp(mac, wanted, strlen(wanted)) == 0;
    }
    json_decref(kept);
    return good ? seen : 0;
}

void store_seen(const char *folder, int64_t seen)
{
    uint8_t secret[SECRET_BYTES];
    char mac[BASE64URL_ROOM(MAC_BYTES)];
    if (!load_secret(folder, secret) && !make_secret(folder, secret))
        return;
    write_mac(mac, secret, seen);
    json_t *kept = json_pack("{sIss}", "seen", (json_int_t)seen, "mac", mac);
    keep(folder, "seen.json", kept);
    json_decref(kept);
}

static int64_t larger(int64_t one, int64_t other)
{
    return one > other ? one : other;
}

int64_t mark_answer(int64_t seen, int64_t known, int64_t answered)
{
    /* An older answer may have been kept and shown again. */
    if (answered < known)
        return larger(seen, known);
    int64_t latest = larger(seen, answered);
    return latest < answered + HOUR_S ? latest : answered + HOUR_S;
}

bool tell_time(const char *folder, int64_t mark, bool fresh, int64_t *now)
{
    int64_t machine = (int64_t)time(NULL);
    int64_t read = larger(mark, machine < LAST_S ? machine : LAST_S), moved = read - load_seen(folder);
    bool good = machine >= mark - GRACE_S;
    /* An answer from so far ahead may be a server's whose own clock is wrong: it leaves no mark. */
    if ((good || !fresh) && (moved < 0 || moved >= STEP_S))
        store_seen(folder, read);
    *now = larger(machine, mark);
    return good;
}
