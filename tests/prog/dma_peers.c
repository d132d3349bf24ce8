// SPDX-License-Identifier: GPL-2.0
/*
 * The classic DMA between guests, through keys in memory that their launchers
 * share.  Each guest runs in a process of its own; they meet on the board.
 */
#include "mini/peers.h"

static u32 random_state = 1;

static u32 any(u32 below)
{
	random_state = random_state * 1103515245 + 12345;
	return (random_state >> 8) % below;
}

/*
 * A list of up to 16 sections, each within a page, in the pages of buffers[];
 * the first 16 numbers are its kind, then come arbitrary ones.
 */
static void random_list(struct lguest_dma *dma, u32 seed)
{
	u32 i, n, len, off;

	random_state = seed * 7919 + 17;
	memset(dma, 0, sizeof(*dma));
	n = any(17);
	for (i = 0; i < n; i++) {
		switch (any(4)) {
		case 0:
			len = 1 + any(8);
			break;
		case 1:
			len = PAGE;
			break;
		default:
			len = 1 + any(PAGE);
		}
		off = any(PAGE - len + 1);
		dma->addr[i] = (u32)buffers + i * PAGE + off;
		dma->len[i] = len;
	}
	/* what follows the end of the list does not matter */
	for (n++; n < 16; n++) {
		dma->addr[n] = any(-1);
		dma->len[n] = any(65536);
	}
}

static u32 length(const struct lguest_dma *dma)
{
	u32 i, sum = 0;

	for (i = 0; i < 16 && dma->len[i]; i++)
		sum += dma->len[i];
	return sum;
}

static u8 pattern(u32 round, u32 at)
{
	return at * 31 + at / 251 + round * 101;
}

static u8 *byte_at(const struct lguest_dma *dma, u32 at)
{
	u32 i;

	for (i = 0; at >= dma->len[i]; i++)
		at -= dma->len[i];
	return (u8 *)dma->addr[i] + at;
}

#define ROUNDS		150

static void guest_random_receiver(void)
{
	u32 round, len, got, i;

	mini.on_trap = count_irq;
	guest_expect(bind(KEY(0), array, 1, IRQ) == 1);
	for (round = 1; round <= ROUNDS; round++) {
		random_list(array, 2 * round);
		len = length(array);
		memset(buffers, 0xee, sizeof(buffers));
		BOARD->ready[0] = round;
		guest_await(&BOARD->ready[1], round);
		/* the sender tells what was taken, how much it had, what got there */
		got = array->used_len;
		guest_expect(got == BOARD->value[0]);
		guest_expect(got == (BOARD->value[1] < len ? BOARD->value[1] : len));
		for (i = 0; i < got; i++) {
			if (*byte_at(array, i) != pattern(round, i))
				crash("round %u: byte %u is %x", round, i, *byte_at(array, i));
			*byte_at(array, i) = 0xee;
		}
		for (i = 0; i < sizeof(buffers); i++) {
			if (buffers[i] != 0xee)
				crash("round %u: byte %u behind is %x", round, i, buffers[i]);
		}
		guest_expect(got == 0 || BOARD->value[1] == 0 || mini.data.irq_enabled == 0);
	}
	guest_await(&BOARD->ready[1], ROUNDS);
}

static void guest_random_sender(void)
{
	u32 round, len, i;

	for (round = 1; round <= ROUNDS; round++) {
		guest_await(&BOARD->ready[0], round);
		random_list(&list, 2 * round + 1);
		len = length(&list);
		for (i = 0; i < len; i++)
			*byte_at(&list, i) = pattern(round, i);
		send(KEY(0));
		BOARD->value[0] = list.used_len;
		BOARD->value[1] = len;
		BOARD->ready[1] = round;
	}
}

/* Lists of all shapes, compared byte by byte. */
static void random_lists(void)
{
	pid_t receiver;

	pair_board();
	receiver = pair_start(guest_random_receiver, "CRASH: done");
	pair_end(pair_start(guest_random_sender, "CRASH: done"));
	pair_end(receiver);
}

#define MESSAGES	200

static bool paced;	/* the sender waits until there is room */

static void guest_numbered_receiver(void)
{
	static u8 seen[MESSAGES];
	u32 count = 0, i;

	mini.on_trap = count_irq;
	for (i = 0; i < ARRAY; i++) {
		array[i] = (struct lguest_dma) {
			.addr = { (u32)buffers + i * 4 }, .len = { 4 },
		};
	}
	guest_expect(bind(KEY(1), array, ARRAY, IRQ) == 1);
	BOARD->ready[0] = 1;
	while (count < MESSAGES) {
		hcall(LHCALL_HALT, 0, 0, 0);
		for (i = 0; i < ARRAY; i++) {
			u32 slot = paced ? count % ARRAY : i, number = ((u32 *)buffers)[slot];

			if (!*(volatile u32 *)&array[slot].used_len)
				continue;
			guest_expect(array[slot].used_len == 4);
			guest_expect(number < MESSAGES && !seen[number]++);
			guest_expect(!paced || number == count);
			*(volatile u32 *)&array[slot].used_len = 0;
			count++;
			BOARD->value[0] = count;
		}
	}
}

static void guest_numbered_sender(void)
{
	static u32 number;

	list = (struct lguest_dma) { .addr = { (u32)&number }, .len = { 4 } };
	guest_await(&BOARD->ready[0], 1);
	while (number < MESSAGES) {
		while (paced && number - BOARD->value[0] >= ARRAY)
			asm volatile("pause");
		*(volatile u32 *)&list.used_len = 0;
		send(KEY(1));
		/* no room: again */
		if (*(volatile u32 *)&list.used_len)
			number++;
		else
			guest_expect(!paced);
	}
}

/* A halted receiver is woken; no message is lost, none comes twice. */
static void nothing_is_lost(void)
{
	pid_t receiver;

	pair_board();
	receiver = pair_start(guest_numbered_receiver, "CRASH: done");
	pair_end(pair_start(guest_numbered_sender, "CRASH: done"));
	pair_end(receiver);
}

/* As long as there is room, the buffers are filled in turn. */
static void order_and_wrap(void)
{
	paced = true;
	nothing_is_lost();
}

static void guest_full_receiver(void)
{
	mini.on_trap = count_irq;
	memset(array, 0, sizeof(array));
	array[0].len[0] = 4;
	array[0].addr[0] = (u32)buffers;
	array[1] = array[0];
	array[1].used_len = 1;
	guest_expect(bind(KEY(1), array, 2, IRQ) == 1);
	BOARD->ready[0] = 1;
	wait_for_irq();
	guest_expect(array[0].used_len == 4);
	BOARD->ready[0] = 2;
	/* nothing comes in, but the news of it does */
	wait_for_irq();
	guest_expect(array[0].used_len == 4 && array[1].used_len == 1);
	BOARD->ready[0] = 3;
	guest_await(&BOARD->ready[1], 2);
}

static void guest_full_sender(void)
{
	list = (struct lguest_dma) { .addr = { (u32)buffers }, .len = { 4 } };
	guest_await(&BOARD->ready[0], 1);
	send(KEY(1));
	guest_expect(list.used_len == 4);
	guest_await(&BOARD->ready[0], 2);
	list.used_len = 0;
	send(KEY(1));
	guest_expect(list.used_len == 0);
	guest_await(&BOARD->ready[0], 3);
	/* to itself, to nobody, with nothing */
	guest_expect(bind(KEY(2), array, 1, IRQ) == 1);
	send(KEY(2));
	send(KEY(3));
	guest_expect(list.used_len == 0);
	BOARD->ready[1] = 2;
}

static void full_receiver(void)
{
	pid_t receiver;

	pair_board();
	receiver = pair_start(guest_full_receiver, "CRASH: done");
	pair_end(pair_start(guest_full_sender, "CRASH: done"));
	pair_end(receiver);
}

static void guest_receiver_of_nothing(void)
{
	mini.on_trap = count_irq;
	memset(array, 0, sizeof(array));
	guest_expect(bind(KEY(1), array, 1, IRQ) == 1);
	BOARD->ready[0] = 1;
	guest_await(&BOARD->ready[1], 1);
	guest_expect(array[0].used_len == 0);
	mini_irqs(true);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
	guest_expect(!interrupts);
}

static void guest_sender_of_something(void)
{
	list = (struct lguest_dma) { .addr = { (u32)buffers }, .len = { 4 } };
	guest_await(&BOARD->ready[0], 1);
	send(KEY(1));
	guest_expect(list.used_len == 0);
	BOARD->ready[1] = 1;
}

/* The receiver's buffer is empty: a failure, without an interrupt. */
static void no_buffer(void)
{
	pid_t receiver;

	pair_board();
	receiver = pair_start(guest_receiver_of_nothing, "CRASH: done");
	pair_end(pair_start(guest_sender_of_something, "CRASH: done"));
	pair_end(receiver);
}

static void guest_private(void)
{
	guest_expect(bind((u32)mini.scratch[1], array, 1, IRQ) == 1);
	BOARD->ready[0]++;
	guest_await(&BOARD->go[0], 1);
	guest_expect(array[0].used_len == 0);
}

static void guest_sends_private(void)
{
	guest_await(&BOARD->ready[0], 1);
	send((u32)mini.scratch[1]);
	BOARD->go[0] = 1;
}

/* The same address in private memory is not the same key. */
static void private_keys_differ(void)
{
	struct lguest_dma_notice notice;
	pid_t receiver;
	int fd;

	pair_board();
	receiver = pair_start(guest_private, "CRASH: done");
	fd = mini_open();
	mini_reset(guest_sends_private);
	pair_map_board();
	expect_value(mini_initialize(fd), 16);
	expect_value(read(fd, &notice, 8), 8);
	expect_value(notice.key, (u32)mini.scratch[1]);
	expect_reason(mini_finish(fd), "CRASH: done");
	pair_end(receiver);
}

static u32 other_key;

static void guest_sends_to_alias(void)
{
	list = (struct lguest_dma) { .addr = { (u32)buffers }, .len = { 4 } };
	guest_await(&BOARD->ready[0], 1);
	list.used_len = 0;
	send(other_key + 4);
	guest_expect(list.used_len == 0);
	send(other_key);
	guest_expect(list.used_len == 4);
	BOARD->ready[1] = 1;
}

static void guest_gets_one(void)
{
	mini.on_trap = count_irq;
	memset(array, 0, sizeof(array));
	array[0].len[0] = 4;
	array[0].addr[0] = (u32)buffers;
	guest_expect(bind(KEY(9), array, 1, IRQ) == 1);
	BOARD->ready[0] = 1;
	wait_for_irq();
	BOARD->ready[2]++;
	guest_await(&BOARD->ready[1], 1);
}

/* The key is the place in the file, wherever it is mapped. */
static void keys_are_places(void)
{
	pid_t receiver;
	u32 *alias;

	pair_board();
	receiver = pair_start(guest_gets_one, "CRASH: done");
	/* elsewhere, and shifted by nothing */
	alias = mremap(board, 0, PAGE, MREMAP_MAYMOVE);
	expect(alias != MAP_FAILED && (void *)alias != board, "mremap: %m");
	other_key = (u32)alias + offsetof(struct board, keys[9]);
	pair_end(pair_start(guest_sends_to_alias, "CRASH: done"));
	pair_end(receiver);
}

static void guest_one_of_many(void)
{
	static u32 me;

	mini.on_trap = count_irq;
	me = BOARD->value[7];
	memset(array, 0, sizeof(array));
	array[0].len[0] = 4;
	array[0].addr[0] = (u32)buffers;
	guest_expect(bind(KEY(9), array, 1, IRQ) == 1);
	BOARD->ready[me] = 1;
	guest_await(&BOARD->ready[7], 1);
	BOARD->value[me] = array[0].used_len;
	BOARD->ready[me] = 2;
}

static void guest_sends_one(void)
{
	list = (struct lguest_dma) { .addr = { (u32)buffers }, .len = { 4 } };
	/* its own binding is never meant */
	guest_expect(bind(KEY(9), array, 1, IRQ) == 1);
	send(KEY(9));
	guest_expect(list.used_len == 4);
	guest_expect(array[0].used_len == 0);
}

static void exactly_one_receives(void)
{
	pid_t pids[3];
	u32 i;

	pair_board();
	for (i = 0; i < 3; i++) {
		board->value[7] = i;
		pids[i] = pair_start(guest_one_of_many, "CRASH: done");
		wait_until(board->ready[i] == 1);
	}
	pair_end(pair_start(guest_sends_one, "CRASH: done"));
	board->ready[7] = 1;
	for (i = 0; i < 3; i++)
		pair_end(pids[i]);
	expect_value(board->value[0] + board->value[1] + board->value[2], 4);
}

int main(void)
{
	RUN(random_lists);
	RUN(nothing_is_lost);
	RUN(order_and_wrap);
	RUN(full_receiver);
	RUN(no_buffer);
	RUN(private_keys_differ);
	RUN(keys_are_places);
	RUN(exactly_one_receives);
	return mini_done();
}
