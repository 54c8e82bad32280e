/* The softphone's side of a licence, in C: fingerprint, activate, renew, verify, vectors. */
#include "base64url.h"
#include "softphone.h"
#include "vectors.h"

#include <curl/curl.h>
#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char USAGE_TEXT[] =
    "softphone fingerprint [--values]\n"
    "softphone activate --product P --roots FILE --login L --version V [--password-file FILE] [--move] [--license ID]\n"
    "softphone renew    --product P --roots FILE [--version V]\n"
    "softphone verify   --product P --roots FILE\n"
    "softphone vectors FOLDER\n"
    "all: [--server URL] [--folder FOLDER] [--patience SECONDS] [--root FOLDER: read a copied machine]\n"
    "The password comes from --password-file or ACTIVATION_PASSWORD.\n";

struct options {
    struct softphone softphone;
    struct person person;
    const char *roots, *password_file;
    char folder[PATH_MAX], password[1024];
    bool values;
};

static int usage(void)
{
    fputs(USAGE_TEXT, stderr);
    return USAGE;
}

static bool take_option(struct options *options, int letter, const char *text)
{
    struct softphone *softphone = &options->softphone;
    switch (letter) {
    case 's': softphone->server.url = text; break;
    case 'p': softphone->product = text; break;
    case 'v': softphone->version = text; break;
    case 'f': softphone->folder = text; break;
    case 't': softphone->server.patience_s = strtod(text, NULL); break;
    case 'R': return snprintf(softphone->tree.root, PATH_MAX, "%s", text) < PATH_MAX;
    case 'r': options->roots = text; break;
    case 'w': options->password_file = text; break;
    case 'l': options->person.login = text; break;
    case 'i': options->person.license_id = text; break;
    case 'm': options->person.move = true; break;
    case 'V': options->values = true; break;
    default: return false;
    }
    return true;
}

static bool read_options(struct options *options, int count, char **words)
{
    static const struct option OPTIONS[] = {
        {"server", required_argument, NULL, 's'},        {"product", required_argument, NULL, 'p'},
        {"version", required_argument, NULL, 'v'},       {"folder", required_argument, NULL, 'f'},
        {"patience", required_argument, NULL, 't'},      {"root", required_argument, NULL, 'R'},
        {"roots", required_argument, NULL, 'r'},         {"password-file", required_argument, NULL, 'w'},
        {"login", required_argument, NULL, 'l'},         {"license", required_argument, NULL, 'i'},
        {"move", no_argument, NULL, 'm'},                {"values", no_argument, NULL, 'V'},
        {NULL, 0, NULL, 0},
    };
    int letter;
    while ((letter = getopt_long(count, words, "", OPTIONS, NULL)) != -1)
        if (!take_option(options, letter, optarg))
            return false;
    return true;
}

/* The platform's usual folder, the same that the Python client uses. */
static void choose_folder(struct options *options)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    if (data != NULL && data[0] == '/')
        snprintf(options->folder, PATH_MAX, "%s/softphone-activation", data);
    else
        snprintf(options->folder, PATH_MAX, "%s/.local/share/softphone-activation", home != NULL ? home : ".");
    if (options->softphone.folder == NULL)
        options->softphone.folder = options->folder;
}

/* The first line of a file, without its end. */
static bool read_line(FILE *file, char *line, size_t room)
{
    if (file == NULL || fgets(line, (int)room, file) == NULL)
        return false;
    line[strcspn(line, "\r\n")] = '\0';
    return true;
}

static bool load_roots(struct options *options)
{
    char line[128];
    struct roots *roots = &options->softphone.roots;
    FILE *file = options->roots != NULL ? fopen(options->roots, "r") : NULL;
    bool good = file != NULL;
    while (good && read_line(file, line, sizeof line))
        if (line[0] != '\0') {
            good = roots->count < 4 && base64url_decode_exactly(line, roots->keys[roots->count], KEY_BYTES);
            roots->count++;
        }
    if (file != NULL)
        fclose(file);
    if (!good || roots->count == 0)
        fputs("--roots names no file with the roots' public keys, one a line.\n", stderr);
    return good && roots->count > 0;
}

static bool load_password(struct options *options)
{
    const char *given = getenv("ACTIVATION_PASSWORD");
    FILE *file = options->password_file != NULL ? fopen(options->password_file, "r") : NULL;
    bool good = file != NULL && read_line(file, options->password, sizeof options->password);
    if (file != NULL)
        fclose(file);
    else if (options->password_file == NULL && given != NULL)
        good = snprintf(options->password, sizeof options->password, "%s", given) < (int)sizeof options->password;
    options->person.password = options->password;
    if (!good)
        fputs("The password comes from --password-file or ACTIVATION_PASSWORD.\n", stderr);
    return good;
}

static int run(struct options *options, const char *command)
{
    struct softphone *softphone = &options->softphone;
    if (strcmp(command, "fingerprint") == 0)
        return fingerprint_command(softphone, options->values);
    if (softphone->product == NULL || !load_roots(options))
        return usage();
    if (strcmp(command, "verify") == 0)
        return verify_command(softphone);
    if (strcmp(command, "renew") == 0)
        return renew_command(softphone);
    if (strcmp(command, "activate") != 0 || options->person.login == NULL || softphone->version == NULL ||
        !load_password(options))
        return usage();
    return activate_command(softphone, &options->person);
}

int main(int count, char **words)
{
    if (sodium_init() < 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != 0) {
        fputs("libsodium or libcurl cannot start.\n", stderr);
        return REFUSED;
    }
    if (count < 2)
        return usage();
    if (strcmp(words[1], "vectors") == 0)
        return count == 3 ? vectors_command(words[2]) : usage();
    struct options options = {.softphone.server = {"http://localhost:8080", 60.0}};
    if (!read_options(&options, count - 1, words + 1))
        return usage();
    choose_folder(&options);
    int done = run(&options, words[1]);
    sodium_memzero(options.password, sizeof options.password);
    curl_global_cleanup();
    return done;
}
