/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A session is a launcher with several threads and children that has lost its mind: they
 * share a few files of /dev/lguest, and do whatever can be done with these (requests.c) and
 * with the memory below (changes.c), as one of them happens to.  fuzz_requests.c has the
 * threads and sees to it that all of them end.
 */
#ifndef FUZZ_REQUESTS_H
#define FUZZ_REQUESTS_H

#include "run.h"

#define SESSION_FDS	8

/* Shared by all sessions, and counted by several at once. */
struct session_counts {
	u32 sessions, writes, reads, others, guests, replies, signals, killed, died;
};

extern struct session_counts *session_counts;

static inline void session_count(u32 *what)
{
	__sync_fetch_and_add(what, 1);
}

/* Files that any thread may open, close and use. */
extern volatile int session_fd[SESSION_FDS];

/* requests.c: something with a file */
void session_file_step(void);

/* changes.c: the session's memory, of guest and buffers; something with that */
void session_make_memory(void);
void *session_buffer(u32 size);		/* where a request is or a reply goes to */
void session_fill(void *buffer, const void *words, u32 size);
void session_memory_step(void);
void *session_wait_for_sticky(void *unused);	/* a thread's */

__attribute__((noreturn, format(printf, 1, 2)))
void session_fail(const char *fmt, ...);

#endif /* FUZZ_REQUESTS_H */
