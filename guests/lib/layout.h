/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The numbers that C, assembler and the linker script share: where a guest
 * lives in its address space, and the selectors of its segments.
 */
#ifndef GUEST_LAYOUT_H
#define GUEST_LAYOUT_H

/* Physical address P of the guest is at PAGE_OFFSET + P. */
#define PAGE_OFFSET	0xC0000000
#define LOAD_PHYS	0x00100000

#define PAGE_SHIFT	12
#define PAGE_SIZE	4096

/* A window of kernel addresses for io_map() and for experiments: one table. */
#define WINDOW_BASE	0xF0000000
#define WINDOW_SIZE	0x00400000

/*
 * The guest's kernel runs in ring 1, so its selectors end in 1.  Entries 10,
 * 11, 16 and 31 of the 32 belong to the host.
 */
#define GDT_ENTRIES	32
#define GDT_KERNEL_CS	12
#define GDT_KERNEL_DS	13
#define GDT_USER_CS	14
#define GDT_USER_DS	15

#define KERNEL_CS	0x61
#define KERNEL_DS	0x69
#define USER_CS		0x73
#define USER_DS		0x7b

#define EFLAGS_IF	0x200

/* Interrupt n comes through vector IRQ_BASE + n; the clock is interrupt 0. */
#define IRQ_BASE	32
#define SYSCALL_VECTOR	0x80

/* Hypercalls of the first instructions; init.c checks them. */
#define LGUEST_INIT	1
#define NEW_PGTABLE	4

#endif /* GUEST_LAYOUT_H */
