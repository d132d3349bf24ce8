// SPDX-License-Identifier: GPL-2.0
/*
 * Launchers that mean ill by the classic DMA: keys in files that vanish,
 * memory that never comes, arrays as large as they can be.
 */
#include <sys/mount.h>
#include <sys/stat.h>
#include "mini/pair.h"
#include "mini/sticky.h"

#define IRQ	3

static struct lguest_dma array[4] page_aligned;
static struct lguest_dma list page_aligned;
static u32 key;

static u32 bind(u32 at, void *what, u32 count, u32 irq)
{
	return hcall(LHCALL_BIND_DMA, at, (u32)what, count << 8 | irq);
}

static void guest_binds_and_tells(void)
{
	guest_expect(bind(key, array, 1, IRQ) == 1);
	hcall2(LHCALL_SEND_DMA, mini.scratch[0], &list);
	hcall2(LHCALL_SEND_DMA, mini.scratch[0], &list);
	guest_expect(bind(key, array, 1, 0) == 1);
}

/* The file of a bound key cannot be unmounted under it. */
static void key_holds_file_system(void)
{
	struct lguest_dma_notice notice;
	int fd, file;
	void *p;

	mkdir("/tmp/keys", 0700);
	expect_value(mount("keys", "/tmp/keys", "tmpfs", 0, NULL), 0);
	file = open("/tmp/keys/file", O_RDWR | O_CREAT, 0600);
	expect_value(ftruncate(file, PAGE), 0);
	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	key = (u32)p;
	fd = mini_new(guest_binds_and_tells);
	expect_value(read(fd, &notice, 8), 8);
	munmap(p, PAGE);
	close(file);
	expect_error(umount("/tmp/keys"), EBUSY);
	close(fd);
	wait_until(umount("/tmp/keys") == 0);
}

/* After the mapping went the key means something else, or nothing. */
static void key_goes_away(void)
{
	struct lguest_dma_notice notice;
	int fd;

	pair_board();
	key = KEY(0);
	fd = mini_new(guest_binds_and_tells);
	expect_value(read(fd, &notice, 8), 8);
	munmap(board, PAGE);
	expect_error(mini_request(fd, LHREQ_GETDMA, key), ENOENT);
	expect_prefix(mini_reason(fd), "bad DMA key ");
}

static void guest_trickles(void)
{
	for (;;) {
		list = (struct lguest_dma) { .addr = { (u32)mini.scratch[0] }, .len = { 4 } };
		hcall2(LHCALL_SEND_DMA, KEY(1), &list);
		BOARD->ready[1] += list.used_len ? 1 : 0;
	}
}

static void guest_swallows(void)
{
	array[0] = (struct lguest_dma) { .addr = { (u32)mini.scratch[1] }, .len = { 4 } };
	guest_expect(bind(KEY(1), array, 1, IRQ) == 1);
	for (;;) {
		*(volatile u32 *)&array[0].used_len = 0;
		BOARD->ready[2]++;
	}
}

static u32 stuck_at;

static void guest_gets_stuck(void)
{
	BOARD->ready[0] = 1;
	hcall2(LHCALL_SEND_DMA, KEY(2), stuck_at);
	BOARD->ready[4] = 1;
	guest_spin();
}

static void guest_invites(void)
{
	guest_expect(bind(KEY(2), (void *)stuck_at, 1, IRQ) == 1);
	BOARD->ready[3] = 1;
	for (;;)
		hcall(LHCALL_HALT, 0, 0, 0);
}

static bool sender_is_stuck;

static void others_go_on(void)
{
	pid_t sender, receiver, inviter, stuck;
	u32 seen, i;

	pair_board();
	receiver = pair_start(guest_swallows, NULL);
	sender = pair_start(guest_trickles, NULL);
	wait_until(board->ready[1] > 3);

	stuck_at = (u32)array;
	if (!sender_is_stuck)
		stuck_at = 0;
	inviter = mini_fork();
	if (!inviter) {
		if (!stuck_at)
			stuck_at = (u32)sticky_page();
		mini_reset(guest_invites);
		pair_map_board();
		mini_fail("it died: %s", mini_run_again());
	}
	wait_until(board->ready[3]);
	stuck = mini_fork();
	if (!stuck) {
		stuck_at = (u32)&list;
		if (sender_is_stuck)
			stuck_at = (u32)sticky_page();
		mini_reset(guest_gets_stuck);
		pair_map_board();
		mini_run_again();
		_exit(0);
	}
	wait_until(board->ready[0]);
	for (i = 0; i < 5; i++) {
		seen = board->ready[1];
		wait_until(board->ready[1] > seen);
	}
	/* it waits for memory of its own, and never for its receiver's */
	if (sender_is_stuck)
		wait_until(sticky_is_waiting(stuck));
	else
		wait_until(board->ready[4]);
	/* and each of them can be ended */
	sticky_kill(sender);
	sticky_kill(receiver);
	sticky_kill(stuck);
	sticky_kill(inviter);
}

static void sticky_sender(void)
{
	sender_is_stuck = true;
	others_go_on();
}

static void sticky_receiver(void)
{
	others_go_on();
}

/* Whose lock the module lockholder holds; 0: nobody's. */
static void hold_lock_of(pid_t pid)
{
	char number[12];

	snprintf(number, sizeof(number), "%d", pid);
	mini_write("/sys/module/lockholder/parameters/process", number);
}

static void guest_listens(void)
{
	guest_expect(bind(KEY(3), array, 1, IRQ) == 1);
	hcall2(LHCALL_SEND_DMA, mini.scratch[0], &list);
	guest_spin();
}

static void guest_sends_once(void)
{
	list = (struct lguest_dma) { .addr = { (u32)mini.scratch[0] }, .len = { 4 } };
	BOARD->ready[1]++;
	hcall2(LHCALL_SEND_DMA, KEY(3), &list);
	crash("it was sent");
}

/* A launcher that has made its guest listen, and has no more to do with it. */
static pid_t start_listener(int fd)
{
	struct lguest_dma_notice notice;
	pid_t pid = mini_fork();

	if (pid)
		return pid;
	mini_reset(guest_listens);
	expect_value(mini_initialize(fd), 16);
	expect_value(read(fd, &notice, sizeof(notice)), sizeof(notice));
	close(fd);
	board->ready[0] = 1;
	for (;;)
		pause();
}

static pid_t start_stuck_sender(void)
{
	pid_t pid = pair_start(guest_sends_once, NULL);

	wait_until(board->ready[1] && sticky_is_waiting(pid));
	board->ready[1] = 0;
	return pid;
}

/*
 * One waits for the lock, the other for the array, which the first one has.  Both can
 * be ended, and the guest to which they send can, too.
 */
static void locked_receiver(void)
{
	int fd = mini_open(), status;
	pid_t listener, senders[2], closer;

	pair_board();
	listener = start_listener(fd);
	wait_until(board->ready[0]);
	hold_lock_of(listener);
	senders[0] = start_stuck_sender();
	senders[1] = start_stuck_sender();
	closer = mini_fork();
	if (!closer) {
		close(fd);	/* the last one */
		_exit(0);
	}
	close(fd);
	wait_until(waitpid(closer, &status, WNOHANG) == closer);
	sticky_kill(senders[1]);
	sticky_kill(senders[0]);
	hold_lock_of(0);
	sticky_kill(listener);
}

static u8 *large;

static void guest_binds_large(void)
{
	guest_expect(bind(KEY(1), large, 0xffff, IRQ) == 1);
	BOARD->ready[0] = 1;
	for (;;)
		BOARD->value[0]++;
}

static void guest_sends_often(void)
{
	u32 i;

	guest_await(&BOARD->ready[0], 1);
	list = (struct lguest_dma) { .addr = { (u32)mini.scratch[0] }, .len = { 4 } };
	BOARD->ready[1] = 1;
	for (;;) {
		for (i = 0; i < 64; i++)
			hcall_later(i, LHCALL_SEND_DMA, KEY(1), (u32)&list, 0);
		hcall2(LHCALL_SEND_DMA, KEY(1), &list);
	}
}

/* A ring full of searches through arrays with nothing free: still it can be killed. */
static void largest_arrays(void)
{
	size_t size = 0x10000 * sizeof(struct lguest_dma);
	pid_t sender, receiver;
	long ms;

	pair_board();
	large = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(large, 1, size);
	receiver = pair_start(guest_binds_large, NULL);
	sender = pair_start(guest_sends_often, NULL);
	wait_until(board->ready[1]);
	ms = mini_ms();
	kill(sender, SIGKILL);
	mini_wait(sender);
	ms = mini_ms() - ms;
	kill(receiver, SIGKILL);
	mini_wait(receiver);
	expect(ms < 5000, "it took %ld ms", ms);
}

int main(void)
{
	RUN(key_holds_file_system);
	RUN(key_goes_away);
	RUN(sticky_receiver);
	RUN(sticky_sender);
	if (access("/sys/module/lockholder", F_OK)) {
		mini_skip("locked_receiver", "the module lockholder is not there");
	} else {
		RUN(locked_receiver);
		hold_lock_of(0);
	}
	RUN(largest_arrays);
	return mini_done();
}
