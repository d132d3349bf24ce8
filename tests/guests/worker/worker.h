/* SPDX-License-Identifier: GPL-2.0 */
/*
 * worker's parts: the floating point registers (fpu.c), and the program that
 * main.c copies to ring 3 (user.S).
 */
#ifndef WORKER_H
#define WORKER_H

/* How much of each a round does. */
#define INTEGER_STEPS	5000
#define FPU_STEPS	200
#define USER_STEPS	5000

#ifndef __ASSEMBLER__

#include "guest.h"

static inline u32 mix(u32 sum, u32 value)
{
	sum = (sum ^ value) * 0x9e3779b1;
	return sum << 13 | sum >> 19;
}

void fpu_init(u32 seed);
void fpu_step(void);
u32 fpu_sum(u32 sum);

extern const char worker_user[], worker_user_end[];

#endif /* __ASSEMBLER__ */
#endif /* WORKER_H */
