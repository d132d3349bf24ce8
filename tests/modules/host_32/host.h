/* SPDX-License-Identifier: GPL-2.0 */
/* What several of these modules know of a 32-bit host. */
#ifndef HOST_H
#define HOST_H

#include <asm/segment.h>

/* Does a program of the host's run with this CS, and not a guest? */
static inline bool is_programs_cs(unsigned int cs)
{
	return cs == __USER_CS;
}

/* Around a call in assembler, at a function's start: what holds its arguments. */
#define SAVE_ARGUMENTS		"pushl %%eax\n\tpushl %%edx\n\tpushl %%ecx\n\t"
#define RESTORE_ARGUMENTS	"popl %%ecx\n\tpopl %%edx\n\tpopl %%eax\n\t"
#define PUSH_WORD		"pushl"

/*
 * Where this CPU's word is from which a function of the kernel's loads, which begins
 * with mov %fs:ADDRESS, %eax: its address, for the macros that are for such words.
 */
static inline unsigned long first_percpu_address(const u8 *code)
{
	unsigned long address;

	if (code[0] != 0x64 || code[1] != 0xa1)
		return 0;
	memcpy(&address, code + 2, sizeof(address));
	return address;
}

/* Where a function of the kernel's has its first argument, as it begins. */
#define FIRST_ARGUMENT(regs)	((regs)->ax)

#endif
