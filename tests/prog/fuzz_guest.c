// SPDX-License-Identifier: GPL-2.0
/*
 * Guests that do anything, one after the other: what each one is follows from the run's
 * seed and its number, and so it can be repeated by itself.
 *
 *	usage: fuzz_guest SEED SECONDS ENTRIES [FIRST [GUESTS]]
 *
 * It ends after so many seconds, entries into guests or guests, where that is not 0; the
 * first has the number FIRST.  Each has a process, which is nobody's and may not do much,
 * should it ever run what a guest has made.  Before a guest begins its number is told,
 * for hosts that do not live to tell more.
 */
#include <sys/prctl.h>
#include "fuzz/run.h"

#define WORKERS		2

static struct fuzz_counts *all;		/* of each worker */

static u32 sum_of(u32 offset)
{
	u32 sum = 0, i;

	for (i = 0; i < WORKERS; i++)
		sum += *(u32 *)((u8 *)&all[i] + offset);
	return sum;
}

#define SUM(field)	sum_of(offsetof(struct fuzz_counts, field))

static void watch(pid_t pid, u32 number, struct fuzz_counts *counts)
{
	bool ended = run_child_ended(plan.killed_after ?: RUN_WATCHDOG_S * 1000);
	int status;

	if (!ended) {
		kill(pid, SIGKILL);
		if (!run_child_ended(RUN_WATCHDOG_S * 1000)) {
			run_failed(number, "its launcher cannot be killed", pid);
			return;
		}
	}
	if (waitpid(pid, &status, 0) != pid)
		run_failed(number, "waitpid", errno);
	else if (!ended && !plan.killed_after)
		run_failed(number, "its launcher did not end, status", status);
	else if (!ended && status == SIGKILL)
		counts->killed++;
	else if (status)
		run_failed(number, "status of its launcher", status);
}

/* Guests with the number NUMBER, NUMBER + WORKERS and so on. */
static void work(u32 number, struct fuzz_counts *counts)
{
	pid_t pid;

	run_block_sigchld();
	for (; !run_is_over(number, SUM(entries)); number += WORKERS) {
		fuzz_plan(run_of.seed, number);
		printf("# guest %u\n", number);
		fflush(stdout);
		pid = fork();
		if (pid < 0) {
			run_failed(number, "fork", errno);
			return;
		}
		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			exit(fuzz_launch(counts));
		}
		watch(pid, number, counts);
		run_check_log(number);
		counts->guests++;
	}
}

static void report(void)
{
	printf("# %u guests, %u entries, %u hypercalls, %u more in rings, %u pages\n",
	       SUM(guests), SUM(entries), SUM(calls), SUM(ring_calls), SUM(pages));
	printf("# %u came to the end, %u died before, %u were given up, %u killed, %u restarted\n",
	       SUM(done), SUM(died), SUM(timed_out), SUM(killed), SUM(restarted));
	printf("# %u direct faults, %u direct switches, %u replies, %u requests, in %ld s\n",
	       SUM(direct_faults), SUM(direct_switches), SUM(replies), SUM(requests),
	       (mini_ms() - run_of.start) / 1000);
}

int main(int argc, char **argv)
{
	pid_t worker[WORKERS];
	u32 i;

	if (!run_options(argc, argv))
		return 2;
	run_watch_log();
	all = mini_shared(WORKERS * sizeof(*all));
	fuzz_shared = memfd_create("shared", MFD_CLOEXEC);
	if (fuzz_shared < 0 || ftruncate(fuzz_shared, PAGE))
		return 2;
	for (i = 0; i < WORKERS; i++) {
		fflush(stdout);
		worker[i] = fork();
		if (!worker[i]) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			run_as_nobody();
			work(run_of.first + i, &all[i]);
			_exit(0);
		}
	}
	for (i = 0; i < WORKERS; i++)
		waitpid(worker[i], NULL, 0);
	report();
	return *run_of.failed || !SUM(guests);
}
