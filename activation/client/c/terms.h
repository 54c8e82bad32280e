/* The claims of a certificate: claims not known here are allowed, a missing or mistyped one is "malformed". */
#ifndef TERMS_H
#define TERMS_H

#include "verify.h"

const char *terms_read(struct terms *terms, const uint8_t *payload, size_t length);

#endif
