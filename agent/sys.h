/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The agent's system calls: it has no C library, so that it is small, is built by any
 * compiler for x86, and runs on kernels from 2.6.24 on, whose calls it keeps to.  All
 * return what the kernel does: below 0 there are errors.
 */
#ifndef LGUEST_AGENT_SYS_H
#define LGUEST_AGENT_SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdnoreturn.h>
#include <asm/errno.h>
#include <asm/fcntl.h>
#include <asm/ioctls.h>
#include <linux/mman.h>
#include <asm/poll.h>
#include <asm/signal.h>
#include <asm/termbits.h>
#include <asm/unistd.h>
#include <linux/types.h>

#define STDIN		0
#define STDOUT		1
#define STDERR		2
#define WNOHANG		1
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define SIGNALS		64		/* of a kernel's set */

static inline long sys6(long nr, long a, long b, long c, long d, long e, long f)
{
	const long six[] = { nr, f };
	long ret;

	/* The sixth argument's register is the compiler's frame pointer. */
	asm volatile("push %%ebp\n\t"
		     "mov 4(%%eax), %%ebp\n\t"
		     "mov (%%eax), %%eax\n\t"
		     "int $0x80\n\t"
		     "pop %%ebp"
		     : "=a" (ret)
		     : "a" (six), "b" (a), "c" (b), "d" (c), "S" (d), "D" (e)
		     : "memory");
	return ret;
}

static inline long sys5(long nr, long a, long b, long c, long d, long e)
{
	long ret;

	asm volatile("int $0x80"
		     : "=a" (ret)
		     : "a" (nr), "b" (a), "c" (b), "d" (c), "S" (d), "D" (e)
		     : "memory");
	return ret;
}

#define sys4(nr, a, b, c, d)	sys5(nr, a, b, c, d, 0)
#define sys3(nr, a, b, c)	sys5(nr, a, b, c, 0, 0)
#define sys2(nr, a, b)		sys5(nr, a, b, 0, 0, 0)
#define sys1(nr, a)		sys5(nr, a, 0, 0, 0, 0)
#define sys0(nr)		sys5(nr, 0, 0, 0, 0, 0)

static inline long sys_open(const char *name, int flags)
{
	return sys3(__NR_open, (long)name, flags, 0);
}

static inline long sys_close(int fd)
{
	return sys1(__NR_close, fd);
}

static inline long sys_read(int fd, void *to, size_t len)
{
	return sys3(__NR_read, fd, (long)to, len);
}

static inline long sys_write(int fd, const void *from, size_t len)
{
	return sys3(__NR_write, fd, (long)from, len);
}

static inline long sys_pipe(int fds[2])
{
	return sys1(__NR_pipe, (long)fds);
}

static inline long sys_dup2(int fd, int to)
{
	return sys2(__NR_dup2, fd, to);
}

static inline long sys_fcntl(int fd, int what, long arg)
{
	return sys3(__NR_fcntl64, fd, what, arg);
}

static inline long sys_ioctl(int fd, unsigned long what, void *arg)
{
	return sys3(__NR_ioctl, fd, what, (long)arg);
}

static inline long sys_fork(void)
{
	return sys0(__NR_fork);
}

static inline long sys_wait(int pid, int *status, int flags)
{
	return sys4(__NR_wait4, pid, (long)status, flags, 0);
}

static inline long sys_kill(int pid, int sig)
{
	return sys2(__NR_kill, pid, sig);
}

static inline long sys_execve(const char *name, char *const argv[], char *const envp[])
{
	return sys3(__NR_execve, (long)name, (long)argv, (long)envp);
}

static inline long sys_mkdir(const char *name, int mode)
{
	return sys2(__NR_mkdir, (long)name, mode);
}

static inline long sys_mount(const char *from, const char *to, const char *type,
			     unsigned long flags, const char *options)
{
	return sys5(__NR_mount, (long)from, (long)to, (long)type, flags, (long)options);
}

static inline long sys_chdir(const char *name)
{
	return sys1(__NR_chdir, (long)name);
}

static inline void *sys_map(size_t bytes)
{
	const long at = sys6(__NR_mmap2, 0, bytes, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at < 0 && at > -4096 ? NULL : (void *)at;
}

static inline void sys_unmap(void *at, size_t bytes)
{
	if (at)
		sys2(__NR_munmap, (long)at, bytes);
}

static inline noreturn void sys_exit(int status)
{
	for (;;)
		sys1(__NR_exit_group, status);
}

/* text.c: what a C library has for strings; gcc itself calls the first three */
void *memcpy(void *to, const void *from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *to, int byte, size_t len);
size_t text_len(const char *text);
bool text_is(const char *text, const char *other);
const char *text_after(const char *text, const char *start);
char *text_add(char *to, char *end, const char *text);
char *text_number(char *to, char *end, unsigned long number);
long file_read(const char *name, char *to, size_t room);
void sleep_ms(unsigned int ms);

#endif /* LGUEST_AGENT_SYS_H */
