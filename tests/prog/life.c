// SPDX-License-Identifier: GPL-2.0
/*
 * As many guests in a row as the first argument says, and as many launchers that are
 * killed, at moments that nobody has chosen: from before the file is open until after the
 * guest is dead.  The second argument is the seed of these.
 */
#include <time.h>
#include "mini/random.h"

#define ROOTS		3
/* A launcher's life, more or less */
#define MAX_DELAY_US	6000

static struct mini_root roots[ROOTS] page_aligned;
static u32 times;

static void guest_lives(void)
{
	u32 i;

	mini_load_gdt();
	for (i = 0; i < ROOTS; i++) {
		hcall1(LHCALL_NEW_PGTABLE, roots[i].dir);
		*(volatile u32 *)(i * PAGE) = i;
	}
}

static void prepare(void)
{
	u32 i;

	mini_reset(guest_lives);
	for (i = 0; i < ROOTS; i++) {
		mini_map(i * PAGE, (u32)mini.scratch[i] | P_ALL);
		mini_copy_root(&roots[i]);
	}
}

static void guests_in_a_row(void)
{
	u32 i;

	for (i = 0; i < times; i++) {
		prepare();
		expect_reason(mini_run_again(), "CRASH: done");
	}
}

static void guest_goes_on(void)
{
	for (;;)
		guest_lives();
}

/* Some make a guest that ends, some one that does not, some a second one. */
static void be_launcher(void)
{
	prepare();
	if (rnd_one_in(2))
		mini_run_again();
	prepare();
	mini.main = guest_goes_on;
	mini_run_again();
}

static void wait_us(u32 us)
{
	const struct timespec time = { .tv_nsec = us * 1000 };

	clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
}

static void launchers_are_killed(void)
{
	u32 i, seed;
	int status;
	pid_t pid;

	for (i = 0; i < times; i++) {
		seed = rnd();
		pid = mini_fork();
		if (!pid) {
			rnd_seed(seed);
			be_launcher();
		}
		wait_us(rnd_below(MAX_DELAY_US));
		kill(pid, SIGKILL);
		status = mini_wait(pid);
		expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
		       "launcher %u ended with status %#x", i, status);
	}
}

int main(int argc, char **argv)
{
	times = argc > 1 ? strtoul(argv[1], NULL, 0) : 100;
	rnd_seed(argc > 2 ? strtoul(argv[2], NULL, 0) : 1);
	mini_case_seconds = 60 + times;
	RUN(guests_in_a_row);
	RUN(launchers_are_killed);
	return mini_done();
}
