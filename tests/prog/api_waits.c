// SPDX-License-Identifier: GPL-2.0
/*
 * Requests that wait for others, or for memory that never comes: whoever waits can
 * be killed, and the next guest lives.
 */
#include "mini/sticky.h"

static void guest_done(void)
{
}

/* The request's first word is there; what it is about never comes. */
static pid_t start_sticky(int fd, u32 request)
{
	pid_t pid = mini_fork();
	u32 *words;

	if (!pid) {
		words = (u32 *)sticky_page() - 1;
		words[0] = request;
		write(fd, words, 5 * sizeof(*words));
		mini_fail("request %u with memory that never comes: %m", request);
	}
	wait_until(sticky_is_waiting(pid));
	return pid;
}

static pid_t start_initialize(int fd)
{
	pid_t pid = mini_fork();

	if (!pid) {
		mini_reset(guest_done);
		mini_initialize(fd);
		mini_fail("it did not wait");
	}
	wait_until(sticky_is_waiting(pid));
	return pid;
}

static pid_t start_release(int fd)
{
	pid_t pid = mini_fork();

	if (!pid) {
		mini_request(fd, LHREQ_RELEASE, LGUEST_RELEASE(2, 6, 23));
		mini_fail("it did not wait");
	}
	wait_until(sticky_is_waiting(pid));
	return pid;
}

static void next_guest_lives(int fd)
{
	mini_reset(guest_done);
	expect_value(mini_initialize(fd), 16);
	expect_reason(mini_finish(fd), "CRASH: done");
}

static void initialize_can_be_killed(void)
{
	int fd = mini_open();
	pid_t first = start_sticky(fd, LHREQ_INITIALIZE);
	pid_t second = start_initialize(fd), third = start_release(fd);

	sticky_kill(third);
	sticky_kill(second);
	sticky_kill(first);
	next_guest_lives(fd);
}

static void requests_can_be_killed(void)
{
	int fd = mini_new(guest_done);

	sticky_kill(start_sticky(fd, LHREQ_RELEASE));
	sticky_kill(start_sticky(fd, LHREQ_BREAK));
	expect_reason(mini_finish(fd), "CRASH: done");
}

static void guest_asks(void)
{
	mini.on_trap = NULL;
	hcall2(LHCALL_SEND_DMA, mini.scratch[0], mini.scratch[1]);
}

/* A reply that cannot be stored. */
static void read_can_be_killed(void)
{
	int fd = mini_open();
	pid_t pid = mini_fork();

	if (!pid) {
		mini_reset(guest_asks);
		expect_value(mini_initialize(fd), 16);
		read(fd, sticky_page(), 8);
		mini_fail("it did not wait");
	}
	wait_until(sticky_is_waiting(pid));
	sticky_kill(pid);
}

static u32 *sticky;

static void guest_touches(void)
{
	crash("it was %x", *sticky);
}

static void guest_names(void)
{
	hcall2(LHCALL_LOAD_GDT, sticky, 1);
}

static void guest_keys(void)
{
	hcall2(LHCALL_SEND_DMA, mini.scratch[0], sticky);
	hcall(LHCALL_BIND_DMA, (u32)mini.scratch[0], (u32)sticky, 0x101);
	hcall2(LHCALL_SEND_DMA, mini.scratch[0], mini.scratch[1]);
}

static void start_guest(int fd, void (*guest)(void))
{
	struct lguest_dma_notice notice;

	sticky = sticky_page();
	mini_reset(guest);
	mini_map(0x2000, (u32)sticky | P_ALL);
	if (guest == guest_touches)
		sticky = (u32 *)0x2000;
	expect_value(mini_initialize(fd), 16);
	while (read(fd, &notice, sizeof(notice)) == sizeof(notice)) {
		if (notice.dma == (u32)mini.scratch[1])
			mini_request(fd, LHREQ_GETDMA, (u32)mini.scratch[0]);
	}
	mini_fail("it did not wait: %s", mini_reason(fd));
}

/* What a guest does to such memory its launcher waits for. */
static void guests_can_be_killed(void)
{
	static void (* const guests[])(void) = { guest_touches, guest_names, guest_keys };
	int fd, other;
	pid_t pid;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(guests); i++) {
		fd = mini_open();
		pid = mini_fork();
		if (!pid)
			start_guest(fd, guests[i]);
		wait_until(sticky_is_waiting(pid));
		/* nobody else waits with it */
		other = mini_open();
		next_guest_lives(other);
		close(other);
		sticky_kill(pid);
		close(fd);
	}
}

int main(void)
{
	RUN(initialize_can_be_killed);
	RUN(requests_can_be_killed);
	RUN(read_can_be_killed);
	RUN(guests_can_be_killed);
	return mini_done();
}
