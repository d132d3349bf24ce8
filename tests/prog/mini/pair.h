/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Several guests at once, each in a process of its own, that meet on a page
 * which all of them map: the board.
 */
#ifndef PAIR_H
#define PAIR_H

#include "mini.h"

#define BOARD_VADDR	0x1000u		/* in each guest */

struct board {
	volatile u32 ready[8];		/* what a guest has reached */
	volatile u32 go[8];
	volatile u32 value[8];
	volatile u32 keys[64];		/* addresses to send to */
};

extern struct board *board;		/* for launchers; its guest-physical address */
#define BOARD		((struct board *)BOARD_VADDR)
#define KEY(n)		((u32)&board->keys[n])

void pair_board(void);			/* make it; before the others */
/* Make guest programs: the reason each must end with, from a child process. */
pid_t pair_start(void (*guest)(void), const char *reason);
void pair_end(pid_t pid);		/* it must have ended so */
void pair_map_board(void);		/* after mini_reset() */

/* In a guest: wait for another one. */
static inline void guest_await(volatile u32 *word, u32 value)
{
	while (*word != value)
		asm volatile("pause");
}

#endif /* PAIR_H */
