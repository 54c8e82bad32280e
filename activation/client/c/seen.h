/* What time it is, on a machine whose clock may be wrong or set back on purpose (docs/protocol.md, Clocks). */
#ifndef SEEN_H
#define SEEN_H

#include <stdbool.h>
#include <stdint.h>

/* The mark: the latest time seen here, 0 where there is none that was written here. */
int64_t load_seen(const char *folder);
void store_seen(const char *folder, int64_t seen);

/* The mark after an answer of the server dated `answered`; `known` is the latest signed time from before. */
int64_t mark_answer(int64_t seen, int64_t known, int64_t answered);

/* Tell the time by the machine's clock and the mark, and raise the mark. False: the clock was set back; a mark
 * that comes from a `fresh` answer is then not written. */
bool tell_time(const char *folder, int64_t mark, bool fresh, int64_t *now);

#endif
