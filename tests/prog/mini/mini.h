/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small laboratory for the classic ABI.  The test program is its own guest:
 * guest-physical address P is the launcher's address P, so a guest whose page
 * tables map the program's image one to one can run the program's own
 * functions, in ring 1 or 3, and share its variables.  mini.c is the
 * launcher's side and the bookkeeping of the tests, guest.c the guest's side.
 * 2level/ and pae/ have what depends on the format of the guest's page tables;
 * a program is built with one of them, or with each.
 */
#ifndef MINI_H
#define MINI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <linux/lguest.h>
#include <linux/lguest_launcher.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;

#include "format.h"
#include "../../lib/host.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define PAGE		4096u
#define page_aligned	__attribute__((aligned(4096)))

/* Where the program is linked, and how much from there the guest maps. */
#define IMAGE_BASE	(USER_END - 0x30000000u)
#define IMAGE_SIZE	0x800000u
/* What a test may map: nothing else is there, nor will malloc() come so far. */
#define ABOVE_HEAP	(IMAGE_BASE + 0x10000000u)

/* What one page table maps, and what mini.low does. */
#define TABLE_SPAN	(TABLE_ENTRIES * PAGE)
#define LOW_SPAN	0x400000u

/* The image is the guest kernel's; what is below is its user part. */
#define MINI_PAGE_OFFSET	(IMAGE_BASE - 0x10000000u)
/* All that a 32-bit process can have. */
#define MINI_PFN_LIMIT		(USER_END / PAGE)

/* Page table bits */
#define P_PRESENT	0x001u
#define P_RW		0x002u
#define P_USER		0x004u
#define P_PWT		0x008u
#define P_PCD		0x010u
#define P_ACCESSED	0x020u
#define P_DIRTY		0x040u
#define P_LARGE		0x080u
#define P_GLOBAL	0x100u
#define P_ALL		(P_PRESENT | P_RW | P_USER)

/* Selectors, once mini_load_gdt() was called; the kernel's are there before. */
#define KERNEL_CS	0x61
#define KERNEL_DS	0x69
#define USER_CS		0x73
#define USER_DS		0x7b
#define KERNEL_CODE	0x00cfbb00u	/* high words of flat segments */
#define KERNEL_DATA	0x00cfb300u
#define USER_CODE	0x00cffb00u
#define USER_DATA	0x00cff300u
#define FLAT_LOW	0x0000ffffu
#define GDT_ENTRIES	32

#define FL_IF		0x200u
#define TRAP_PF		14
#define SYSCALL_VECTOR	0x80

/* What a trap or an interrupt leaves on the guest kernel's stack. */
struct frame {
	u32 gs, fs, es, ds;
	u32 edi, esi, ebp, unused_esp, ebx, edx, ecx, eax;
	u32 vector, errcode;
	u32 eip, cs, eflags, esp, ss;	/* the last two only from ring 3 */
};

/* All that a guest needs but its code. */
struct mini {
	pte_t pgdir[TABLE_ENTRIES];
	pte_t pgdir2[TABLE_ENTRIES];
	pte_t image[IMAGE_SIZE / PAGE];
	pte_t low[LOW_SPAN / PAGE];	/* for virtual 0 to 4 MiB */
	u8 stack[2][PAGE];
	u8 ustack[PAGE];
	u8 scratch[4][PAGE];
	struct lguest_data data;
	u32 gdt[GDT_ENTRIES][2];
	/* INITIALIZE's words, and what the start-up code shall do */
	u32 pfn_limit, root, start, page_offset;
	bool no_init, no_traps, no_root;
	void (*main)(void);
	void (*on_trap)(struct frame *f);
	/* a fault at these bounds goes on at the recovery address */
	u32 recover, trapped, trap_errcode, trap_eip, trap_cr2;
	u32 traps;
};

extern struct mini mini;

/* format: the entry of an address's table, whatever is above it */
pte_t *mini_pde_of(pte_t *root, u32 vaddr);
/* A directory whose first GiB has tables of its own, and room for what it takes. */
struct mini_root {
	pte_t dir[TABLE_ENTRIES];
	pte_t user[TABLE_ENTRIES];
};

void mini_copy_root(struct mini_root *to);	/* of mini.pgdir */
void mini_reset_root(void);
void mini_load_root(void);			/* in the guest */

#define STACK_TOP	((u32)mini.stack[2])
#define USTACK_TOP	((u32)mini.scratch[0])

/* guest.c: what runs in the guest */
void mini_entry(void);			/* the first instruction */
extern char mini_trap_stubs[];		/* 16 bytes for each of 0 to 63, 0x80 */
#define GATE_TRAP	0x8f00u
#define GATE_INTERRUPT	0x8e00u
#define GATE_DPL3	0x6000u
#define GATE_DPL1	0x2000u

void mini_set_gate(u32 vector, u32 type);
void mini_load_gdt(void);
void mini_irqs(bool on);
/* Run f in ring 3; its traps go to on_trap.  The first has the stack named already. */
__attribute__((noreturn)) void mini_enter_user(void (*f)(void), u32 esp);
__attribute__((noreturn)) void mini_user(void (*f)(void));
__attribute__((noreturn, format(printf, 1, 2)))
void crash(const char *fmt, ...);
__attribute__((noreturn))
void crash_at(u32 message);
extern void (*mini_end_it)(u32 message);	/* the hypercall that ends a guest */
void guest_spin(void);
/* The vector of the fault that f() meets, or -1. */
int mini_try(void (*f)(void));

static inline u32 hcall4(u32 call, u32 arg1, u32 arg2, u32 arg3, u32 arg4)
{
	u32 result = call;

	asm volatile("int $0x1f" : "+a" (result)
		     : "d" (arg1), "b" (arg2), "c" (arg3), "S" (arg4) : "memory");
	return result;
}

static inline u32 hcall(u32 call, u32 arg1, u32 arg2, u32 arg3)
{
	return hcall4(call, arg1, arg2, arg3, 0);
}

#define hcall1(call, a)		hcall(call, (u32)(a), 0, 0)
#define hcall2(call, a, b)	hcall(call, (u32)(a), (u32)(b), 0)

/* The calls for an entry, and for all that belongs to its directory's entry. */
static inline void hcall_set_pte(pte_t *root, u32 vaddr, pte_t pte)
{
	hcall4(LHCALL_SET_PTE, (u32)root, vaddr, pte, (u64)pte >> 32);
}

static inline void hcall_pde_changed(pte_t *root, u32 vaddr)
{
	hcall2(LHCALL_SET_PGD, root, vaddr >> DIR_SHIFT);
}

/* A system call of the guest's user program. */
static inline u32 syscall_of_user(u32 nr)
{
	asm volatile("int $0x80" : "+a" (nr) : : "memory");
	return nr;
}

/* Leave a call in the ring. */
void hcall_later(u32 slot, u32 call, u32 arg1, u32 arg2, u32 arg3);

/* mini.c: the launcher's side */
void mini_reset(void (*main)(void));
void mini_map(u32 vaddr, pte_t entry);			/* in low or image */
void mini_map_low(pte_t *root, u32 vaddr);		/* 4 MiB of mini.low */

static inline pte_t *mini_pde(u32 vaddr)		/* the entry of its table */
{
	return mini_pde_of(mini.pgdir, vaddr);
}

int mini_open(void);
int mini_initialize(int fd);
int mini_new(void (*main)(void));	/* reset, open and initialise */
int mini_request(int fd, u32 request, u32 arg);
const char *mini_reason(int fd);	/* of a dead guest */
const char *mini_finish(int fd);	/* run to the death; its reason */
const char *mini_run(void (*main)(void));	/* all of it, and close */
const char *mini_run_again(void);	/* without the reset */
extern int (*mini_on_notice)(int fd, const struct lguest_dma_notice *notice);
long mini_counter(int fd, const char *name);
long mini_number_in(const char *path, const char *name);
void mini_write(const char *path, const char *text);

/* host.c */
u32 host_gate_error(u32 vector);

/* Tests: each case is a process of its own. */
extern unsigned int mini_case_seconds;
void mini_case(const char *name, void (*f)(void));
void mini_skip(const char *name, const char *why);
int mini_done(void);
__attribute__((noreturn, format(printf, 1, 2)))
void mini_fail(const char *fmt, ...);

#define RUN(f)	mini_case(#f, f)

/* a test of what there is on a 32-bit host alone; or why there is not on a 64-bit one */
#define RUN_ON_32BIT(f, why)						\
	do {								\
		if (host_is_64bit())					\
			mini_skip(#f, why);				\
		else							\
			RUN(f);						\
	} while (0)

/* one that counts with how user space is divided up where it ends at 3 GiB */
#define RUN_WITH_3_GIB(f)						\
	do {								\
		if (USER_END < 0xc0000000u)				\
			mini_skip(#f, "user space is smaller here");	\
		else							\
			RUN(f);						\
	} while (0)

#define expect(cond, ...)						\
	do {								\
		if (!(cond))						\
			mini_fail(__VA_ARGS__);				\
	} while (0)

/* a call that must fail with an errno */
#define expect_error(call, err)						\
	do {								\
		long got_ = (call);					\
		int want_ = (err);					\
									\
		expect(got_ == -1 && errno == want_,			\
		       "%s:%d: %s gave %ld (%s), not %s", __FILE__,	\
		       __LINE__, #call, got_, got_ == -1 ?		\
		       strerror(errno) : "no error", strerror(want_));	\
	} while (0)

#define expect_value(call, value)					\
	do {								\
		long got_ = (long)(call), want_ = (long)(value);	\
									\
		expect(got_ == want_, "%s:%d: %s gave %ld (%#lx), not %ld",	\
		       __FILE__, __LINE__, #call, got_, got_, want_);	\
	} while (0)

/* the whole text, or its beginning */
#define expect_reason(call, text)					\
	do {								\
		const char *got_ = (call), *want_ = (text);		\
									\
		expect(!strcmp(got_, want_),				\
		       "%s:%d: the reason was \"%s\", not \"%s\"",	\
		       __FILE__, __LINE__, got_, want_);		\
	} while (0)

/* the whole text, as printf would print it */
#define expect_formatted(call, ...)					\
	do {								\
		char formatted_[200];					\
									\
		snprintf(formatted_, sizeof(formatted_), __VA_ARGS__);	\
		expect_reason(call, formatted_);			\
	} while (0)

#define expect_prefix(call, text)					\
	do {								\
		const char *got_ = (call), *want_ = (text);		\
									\
		expect(!strncmp(got_, want_, strlen(want_)),		\
		       "%s:%d: the reason was \"%s\", not \"%s...\"",	\
		       __FILE__, __LINE__, got_, want_);		\
	} while (0)

/* the guest's own complaint */
#define guest_expect(cond)						\
	do {								\
		if (!(cond))						\
			crash("line %d: %s", __LINE__, #cond);		\
	} while (0)

/* Memory that another process of the test sees too. */
void *mini_shared(size_t size);
pid_t mini_fork(void);			/* the child dies with the case */
int mini_wait(pid_t pid);		/* its wait status */
void mini_pin(int cpu);
long mini_ms(void);			/* monotonic */

/* Wait until the condition holds, for 10 s at most, without a fixed sleep. */
#define wait_until(cond)						\
	do {								\
		for (int left_ = 50000; !(cond); left_--) {		\
			expect(left_, "%s:%d: waited in vain for: %s",	\
			       __FILE__, __LINE__, #cond);		\
			usleep(1000);					\
		}							\
	} while (0)

/* Where the CPU has the guest's GDT and IDT: both are in one page of the host's. */
static inline u32 mini_gdt(void)
{
	struct {
		u16 limit;
		u32 base;
	} __attribute__((packed)) gdt;

	asm volatile("sgdt %0" : "=m" (gdt));
	return gdt.base;
}

static inline u32 mini_idt(void)
{
	struct {
		u16 limit;
		u32 base;
	} __attribute__((packed)) idt;

	asm volatile("sidt %0" : "=m" (idt));
	return idt.base;
}

static inline u32 mini_tables_page(void)
{
	return mini_gdt() & -PAGE;
}

#endif /* MINI_H */
