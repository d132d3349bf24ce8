/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What programs of tiny's can use: the system calls, and a few functions on
 * top of them.  Formatting and strings are the guest library's own.
 */
#ifndef TINY_USER_H
#define TINY_USER_H

#include "guest.h"
#include "abi.h"

static inline int syscall3(u32 number, u32 a, u32 b, u32 c)
{
	int result;

	asm volatile("int %[vector]"
		     : "=a" (result)
		     : [vector] "i" (SYSCALL_VECTOR), "a" (number), "b" (a),
		       "c" (b), "d" (c)
		     : "memory");
	return result;
}

void exit(int status) __noreturn;

static inline int fork(void)
{
	return syscall3(SYS_FORK, 0, 0, 0);
}

static inline int wait_for(int pid, u32 *status, u32 flags)
{
	return syscall3(SYS_WAIT, pid, (u32)status, flags);
}

static inline int exec(const char *name, char **argv)
{
	return syscall3(SYS_EXEC, (u32)name, (u32)argv, 0);
}

static inline int open(const char *name, u32 flags)
{
	return syscall3(SYS_OPEN, (u32)name, flags, 0);
}

static inline int close(int fd)
{
	return syscall3(SYS_CLOSE, fd, 0, 0);
}

static inline int read(int fd, void *buf, u32 len)
{
	return syscall3(SYS_READ, fd, (u32)buf, len);
}

static inline int write(int fd, const void *buf, u32 len)
{
	return syscall3(SYS_WRITE, fd, (u32)buf, len);
}

static inline int unlink(const char *name)
{
	return syscall3(SYS_UNLINK, (u32)name, 0, 0);
}

static inline int getpid(void)
{
	return syscall3(SYS_GETPID, 0, 0, 0);
}

static inline void yield(void)
{
	syscall3(SYS_YIELD, 0, 0, 0);
}

static inline void sleep_ms(u32 ms)
{
	syscall3(SYS_SLEEP, ms, 0, 0);
}

static inline void *sbrk(int more)
{
	return (void *)syscall3(SYS_SBRK, more, 0, 0);
}

static inline int kill(int pid)
{
	return syscall3(SYS_KILL, pid, 0, 0);
}

static inline int proc_info(u32 index, struct proc_info *info)
{
	return syscall3(SYS_PROC_INFO, index, (u32)info, 0);
}

static inline int file_info(u32 index, struct file_info *info)
{
	return syscall3(SYS_FILE_INFO, index, (u32)info, 0);
}

static inline int sys_info(struct sys_info *info)
{
	return syscall3(SYS_SYS_INFO, (u32)info, 0, 0);
}

static inline int sync(void)
{
	return syscall3(SYS_SYNC, 0, 0, 0);
}

/* ulib.c */
void say(const char *fmt, ...) __printf(1, 2);
const char *error_name(int err);
int fail(const char *what, int err);
int usage(const char *text);
u32 number(const char *text, u32 otherwise);
int read_line(char *buf, u32 size);
u32 run(const char *name, char **argv);
u32 wait_status(int pid);

#endif /* TINY_USER_H */
