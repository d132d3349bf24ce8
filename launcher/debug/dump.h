/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Dumps: what is in one (dump.c), and when there is one (dumps.c).
 */
#ifndef DUMP_H
#define DUMP_H

#include "config.h"
#include "guest_memory.h"

struct dump_subject {
	const struct memory *mem;
	__u32 page_offset;		/* where its kernel has physical 0 */
	struct lguest_debug_regs regs;
	bool (*too_late)(void);		/* there is no more time for it */
};

/* dump.c */
bool dump_find_info(const struct memory *mem, char text[PAGE_BYTES + 1]);
bool dump_write(int fd, const struct dump_subject *subject);

/* dumps.c */
bool __must_check dump_open(const struct config *config);
void dump_start(const struct memory *mem, __u32 page_offset);
void dump_dead(void);
bool dump_ask(int fd);
bool dump_answered(const char **wrong);

#endif /* DUMP_H */
