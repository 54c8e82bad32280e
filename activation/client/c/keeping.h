/* What is kept between starts: files of one folder, mode 0600, each replaced in one step. The same files and
 * formats as the Python client's: certificate.json, install_id, device.key, proof.json. */
#ifndef KEEPING_H
#define KEEPING_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Replace a file of the folder, made if need be, with an object's JSON. */
bool keep(const char *folder, const char *name, const json_t *object);

/* The same with a text. */
bool keep_text(const char *folder, const char *name, const char *text);

/* An object that was kept; NULL when there is none, and a message where it is damaged. */
json_t *load_kept(const char *folder, const char *name);
json_t *load_kept_quietly(const char *folder, const char *name);

/* Whether there is a file of this name. */
bool is_kept(const char *folder, const char *name);

void forget(const char *folder, const char *name);

/* The installation's random name, 32 digits, made at the first call; false with a message. */
bool load_install_id(const char *folder, char name[33]);

/* The device's private key, 32 bytes; false when there is none that can be read. */
bool load_device_key(const char *folder, uint8_t seed[32]);

/* Make another and keep it, whatever was there. */
bool make_device_key(const char *folder, uint8_t seed[32]);

#endif
