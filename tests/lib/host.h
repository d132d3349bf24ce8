/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kinds of host, as the programs and guests of the tests see them: all in which a
 * 64-bit host differs from a 32-bit one, and QEMU's idea of either from the manual, has
 * a name here.
 */
#ifndef TESTS_HOST_H
#define TESTS_HOST_H

/* For launchers: a 32-bit program's own code segment. */
#define USER32_CS_OF_64BIT	0x23

static inline bool host_is_64bit(void)
{
	unsigned short cs;

	asm("movw %%cs, %0" : "=r" (cs));
	return cs == USER32_CS_OF_64BIT;
}

/* The length that the host wants of a breakpoint for execution. */
static inline unsigned int host_word_size(void)
{
	return host_is_64bit() ? 8 : 4;
}

/* For guests: on a 64-bit host the CPU is in compatibility mode, where gates are larger. */
#define IDT_LIMIT_OF_32BIT	(256 * 8 - 1)
#define IDT_LIMIT_OF_64BIT	(256 * 16 - 1)

static inline bool guest_is_on_64bit(void)
{
	struct {
		unsigned short limit;
		unsigned int base;
	} __attribute__((packed)) idt;

	asm volatile("sidt %0" : "=m" (idt));
	return idt.limit != IDT_LIMIT_OF_32BIT;
}

/* What the task register and the GDT's limit show. */
static inline unsigned int guest_task_selector(void)
{
	return guest_is_on_64bit() ? 0x100 : 0x80;
}

static inline unsigned int guest_gdt_limit(void)
{
	return (guest_is_on_64bit() ? 34 : 32) * 8 - 1;
}

static inline unsigned int guest_idt_limit(void)
{
	return guest_is_on_64bit() ? IDT_LIMIT_OF_64BIT : IDT_LIMIT_OF_32BIT;
}

/*
 * A #GP for a gate that may not be used names it: 8 times the vector, and 2.  In long mode
 * QEMU (7.2) says 16 times.
 */
static inline bool guest_gate_error_is(unsigned int error, unsigned int vector)
{
	return error == vector * 8 + 2 ||
	       (guest_is_on_64bit() && error == vector * 16 + 2);
}

/* iret with NT: a task switch to nowhere is #TS(0); long mode has none at all. */
static inline unsigned int guest_vector_of_nt_iret(void)
{
	return guest_is_on_64bit() ? 13 : 10;
}

#endif
