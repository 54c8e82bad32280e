/* The files of an offline activation: armour, sealed box, answer (docs/protocol.md). */
#ifndef ARMOUR_H
#define ARMOUR_H

#include <jansson.h>
#include <stdint.h>

#define REQUEST_LABEL "SOFTPHONE CERTIFICATE REQUEST"
#define ANSWER_LABEL "SOFTPHONE CERTIFICATE"

/* The bytes between BEGIN and END, whatever mail did to the file; free() them. NULL when they are damaged. */
uint8_t *armour_read(const char *label, const uint8_t *file, size_t length, size_t *count);

/* Read an answer's file: {"v", "certificate", "delegation"}, the caller's to free. Else NULL and the reason's
 * word: "armour" or "contents". */
json_t *read_certificate_file(const uint8_t *file, size_t length, const char **reason);

#endif
