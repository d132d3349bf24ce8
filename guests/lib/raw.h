/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Traps as the CPU makes them.  Code is started in ring 1 or 3 with every
 * register as the test wants it; the gates of raw.c record what the first trap
 * left in the registers and on the stack, before anything else touches them,
 * and give control back.
 */
#ifndef GUEST_RAW_H
#define GUEST_RAW_H

/* Offsets into struct raw, for raw_entry.S; raw.c checks them. */
#define RAW_IRQ_ENABLED	4
#define RAW_LIVE_EFLAGS	8
#define RAW_REGS	12
#define RAW_WORD	76

/* Into struct raw_regs */
#define REGS_EBX	12
#define REGS_GS		28
#define REGS_DS		40
#define REGS_EIP	44
#define REGS_CS		48
#define REGS_ESP	56
#define REGS_SS		60

#define RAW_VECTORS	64	/* and one more for SYSCALL_VECTOR */
#define RAW_STUB_SIZE	16

/* The longest frame: error code, eip, cs, eflags, esp, ss. */
#define RAW_WORDS	6

#ifndef __ASSEMBLER__

#include "guest.h"

#define EFLAGS_CF	0x00000001
#define EFLAGS_FIXED	0x00000002
#define EFLAGS_PF	0x00000004
#define EFLAGS_ZF	0x00000040
#define EFLAGS_TF	0x00000100
#define EFLAGS_DF	0x00000400
#define EFLAGS_OF	0x00000800
#define EFLAGS_NT	0x00004000
#define EFLAGS_RF	0x00010000
#define EFLAGS_AC	0x00040000
#define EFLAGS_ID	0x00200000

/* What raw_run() starts with, and, in struct raw, what the trap found. */
struct raw_regs {
	u32 edi, esi, ebp, ebx, edx, ecx, eax;
	u32 gs, fs, es, ds;
	u32 eip, cs, eflags, esp, ss;
};

struct raw {
	u32 vector;		/* which gate it came through */
	u32 irq_enabled;	/* when the gate had been passed */
	u32 live_eflags;	/* the handler's own */
	struct raw_regs regs;	/* esp, ss: the handler's; no eip, cs, eflags */
	u32 word[RAW_WORDS];	/* what is on its stack */
};

extern struct raw raw;
extern u32 raw_stack_top;		/* as of the last raw_stack() */

/* Where it happened; is there an error code before it? */
#define RAW_EIP(err)	(raw.word[(err) ? 1 : 0])

void raw_gate(u32 vector, enum gate_type type, u32 dpl);
void raw_gates(enum gate_type type, u32 dpl);
const void *raw_entry(u32 vector);
void raw_stack(u32 top, u32 pages);
void raw_kernel(struct raw_regs *start, const void *eip);
void raw_user(struct raw_regs *start, const void *eip);
void raw_run(const struct raw_regs *start);
bool raw_ok(bool good, const char *fmt, ...) __printf(2, 3);
bool raw_trapped(u32 vector, bool has_error, u32 error, u32 eip);

/* The image again, at addresses that ring 3 may use. */
#define USER_IMAGE	0x40000000

static inline u32 user_addr(const volatile void *p)
{
	return phys(p) + USER_IMAGE;
}

void raw_init(void);

/* raw_entry.S, and what it calls */
extern const char raw_stubs[];

void raw_enter(const struct raw_regs *regs) __noreturn;
void raw_caught(void) __noreturn;

#endif /* __ASSEMBLER__ */
#endif /* GUEST_RAW_H */
