// SPDX-License-Identifier: GPL-2.0
/*
 * The host has no memory for a guest: for its beginning, its page tables, its interrupts
 * and DMA.  Each allocation fails in turn; then that one and all that follow.  Calls say
 * ENOMEM, and can be made again when there is memory; the guest goes on, or ends with a
 * reason that says so; nobody else notices.
 */
#include "mini/peers.h"
#include "mini/shortage.h"

#define ROOTS		4
#define TABLES		6

static struct mini_root roots[ROOTS] page_aligned;

/* More page directories and tables than it begins with. */
static void guest_maps(void)
{
	u32 i, n;

	mini_load_gdt();
	for (i = 0; i < ROOTS; i++) {
		hcall1(LHCALL_NEW_PGTABLE, roots[i].dir);
		for (n = 1; n <= TABLES; n++)
			*(volatile u32 *)(n * LOW_SPAN + i * PAGE) = i;
	}
	crash("done");
}

static void make_tables(void)
{
	u32 i, n;

	for (i = 0; i < ROOTS; i++)
		mini_map(i * PAGE, (u32)mini.scratch[i] | P_ALL);
	for (n = 1; n <= TABLES; n++)
		mini_map_low(mini.pgdir, n * LOW_SPAN);
	for (i = 0; i < ROOTS; i++)
		mini_copy_root(&roots[i]);
}

/* What its guest sends is for the launcher, if no other guest could have it. */
static void run_to_end(int fd)
{
	struct lguest_dma_notice notice;

	while (read(fd, &notice, sizeof(notice)) == sizeof(notice))
		;
	expect(errno == ENOENT || errno == ENOMEM, "the guest's end: %m");
	shortage_ended(fd, "CRASH: done");
}

static void one_guest(void (*guest)(void), void (*prepare)(void))
{
	int fd;

	mini_reset(guest);
	prepare();
	fd = shortage_open();
	expect_at_last(mini_initialize(fd), 16);
	run_to_end(fd);
	expect_value(close(fd), 0);
}

static void maps(void)
{
	one_guest(guest_maps, make_tables);
}

static void use_buffers(struct lguest_dma *dma)
{
	u32 i;

	for (i = 0; i < BUFFER_SIZE / PAGE; i++) {
		dma->addr[i] = (u32)buffers + i * PAGE;
		dma->len[i] = PAGE;
	}
}

static void guest_receives(void)
{
	mini.on_trap = count_irq;
	guest_expect(bind(KEY(0), array, 1, IRQ) == 1);
	mini_irqs(true);
	BOARD->ready[0] = 1;
	for (;;) {
		array[0].used_len = 0;
		hcall(LHCALL_HALT, 0, 0, 0);
	}
}

/* Where there is no memory for an array it is not bound. */
static void guest_sends(void)
{
	u32 bound = bind(KEY(1), array, 1, IRQ);

	guest_expect(bound <= 1);
	use_buffers(&list);
	send(KEY(0));
	if (bound)
		guest_expect(bind(KEY(1), array, 0, 0) == 1);
	crash("done");
}

static void prepare_list(void)
{
	pair_map_board();
	memset(array, 0, sizeof(array));
	use_buffers(&array[0]);
}

static void sends(void)
{
	one_guest(guest_sends, prepare_list);
}

static pid_t start_receiver(void)
{
	pid_t pid;

	pair_board();
	prepare_list();
	pid = pair_start(guest_receives, NULL);
	wait_until(board->ready[0]);
	return pid;
}

/* The other guest does not notice. */
static void end_receiver(pid_t pid)
{
	int status;

	expect(!waitpid(pid, &status, WNOHANG), "the receiver ended: %#x", status);
	kill(pid, SIGKILL);
	mini_wait(pid);
}

static void one_for_tables(void)
{
	shortage_each(maps);
}

static void all_for_tables(void)
{
	shortage_from_each(maps);
}

static void one_for_dma(void)
{
	pid_t pid = start_receiver();

	shortage_each(sends);
	end_receiver(pid);
}

static void all_for_dma(void)
{
	pid_t pid = start_receiver();

	shortage_from_each(sends);
	end_receiver(pid);
}

int main(void)
{
	RUN(one_for_tables);
	RUN(all_for_tables);
	RUN(one_for_dma);
	RUN(all_for_dma);
	return mini_done();
}
