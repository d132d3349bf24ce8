/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A program of the guest's, or its kernel, makes accesses, most of which fault; what the
 * kernel finds at each is the same with direct faults (LGUEST_HAS_DIRECT_FAULTS) and
 * without, whatever is wrong with its gate, stack or memory.  How many were direct the
 * host's counters tell.
 */
#ifndef FAULTS_H
#define FAULTS_H

#include "era.h"

#define ANSWER		PHYS(scratch[0])	/* what is wanted, and what the host has */
#define FIRST		PHYS(scratch[2])
#define SECOND		PHYS(scratch[3])
#define WINDOW		ERA_WINDOW		/* 16 pages, in the guest's user part */
#define ABSENT		(WINDOW + 0 * PAGE)
#define READ_ONLY	(WINDOW + 1 * PAGE)
#define WRITABLE	(WINDOW + 2 * PAGE)
#define KERNELS		(WINDOW + 3 * PAGE)
#define ABSENT_TOO	(WINDOW + 4 * PAGE)
#define NEW_STACK	0x60000000u
#define NEW_STACK_TOP	(NEW_STACK + PAGE)
#define MAX_FAULTS	64

#define FL_AC		0x40000u
#define FL_DF		0x400u
#define FL_CF		1u
#define FL_NT		0x4000u

/* An access, with what flags; one to address 0 ends a list of them. */
enum { READS, WRITES, FETCHES };

struct access {
	u32 address;
	u32 how;
	u32 flags;
};

/* What the kernel finds; esp and ss are there if ring 3 had it. */
struct fault {
	u32 vector, errcode, eip, cs, eflags, esp, ss;
	u32 cr2, at, irq_enabled;
};

extern struct fault faults[MAX_FAULTS];
extern volatile u32 nr_faults, last_read;

/* Three of them, in two pages. */
extern const struct access two_absent[];

/* Variations, from prepare_faults() on. */
extern u32 stack_top, stack_pages;	/* for faults of ring 3 */
extern u32 irqs;			/* the interrupt flag */
extern bool data_used;			/* are the shared words mapped before? */
extern bool debugged;
extern void (*before_accesses)(void);
extern void (*makes_accesses)(void);	/* accesses_of_user() or the kernel's own */
extern void (*answer)(struct frame *f);	/* skip_access() */

void make_accesses(void);
void accesses_of_user(void);
void skip_access(struct frame *f);
void prepare_faults(const struct access *list, bool wanted);
u32 direct_faults(const char *reason);	/* run it as it was prepared, and count */

/* Run it without direct faults and with them: it finds the same; so many were direct. */
u32 direct_but_the_same(const struct access *list, void (*vary)(void), const char *reason);

/* Four pages from NEW_STACK on, for the kernel, that nobody has used yet. */
void map_unused_stacks(void);
/* A handler for a stack with another base than 0: tells esp and the error code. */
void leave_odd_stack(void);

/* What was prepared, with direct faults and without, ends alike, and none was direct. */
void is_never_direct(void (*vary)(void), const char *reason);
/* The same of two_absent, if so many are direct. */
void finds_the_same(void (*vary)(void), u32 direct);

#endif /* FAULTS_H */
