// SPDX-License-Identifier: GPL-2.0
/*
 * selftest: runs every test program, one after the other and then all at
 * once, and says PASS or FAIL.
 */
#include "user.h"

#define PF	(STATUS_KILLED | 14)
#define GP	(STATUS_KILLED | 13)

static const struct test {
	char *argv[4];
	u32 status;
} tests[] = {
	{ { "forktest" }, 0 },
	{ { "cowtest" }, 0 },
	{ { "heap" }, 0 },
	{ { "filetest" }, 0 },
	{ { "hog" }, 0 },
	{ { "fpu" }, 0 },
	{ { "primes" }, 0 },
	{ { "syscalls", "20000" }, 0 },
	{ { "spin", "50" }, 0 },
	{ { "crash", "null" }, PF },
	{ { "crash", "text" }, PF },
	{ { "crash", "kernel" }, PF },
	{ { "crash", "priv" }, GP },
	{ { "crash", "io" }, GP },
	{ { "crash", "hcall" }, GP },
	{ { "crash", "ud" }, STATUS_KILLED | 6 },
	{ { "crash", "div" }, STATUS_KILLED | 0 },
};

/* Those that may run beside each other. */
static char *const together[] = { "cowtest", "heap", "primes", "fpu", "forktest" };

static u32 failed;

static void verdict(const char *name, const char *arg, bool good)
{
	say("selftest: %s %s%s%s\n", good ? "PASS" : "FAIL", name,
	    arg ? " " : "", arg ? arg : "");
	failed += !good;
}

static void test_one(const struct test *t)
{
	u32 status = run(t->argv[0], (char **)t->argv);

	if (status != t->status)
		say("selftest: status %x, expected %x\n", status, t->status);
	verdict(t->argv[0], t->argv[1], status == t->status);
}

static void test_together(void)
{
	u32 i, status, bad = 0;
	int pid;

	for (i = 0; i < ARRAY_SIZE(together); i++) {
		char *argv[] = { together[i], NULL };

		pid = fork();
		if (!pid)
			exit(exec(argv[0], argv) ? 127 : 0);
		bad += pid < 0;
	}
	while (wait_for(-1, &status, 0) > 0)
		bad += status != 0;
	verdict("all together", NULL, !bad);
}

int main(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(tests); i++)
		test_one(&tests[i]);
	test_together();
	say("selftest: %s\n", failed ? "FAILED" : "all passed");
	return failed != 0;
}
