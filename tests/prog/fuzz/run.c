// SPDX-License-Identifier: GPL-2.0
/*
 * How long a fuzzer runs, and how its children end: see run.h.
 */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include "run.h"

#define NOBODY		65534
#define MAX_PROCESSES	256

struct fuzz_run run_of;

/**
 * run_options() - SEED SECONDS COUNT [FIRST [CHILDREN]]
 * @argc: as main()'s
 * @argv: likewise
 *
 * Return: false if there are not enough.
 */
bool run_options(int argc, char **argv)
{
	u32 word[6] = {}, i;

	for (i = 1; i < ARRAY_SIZE(word) && (int)i < argc; i++)
		word[i] = strtoul(argv[i], NULL, 0);
	run_of.seed = word[1];
	run_of.seconds = word[2];
	run_of.wanted = word[3];
	run_of.first = word[4];
	run_of.last = word[5] ? word[4] + word[5] - 1 : -1u;
	run_of.start = mini_ms();
	run_of.failed = mini_shared(sizeof(*run_of.failed));
	return argc > 3;
}

bool run_is_over(u32 number, u32 counted)
{
	return *run_of.failed || number > run_of.last ||
	       (run_of.wanted && counted >= run_of.wanted) ||
	       (run_of.seconds && mini_ms() - run_of.start >= (long)run_of.seconds * 1000);
}

void run_failed(u32 number, const char *what, int status)
{
	printf("# number %u: %s %#x\n", number, what, status);
	printf("# to repeat it: SEED=%u FIRST=%u GUESTS=1\n", run_of.seed, number);
	fflush(stdout);
	*run_of.failed = true;
}

void run_as_nobody(void)
{
	static const struct rlimit none = { 0, 0 }, few = { MAX_PROCESSES, MAX_PROCESSES };

	setrlimit(RLIMIT_FSIZE, &none);
	setrlimit(RLIMIT_CORE, &none);
	setrlimit(RLIMIT_NPROC, &few);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (setgid(NOBODY) || setuid(NOBODY))
		_exit(1);
	/* its own files in /proc are its own */
	prctl(PR_SET_DUMPABLE, 1);
}

static int kernel_log = -1;

/**
 * run_watch_log() - what the kernel says from now on is looked at; for root
 */
void run_watch_log(void)
{
	kernel_log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kernel_log >= 0)
		lseek(kernel_log, 0, SEEK_END);
}

/* (of clocks on a busy machine, and of other tests' looks at memory) */
static bool is_harmless(const char *line)
{
	static const char * const harmless[] = {
		"hrtimer: ", "tsc: ", "clocksource: ", "drop_caches: ",
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(harmless); i++) {
		if (strstr(line, harmless[i]))
			return true;
	}
	return false;
}

/**
 * run_check_log() - the kernel should have said nothing
 * @number: of a child that may have made it
 */
void run_check_log(u32 number)
{
	char line[1000];
	int n;

	while ((n = read(kernel_log, line, sizeof(line) - 1)) > 0) {
		line[n] = 0;
		line[strcspn(line, "\n")] = 0;
		if (!is_harmless(line) && !*run_of.failed) {
			printf("# the kernel says: %s\n", line);
			run_failed(number, "or the one before, or beside it", 0);
		}
	}
}

static void only_sigchld(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGCHLD);
}

void run_block_sigchld(void)
{
	sigset_t set;

	only_sigchld(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

bool run_child_ended(u32 ms)
{
	const struct timespec time = { ms / 1000, ms % 1000 * 1000000 };
	sigset_t set;

	only_sigchld(&set);
	return sigtimedwait(&set, NULL, &time) == SIGCHLD;
}
