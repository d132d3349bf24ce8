// SPDX-License-Identifier: GPL-2.0
/*
 * The requests of /dev/lguest, one by one: what each returns, in which order
 * its conditions are checked, and what the guest sees of it.
 */
#include <pthread.h>
#include "mini/mini.h"

#define NOBODY	0x60000000u	/* not mapped */

static int the_fd;
static void (*as_other)(void);

static void guest_done(void)
{
}

static void guest_halts(void)
{
	for (;;)
		hcall(LHCALL_HALT, 0, 0, 0);
}

static void guest_sends(void)
{
	mini.data.blocked_interrupts = -1;
	for (;;)
		hcall2(LHCALL_SEND_DMA, mini.scratch[0], mini.scratch[1]);
}

static void kill_it(int fd)
{
	u32 notice[2];

	expect_error(read(fd, notice, sizeof(notice)), ENOENT);
}

/* Run f in another process and in another thread. */
static void *thread_main(void *unused)
{
	as_other();
	return unused;
}

static void from_others(void (*f)(void))
{
	pthread_t thread;
	pid_t pid = mini_fork();

	if (!pid) {
		f();
		_exit(0);
	}
	if (mini_wait(pid))
		_exit(1);	/* the child has said why */
	as_other = f;
	pthread_create(&thread, NULL, thread_main, NULL);
	pthread_join(thread, NULL);
}

/* An address whose first n bytes can be read; there is nothing behind. */
static void *edge_of_memory(size_t n, const void *bytes)
{
	u8 *p = mini_shared(2 * PAGE);

	munmap(p + PAGE, PAGE);
	return memcpy(p + PAGE - n, bytes, n);
}

static void before_initialize(void)
{
	int fd = mini_open();
	u32 word = 0;

	expect_error(mini_request(fd, LHREQ_GETDMA, 0), EINVAL);
	expect_error(mini_request(fd, LHREQ_IRQ, 1), EINVAL);
	expect_error(mini_request(fd, LHREQ_BREAK, 1), EINVAL);
	expect_error(mini_request(fd, LHREQ_BREAK, 0), EINVAL);
	expect_error(mini_request(fd, 4, 0), EINVAL);
	expect_error(mini_request(fd, -1, 0), EINVAL);
	expect_error(read(fd, &word, sizeof(word)), EINVAL);
	expect_error(read(fd, (void *)NOBODY, 8), EINVAL);
	expect_error(write(fd, (void *)NOBODY, 8), EFAULT);
	expect_error(write(fd, (void *)0xc0100000, 8), EFAULT);
	expect_value(mini_counter(fd, "exits"), -1);
	close(fd);
}

static void short_requests(void)
{
	u32 words[] = { LHREQ_INITIALIZE, 0, 0, 0, 0 };
	u32 irq[] = { LHREQ_IRQ, 1 };
	int fd = mini_open();
	size_t n;

	/* three words are a later form's */
	for (n = 0; n < sizeof(words); n++) {
		if (n != 4 * sizeof(words[0]))
			expect_error(write(fd, words, n), EINVAL);
	}
	close(fd);
	fd = mini_new(guest_done);
	for (n = 0; n < sizeof(irq); n++)
		expect_error(write(fd, irq, n), EINVAL);
	expect_value(write(fd, irq, sizeof(irq)), 0);
}

static void initialize_bad_arguments(void)
{
	static const u32 bad_offset[] = { 0xffc00000, 0xffc00001, 0xffffffff };
	u32 words[] = { LHREQ_INITIALIZE, 0, 0, 0, 0 };
	int fd = mini_open();
	size_t n, i;

	for (n = 4; n < sizeof(words); n += 4)
		expect_error(write(fd, edge_of_memory(n, words), sizeof(words)), EFAULT);
	mini_reset(guest_done);
	for (i = 0; i < ARRAY_SIZE(bad_offset); i++) {
		mini.page_offset = bad_offset[i];
		expect_error(mini_initialize(fd), EINVAL);
	}
	/* and after all that it still can be done */
	mini.page_offset = 0xffbfffff;
	expect_value(mini_initialize(fd), 16);
	kill_it(fd);
}

static void initialize_twice(void)
{
	int fd = mini_new(guest_done);

	expect_error(mini_initialize(fd), EBUSY);
	mini.page_offset = -1;
	expect_error(mini_initialize(fd), EBUSY);
	mini.page_offset = MINI_PAGE_OFFSET;
	kill_it(fd);
	expect_error(mini_initialize(fd), ENOENT);
}

static void initialize_by_other(void)
{
	expect_error(mini_initialize(the_fd), EPERM);
}

static void initialize_dead_by_other(void)
{
	expect_error(mini_initialize(the_fd), ENOENT);
}

static void initialize_twice_by_others(void)
{
	the_fd = mini_new(guest_done);
	from_others(initialize_by_other);
	kill_it(the_fd);
	from_others(initialize_dead_by_other);
}

static void initialize_strange_sizes(void)
{
	static const u32 limits[] = { 0, 1, IMAGE_BASE / PAGE };
	static const u32 roots[] = { 0xbffff000, 0xc0000000, 0xfffff000, 0xffffffff };
	static const u32 starts[] = { 0, 0xffffffff, 0xffc00000, 0xc0100000 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		mini_reset(guest_done);
		mini.pfn_limit = limits[i];
		expect_prefix(mini_run_again(), "bad read address");
	}
	mini_reset(guest_done);
	mini.pfn_limit = 0xffffffff;
	expect_reason(mini_run_again(), "CRASH: done");
	for (i = 0; i < ARRAY_SIZE(roots); i++) {
		mini_reset(guest_done);
		mini.root = roots[i];
		mini.pfn_limit = 0xffffffff;
		expect_prefix(mini_run_again(), "bad ");
	}
	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		mini_reset(guest_done);
		mini.start = starts[i];
		expect(strncmp(mini_run_again(), "CRASH", 5), "it started at %#x", starts[i]);
	}
}

static void irq_numbers(void)
{
	int fd = mini_new(guest_done);
	u32 request = LHREQ_IRQ, irq;

	for (irq = 0; irq < LGUEST_IRQS; irq++)
		expect_value(mini_request(fd, LHREQ_IRQ, irq), 0);
	expect_error(mini_request(fd, LHREQ_IRQ, 32), EINVAL);
	expect_error(mini_request(fd, LHREQ_IRQ, 256), EINVAL);
	expect_error(mini_request(fd, LHREQ_IRQ, 0x80000000), EINVAL);
	expect_error(mini_request(fd, LHREQ_IRQ, -1), EINVAL);
	expect_error(write(fd, edge_of_memory(4, &request), 8), EFAULT);
	kill_it(fd);
	expect_error(mini_request(fd, LHREQ_IRQ, 1), ENOENT);
	expect_error(mini_request(fd, LHREQ_IRQ, 32), ENOENT);
}

static void unknown_requests(void)
{
	static const u32 unknown[] = { 4, 5, 6, 7, 8, 255, 0x105, 0x80000000, -1 };
	int fd = mini_new(guest_done);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(unknown); i++) {
		expect_error(mini_request(fd, unknown[i], 0), EINVAL);
		expect_error(write(fd, &unknown[i], 4), EINVAL);
	}
	expect_error(write(fd, (void *)NOBODY, 8), EFAULT);
	kill_it(fd);
	for (i = 0; i < ARRAY_SIZE(unknown); i++)
		expect_error(mini_request(fd, unknown[i], 0), ENOENT);
	expect_error(write(fd, (void *)NOBODY, 8), EFAULT);
	expect_error(mini_request(fd, LHREQ_GETDMA, 0), ENOENT);
	expect_error(mini_request(fd, LHREQ_BREAK, 1), ENOENT);
	expect_error(mini_request(fd, LHREQ_BREAK, 0), ENOENT);
}

static void all_by_other(void)
{
	static const u32 requests[] = { LHREQ_GETDMA, LHREQ_IRQ, 4, 77, -1 };
	u32 reply[2];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(requests); i++)
		expect_error(mini_request(the_fd, requests[i], 1), EPERM);
	expect_error(mini_request(the_fd, LHREQ_IRQ, 1000), EPERM);
	expect_error(read(the_fd, reply, sizeof(reply)), EPERM);
	expect_error(read(the_fd, reply, 1), EPERM);
	expect_value(mini_request(the_fd, LHREQ_BREAK, 0), 0);
}

static void dead_by_other(void)
{
	u32 reply[2];

	expect_error(mini_request(the_fd, LHREQ_IRQ, 1), ENOENT);
	expect_error(mini_request(the_fd, LHREQ_BREAK, 0), ENOENT);
	expect_error(mini_request(the_fd, LHREQ_BREAK, 1), ENOENT);
	expect_error(mini_request(the_fd, 99, 1), ENOENT);
	expect_error(read(the_fd, reply, sizeof(reply)), EPERM);
}

static void others_may_do_nothing(void)
{
	the_fd = mini_new(guest_done);
	from_others(all_by_other);
	kill_it(the_fd);
	from_others(dead_by_other);
}

static void owner_check_by_other(void)
{
	u32 request = LHREQ_IRQ;

	expect_error(write(the_fd, edge_of_memory(4, &request), 8), EPERM);
}

/* who asks comes before what is asked */
static void owner_is_checked_before_arguments(void)
{
	the_fd = mini_new(guest_done);
	from_others(owner_check_by_other);
}

static void read_bad_buffers(void)
{
	int fd = mini_new(guest_sends);
	struct lguest_dma_notice notice = {};
	size_t n;

	for (n = 0; n < sizeof(notice); n++)
		expect_error(read(fd, &notice, n), EINVAL);
	/* nothing is lost by a bad buffer */
	expect_error(read(fd, (void *)NOBODY, 8), EFAULT);
	expect_error(read(fd, (void *)NOBODY, 8), EFAULT);
	expect_value(mini_counter(fd, "hypercalls"), 1 + 65 + 1);
	expect_value(read(fd, &notice, sizeof(notice)), 8);
	expect_value(notice.key, (u32)mini.scratch[0]);
	expect_value(notice.dma, (u32)mini.scratch[1]);
	/* the next read() asks for the next one */
	expect_value(read(fd, &notice, sizeof(notice)), 8);
	expect_value(mini_counter(fd, "hypercalls"), 1 + 65 + 2);
}

static void reply_is_eight_bytes(void)
{
	int fd = mini_new(guest_sends);
	u8 reply[64];
	size_t i;

	memset(reply, 0x5a, sizeof(reply));
	expect_value(read(fd, reply, sizeof(reply)), 8);
	for (i = 8; i < sizeof(reply); i++)
		expect(reply[i] == 0x5a, "byte %zu was written", i);
}

static void crash_text(void)
{
	crash("abcdefgh");
}

static void reason_is_cut(void)
{
	const char *text = "CRASH: abcdefgh";
	int fd = mini_new(crash_text);
	char reply[64];
	size_t n, i, want;

	kill_it(fd);
	for (n = 0; n < 32; n++) {
		want = n < 16 ? n : 16;
		memset(reply, 0x5a, sizeof(reply));
		expect_value(read(fd, reply, n), want);
		expect(!memcmp(reply, text, want), "%zu bytes are \"%s\"", n, reply);
		for (i = want; i < sizeof(reply); i++)
			expect(reply[i] == 0x5a, "%zu bytes: byte %zu was written", n, i);
	}
	expect_error(read(fd, (void *)NOBODY, 64), EFAULT);
	expect_error(read(fd, (char *)edge_of_memory(4, text) - 4 + 4, 64), EFAULT);
	expect_value(read(fd, edge_of_memory(4, text), 4), 4);
}

static void ignore(int sig)
{
	(void)sig;
}

static void handle(int sig, int flags)
{
	struct sigaction sa = { .sa_handler = ignore, .sa_flags = flags };

	sigaction(sig, &sa, NULL);
}

static void signal_ends_run(void)
{
	int fd = mini_new(guest_spin);
	pid_t parent = getpid();
	u32 notice[2];

	handle(SIGUSR1, 0);
	if (!mini_fork()) {
		wait_until(mini_counter(fd, "exits") > 100);
		kill(parent, SIGUSR1);
		_exit(0);
	}
	expect_error(read(fd, notice, 8), EINTR);
	expect(mini_counter(fd, "signal_exits") > 0, "it was not counted");
}

static volatile u32 *handled;

static void count_signal(int sig)
{
	(void)sig;
	(*handled)++;
}

/* A signal that comes while the handler of another runs ends no read(). */
static void wait_until_it_runs(int fd)
{
	long exits = mini_counter(fd, "exits");

	wait_until(mini_counter(fd, "exits") > exits);
}

static void signal_restarts_read(void)
{
	struct sigaction sa = { .sa_handler = count_signal, .sa_flags = SA_RESTART };
	int fd = mini_new(guest_spin);
	pid_t parent = getpid();
	u32 notice[2];

	handled = mini_shared(PAGE);
	sigaction(SIGUSR1, &sa, NULL);
	handle(SIGUSR2, 0);
	if (!mini_fork()) {
		kill(parent, SIGUSR1);
		wait_until(*handled == 1);
		wait_until(mini_counter(fd, "exits") > 200);
		kill(parent, SIGUSR1);
		wait_until(*handled == 2);
		wait_until_it_runs(fd);
		kill(parent, SIGUSR2);
		_exit(0);
	}
	expect_error(read(fd, notice, 8), EINTR);
	expect_value(*handled, 2);
}

static void signal_ends_halt(void)
{
	int fd = mini_new(guest_halts);
	pid_t parent = getpid();
	u32 notice[2];

	handle(SIGUSR1, 0);
	if (!mini_fork()) {
		wait_until(mini_counter(fd, "halt_exits") > 0);
		kill(parent, SIGUSR1);
		_exit(0);
	}
	expect_error(read(fd, notice, 8), EINTR);
	/* and it halts again */
	if (!mini_fork()) {
		wait_until(mini_counter(fd, "halt_exits") > 1);
		kill(parent, SIGUSR1);
		_exit(0);
	}
	expect_error(read(fd, notice, 8), EINTR);
}

/* A pending signal does not come before what the guest has sent. */
static void notice_precedes_signal(void)
{
	int fd = mini_new(guest_sends);
	u32 notice[2];

	handle(SIGUSR1, 0);
	expect_error(read(fd, (void *)NOBODY, 8), EFAULT);
	raise(SIGUSR1);
	expect_value(read(fd, notice, 8), 8);
}

int main(void)
{
	RUN(before_initialize);
	RUN(short_requests);
	RUN(initialize_bad_arguments);
	RUN(initialize_twice);
	RUN(initialize_twice_by_others);
	RUN(initialize_strange_sizes);
	RUN(irq_numbers);
	RUN(unknown_requests);
	RUN(others_may_do_nothing);
	RUN(owner_is_checked_before_arguments);
	RUN(read_bad_buffers);
	RUN(reply_is_eight_bytes);
	RUN(reason_is_cut);
	RUN(signal_ends_run);
	RUN(signal_restarts_read);
	RUN(signal_ends_halt);
	RUN(notice_precedes_signal);
	return mini_done();
}
