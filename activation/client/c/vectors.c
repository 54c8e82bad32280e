#include "vectors.h"

#include "vector_cases.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static int run_cases(const struct subject *subject, const json_t *content, const json_t *cases)
{
    json_t *entry;
    size_t at;
    int failed = 0;
    json_array_foreach((json_t *)cases, at, entry)
    {
        if (subject->run != NULL ? subject->run(entry) : subject->run_within(entry, content))
            continue;
        failed++;
        printf("  FAILED %s: %s\n", subject->file, json_string_value(json_object_get(entry, "name")));
    }
    printf("%-28s %4zu cases, %d failed\n", subject->file, json_array_size(cases), failed);
    return failed;
}

static int run_file(const struct subject *subject, const char *folder)
{
    char path[4096];
    json_error_t error;
    snprintf(path, sizeof path, "%s/%s", folder, subject->file);
    /* Cases hold NULs on purpose. */
    json_t *content = json_load_file(path, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    const json_t *cases = json_object_get(content, subject->list);
    int failed = 1;
    if (json_array_size(cases) > 0)
        failed = run_cases(subject, content, cases);
    else
        printf("  FAILED %s: cannot be read\n", path);
    json_decref(content);
    return failed;
}

int vectors_command(const char *folder)
{
    int failed = 0;
    for (const struct subject *subject = SUBJECTS; subject->file != NULL; subject++)
        failed += run_file(subject, folder);
    return failed > 0;
}
