/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long a fuzzer runs, and how its children end: both fuzzers have numbered children,
 * each with a seed of its own, that are to be gone after some time, whatever they did.
 */
#ifndef FUZZ_RUN_H
#define FUZZ_RUN_H

#include "fuzz.h"

#define RUN_WATCHDOG_S	120	/* a process that has not gone by then will not */

/**
 * struct fuzz_run - what the command line wants
 * @seed: of all
 * @seconds: to run, or 0
 * @wanted: of what it counts, or 0
 * @first: number of the first child
 * @last: and of the last one
 * @start: when it began
 * @failed: shared; something was found
 */
struct fuzz_run {
	u32 seed, seconds, wanted, first, last;
	long start;
	volatile bool *failed;
};

extern struct fuzz_run run_of;

bool run_options(int argc, char **argv);	/* false: they are wrong */
bool run_is_over(u32 number, u32 counted);
void run_failed(u32 number, const char *what, int status);

/* What spoils its own process spoils no more than that. */
void run_as_nobody(void);

/* The kernel's log, after each child. */
void run_watch_log(void);
void run_check_log(u32 number);

/* SIGCHLD is waited for; and a child's end, for so many milliseconds. */
void run_block_sigchld(void);
bool run_child_ended(u32 ms);

#endif /* FUZZ_RUN_H */
