/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A laboratory for the eras after the classic ABI, beside mini.h's, whose cases
 * and whose traps it uses.  The program is launcher and guest in one here too,
 * but guest-physical memory is elsewhere: address P is the launcher's ERA_BASE
 * + P.  The program's image is in both places at once, so the guest can run its
 * functions, and share its variables, where they are linked; all that the host
 * looks for (tables, stacks, the shared structure) is in low memory, of which
 * the launcher sees nothing at P itself.
 *
 * A case's own children share the image, too, and so the C library's variables,
 * but not its heap: what needs that is for threads.
 *
 * table.c says what is different in each era; launcher.c, tables.c and guest.c
 * do as it says, and so the tests need not know.
 */
#ifndef ERA_H
#define ERA_H

#include "mini.h"

#define ERA_BASE	0x10000000u
#define ERA_LOW		0x400000u	/* struct era_low */
#define ERA_LOW_SIZE	0x2000000u	/* RAM from 0; there is a hole behind it */
#define ERA_LOW_MAPPED	0x1000000u	/* how much of it the guest's tables map */
#define ERA_RAM		(IMAGE_BASE + 0x8000000u)	/* the image is below */
#define ERA_KERNEL	MINI_PAGE_OFFSET
/* Where the guest has nothing: in its user part, and in its kernel part, behind RAM. */
#define ERA_WINDOW	(ERA_KERNEL - 0x10000000u)
#define ERA_KERNEL_WINDOW (ERA_KERNEL + 0x28000000u)
#define ERA_ALIAS	0xC0000000u	/* of RAM, in the host's first tables */
/* Where the boot parameters make the host put its first directory. */
#define ERA_FIRST_DIR	0x00eff000u
#define ERA_DEVICE_PAGES	LGUEST_DEVICE_PAGES

/* What an era has. */
#define ERA_BREAK		(1u << 0)	/* LHREQ_BREAK */
#define ERA_EVENTFD		(1u << 1)	/* LHREQ_EVENTFD */
#define ERA_TRAPS		(1u << 2)	/* GETREG, SETREG, TRAP; replies of 12 bytes */
#define ERA_OWNER		(1u << 4)	/* only the owner may write */
#define ERA_NOTIFY		(1u << 5)	/* LHCALL_NOTIFY */
#define ERA_GDT			(1u << 7)	/* LHCALL_LOAD_GDT */
#define ERA_GDT_ENTRY		(1u << 8)	/* LHCALL_LOAD_GDT_ENTRY */
#define ERA_SEND		(1u << 9)	/* LHCALL_SEND_INTERRUPTS, irq_pending */
#define ERA_PAE			(1u << 10)	/* LHCALL_SET_PMD */
#define ERA_EBX			(1u << 11)	/* arguments in ebx, ecx, edx, esi */
#define ERA_VMCALL		(1u << 12)	/* the guest calls by vmcall */
#define ERA_VMCALL_TOO		(1u << 13)	/* it may do that now and then */
#define ERA_LAUNCHER_DIR	(1u << 14)	/* first tables: the launcher's */
#define ERA_HOST_DIR		(1u << 15)	/* first tables: the host's */
#define ERA_LINEAR		(1u << 16)	/* no first tables */
#define ERA_CLI			(1u << 18)	/* the host skips cli */
#define ERA_IRET		(1u << 19)	/* noirq_iret; traps come without TF */
#define ERA_RING_PLAIN		(1u << 21)	/* the ring's slots are in argument order */

/* Where struct lguest_data has what; 0: nowhere. */
struct era_layout {
	u32 size, irq_pending, status, ring, slot;
	u32 reserve_mem, tsc_khz, pgdir, noirq_start, noirq_end, noirq_iret;
	u32 kernel_address, syscall_vec;
};

struct era {
	const char *name;
	u32 release;
	const struct era_layout *data;
	u32 words;	/* of INITIALIZE, after the first; and what it returns */
	u32 has;
};

#define DATA_IRQ_ENABLED	0
#define DATA_BLOCKED		4
#define DATA_CR2		8
#define DATA_TIME		12

extern const struct era eras[];
extern const u32 nr_eras;
extern const struct era *era;		/* which it is just now */
extern bool era_pae;			/* the guest's tables are PAE's */

/* The guest's memory from ERA_LOW on. */
struct era_low {
	u8 data[2 * PAGE];		/* struct lguest_data at its start */
	u8 stack[2][PAGE];
	u8 ustack[PAGE];
	u8 scratch[8][PAGE];
	u32 gdt[GDT_ENTRIES][2];
	u8 pad[PAGE - GDT_ENTRIES * 8];
	u8 tables[256][PAGE];
};

#define IN_GUEST	((struct era_low *)ERA_LOW)
#define IN_LAUNCHER	((struct era_low *)(ERA_BASE + ERA_LOW))
#define PHYS(field)	(ERA_LOW + (u32)offsetof(struct era_low, field))

/* INITIALIZE's words, and what the guest's start does. */
struct era_run {
	u32 base, pfn_limit, pgdir, start, device_limit;
	u32 root;			/* the guest's own directory */
	u32 kernel_address, data;
	bool no_init, no_root, no_gates, vmcall;
	u32 init2, init3;		/* LGUEST_INIT's other arguments */
	void (*main)(void);
	u32 tables;			/* how many are in use */
	u32 release;			/* LHREQ_RELEASE, or 0 */
};

extern struct era_run run;

static inline bool era_has(u32 what)
{
	return era->has & what;
}

/* A word of the shared structure, for each side. */
static inline volatile u32 *guest_word(u32 offset)
{
	return (volatile u32 *)(run.data + offset);
}

static inline volatile u32 *seen_word(u32 offset)
{
	return (volatile u32 *)(ERA_BASE + run.data + offset);
}

static inline void *seen(u32 phys)
{
	return (void *)(ERA_BASE + phys);
}

/* launcher.c */
void era_prepare(void (*main)(void));	/* the memory, and run */
u32 era_last_page(void);		/* of the memory, prepared: mapped; its end */
int era_initialize(int fd);
int era_open(void);			/* and LHREQ_RELEASE, if that is wanted */
int era_start(void);			/* open and initialise */
int era_new(void (*main)(void));	/* prepare and start */
const char *era_finish(int fd);		/* to the death; no reply is expected */
const char *era_run_again(void);	/* start, finish and close */
const char *era_run(void (*main)(void));	/* prepare too */
int era_words(int fd, const u32 *words, u32 count);
int era_request(int fd, u32 request, u32 a, u32 b);
u32 era_reply_size(void);
u32 era_notified(int fd);		/* read(), which must tell of a NOTIFY */
void era_from_others(void (*f)(void));	/* a process and a thread */

/* Run f once for each era that has all of "with" and none of "without". */
void era_case(const char *name, void (*f)(void), u32 with, u32 without);
/* The same with PAE tables, for eras that have ERA_PAE. */
void era_case_pae(const char *name, void (*f)(void), u32 with, u32 without);

/* Both. */
void era_case_both(const char *name, void (*f)(void), u32 with, u32 without);

#define RUN_ERAS(f, ...)	era_case(#f, f, __VA_ARGS__)
#define RUN_FORMATS(f, ...)	era_case_both(#f, f, __VA_ARGS__)

/* traps.c: what GETREG and SETREG call the registers, and how they are used. */
#define R_BX	0
#define R_CX	4
#define R_DX	8
#define R_SI	12
#define R_DI	16
#define R_BP	20
#define R_AX	24
#define R_DS	28
#define R_ES	32
#define R_FS	36
#define R_GS	40
#define R_ORIG_AX	44
#define R_IP	48
#define R_CS	52
#define R_FLAGS	56
#define R_SP	60
#define R_SS	64

u32 era_get_reg(int fd, u32 offset);
void era_set_reg(int fd, u32 offset, u32 to);
void era_skip(int fd, u32 bytes);	/* of instructions */
struct lguest_pending era_next_trap(int fd, u32 trap);	/* run it to its next one */

/*
 * tables.c: entries of the guest's tables by their physical addresses.  "view"
 * is what is added to these: 0 in the guest, ERA_BASE in the launcher.
 */
u32 era_new_root(void);				/* maps image and low memory */
u32 era_new_table(void);
void era_map(u32 root, u32 vaddr, u64 entry);	/* in the launcher */
u32 era_dir_entry(u32 view, u32 root, u32 vaddr);	/* that names a table */
u32 era_page_entry(u32 view, u32 root, u32 vaddr);
u64 era_get(u32 view, u32 entry);
void era_put(u32 view, u32 entry, u64 value);
u32 era_image_end(void);

/* What one table maps, and what SET_PGD's index is of an address. */
static inline u32 era_span(void)
{
	return era_pae ? 0x200000 : 0x400000;
}

static inline u32 era_pgd_index(u32 vaddr)
{
	return vaddr >> (era_pae ? 30 : 22);
}

/* A word of the guest's address space, for the guest. */
static inline volatile u32 *word_at(u32 vaddr)
{
	return (volatile u32 *)vaddr;
}

/* guest.c */
void era_tell_fault(struct frame *f);	/* for mini.on_trap */
void era_entry(void);
u32 era_call(u32 call, u32 arg1, u32 arg2, u32 arg3, u32 arg4);
u32 era_vmcall(u32 call, u32 arg1, u32 arg2, u32 arg3, u32 arg4);
u32 era_int(u32 call, u32 arg1, u32 arg2, u32 arg3, u32 arg4);
void era_fill_slot(u32 view, u32 slot, u32 call, u32 arg1, u32 arg2, u32 arg3, u32 arg4);
void era_later(u32 slot, u32 call, u32 arg1, u32 arg2, u32 arg3);
void era_gate(u32 vector, u32 type);
void era_gate_to(u32 vector, u32 type, void (*handler)(void));
void era_load_gdt(void);		/* segments for ring 3 */
void era_load_gdt_entry(u32 index, u32 low, u32 high);
void era_irqs(bool on);
void era_set_pte(u32 root, u32 vaddr, u64 pte);
__attribute__((noreturn)) void era_user(void (*f)(void));

#define call0(nr)		era_call(nr, 0, 0, 0, 0)
#define call1(nr, a)		era_call(nr, (u32)(a), 0, 0, 0)
#define call2(nr, a, b)		era_call(nr, (u32)(a), (u32)(b), 0, 0)
#define call3(nr, a, b, c)	era_call(nr, (u32)(a), (u32)(b), (u32)(c), 0)

#endif /* ERA_H */
