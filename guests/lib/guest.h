/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the guest library offers, grouped by the file that has it.  Read the
 * files in this order to see how a paravirtualised kernel comes to life.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <linux/lguest.h>

#include "layout.h"
#include "era.h"
#include "format.h"

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;

#define __printf(f, a)	__attribute__((format(printf, f, a)))
#define __noreturn	__attribute__((noreturn))
#define __unused	__attribute__((unused))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define __aligned(n)	__attribute__((aligned(n)))
#define min(a, b)	({ __auto_type a_ = (a); __auto_type b_ = (b); \
			   a_ < b_ ? a_ : b_; })
#define max(a, b)	({ __auto_type a_ = (a); __auto_type b_ = (b); \
			   a_ > b_ ? a_ : b_; })

#define stringify_(x)	#x
#define stringify(x)	stringify_(x)

/* The compiler keeps memory accesses before this before those after it. */
static inline void barrier(void)
{
	asm volatile("" : : : "memory");
}

/* Addresses of the linear map: a pointer into the image or into RAM. */
static inline u32 phys(const volatile void *p)
{
	return (u32)p - PAGE_OFFSET;
}

static inline void *virt(u32 addr)
{
	return (void *)(addr + PAGE_OFFSET);
}

/* init.c: the page shared with the host, and what the launcher told us */
extern ERA_DATA lguest_data;

/* One word of it, which the host may change at any moment. */
#define shared_word(field)	(*(volatile u32 *)&lguest_data.field)

struct boot_info {
	u32 mem_size;		/* bytes of RAM */
	u32 initrd_start;	/* physical, 0 if there is none */
	u32 initrd_size;
	const char *command_line;
};

extern struct boot_info boot_info;

void guest_start(u32 boot_params) __noreturn;

/* hypercall.c: calls to the host, at once or by way of the ring */

/*
 * Number in eax, which in 2.6.23 may bring a result, arguments in the registers of
 * the era.  The fourth is for one call alone: LHCALL_SET_PTE with PAE.
 */
static inline u32 hcall4(u32 call, u32 arg1, u32 arg2, u32 arg3, u32 arg4)
{
	register u32 reg1 asm(stringify(HCALL_ARG1)) = arg1;
	register u32 reg2 asm(stringify(HCALL_ARG2)) = arg2;
	register u32 reg3 asm(stringify(HCALL_ARG3)) = arg3;
	register u32 reg4 asm(stringify(HCALL_ARG4)) = arg4;

	asm volatile(stringify(HCALL)
		     : "+a" (call)
		     : "r" (reg1), "r" (reg2), "r" (reg3), "r" (reg4)
		     : "memory");
	return call;
}

static inline u32 hcall(u32 call, u32 arg1, u32 arg2, u32 arg3)
{
	return hcall4(call, arg1, arg2, arg3, 0);
}

/* Can the ring take a fourth argument? */
#define RING_HAS_ARG4	(SLOT_ARG4 != 0)

void hcall_later4(u32 call, u32 arg1, u32 arg2, u32 arg3, u32 arg4);
void hcall_later(u32 call, u32 arg1, u32 arg2, u32 arg3);

/* power.c: the ways to end */
void power_off(void) __noreturn;
void restart(void) __noreturn;
void crash(const char *reason) __noreturn;
void panic(const char *fmt, ...) __noreturn __printf(1, 2);

/* string.c, printf.c: what a C library would bring */
void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
const char *strstr(const char *s, const char *what);
u64 div64(u64 n, u32 by, u32 *rest);
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

/* console.c: text out, keys in */
void console_write(const void *text, size_t len);
void console_flush(void);
void printf(const char *fmt, ...) __printf(1, 2);
void vprintf(const char *fmt, va_list ap);
typedef size_t (*console_taker)(const char *text, size_t len);

void console_input(console_taker taker);
void console_input_more(void);

/* segments.c: the descriptor table */
extern u32 gdt[GDT_ENTRIES][2];

void gdt_load(void);

/* traps.c, entry.S: everything that stops the program */

/* What the stack holds while a trap or interrupt is handled. */
struct trap_frame {
	u32 gs, fs, es, ds;
	u32 edi, esi, ebp, unused, ebx, edx, ecx, eax;
	u32 vector, error;
	u32 eip, cs, eflags;
	u32 esp, ss;		/* only if the trap came from ring 3 */
};

enum gate_type {
	GATE_INTERRUPT = 0xE,	/* by way of the host; interrupts go off */
	GATE_TRAP = 0xF,	/* straight from the CPU where the host allows */
};

typedef void (*trap_handler)(struct trap_frame *frame);

void traps_init(void);
void set_gate(u32 vector, const void *entry, enum gate_type type, u32 dpl);
void clear_gate(u32 vector);
void set_trap_handler(u32 vector, trap_handler handler);
const void *trap_entry(u32 vector);
void trap_dispatch(struct trap_frame *frame);
void show_frame(const struct trap_frame *frame);

static inline bool from_user(const struct trap_frame *frame)
{
	return (frame->cs & 3) == 3;
}

/* catch.c: try something that may fault, and see what happened */
struct fault {
	u32 vector;		/* NO_FAULT if none */
	u32 error;
	u32 eip;
	u32 address;		/* of a page fault */
};

#define NO_FAULT	(~0U)

bool catch_fault(void (*fn)(void *arg), void *arg, struct fault *fault);
bool catch_pending(struct trap_frame *frame);

/* irq.c: virtual interrupts */
typedef void (*irq_handler)(u32 irq, struct trap_frame *frame);

void set_irq_handler(u32 irq, irq_handler handler);
void irq_dispatch(struct trap_frame *frame);
void irq_enable(void);
void irq_restore(u32 flags);
void halt(void);

static inline bool irqs_on(void)
{
	return shared_word(irq_enabled);
}

static inline void irq_disable(void)
{
	shared_word(irq_enabled) = 0;
	barrier();
}

static inline u32 irq_save(void)
{
	u32 flags = shared_word(irq_enabled);

	irq_disable();
	return flags;
}

/* clock.c: what time it is, and one alarm */
struct wallclock {
	u32 sec, nsec;
};

struct wallclock wallclock(void);
u64 clock_ns(void);
void spin_cycles(u32 cycles);
void clock_alarm(u32 nsec, irq_handler handler);

/* date.c */
void format_date(char *buf, size_t size, u32 sec);

/* pages.c: physical pages that nobody uses */
void pages_init(void);
void *page_alloc(void);
void *page_alloc_run(u32 count);
void page_free(void *page);
u32 pages_left(void);
u32 pages_first(void);
u32 pages_end(void);

/* paging.c: page tables; what the two formats differ in is in format.h */
#define PTE_P		0x001
#define PTE_RW		0x002
#define PTE_US		0x004
#define PTE_A		0x020
#define PTE_D		0x040
#define PTE_COW		0x200	/* for the guest's own use: bits 9 to 11 */
#define PTE_ADDR	0xFFFFF000U

#define TABLE_ENTRIES	(1U << TABLE_BITS)
#define TABLE_FLAGS	(PTE_P | PTE_RW | PTE_US | PTE_A)

/* How much an entry is for: level 0 is a page table's, DIR_LEVEL the directory's. */
#define LEVEL_SHIFT(level)	(PAGE_SHIFT + (level) * TABLE_BITS)
#define TABLE_SPAN		(1U << LEVEL_SHIFT(1))
#define DIR_SHIFT		LEVEL_SHIFT(DIR_LEVEL)
#define DIR_KERNEL		(PAGE_OFFSET >> DIR_SHIFT)

extern pte_t *kernel_pgdir, *current_pgdir;

void paging_init(void);
pte_t *pgdir_new(void);
void pgdir_free(pte_t *pgdir);
void pgdir_switch(pte_t *pgdir);
pte_t *entry_find(pte_t *pgdir, u32 addr, u32 level, bool create);
void pte_announce(pte_t *pgdir, u32 addr, pte_t value);
void pte_set(pte_t *pgdir, u32 addr, pte_t *pte, pte_t value);
void pte_set_now(pte_t *pgdir, u32 addr, pte_t *pte, pte_t value);
void table_changed(pte_t *pgdir, u32 addr);
bool map_page(pte_t *pgdir, u32 addr, pte_t value);

/* The page table's entry; for the first address of a table, the table. */
static inline pte_t *pte_find(pte_t *pgdir, u32 addr, bool create)
{
	return entry_find(pgdir, addr, 0, create);
}

void flush_user(void);
void flush_all(void);
void *io_map(u32 addr, u32 pages);

/* user.c, entry.S: ring 3 */
void set_kernel_stack(const void *top, u32 pages);
void return_to_frame(struct trap_frame *frame) __noreturn;
void user_frame(struct trap_frame *frame, u32 eip, u32 esp);
void run_user(struct trap_frame *frame, struct trap_frame *end);

/* what the devices of the era have: classic/, virtio/ or pci/ */
#include "devices.h"

#endif /* GUEST_H */
