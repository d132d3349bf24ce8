/* SPDX-License-Identifier: GPL-2.0 */
/* What several of these modules know of a 64-bit host. */
#ifndef HOST_H
#define HOST_H

#include <asm/segment.h>

/* Does a program of the host's run with this CS, and not a guest? */
static inline bool is_programs_cs(unsigned int cs)
{
	return cs == __USER_CS || cs == __USER32_CS;
}

/* Around a call in assembler, at a function's start: what holds its arguments. */
#define SAVE_ARGUMENTS		"pushq %%rdi\n\tpushq %%rsi\n\tpushq %%rdx\n\tpushq %%rcx\n\t" \
				"pushq %%r8\n\tpushq %%r9\n\tpushq %%rax\n\t"
#define RESTORE_ARGUMENTS	"popq %%rax\n\tpopq %%r9\n\tpopq %%r8\n\t" \
				"popq %%rcx\n\tpopq %%rdx\n\tpopq %%rsi\n\tpopq %%rdi\n\t"
#define PUSH_WORD		"pushq"

/*
 * Where this CPU's word is from which a function of the kernel's loads, which has
 * mov %gs:OFFSET(%rip), REGISTER at its start: its address, for the macros that are for
 * such words.
 */
static inline unsigned long first_percpu_address(const u8 *code)
{
	unsigned int i;

	for (i = 0; i < 16; i++) {
		const u8 *end = code + i + 7;
		s32 offset;

		if (code[i] != 0x65 || code[i + 1] != 0x8b || (code[i + 2] & 0xc7) != 0x05)
			continue;
		memcpy(&offset, code + i + 3, sizeof(offset));
		return (unsigned long)end + offset;
	}
	return 0;
}

/* Where a function of the kernel's has its first argument, as it begins. */
#define FIRST_ARGUMENT(regs)	((regs)->di)

#endif
