/* What this machine believes: certificates under its roots, at this time, but for what was revoked. */
#ifndef TRUST_H
#define TRUST_H

#include "device.h"
#include "softphone.h"

/* Check a certificate with no network: NULL, or the reason's word. `fresh`: it has just come from the server,
 * and its time corrects the clock's mark. Free terms and comparison in either case. */
const char *trust_certificate(const struct softphone *softphone, const struct device *device,
                              const char *certificate, const char *delegation, bool fresh, struct terms *terms,
                              struct comparison *comparison);

/* Fetch the list of revocations, if there is a newer one to be had. That it does not come fails nothing. */
void learn_revocations(const struct softphone *softphone);

#endif
