// SPDX-License-Identifier: GPL-2.0
/*
 * cowtest: a family of three shares memory after a fork; each writes, and
 * sees only its own.  Also by way of a system call, where the kernel writes.
 */
#include "user.h"

#define WORDS	(16 * PAGE_SIZE / 4)

static u32 data[WORDS];

static void fill(u32 with)
{
	u32 i;

	for (i = 0; i < WORDS; i += 97)
		data[i] = with ^ i;
}

static bool check(u32 with)
{
	u32 i;

	for (i = 0; i < WORDS; i += 97)
		if (data[i] != (with ^ i))
			return false;
	return true;
}

/* The kernel stores into a page that is still shared. */
static bool kernel_writes(void)
{
	struct file_info *info = (struct file_info *)&data[WORDS / 2];
	u32 before = info->size;
	int pid = fork();

	if (!pid)
		exit(file_info(0, info) || info->size == before);
	return !wait_status(pid) && info->size == before;
}

static int grandchild(void)
{
	bool good = check(2);

	fill(3);
	yield();
	return !good || !check(3);
}

static int child(void)
{
	bool good = check(1);
	int pid;

	fill(2);
	pid = fork();
	if (!pid)
		exit(grandchild());
	yield();
	return !good || !check(2) || wait_status(pid) || !check(2);
}

int main(void)
{
	struct sys_info before, after;
	int pid;
	bool good;

	fill(1);
	sys_info(&before);
	pid = fork();
	if (!pid)
		exit(child());
	good = !wait_status(pid) && check(1);
	sys_info(&after);
	good = good && kernel_writes();
	say("cowtest: %u pages copied%s\n", after.cow_copies - before.cow_copies,
	    good ? "" : ": FAILED");
	return !good;
}
