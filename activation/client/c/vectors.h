/* The vectors of tests/vectors, run by this client. */
#ifndef VECTORS_H
#define VECTORS_H

/* Run all files of a folder that this client can; print a count for each, and what failed. */
int vectors_command(const char *folder);

#endif
