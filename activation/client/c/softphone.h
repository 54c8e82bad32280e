/* A softphone's whole conversation about its licence. Each returns the program's exit status. */
#ifndef SOFTPHONE_H
#define SOFTPHONE_H

#include "http.h"
#include "tree.h"
#include "verify.h"

#include <stdbool.h>

enum { DONE = 0, REFUSED = 1, USAGE = 2, LATER = 3 };

struct softphone {
    struct server server;
    const char *product, *version, *folder; /* version may be NULL but for activate */
    struct roots roots;
    struct tree tree;
};

struct person {
    const char *login, *password, *license_id; /* license_id may be NULL */
    bool move;
};

int fingerprint_command(const struct softphone *softphone, bool show_values);
int activate_command(const struct softphone *softphone, const struct person *person);
int renew_command(const struct softphone *softphone);
int verify_command(const struct softphone *softphone);

/* Print an object: one JSON object a line. */
void show(json_t *object);

#endif
