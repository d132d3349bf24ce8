/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Leaving a function from deep inside, for catch.c, user.c and raw.c; the
 * assembler half is in entry.S.
 */
#ifndef GUEST_CONTEXT_H
#define GUEST_CONTEXT_H

struct context {
	u32 ebx, esi, edi, ebp, esp, eip;
};

struct catch_state {
	struct context *net;
	struct trap_frame *caught;
};

int context_save(struct context *c) __attribute__((returns_twice));
void context_load(const struct context *c) __noreturn;

struct catch_state catch_set(struct context *c, struct trap_frame *frame);

#endif /* GUEST_CONTEXT_H */
