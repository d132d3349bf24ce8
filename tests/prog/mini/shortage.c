// SPDX-License-Identifier: GPL-2.0
/*
 * Tells the module "shortage" (tests/modules) what shall fail, and knows how that may
 * end: a call with ENOMEM, a guest with a reason that says so, or, where there was no
 * memory for the reason, that.
 */
#include "shortage.h"

#define PARAMETERS	"/sys/module/shortage/parameters/"

static void set(const char *path, long value)
{
	char text[20];

	snprintf(text, sizeof(text), "%ld", value);
	mini_write(path, text);
}

static long failed(void)
{
	return mini_number_in(PARAMETERS "failed", "failed");
}

void shortage_ends(void)
{
	set(PARAMETERS "at", 0);
}

static void each(void (*f)(void), bool all)
{
	long n, met;

	set(PARAMETERS "all", all);
	set(PARAMETERS "process", getpid());
	for (n = 1;; n++) {
		set(PARAMETERS "at", n);
		f();
		met = failed();
		shortage_ends();
		if (!met)
			break;
	}
	expect(n > 5, "there were just %ld allocations", n - 1);
	printf("# %ld allocations\n", n - 1);
	fflush(stdout);
}

void shortage_each(void (*f)(void))
{
	each(f, false);
}

void shortage_from_each(void (*f)(void))
{
	each(f, true);
}

long shortage_allows(long result, const char *call)
{
	expect(result != -1 || errno == ENOMEM, "%s: %m", call);
	return result;
}

int shortage_open(void)
{
	int fd = may_lack(open("/dev/lguest", O_RDWR | O_CLOEXEC));

	if (fd != -1)
		return fd;
	shortage_ends();
	return mini_open();
}

/**
 * shortage_ended() - see a guest's end, which has been told of by ENOENT or ENOMEM
 * @fd: the device
 * @otherwise: what it ends with if it has not met the shortage
 */
void shortage_ended(int fd, const char *otherwise)
{
	char reason[200];

	shortage_ends();
	if (read(fd, reason, sizeof(reason)) == -1) {
		expect(errno == ENOMEM, "no reason for the death: %m");
		return;
	}
	expect(strstr(reason, "memory") || !strcmp(reason, otherwise),
	       "the guest met a shortage, and ended with: %s", reason);
}
