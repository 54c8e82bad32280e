/* How one case of each subject is run. */
#ifndef VECTOR_CASES_H
#define VECTOR_CASES_H

#include "verify.h"

struct subject {
    const char *file, *list; /* the member that holds the cases */
    bool (*run)(const json_t *entry);
    bool (*run_within)(const json_t *entry, const json_t *subject); /* where a case needs more of its file */
};

extern const struct subject SUBJECTS[]; /* ends with a NULL file */

/* Whether a reason found is the one that the case names; both may be none. */
bool is_reason(const json_t *entry, const char *reason);

/* The bytes that a member spells in base64url; free() them. NULL where it cannot be read. */
uint8_t *read_bytes(const json_t *entry, const char *name, size_t *count);

/* Whether two texts are equal; both may be none. */
bool is_equal(const char *one, const char *other);

void read_roots(const json_t *entry, struct roots *roots);

bool run_normalisation(const json_t *entry);
bool run_fingerprint(const json_t *entry);
bool run_digests(const json_t *entry);
bool run_match(const json_t *entry);
bool run_proof(const json_t *entry);
bool run_revocations(const json_t *entry);
bool run_certificate_file(const json_t *entry);
bool run_request_file(const json_t *entry, const json_t *subject);

#endif
