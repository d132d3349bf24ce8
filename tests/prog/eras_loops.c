// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest can make long: others get the CPU meanwhile, a signal ends it, and it
 * goes on later where it was.
 */
#include <time.h>
#include <sys/resource.h>
#include "era.h"

#define FIRST_SLOT	8u	/* user tables from here on */
#define LAST_SLOT	(ERA_KERNEL >> 22)
#define ARRIVED		0x1000u	/* what the guest notifies of */
#define DONE		0x2000u

/* One page in many places: in each table one, the last that is looked at. */
static u32 sparse_address(u32 slot)
{
	return (slot << 22) + 0x3ff000;
}

static void touch_all(void)
{
	u32 slot;

	for (slot = FIRST_SLOT; slot < LAST_SLOT; slot++)
		(void)*word_at(sparse_address(slot));
}

static volatile u8 *ring_status(u32 view, u32 slot)
{
	return (volatile u8 *)(view + run.data + era->data->status + slot);
}

/* A ring of calls that look at each entry of each table. */
static void guest_makes_long_ring(void)
{
	u32 i;

	touch_all();
	call1(LHCALL_NOTIFY, ARRIVED);
	for (i = 0; i < LHCALL_RING_SIZE; i++)
		era_later(i, LHCALL_FLUSH_TLB, LGUEST_FLUSH_WRITABLE, 0, 0);
	call1(LHCALL_NOTIFY, DONE);
	for (i = 0; i < LHCALL_RING_SIZE; i++)
		guest_expect(*ring_status(0, i) == LHCALL_RING_FREE);
}

static int start_long_ring(void)
{
	u32 table, slot;
	int fd;

	era_prepare(guest_makes_long_ring);
	run.init2 = LGUEST_EXTENSIONS;
	run.init3 = PHYS(scratch[0]);
	era_map(run.root, sparse_address(FIRST_SLOT), PHYS(scratch[1]) | P_ALL);
	table = era_get(ERA_BASE, era_dir_entry(ERA_BASE, run.root, FIRST_SLOT << 22));
	for (slot = FIRST_SLOT; slot < LAST_SLOT; slot++)
		era_put(ERA_BASE, era_dir_entry(ERA_BASE, run.root, slot << 22), table);
	fd = era_start();
	expect_value(era_notified(fd), ARRIVED);
	return fd;
}

/* How often has this thread had to leave the CPU to others? */
static long switches(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nivcsw;
}

/*
 * Somebody who wants this CPU again and again, and at once.  (The fork comes before
 * there is a guest: what it makes read-only the guest would lose.)
 */
static void start_neighbour(void)
{
	struct sched_param param = { .sched_priority = 1 };
	pid_t pid;

	mini_pin(0);
	pid = mini_fork();
	if (pid)
		return;
	expect(!sched_setscheduler(0, SCHED_FIFO, &param), "sched_setscheduler: %m");
	for (;;)
		usleep(200);
}

/* The kernel itself gives the CPU away at the end of a system call, and no more. */
#define BY_THE_WAY	3

static void neighbours_of_a_long_ring(void)
{
	long before, ms, came;
	int fd;

	start_neighbour();
	fd = start_long_ring();
	before = switches();
	ms = mini_ms();
	expect_value(era_notified(fd), DONE);
	came = switches() - before;
	expect(came > BY_THE_WAY, "the neighbour came %ld times in %ld ms", came,
	       mini_ms() - ms);
	expect_reason(era_finish(fd), "CRASH: done");
}

static volatile bool handled;

static void handle(int sig)
{
	(void)sig;
	handled = true;
}

/* A signal to this thread, once it has computed for so long. */
static void signal_after_ms(u32 ms)
{
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1,
	};
	struct itimerspec when = { .it_value.tv_nsec = ms * 1000000 };
	struct sigaction sa = { .sa_handler = handle };
	timer_t timer;

	event._sigev_un._tid = syscall(SYS_gettid);
	sigaction(SIGUSR1, &sa, NULL);
	handled = false;
	expect(!timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer) &&
	       !timer_settime(timer, 0, &when, NULL), "timer: %m");
}

/* What is left of the ring after a signal in it, if it came in time. */
static u32 left_by_signal(void)
{
	int fd = start_long_ring();
	u32 reply, left = 0, i;

	signal_after_ms(1);
	if (read(fd, &reply, sizeof(reply)) == sizeof(reply)) {
		expect_value(reply, DONE);
	} else {
		expect(errno == EINTR && handled, "read(): %m");
		for (i = 0; i < LHCALL_RING_SIZE; i++)
			left += *ring_status(ERA_BASE, i) != LHCALL_RING_FREE;
		expect_value(era_notified(fd), DONE);
	}
	expect_reason(era_finish(fd), "CRASH: done");
	close(fd);
	return left;
}

/*
 * The ring is some 30 million looks at entries long, many times what the kernel takes
 * to send the signal.
 */
static void signal_ends_ring(void)
{
	u32 i = 0;

	while (!left_by_signal())
		expect(++i < 10, "all of the ring comes first");
}

/* -- One page in very many places -- */

#define PLACES		0x38000u

static void guest_uses_places(void)
{
	u32 slot, page;

	for (slot = FIRST_SLOT; slot < FIRST_SLOT + PLACES / 1024; slot++) {
		for (page = 0; page < 1024; page++)
			(void)*word_at((slot << 22) + page * PAGE);
	}
	call1(LHCALL_NOTIFY, ARRIVED);
	guest_expect(*word_at(FIRST_SLOT << 22) == 0);
}

static void neighbours_of_a_page_in_many_places(void)
{
	u32 table, slot, page;
	long before, came;
	int fd;

	era_prepare(guest_uses_places);
	table = era_new_table();
	for (page = 0; page < 1024; page++)
		era_put(ERA_BASE, table + page * 4,
			PHYS(scratch[1]) | P_ALL | P_ACCESSED | P_DIRTY);
	for (slot = FIRST_SLOT; slot < FIRST_SLOT + PLACES / 1024; slot++)
		era_put(ERA_BASE, era_dir_entry(ERA_BASE, run.root, slot << 22),
			table | P_ALL);
	*(u32 *)IN_LAUNCHER->scratch[1] = 1;
	start_neighbour();
	fd = era_start();
	expect_value(era_notified(fd), ARRIVED);
	before = switches();
	expect(!madvise(IN_LAUNCHER->scratch[1], PAGE, MADV_DONTNEED), "madvise: %m");
	came = switches() - before;
	expect(came > BY_THE_WAY, "the neighbour came %ld times", came);
	/* and all of them are gone */
	expect_reason(era_finish(fd), "CRASH: done");
}

int main(void)
{
	RUN_ERAS(neighbours_of_a_long_ring, ERA_NOTIFY | ERA_LINEAR, 0);
	RUN_ERAS(signal_ends_ring, ERA_NOTIFY | ERA_LINEAR, 0);
	RUN_ERAS(neighbours_of_a_page_in_many_places, ERA_NOTIFY | ERA_LINEAR, 0);
	return mini_done();
}
