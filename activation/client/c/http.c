#include "http.h"

#include "strict_json.h"

#include <curl/curl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define TIMEOUT_S 15L
#define LIST_TIMEOUT_S 600L /* what is fetched may be large, and the line slow: it need only not stand still */
#define LEAST_SPEED 100L    /* bytes a second */
#define FIRST_PAUSE_S 0.2
#define LONGEST_PAUSE_S 10.0
#define MAX_ANSWER (12 * 1024 * 1024) /* a list of revocations may be 8 MiB */

struct body {
    char *bytes;
    size_t length, room;
};

static size_t take(char *bytes, size_t size, size_t count, void *into)
{
    struct body *body = into;
    if (size * count > MAX_ANSWER - body->length)
        return 0; /* ends the transfer */
    if (body->length + size * count > body->room) {
        body->room = 2 * (body->length + size * count);
        char *larger = realloc(body->bytes, body->room);
        if (larger == NULL)
            return 0;
        body->bytes = larger;
    }
    memcpy(body->bytes + body->length, bytes, size * count);
    body->length += size * count;
    return size * count;
}

static size_t take_header(char *line, size_t size, size_t count, void *into)
{
    struct reply *reply = into;
    size_t length = size * count;
    if (length > 6 && strncasecmp(line, "etag: ", 6) == 0)
        snprintf(reply->etag, sizeof reply->etag, "%.*s", (int)(length - 6), line + 6);
    reply->etag[strcspn(reply->etag, "\r\n")] = '\0';
    return length;
}

static void prepare(CURL *curl, struct body *body, const char *text, const char *login, const char *password)
{
    if (text != NULL)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, text);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, LEAST_SPEED);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, text != NULL ? TIMEOUT_S : LIST_TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
    if (login == NULL)
        return;
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
    curl_easy_setopt(curl, CURLOPT_USERNAME, login);
    curl_easy_setopt(curl, CURLOPT_PASSWORD, password);
}

static void read_reply(struct reply *reply, CURL *curl, const struct body *body)
{
    curl_off_t wait = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply->status);
    curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &wait);
    reply->wait_s = wait > 0 ? (double)wait : -1;
    reply->answer = strict_json_read(body->bytes != NULL ? body->bytes : "", body->length);
    if (reply->status == 429 || reply->status >= 500) {
        snprintf(reply->wrong, sizeof reply->wrong, "The server asks to come back later (%ld).", reply->status);
        reply->status = 0;
    }
}

/* `text` NULL: a GET; `header` one more line. */
static void ask_once(struct reply *reply, const char *url, const char *header, const char *text, const char *login,
                     const char *password)
{
    CURL *curl = curl_easy_init();
    struct body body = {0};
    struct curl_slist *headers = curl_slist_append(NULL, header);
    *reply = (struct reply){.wait_s = -1};
    if (curl != NULL && headers != NULL) {
        prepare(curl, &body, text, login, password);
        curl_easy_setopt(curl, CURLOPT_URL, url);
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
        curl_easy_setopt(curl, CURLOPT_HEADERDATA, reply);
        CURLcode done = curl_easy_perform(curl);
        if (done == CURLE_OK)
            read_reply(reply, curl, &body);
        else
            snprintf(reply->wrong, sizeof reply->wrong, "No answer from the server: %s.", curl_easy_strerror(done));
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    free(body.bytes);
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void pause_for(double seconds)
{
    struct timespec left = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&left, NULL);
}

void http_post(struct reply *reply, const struct server *server, const char *path, const json_t *message,
               const char *login, const char *password)
{
    char url[2048];
    char *text = json_dumps(message, JSON_COMPACT);
    double deadline = now_s() + server->patience_s, pause_s = FIRST_PAUSE_S;
    snprintf(url, sizeof url, "%s%s", server->url, path);
    for (;;) {
        ask_once(reply, url, "Content-Type: application/json", text != NULL ? text : "", login, password);
        if (reply->status != 0)
            break;
        /* Up to half as much again, so that machines that lost the server together do not return together. */
        double wait_s = reply->wait_s >= 0 ? reply->wait_s : pause_s * (1 + randombytes_uniform(500) / 1000.0);
        if (now_s() + wait_s >= deadline)
            break;
        json_decref(reply->answer);
        pause_for(wait_s);
        pause_s = pause_s * 2 < LONGEST_PAUSE_S ? pause_s * 2 : LONGEST_PAUSE_S;
    }
    free(text);
}

void http_get(struct reply *reply, const struct server *server, const char *path, const char *etag)
{
    char url[2048], header[192];
    snprintf(url, sizeof url, "%s%s", server->url, path);
    snprintf(header, sizeof header, "If-None-Match: %s", etag != NULL ? etag : "\"none yet\"");
    ask_once(reply, url, header, NULL, NULL, NULL);
}

void reply_free(struct reply *reply)
{
    json_decref(reply->answer);
    *reply = (struct reply){0};
}
