// SPDX-License-Identifier: GPL-2.0
/*
 * Memory whose first use never ends: see sticky.h.
 */
#include <sys/ioctl.h>
#include <linux/userfaultfd.h>
#include "sticky.h"

/**
 * sticky_page() - have a page whose first use never ends
 *
 * Return: its address; the page before it is an ordinary one.
 */
void *sticky_page(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	void *p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	expect(uffd >= 0, "userfaultfd: %m");
	expect_value(ioctl(uffd, UFFDIO_API, &api), 0);
	expect(p != MAP_FAILED, "mmap: %m");
	p += PAGE;
	reg.range.start = (u32)p;
	reg.range.len = PAGE;
	expect_value(ioctl(uffd, UFFDIO_REGISTER, &reg), 0);
	return p;
}

static char state_of(pid_t pid)
{
	char path[40], state = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "r");
	if (!f)
		return 0;
	if (fscanf(f, "%*d %*s %c", &state) != 1)
		mini_fail("cannot parse %s", path);
	fclose(f);
	return state;
}

/**
 * sticky_is_waiting() - does a process sleep?
 * @pid: the process
 *
 * Return: true if it does, whether signals can end that or not.
 */
bool sticky_is_waiting(pid_t pid)
{
	char state = state_of(pid);

	return state == 'D' || state == 'S';
}

/**
 * sticky_kill() - end a child that waits
 * @pid: the child
 */
void sticky_kill(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	wait_until(waitpid(pid, &status, WNOHANG) == pid);
	expect_value(status, SIGKILL);
}
