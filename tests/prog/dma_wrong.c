// SPDX-License-Identifier: GPL-2.0
/*
 * The classic DMA between guests of which one is wrong, or is killed in the
 * middle of it: the other one goes on.
 */
#include "mini/peers.h"

/* Receivers whose arrays are wrong in some way. */
static u32 wrong, wrong_array;

static void guest_wrong_receiver(void)
{
	void *at = array;

	mini.on_trap = count_irq;
	memset(array, 0, sizeof(array));
	array[0].len[0] = 4;
	array[0].addr[0] = (u32)buffers;
	switch (wrong) {
	case 0:
		array[0].addr[0] = (u32)buffers + PAGE - 3;
		break;
	case 1:
		array[0].len[0] = PAGE + 1;
		break;
	case 2:
		array[0].addr[0] = MINI_PFN_LIMIT * PAGE;
		break;
	case 3:
		array[0].addr[0] = 0xfffffffe;
		break;
	case 4:
		array[0].addr[0] = 0x60000000;
		break;
	case 5:
		array[0].len[1] = 5000;
		break;
	default:
		at = (void *)wrong_array;
	}
	guest_expect(bind(KEY(1), at, 1, IRQ) == 1);
	BOARD->ready[0] = 1;
	for (;;)
		hcall(LHCALL_HALT, 0, 0, 0);
}

static void guest_sends_to_wrong(void)
{
	list = (struct lguest_dma) { .addr = { (u32)buffers }, .len = { 4 } };
	guest_await(&BOARD->ready[0], 1);
	send(KEY(1));
	guest_expect(list.used_len == 0);
	send(KEY(1));
}

/* They die, though they sleep; the sender goes on. */
static void wrong_receivers_die(void)
{
	static const u32 arrays[] = {
		0x60000000, MINI_PFN_LIMIT * PAGE, MINI_PFN_LIMIT * PAGE - 4, -4, -100
	};
	const char *reason;
	pid_t receiver;

	for (wrong = 0; wrong < 6 + ARRAY_SIZE(arrays); wrong++) {
		reason = wrong < 6 ? "bad DMA section " : "bad DMA address ";
		if (wrong == 4 || wrong == 6)
			reason = "no memory at 0x60000000";
		else if (wrong == 8)
			reason = "no memory at 0xbffff";
		if (wrong >= 6)
			wrong_array = arrays[wrong - 6];
		pair_board();
		receiver = pair_start(guest_wrong_receiver, reason);
		pair_end(pair_start(guest_sends_to_wrong, "CRASH: done"));
		pair_end(receiver);
		munmap(board, PAGE);
	}
}

static void guest_sends_wrong(void)
{
	guest_await(&BOARD->ready[0], 1);
	switch (wrong) {
	case 0:
		list = (struct lguest_dma) {
			.addr = { (u32)buffers + 1 }, .len = { PAGE },
		};
		break;
	case 1:
		list = (struct lguest_dma) { .addr = { (u32)buffers }, .len = { 0xffff } };
		break;
	case 2:
		list = (struct lguest_dma) { .addr = { -4 }, .len = { 8 } };
		break;
	case 3:
		list = (struct lguest_dma) { .addr = { 0x60000000 }, .len = { 4 } };
		break;
	case 4:
		hcall2(LHCALL_SEND_DMA, KEY(9), MINI_PFN_LIMIT * PAGE - 99);
		break;
	case 5:
		hcall2(LHCALL_SEND_DMA, KEY(9), -4);
		break;
	}
	send(KEY(9));
}

static void guest_waits_in_vain(void)
{
	mini.on_trap = count_irq;
	memset(array, 0, sizeof(array));
	array[0].len[0] = 8;
	array[0].addr[0] = (u32)buffers;
	guest_expect(bind(KEY(9), array, 1, IRQ) == 1);
	BOARD->ready[0] = 1;
	guest_await(&BOARD->ready[1], 1);
	guest_expect(!array[0].used_len);
}

static void wrong_senders_die(void)
{
	pid_t receiver;

	for (wrong = 0; wrong < 6; wrong++) {
		pair_board();
		receiver = pair_start(guest_waits_in_vain, "CRASH: done");
		pair_end(pair_start(guest_sends_wrong, "bad "));
		board->ready[1] = 1;
		pair_end(receiver);
		munmap(board, PAGE);
	}
}

static void guest_sends_forever(void)
{
	list = (struct lguest_dma) {
		.addr = { (u32)buffers, (u32)buffers + PAGE }, .len = { PAGE, PAGE },
	};
	for (;;) {
		send(KEY(9));
		BOARD->ready[1]++;
	}
}

static void guest_receives_forever(void)
{
	u32 i;

	mini.on_trap = count_irq;
	for (i = 0; i < ARRAY; i++)
		array[i] = (struct lguest_dma) {
			.addr = { (u32)buffers, (u32)buffers + PAGE }, .len = { PAGE, PAGE },
		};
	for (;;) {
		bind(KEY(9), array, ARRAY, IRQ);
		for (i = 0; i < ARRAY; i++)
			array[i].used_len = 0;
		BOARD->ready[0]++;
		bind(KEY(9), array, ARRAY, 0);
	}
}

/* Whichever partner is killed in the middle of it, the other one goes on. */
static void partner_is_killed(void)
{
	pid_t sender, receiver;
	u32 i, seen;

	pair_board();
	sender = pair_start(guest_sends_forever, NULL);
	for (i = 0; i < 15; i++) {
		seen = board->ready[0];
		receiver = pair_start(guest_receives_forever, NULL);
		wait_until(board->ready[0] > seen + 5);
		kill(receiver, SIGKILL);
		mini_wait(receiver);
		seen = board->ready[1];
		wait_until(board->ready[1] > seen + 5);
	}
	kill(sender, SIGKILL);
	mini_wait(sender);
	receiver = pair_start(guest_receives_forever, NULL);
	for (i = 0; i < 15; i++) {
		seen = board->ready[1];
		sender = pair_start(guest_sends_forever, NULL);
		wait_until(board->ready[1] > seen + 5);
		kill(sender, SIGKILL);
		mini_wait(sender);
		seen = board->ready[0];
		wait_until(board->ready[0] > seen + 5);
	}
}

int main(void)
{
	RUN(wrong_receivers_die);
	RUN(wrong_senders_die);
	RUN(partner_is_killed);
	return mini_done();
}
