// SPDX-License-Identifier: GPL-2.0
/* The filter of system calls, and those that amd64 programs alone can make. */
#include <sys/syscall.h>

#include "filtered.h"
#include "tap.h"

#define X32		0x40000000	/* in the number of a call that is x32's */
#define I386_GETPID	20		/* writev() in amd64 */

static volatile long sink;

static long call_i386(long nr)
{
	long result;

	asm volatile("int $0x80" : "=a"(result) : "a"(nr) : "memory", "r8", "r9", "r10", "r11");
	return result;
}

static void do_i386(void)
{
	sink = call_i386(I386_GETPID);
}

static void do_x32(void)
{
	sink = syscall(X32 | __NR_getpid);
}

/* Half of the name's address is NULL's. */
static void do_send_to(void)
{
	sink = syscall(__NR_sendto, 0, "x", 1, 0, 1ul << 32, 16);
}

/* The kernel need not have them. */
static bool has_i386(void)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		signal(SIGSEGV, SIG_DFL);
		_exit(call_i386(I386_GETPID) != getpid());
	}
	waitpid(pid, &status, 0);
	return !status;
}

int main(void)
{
	if (!freopen("/dev/null", "w", stderr))
		return 1;
	if (has_i386())
		ok(is_killed(do_i386), "a call of i386's, by int $0x80, kills");
	else
		ok(true, "int $0x80 # SKIP this kernel has no calls of i386's");
	ok(is_killed(do_x32), "a call of x32's kills");
	ok(is_killed(do_send_to), "so does a name whose address looks like NULL in 32 bits");
	return tap_done();
}
