/* Talking to the server: what is temporary is tried again with growing pauses, a refusal never. */
#ifndef HTTP_H
#define HTTP_H

#include <jansson.h>

struct server {
    const char *url;
    double patience_s;
};

struct reply {
    long status;      /* 0: the server could not be reached, or asked to come back later, for all the patience */
    json_t *answer;   /* an object, or NULL */
    double wait_s;    /* Retry-After's seconds, or -1 */
    char etag[128];
    char wrong[256];  /* why there is no answer */
};

/* POST a message; login and password may be NULL. Free the reply with reply_free. */
void http_post(struct reply *reply, const struct server *server, const char *path, const json_t *message,
               const char *login, const char *password);

/* GET, once; `etag` may be NULL. */
void http_get(struct reply *reply, const struct server *server, const char *path, const char *etag);

void reply_free(struct reply *reply);

#endif
