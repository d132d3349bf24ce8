// SPDX-License-Identifier: GPL-2.0
/*
 * Guests that send while the one that they send to unbinds its array, or ends.  The
 * script makes long what is short there (the module slowdown).
 */
#include "mini/peers.h"

#define ROUNDS		100
#define SENDERS		2
#define RECEIVERS	50

#define landing		(*(volatile u32 *)buffers)

static void guest_sends(void)
{
	u32 me = BOARD->value[0]++;

	*(u32 *)mini.scratch[0] = 0x77;
	for (;;) {
		list = (struct lguest_dma) { .addr = { (u32)mini.scratch[0] }, .len = { 4 } };
		send(KEY(1));
		BOARD->ready[me]++;
	}
}

/* By then everything that was on its way has come. */
static void senders_come_round(void)
{
	u32 first[SENDERS], i;

	for (i = 0; i < SENDERS; i++)
		first[i] = BOARD->ready[i];
	for (i = 0; i < SENDERS; i++) {
		while (BOARD->ready[i] - first[i] < 2)
			asm volatile("pause");
	}
}

static void listen_once(void)
{
	array[0] = (struct lguest_dma) { .addr = { (u32)buffers }, .len = { 4 } };
	guest_expect(bind(KEY(1), array, 1, IRQ) == 1);
}

/* Nothing comes to an array that was taken back. */
static void guest_unbinds(void)
{
	u32 i, first;

	for (i = 0; i < ROUNDS; i++) {
		listen_once();
		first = BOARD->ready[i % SENDERS];
		while (BOARD->ready[i % SENDERS] == first)
			*(volatile u32 *)&array[0].used_len = 0;
		guest_expect(bind(KEY(1), array, 1, 0) == 1);
		*(volatile u32 *)&array[0].used_len = 0;
		landing = 0;
		senders_come_round();
		if (landing || array[0].used_len)
			crash("round %u: %x came late", i, landing);
	}
}

static void start_senders(pid_t *senders)
{
	u32 i;

	pair_board();
	for (i = 0; i < SENDERS; i++) {
		senders[i] = pair_start(guest_sends, NULL);
		wait_until(board->ready[i]);
	}
}

static void end_senders(pid_t *senders)
{
	u32 i, seen;

	/* they go on, whatever has become of others */
	for (i = 0; i < SENDERS; i++) {
		seen = board->ready[i];
		wait_until(board->ready[i] != seen);
		kill(senders[i], SIGKILL);
		mini_wait(senders[i]);
	}
}

static void unbinding(void)
{
	pid_t senders[SENDERS];

	start_senders(senders);
	pair_end(pair_start(guest_unbinds, "CRASH: done"));
	end_senders(senders);
}

static void guest_listens(void)
{
	u32 seen = BOARD->ready[0];

	listen_once();
	while (BOARD->ready[0] == seen)
		*(volatile u32 *)&array[0].used_len = 0;
	BOARD->ready[7]++;
	for (;;)
		*(volatile u32 *)&array[0].used_len = 0;
}

/* What the senders still need of a guest whose launcher was killed is there. */
static void ending(void)
{
	pid_t senders[SENDERS], pid;
	u32 i;

	start_senders(senders);
	for (i = 1; i <= RECEIVERS; i++) {
		pid = pair_start(guest_listens, NULL);
		wait_until(board->ready[7] == i);
		kill(pid, SIGKILL);
		mini_wait(pid);
	}
	end_senders(senders);
}

int main(void)
{
	RUN(unbinding);
	RUN(ending);
	return mini_done();
}
