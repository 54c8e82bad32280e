#include "keeping.h"

#include "base64url.h"
#include "keys.h"
#include "strict_json.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_KEPT (12 * 1024 * 1024) /* a list of revocations may be 8 MiB */

static bool join(char path[PATH_MAX], const char *folder, const char *name)
{
    return snprintf(path, PATH_MAX, "%s/%s", folder, name) < PATH_MAX;
}

/* Make the folder and those above it, for this user alone. */
static void make_folder(const char *folder)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s", folder);
    for (char *at = path + 1; *at != '\0'; at++)
        if (*at == '/') {
            *at = '\0';
            mkdir(path, 0700);
            *at = '/';
        }
    mkdir(path, 0700);
}

static bool write_all(int file, const char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        ssize_t written = write(file, text, left);
        if (written < 0 && errno != EINTR)
            return false;
        left -= written > 0 ? (size_t)written : 0;
        text += written > 0 ? written : 0;
    }
    return fsync(file) == 0;
}

static bool write_private(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0)
        return false;
    bool good = write_all(file, text);
    return close(file) == 0 && good;
}

/* Until the folder is written too, a power cut may bring the file back as it was. */
static bool sync_folder(const char *folder)
{
    int opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0)
        return false;
    bool good = fsync(opened) == 0 || errno == EINVAL; /* a file system that cannot */
    return close(opened) == 0 && good;
}

bool keep_text(const char *folder, const char *name, const char *text)
{
    char path[PATH_MAX], draft[PATH_MAX + 32];
    make_folder(folder);
    bool good = join(path, folder, name);
    snprintf(draft, sizeof draft, "%s.%ld", path, (long)getpid());
    unlink(draft); /* left behind by a process of this number that was killed */
    good = good && write_private(draft, text) && rename(draft, path) == 0 && sync_folder(folder);
    if (!good) {
        fprintf(stderr, "%s cannot be written: %s\n", path, strerror(errno));
        unlink(draft);
    }
    return good;
}

bool keep(const char *folder, const char *name, const json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);
    bool good = text != NULL && keep_text(folder, name, text);
    if (text != NULL)
        sodium_memzero(text, strlen(text));
    free(text);
    return good;
}

/* A file's bytes with a NUL after them; NULL when it cannot be read, or is larger than any that is kept. */
static char *read_file(const char *folder, const char *name, size_t *length)
{
    char path[PATH_MAX], *text = NULL;
    struct stat found;
    FILE *file = join(path, folder, name) ? fopen(path, "rb") : NULL;
    if (file != NULL && fstat(fileno(file), &found) == 0 && found.st_size <= MAX_KEPT)
        text = malloc((size_t)found.st_size + 1);
    *length = text != NULL ? fread(text, 1, (size_t)found.st_size, file) : 0;
    if (text != NULL && ferror(file)) {
        free(text);
        text = NULL;
    }
    if (text != NULL)
        text[*length] = '\0';
    if (file != NULL)
        fclose(file);
    return text;
}

static json_t *load_object(const char *folder, const char *name, bool tells)
{
    size_t length;
    char *text = read_file(folder, name, &length);
    json_t *object = text != NULL ? strict_json_read(text, length) : NULL;
    if (!json_is_object(object)) {
        if (tells && is_kept(folder, name))
            fprintf(stderr, "%s/%s is damaged: delete it and activate again.\n", folder, name);
        json_decref(object);
        object = NULL;
    }
    if (text != NULL)
        sodium_memzero(text, length);
    free(text);
    return object;
}

json_t *load_kept(const char *folder, const char *name)
{
    return load_object(folder, name, true);
}

json_t *load_kept_quietly(const char *folder, const char *name)
{
    return load_object(folder, name, false);
}

bool is_kept(const char *folder, const char *name)
{
    char path[PATH_MAX];
    return join(path, folder, name) && access(path, F_OK) == 0;
}

void forget(const char *folder, const char *name)
{
    char path[PATH_MAX];
    if (join(path, folder, name))
        unlink(path);
}

bool load_install_id(const char *folder, char name[33])
{
    char path[PATH_MAX], line[34];
    uint8_t random[16];
    size_t length;
    if (!join(path, folder, "install_id"))
        return false;
    if (!is_kept(folder, "install_id")) {
        randombytes_buf(random, sizeof random);
        sodium_bin2hex(line, sizeof line, random, sizeof random);
        strcat(line, "\n");
        if (!keep_text(folder, "install_id", line))
            return false;
    }
    char *text = read_file(folder, "install_id", &length);
    bool good = text != NULL && strspn(text, "0123456789abcdef") == 32 && strcspn(text, "\n") == 32;
    if (good)
        snprintf(name, 33, "%.32s", text);
    else
        fprintf(stderr, "%s is damaged: put it back from a backup, or delete it, which makes this machine another"
                        " device.\n", path);
    free(text);
    return good;
}

bool make_device_key(const char *folder, uint8_t seed[KEY_BYTES])
{
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
    char x[BASE64URL_ROOM(KEY_BYTES)], d[BASE64URL_ROOM(KEY_BYTES)];
    randombytes_buf(seed, KEY_BYTES);
    crypto_sign_seed_keypair(public_key, secret, seed);
    base64url_encode(x, public_key, KEY_BYTES);
    base64url_encode(d, seed, KEY_BYTES);
    json_t *jwk = json_pack("{ssssssss}", "kty", "OKP", "crv", "Ed25519", "x", x, "d", d);
    bool good = keep(folder, "device.key", jwk);
    json_decref(jwk);
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(d, sizeof d);
    return good;
}

bool load_device_key(const char *folder, uint8_t seed[KEY_BYTES])
{
    json_t *jwk = load_kept(folder, "device.key");
    bool good = base64url_decode_exactly(json_text(jwk, "d"), seed, KEY_BYTES);
    json_decref(jwk);
    return good;
}
