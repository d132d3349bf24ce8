/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the library's files know of each other, and of the assembler and the
 * linker script.
 */
#ifndef GUEST_INTERNAL_H
#define GUEST_INTERNAL_H

/* Every guest provides this; when it returns, the guest powers off. */
int main(void);

/* guest.lds.S */
extern const char __image_end[];

/* entry.S: no interrupt comes between the first two; one stub per vector */
extern const char noirq_start[], noirq_end[], trap_stubs[];

#endif /* GUEST_INTERNAL_H */
