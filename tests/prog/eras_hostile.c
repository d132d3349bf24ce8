// SPDX-License-Identifier: GPL-2.0
/*
 * Launchers and guests of later eras that mean no good: wild words and boot
 * parameters, requests from all sides while the guest runs, tables and calls
 * with anything in them.  A guest may die of it or go on; the host and the next
 * guest must not care.
 */
#include <sys/eventfd.h>
#include <pthread.h>
#include <sys/time.h>
#include "era.h"

#define NOBODY		0x60000000u	/* not mapped */
#define SOMEWHERE	0x00345000u
#define WINDOW		ERA_WINDOW
#define E820_SIZE	(0x2d0 + 8)
#define E820_SIZE_HIGH	(0x2d0 + 12)
#define RAMDISK_SIZE	0x21c

static const u32 wild[] = {
	0, 1, 2, 0x1f, 0x7f, 0xfff, 0x1000, 0x1001, 0xfffff, 0x100000, 0x100001, 0x400000,
	0x10000000, 0x3fffffff, 0x40000000, 0x7fffffff, 0x80000000, 0xa0000000, 0xbffff000,
	0xbfffffff, 0xc0000000, 0xc0100000, 0xf0000000, 0xffbff000, 0xffc00000, 0xffe00000,
	0xfffff000, 0xfffffffc, 0xffffffff
};

static u32 the_call, nr_rounds;
static int the_fd;

static void guest_does_nothing(void)
{
}

static void ignore_signal(int sig)
{
	(void)sig;
}

/* It runs until it dies, says something a few times, or took so much of a CPU. */
static void run_somehow(int fd)
{
	struct itimerval some = { .it_value.tv_usec = 100000 }, none = {};
	struct sigaction sa = { .sa_handler = ignore_signal };
	struct lguest_pending reply;
	u32 i;

	sigaction(SIGPROF, &sa, NULL);
	setitimer(ITIMER_PROF, &some, NULL);
	for (i = 0; i < 20 && read(fd, &reply, sizeof(reply)) != -1; i++)
		;
	setitimer(ITIMER_PROF, &none, NULL);
}

static void next_guest_lives(void)
{
	expect_reason(era_run(guest_does_nothing), "CRASH: done");
}

/* -- INITIALIZE -- */

static void initialize_with(u32 *word, u32 value)
{
	int fd;

	era_prepare(guest_does_nothing);
	*word = value;
	fd = era_open();
	if (era_initialize(fd) > 0)
		run_somehow(fd);
	else
		expect(errno == EINVAL || errno == EFAULT, "%#x: %m", value);
	close(fd);
}

static void wild_words(void)
{
	u32 *words[] = {
		&run.base, &run.pfn_limit, &run.pgdir, &run.start, &run.device_limit
	};
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		for (j = i % 2; j < ARRAY_SIZE(wild); j += 2)
			initialize_with(words[i], wild[j]);
	}
	next_guest_lives();
}

static void initialize_with_boot_params(u32 at, u32 value)
{
	int fd;

	era_prepare(guest_does_nothing);
	run.no_root = true;
	*(u32 *)seen(at) = value;
	fd = era_open();
	if (era_initialize(fd) > 0)
		run_somehow(fd);
	else
		expect(errno == EFAULT || errno == EINVAL, "%#x at %#x: %m", value, at);
	close(fd);
}

/* How much memory there is, and how long the initrd, according to them. */
static void wild_boot_params(void)
{
	static const u32 at[] = { E820_SIZE, E820_SIZE_HIGH, RAMDISK_SIZE, 0x1e8, 0x2d0, 0x2d4 };
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		for (j = 0; j < ARRAY_SIZE(wild); j++)
			initialize_with_boot_params(at[i], wild[j]);
	}
	next_guest_lives();
}

/* Who has named a release that has tables gets them, or nothing. */
static int prepare_named(void)
{
	era_prepare(guest_does_nothing);
	run.release = era->release;
	return era_open();
}

static void no_place_for_tables(void)
{
	int fd = prepare_named();

	munmap(seen(0), PAGE);
	expect_error(era_initialize(fd), EFAULT);
	close(fd);
	fd = prepare_named();
	munmap(seen(ERA_FIRST_DIR), PAGE);
	expect_error(era_initialize(fd), EFAULT);
	close(fd);
	fd = prepare_named();
	expect(!mprotect(seen(ERA_FIRST_DIR), PAGE, PROT_READ), "mprotect: %m");
	expect_error(era_initialize(fd), EFAULT);
	/* it has not been initialised, so it still can be */
	era_prepare(guest_does_nothing);
	expect_value(era_initialize(fd), era->words * 4);
	expect_reason(era_finish(fd), "CRASH: done");
}

/* -- Requests of others, while it runs -- */

static volatile bool storm_ends, flips;
static volatile u32 came;

static void *storm(void *unused)
{
	u32 words[5] = {}, reply[4], i = 0;
	int event = eventfd(0, EFD_NONBLOCK);

	while (!storm_ends) {
		mini_request(the_fd, LHREQ_IRQ, 1 + i % 30);
		/* each of these costs the host something, until the end */
		era_request(the_fd, LHREQ_EVENTFD, i % 2 ? SOMEWHERE : 0, i < 500 ? event : -1);
		era_request(the_fd, LHREQ_GETREG, i % 70, 0);
		era_request(the_fd, LHREQ_SETREG, i % 70, 0);
		era_request(the_fd, LHREQ_TRAP, i % 260, 0);
		era_request(the_fd, wild[i % ARRAY_SIZE(wild)], 1, 0);
		if (write(the_fd, words, sizeof(words)) != -1)
			mini_fail("initialised twice");
		if (read(the_fd, reply, sizeof(reply)) != -1 || errno != EPERM)
			mini_fail("read() by another: %m");
		if (pwrite(the_fd, words, 8, 1 + i) != -1)
			mini_fail("there is a cpu %u", 1 + i);
		i++;
	}
	close(event);
	return unused;
}

static void count_irq(struct frame *f)
{
	guest_expect(f->vector > 32 && f->vector < 63);
	came++;
}

/* What the requests of others could spoil: registers, the ring, the flag. */
static void guest_works(void)
{
	volatile u8 *status = (volatile u8 *)guest_word(era->data->status);
	u32 i, slot = 0, eax;

	*guest_word(DATA_BLOCKED) = 0;
	for (i = 0; i < nr_rounds || came < 20; i++) {
		era_later(slot, LHCALL_TS, 0, 0, 0);
		eax = call0(LHCALL_FLUSH_ASYNC);
		guest_expect(eax == LHCALL_FLUSH_ASYNC);
		guest_expect(status[slot] == LHCALL_RING_FREE);
		slot = (slot + 1) % LHCALL_RING_SIZE;
		era_irqs(true);
		if (era_has(ERA_NOTIFY) && i % 16 == 0)
			call1(LHCALL_NOTIFY, SOMEWHERE);
	}
	crash("worked");
}

static const char *serve_until_death(int fd)
{
	u32 reply[3];

	while (read(fd, reply, sizeof(reply)) != -1)
		;
	expect(errno == ENOENT, "read(): %m");
	return mini_reason(fd);
}

static void storm_of_requests(void)
{
	pthread_t threads[2];
	u32 i;

	nr_rounds = 1000;
	came = 0;
	era_prepare(guest_works);
	mini.on_trap = count_irq;
	the_fd = era_start();
	storm_ends = false;
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_create(&threads[i], NULL, storm, NULL);
	expect_reason(serve_until_death(the_fd), "CRASH: worked");
	storm_ends = true;
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	close(the_fd);
	next_guest_lives();
}

static void guest_kicks(void)
{
	u32 i;

	for (i = 1; i <= nr_rounds; i++)
		call1(LHCALL_NOTIFY, SOMEWHERE + i % 64);
	crash("kicked");
}

/* As many eventfds as a process may have files, then more than that. */
static void many_eventfds(void)
{
	u32 i, n = 0;
	int fd, event;

	nr_rounds = 2000;
	era_prepare(guest_kicks);
	fd = era_start();
	for (i = 0; i < 64; i++) {
		event = eventfd(0, EFD_NONBLOCK);
		expect_value(era_request(fd, LHREQ_EVENTFD, SOMEWHERE + i, event), 0);
		/* the host has a reference of its own */
		if (i % 2)
			close(event);
	}
	expect_reason(era_finish(fd), "CRASH: kicked");
	close(fd);
	/* what is registered costs the host, so there is an end, or a death of ours */
	era_prepare(guest_kicks);
	fd = era_start();
	event = eventfd(0, EFD_NONBLOCK);
	for (i = 0; i < 3000; i++)
		n += !era_request(fd, LHREQ_EVENTFD, 0x10000 + i, event);
	expect(n, "there can be none");
	serve_until_death(fd);
}

/* -- Registers that the launcher made up -- */

static void guest_does_in(void)
{
	for (;;)
		asm volatile("inb $0x80, %%al" : : : "eax");
}

static void wild_registers(void)
{
	static const u32 offsets[] = {
		R_BX, R_CX, R_DX, R_SI, R_DI, R_BP, R_AX, R_IP, R_SP
	};
	u32 i, j;
	int fd;

	for (i = ARRAY_SIZE(offsets) - 2; i < ARRAY_SIZE(offsets); i++) {
		for (j = 0; j < ARRAY_SIZE(wild); j++) {
			fd = era_new(guest_does_in);
			era_next_trap(fd, 13);
			era_set_reg(fd, offsets[i], wild[j]);
			mini_request(fd, LHREQ_TRAP, j % 32);
			run_somehow(fd);
			close(fd);
		}
	}
	next_guest_lives();
}

/* A trap on top of a trap, until there is no stack. */
static void storm_of_traps(void)
{
	int fd = era_new(guest_does_in);
	char reason[200];
	u32 i;

	era_next_trap(fd, 13);
	era_set_reg(fd, R_SP, 0x1004);
	for (i = 0; i < 1000; i++) {
		if (mini_request(fd, LHREQ_TRAP, 13))
			break;
	}
	expect_error(mini_request(fd, LHREQ_TRAP, 13), ENOENT);
	expect(read(fd, reason, sizeof(reason)) > 0, "no reason: %m");
	next_guest_lives();
}

static void nobody_serves(void)
{
	int fd = era_new(guest_does_in), i;

	for (i = 0; i < 3000; i++)
		era_next_trap(fd, 13);
}

/* -- Calls and tables -- */

static u32 wild_arg[4];

static void guest_calls_wildly(void)
{
	era_call(the_call, wild_arg[0], wild_arg[1], wild_arg[2], wild_arg[3]);
	/* it may live: then its memory must be its own */
	call1(LHCALL_FLUSH_TLB, 1);
}

static void call_wildly(u32 call, u32 a, u32 b, u32 c)
{
	int fd;

	era_prepare(guest_calls_wildly);
	run.no_gates = true;
	the_call = call;
	wild_arg[0] = a;
	wild_arg[1] = b;
	wild_arg[2] = c;
	wild_arg[3] = c;
	fd = era_start();
	run_somehow(fd);
	close(fd);
}

static void wild_calls(void)
{
	static const u32 calls[] = {
		LHCALL_LOAD_GDT, LHCALL_NEW_PGTABLE, LHCALL_SET_PMD, LHCALL_SET_PTE,
		LHCALL_SET_PGD, LHCALL_LOAD_TLS, LHCALL_NOTIFY, LHCALL_LOAD_GDT_ENTRY,
		LHCALL_SEND_INTERRUPTS,
	};
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		for (j = i % 7; j < ARRAY_SIZE(wild); j += 7) {
			call_wildly(calls[i], wild[j], wild[j], wild[j]);
			call_wildly(calls[i], run.root, wild[j], 0x67);
		}
	}
	next_guest_lives();
}

/* The first directory has anything in it, itself for instance. */
static u32 junk;

static void guest_spoils_directory(void)
{
	volatile u32 *dir = (volatile u32 *)*guest_word(era->data->pgdir);
	u32 i;

	for (i = 4; i < 1024; i++)
		dir[i] = junk;
	for (i = 0; i < 1024; i += 3)
		call2(LHCALL_SET_PGD, dir, i);
	call1(LHCALL_FLUSH_TLB, 1);
	for (i = 0x1ff; i < 0xffc; i += 0x40)
		*(volatile u32 *)(i << 20);
}

static void spoilt_first_directory(void)
{
	static const u32 entries[] = {
		0x67, 0xffffffff, 0xe7, ERA_FIRST_DIR | 0x67, 0xfffff067, 0x97fff067,
		0x98000067, ERA_FIRST_DIR | 1, (ERA_FIRST_DIR - PAGE) | 0x67
	};
	u32 i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(entries); i++) {
		era_prepare(guest_spoils_directory);
		run.no_root = true;
		junk = entries[i];
		fd = era_start();
		run_somehow(fd);
		close(fd);
	}
	next_guest_lives();
}

/* Somebody else changes ring and structure between the host's looks at them. */
static void *flip(void *unused)
{
	u32 i = 0, slot, at;

	/* not before it has been recognised */
	wait_until(mini_counter(the_fd, "hypercalls") > 70);
	while (!storm_ends) {
		for (slot = 0; slot < LHCALL_RING_SIZE; slot++) {
			at = run.data + era->data->ring + slot * era->data->slot;
			*(volatile u32 *)seen(at) = i % 2 ? LHCALL_TS : LHCALL_SET_CLOCKEVENT;
			*(volatile u32 *)seen(at + 4 + 4 * (i % 3)) = wild[i % ARRAY_SIZE(wild)];
			*(volatile u8 *)seen(run.data + era->data->status + slot) = i;
			i++;
		}
		*seen_word(era->data->kernel_address) = wild[i % ARRAY_SIZE(wild)];
		*seen_word(era->data->syscall_vec) = i;
		*seen_word(DATA_IRQ_ENABLED) = i;
		*seen_word(DATA_BLOCKED) = i | 1;
		flips = true;
	}
	return unused;
}

static void guest_calls_often(void)
{
	u32 i;

	for (i = 0; i < nr_rounds || !flips; i++) {
		call0(LHCALL_FLUSH_ASYNC);
		call1(LHCALL_FLUSH_TLB, i % 2);
	}
	call1(LHCALL_SET_CLOCKEVENT, 0);
}

static void structure_changes(void)
{
	pthread_t flipper, others;
	int fd;

	nr_rounds = 500;
	flips = false;
	era_prepare(guest_calls_often);
	fd = era_start();
	the_fd = fd;
	storm_ends = false;
	pthread_create(&flipper, NULL, flip, NULL);
	pthread_create(&others, NULL, storm, NULL);
	serve_until_death(fd);
	storm_ends = true;
	pthread_join(flipper, NULL);
	pthread_join(others, NULL);
	next_guest_lives();
}

/* -- vmcall, where there is no third byte -- */

static void guest_jumps(void)
{
	asm volatile("jmp *%0" : : "r" (WINDOW + PAGE - nr_rounds), "a" (LHCALL_FLUSH_ASYNC));
}

static void report_trap(struct frame *f)
{
	crash("trap %u at %x", f->vector, f->eip - WINDOW);
}

static void vmcall_at_end_of_page(void)
{
	u32 bytes;

	for (bytes = 1; bytes <= 3; bytes++) {
		era_prepare(guest_jumps);
		mini.on_trap = report_trap;
		era_map(run.root, WINDOW, PHYS(scratch[0]) | P_ALL);
		memcpy(IN_LAUNCHER->scratch[0] + PAGE - bytes, "\x0f\x01\xc1", bytes);
		nr_rounds = bytes;
		expect_formatted(era_run_again(), "CRASH: trap 14 at %x",
				 bytes == 3 ? PAGE : PAGE - bytes);
		/* and across two pages */
		era_prepare(guest_jumps);
		mini.on_trap = report_trap;
		era_map(run.root, WINDOW, PHYS(scratch[0]) | P_ALL);
		era_map(run.root, WINDOW + PAGE, PHYS(scratch[1]) | P_ALL);
		memcpy(IN_LAUNCHER->scratch[0] + PAGE - bytes, "\x0f\x01\xc1\xcc", 4);
		expect_formatted(era_run_again(), "CRASH: trap %u at %x", 3,
				 PAGE - bytes + 4);
	}
}

int main(void)
{
	mini_case_seconds = 300;
	RUN_ERAS(wild_words, 0, 0);
	RUN_ERAS(wild_boot_params, ERA_HOST_DIR, ERA_PAE);
	RUN_ERAS(no_place_for_tables, ERA_HOST_DIR, 0);
	RUN_ERAS(storm_of_requests, 0, ERA_OWNER);
	RUN_ERAS(many_eventfds, ERA_EVENTFD, 0);
	RUN_ERAS(wild_registers, ERA_TRAPS, 0);
	RUN_ERAS(storm_of_traps, ERA_TRAPS, 0);
	RUN_ERAS(nobody_serves, ERA_TRAPS, 0);
	RUN_FORMATS(wild_calls, 0, 0);
	RUN_FORMATS(spoilt_first_directory, ERA_HOST_DIR, 0);
	RUN_ERAS(structure_changes, 0, ERA_OWNER);
	RUN_ERAS(vmcall_at_end_of_page, ERA_VMCALL, 0);
	return mini_done();
}
