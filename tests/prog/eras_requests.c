// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/lguest as the launchers of each era know it: which requests there are,
 * who may make them, in which order their conditions are checked, what they
 * return, and what the file's offset means.  The eras are named to the host
 * here, since what it is asked would not always tell it.
 */
#include <sys/eventfd.h>
#include "era.h"

#define NOBODY		0x60000000u	/* not mapped */
#define SOMEWHERE	0x00345000u

static int the_fd;

static void guest_done(void)
{
}

static int new_guest(void (*main)(void))
{
	era_prepare(main);
	run.release = era->release;
	return era_start();
}

static void kill_it(int fd)
{
	u32 reply[3];

	expect_error(read(fd, reply, sizeof(reply)), ENOENT);
}

/* An address whose first n bytes can be read; there is nothing behind. */
static void *edge_of_memory(size_t n, const void *bytes)
{
	u8 *p = mini_shared(2 * PAGE);

	munmap(p + PAGE, PAGE);
	return memcpy(p + PAGE - n, bytes, n);
}

/* All requests that any era has, with arguments that are good. */
static const struct {
	u32 nr, a, has;
} requests[] = {
	{ LHREQ_IRQ, 1, 0 },
	{ LHREQ_BREAK, 0, ERA_BREAK },
	{ LHREQ_EVENTFD, SOMEWHERE, ERA_EVENTFD },
	{ LHREQ_GETREG, 0, ERA_TRAPS },
	{ LHREQ_SETREG, 0, ERA_TRAPS },
	{ LHREQ_TRAP, 3, ERA_TRAPS },
	{ LHREQ_GETDMA, 0, -1 },
	{ 8, 0, -1 }, { 255, 0, -1 }, { 0x80000000, 0, -1 }, { 0xffffffff, 0, -1 },
};

static bool exists(u32 i)
{
	return (era->has & requests[i].has) == requests[i].has;
}

static bool is_register_request(u32 nr)
{
	return nr == LHREQ_GETREG || nr == LHREQ_SETREG || nr == LHREQ_TRAP;
}

static long returned(u32 nr)
{
	if (nr == LHREQ_GETREG)
		return 8;
	return nr == LHREQ_SETREG ? 12 : 0;
}

static void before_initialize(void)
{
	u32 word = 0, i;
	int fd;

	era_prepare(guest_done);
	run.release = era->release;
	fd = era_open();
	for (i = 0; i < ARRAY_SIZE(requests); i++)
		expect_error(era_request(fd, requests[i].nr, requests[i].a, 0), EINVAL);
	expect_error(read(fd, &word, sizeof(word)), EINVAL);
	expect_error(pread(fd, &word, sizeof(word), 1), EINVAL);
	expect_error(read(fd, (void *)NOBODY, 12), EINVAL);
	expect_error(write(fd, (void *)NOBODY, 8), EFAULT);
	expect_error(write(fd, (void *)0xc0100000, 8), EFAULT);
}

static void guest_serves_traps(void)
{
	asm volatile("sti; nop; hlt");
}

/* Each request of the era is answered, and those of others are not. */
static void requests_come_and_go(void)
{
	int fd = new_guest(guest_serves_traps), event;
	u32 i, value;

	/* TRAP needs a gate, so the guest must have run */
	if (era_has(ERA_TRAPS))
		expect_value(read(fd, &(struct lguest_pending){}, 12), 12);
	event = eventfd(0, 0);
	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		value = requests[i].nr == LHREQ_EVENTFD ? event : 0;
		if (exists(i))
			expect_value(era_request(fd, requests[i].nr, requests[i].a, value),
				     returned(requests[i].nr));
		else
			expect_error(era_request(fd, requests[i].nr, requests[i].a, value),
				     EINVAL);
	}
	expect_error(mini_request(fd, LHREQ_RELEASE, era->release), EBUSY);
}

static void short_requests(void)
{
	int fd = new_guest(guest_done);
	u32 words[3] = {}, i, n, size;

	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		words[0] = requests[i].nr;
		size = requests[i].nr == LHREQ_EVENTFD || requests[i].nr == LHREQ_SETREG ?
			12 : 8;
		for (n = 0; n < size; n++)
			expect_error(write(fd, words, n), EINVAL);
		if (!exists(i))
			continue;
		for (n = 4; n < size; n += 4)
			expect_error(write(fd, edge_of_memory(n, words), size), EFAULT);
	}
	expect_error(write(fd, (void *)NOBODY, 8), EFAULT);
	expect_error(write(fd, (void *)0xc0100000, 8), EFAULT);
}

static void initialize_unreadable(void)
{
	u32 words[5] = { LHREQ_INITIALIZE }, size = (era->words + 1) * 4, n;
	int fd;

	era_prepare(guest_done);
	run.release = era->release;
	fd = era_open();
	for (n = 4; n < size; n += 4)
		expect_error(write(fd, edge_of_memory(n, words), size), EFAULT);
	for (n = 0; n < size; n++)
		expect_error(write(fd, words, n), EINVAL);
	/* and after all that it still can be done */
	expect_value(era_initialize(fd), era->words * 4);
	expect_reason(era_finish(fd), "CRASH: done");
}

static void initialize_twice(void)
{
	int fd = new_guest(guest_done);

	expect_error(era_initialize(fd), EBUSY);
	run.base = -1;
	expect_error(era_initialize(fd), EBUSY);
	kill_it(fd);
	expect_error(era_initialize(fd), EBUSY);
}

static void initialize_by_other(void)
{
	expect_error(era_initialize(the_fd), EBUSY);
}

static void initialize_twice_by_others(void)
{
	the_fd = new_guest(guest_done);
	era_from_others(initialize_by_other);
	kill_it(the_fd);
	era_from_others(initialize_by_other);
}

static void irq_numbers(void)
{
	int fd = new_guest(guest_done);
	u32 irq;

	for (irq = 0; irq < LGUEST_IRQS; irq++)
		expect_value(mini_request(fd, LHREQ_IRQ, irq), 0);
	expect_error(mini_request(fd, LHREQ_IRQ, 32), EINVAL);
	expect_error(mini_request(fd, LHREQ_IRQ, 256), EINVAL);
	expect_error(mini_request(fd, LHREQ_IRQ, 0x80000000), EINVAL);
	expect_error(mini_request(fd, LHREQ_IRQ, -1), EINVAL);
}

/* A dead guest has no requests, whatever they are. */
static void dead_guests(void)
{
	int fd = new_guest(guest_done);
	u32 i;

	kill_it(fd);
	for (i = 0; i < ARRAY_SIZE(requests); i++)
		expect_error(era_request(fd, requests[i].nr, requests[i].a, 0), ENOENT);
	expect_error(mini_request(fd, LHREQ_IRQ, 1000), ENOENT);
	expect_error(write(fd, (void *)NOBODY, 8), EFAULT);
}

/* What others may do to a guest that lives. */
static void request_by_other(u32 i)
{
	u32 nr = requests[i].nr, a = requests[i].a, event = 0;

	if (nr == LHREQ_EVENTFD)
		event = eventfd(0, 0);
	if (era_has(ERA_OWNER) && nr != LHREQ_BREAK)
		expect_error(era_request(the_fd, nr, a, event), EPERM);
	else if (!exists(i))
		expect_error(era_request(the_fd, nr, a, event), EINVAL);
	else if (is_register_request(nr))
		expect_error(era_request(the_fd, nr, a, event), EPERM);
	else
		expect_value(era_request(the_fd, nr, a, event), 0);
}

static void all_by_other(void)
{
	u32 reply[3], i;

	for (i = 0; i < ARRAY_SIZE(requests); i++)
		request_by_other(i);
	expect_error(mini_request(the_fd, LHREQ_IRQ, 1000),
		     era_has(ERA_OWNER) ? EPERM : EINVAL);
	expect_error(read(the_fd, reply, sizeof(reply)), EPERM);
	expect_error(read(the_fd, reply, 1), EPERM);
}

static void dead_by_other(void)
{
	u32 reply[3], i;

	for (i = 0; i < ARRAY_SIZE(requests); i++)
		expect_error(era_request(the_fd, requests[i].nr, requests[i].a, 0), ENOENT);
	expect_error(read(the_fd, reply, sizeof(reply)), EPERM);
}

static void others(void)
{
	the_fd = new_guest(guest_done);
	era_from_others(all_by_other);
	kill_it(the_fd);
	era_from_others(dead_by_other);
}

/* -- The file's offset: a cpu, of which there is one. -- */

static const off_t bad_cpus[] = { 1, 2, 31, 4096, 0x7fffffff };

static void no_such_cpu(int fd)
{
	u32 words[] = { LHREQ_IRQ, 1 }, unknown[] = { 99, 0 }, reply[3];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad_cpus); i++) {
		expect_error(pread(fd, reply, sizeof(reply), bad_cpus[i]), EINVAL);
		expect_error(pwrite(fd, words, sizeof(words), bad_cpus[i]), EINVAL);
		expect_error(pwrite(fd, unknown, sizeof(unknown), bad_cpus[i]), EINVAL);
	}
	expect_error(pwrite(fd, (void *)NOBODY, 8, 1), EFAULT);
}

static void no_such_cpu_by_other(void)
{
	no_such_cpu(the_fd);
}

/* It is checked before the guest's death and before who asks. */
static void offset_is_cpu(void)
{
	u32 words[] = { LHREQ_IRQ, 1 };

	the_fd = new_guest(guest_done);
	no_such_cpu(the_fd);
	era_from_others(no_such_cpu_by_other);
	expect_value(pwrite(the_fd, words, sizeof(words), 0), 0);
	kill_it(the_fd);
	no_such_cpu(the_fd);
	expect_error(pwrite(the_fd, words, sizeof(words), 0), ENOENT);
}

static void initialize_has_no_offset(void)
{
	u32 words[5] = { LHREQ_INITIALIZE, ERA_BASE }, n = 3;
	int fd;

	era_prepare(guest_done);
	run.release = era->release;
	fd = era_open();
	words[2] = run.pfn_limit;
	if (era_has(ERA_LAUNCHER_DIR))
		words[n++] = run.pgdir;
	words[n++] = run.start;
	if (era_has(ERA_TRAPS))
		words[n++] = run.device_limit;
	expect_value(pwrite(fd, words, n * 4, 7), era->words * 4);
	expect_reason(era_finish(fd), "CRASH: done");
}

static void guest_notifies_or_traps(void)
{
	for (;;) {
		if (era_has(ERA_NOTIFY))
			call1(LHCALL_NOTIFY, SOMEWHERE);
		else
			asm volatile("inb $0x64, %%al" : : : "eax");
	}
}

static void offset_stays(void)
{
	int fd = new_guest(guest_notifies_or_traps);
	u32 reply[3], i;

	for (i = 0; i < 5; i++) {
		expect_value(read(fd, reply, sizeof(reply)), era_reply_size());
		expect_value(mini_request(fd, LHREQ_IRQ, 1), 0);
	}
	expect_value(pread(fd, reply, sizeof(reply), 0), era_reply_size());
}

/* -- read() -- */

static void read_bad_buffers(void)
{
	int fd = new_guest(guest_notifies_or_traps);
	u8 reply[32];
	u32 n, size = era_reply_size();

	for (n = 0; n < size; n++)
		expect_error(read(fd, reply, n), EINVAL);
	expect_error(read(fd, (void *)NOBODY, size), EFAULT);
	memset(reply, 0x5a, sizeof(reply));
	expect_value(read(fd, reply, sizeof(reply)), size);
	for (n = size; n < sizeof(reply); n++)
		expect(reply[n] == 0x5a, "byte %u was written", n);
	expect_value(read(fd, reply, size), size);
}

/* The first wrong buffer does not lose what the guest said. */
static void guest_notifies_once(void)
{
	call1(LHCALL_NOTIFY, SOMEWHERE);
}

static void read_again(void)
{
	int fd = new_guest(guest_notifies_once);

	expect_error(read(fd, (void *)NOBODY, 4), EFAULT);
	expect_value(era_notified(fd), SOMEWHERE);
	expect_reason(era_finish(fd), "CRASH: done");
}

static void guest_dies(void)
{
	crash("abcdefgh");
}

static void reason_is_cut(void)
{
	const char *text = "CRASH: abcdefgh";
	int fd = new_guest(guest_dies);
	char reply[64];
	size_t n, want;

	kill_it(fd);
	for (n = 0; n < 32; n++) {
		want = n < 16 ? n : 16;
		memset(reply, 0x5a, sizeof(reply));
		expect_value(read(fd, reply, n), want);
		expect(!memcmp(reply, text, want), "%zu bytes are \"%s\"", n, reply);
		expect(reply[want] == 0x5a, "%zu bytes: more was written", n);
	}
	expect_error(read(fd, (void *)NOBODY, 64), EFAULT);
}

/* -- BREAK -- */

static void guest_breaks(void)
{
	guest_spin();
}

static void break_gives_eagain(void)
{
	int fd = new_guest(guest_breaks), i;
	u32 reply[3];
	pid_t waker;

	for (i = 0; i < 3; i++) {
		waker = mini_fork();
		if (!waker) {
			expect_value(mini_request(fd, LHREQ_BREAK, 1), 0);
			_exit(0);
		}
		expect_error(read(fd, reply, sizeof(reply)), EAGAIN);
		expect_error(read(fd, reply, sizeof(reply)), EAGAIN);
		expect_value(mini_request(fd, LHREQ_BREAK, 0), 0);
		expect_value(mini_wait(waker), 0);
	}
}

/* -- EVENTFD -- */

static void eventfd_errors(void)
{
	int fd = new_guest(guest_done), event = eventfd(0, 0), i;

	expect_error(era_request(fd, LHREQ_EVENTFD, 0, event), EINVAL);
	expect_error(era_request(fd, LHREQ_EVENTFD, SOMEWHERE, -1), EBADF);
	expect_error(era_request(fd, LHREQ_EVENTFD, SOMEWHERE, 9999), EBADF);
	expect_error(era_request(fd, LHREQ_EVENTFD, SOMEWHERE, fd), EINVAL);
	/* any other address of the guest's memory, and as often as one likes */
	for (i = 1; i < 300; i++)
		expect_value(era_request(fd, LHREQ_EVENTFD, i * 8 / 3, event), 0);
	expect_value(era_request(fd, LHREQ_EVENTFD, run.pfn_limit * PAGE - 1, event), 0);
	expect_error(era_request(fd, LHREQ_EVENTFD, run.pfn_limit * PAGE, event), EINVAL);
	expect_error(era_request(fd, LHREQ_EVENTFD, -1, event), EINVAL);
	/* of different ones so many: notify.c */
	for (i = 300; i < 512; i++)
		expect_value(era_request(fd, LHREQ_EVENTFD, 0x10000 + i, event), 0);
	expect_error(era_request(fd, LHREQ_EVENTFD, 0x20000, event), ENOSPC);
	close(event);
	expect_reason(era_finish(fd), "CRASH: done");
}

int main(void)
{
	RUN_ERAS(before_initialize, 0, 0);
	RUN_ERAS(requests_come_and_go, 0, 0);
	RUN_ERAS(short_requests, 0, 0);
	RUN_ERAS(initialize_unreadable, 0, 0);
	RUN_ERAS(initialize_twice, 0, 0);
	RUN_ERAS(initialize_twice_by_others, 0, 0);
	RUN_ERAS(irq_numbers, 0, 0);
	RUN_ERAS(dead_guests, 0, 0);
	RUN_ERAS(others, 0, 0);
	RUN_ERAS(offset_is_cpu, 0, 0);
	RUN_ERAS(initialize_has_no_offset, 0, 0);
	RUN_ERAS(offset_stays, 0, 0);
	RUN_ERAS(read_bad_buffers, 0, 0);
	RUN_ERAS(read_again, ERA_NOTIFY, 0);
	RUN_ERAS(reason_is_cut, 0, 0);
	RUN_ERAS(break_gives_eagain, ERA_BREAK, 0);
	RUN_ERAS(eventfd_errors, ERA_EVENTFD, 0);
	return mini_done();
}
