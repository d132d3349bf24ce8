// SPDX-License-Identifier: GPL-2.0
/*
 * The host, as the fuzzers have it: what the linker calls instead of the module's part,
 * of what the launcher says, and of the programs that it starts.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "host.h"

struct fuzz_buffer fuzz_buffer;

static struct {
	__u32 addr;
	int fd;
} events[LGUEST_IRQS];
static unsigned int nr_events;

void __wrap_host_irq(__u32 irq)
{
	(void)irq;
}

void __wrap_host_eventfd(__u32 addr, int event)
{
	events[nr_events].addr = addr;
	events[nr_events++].fd = event;
}

int __wrap_host_getdma(__u32 key, __u32 *addr)
{
	(void)key;
	*addr = fuzz_buffer.addr;
	return fuzz_buffer.free ? 0 : -1;
}

void __wrap_complain(const char *fmt, ...)
{
	(void)fmt;
}

static const int no_program = ENOENT;

/* Nothing is installed here. */
int __wrap_posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
			const posix_spawnattr_t *attributes, char *const argv[],
			char *const environment[])
{
	(void)pid;
	(void)file;
	(void)actions;
	(void)attributes;
	(void)argv;
	(void)environment;
	return no_program;
}

/* A notification goes to the thread that waits for it, if there is one. */
bool fuzz_notify(__u32 addr)
{
	static const __u64 one = 1;
	unsigned int i;

	for (i = 0; i < nr_events; i++) {
		if (events[i].addr == addr)
			return write(events[i].fd, &one, sizeof(one)) > 0;
	}
	return false;
}

void fuzz_forget_events(void)
{
	nr_events = 0;
}

/* A file with these bytes, or that many zeroes; who gets it closes it. */
int fuzz_file(const char *name, const void *data, size_t size)
{
	const int fd = memfd_create(name, MFD_CLOEXEC);

	must(fd >= 0 && !ftruncate(fd, size));
	must(!data || pwrite(fd, data, size, 0) == (ssize_t)size);
	return fd;
}

/* Its name. */
void fuzz_place(char *to, size_t room, int fd)
{
	snprintf(to, room, "/proc/self/fd/%d", fd);
}

/*
 * A stream socket from which these bytes come, and then the end.  What goes there stays in
 * @other, so that is to be little.
 */
int fuzz_stream(const void *data, size_t size, int *other)
{
	const int room = 4 * MIB;
	int pair[2];

	must(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	must(!size || send(pair[1], data, size, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)size);
	shutdown(pair[1], SHUT_WR);
	*other = pair[1];
	return pair[0];
}
