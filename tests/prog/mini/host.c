// SPDX-License-Identifier: GPL-2.0
/*
 * What the programs that make guests need of a 64-bit host.  There a 32-bit program has
 * 4 GB for itself; these reckon with 3 GB, as their guests' kernels do, so they start
 * themselves once more with no more than that.
 */
#include <setjmp.h>
#include <sys/personality.h>
#include <ucontext.h>
#include "mini.h"

#define UNCHANGED	0xffffffff

__attribute__((constructor))
void host_start(int argc __attribute__((unused)), char **argv)
{
	int now = personality(UNCHANGED);

	if (!host_is_64bit() || now & ADDR_LIMIT_3GB)
		return;
	personality(now | ADDR_LIMIT_3GB);
	execv("/proc/self/exe", argv);
	perror("/proc/self/exe");
	exit(1);
}

static sigjmp_buf back;
static volatile u32 error;

static void note_error(int sig __attribute__((unused)), siginfo_t *info __attribute__((unused)),
		       void *context)
{
	const ucontext_t *at = context;

	error = at->uc_mcontext.gregs[REG_ERR];
	siglongjmp(back, 1);
}

/**
 * host_gate_error() - the error code of a #GP for a gate that may not be used
 * @vector: of the gate
 *
 * It names the gate; processors and emulators differ in how.  So this one is asked, by
 * an "int" that the host refuses to this program.
 *
 * Return: the error code.
 */
u32 host_gate_error(u32 vector)
{
	struct sigaction action = { .sa_sigaction = note_error, .sa_flags = SA_SIGINFO }, old;

	sigaction(SIGSEGV, &action, &old);
	if (!sigsetjmp(back, 1))
		asm volatile("int $0x10");
	sigaction(SIGSEGV, &old, NULL);
	return (error & ~7u) / 0x10 * vector | 2;
}
