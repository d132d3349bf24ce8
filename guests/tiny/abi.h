/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What tiny's kernel and its programs agree on: system calls, their errors
 * and structures, and the layout of a program's address space.
 *
 * A system call is "int $0x80" with the number in eax and up to three
 * arguments in ebx, ecx and edx; eax brings the result, negative for an error.
 */
#ifndef TINY_ABI_H
#define TINY_ABI_H

#define SYS_EXIT	0	/* status */
#define SYS_FORK	1	/* -: pid to the parent, 0 to the child */
#define SYS_WAIT	2	/* pid or -1, &status, WAIT_...: pid */
#define SYS_EXEC	3	/* name, argv */
#define SYS_OPEN	4	/* name, OPEN_...: fd */
#define SYS_CLOSE	5	/* fd */
#define SYS_READ	6	/* fd, buffer, length: length */
#define SYS_WRITE	7	/* fd, buffer, length: length */
#define SYS_UNLINK	8	/* name */
#define SYS_GETPID	9	/* - */
#define SYS_YIELD	10	/* - */
#define SYS_SLEEP	11	/* milliseconds */
#define SYS_SBRK	12	/* bytes more: the old end of the heap */
#define SYS_KILL	13	/* pid */
#define SYS_PROC_INFO	14	/* index, &info: 0 if there is one */
#define SYS_FILE_INFO	15	/* index, &info: 0 if there is one */
#define SYS_SYS_INFO	16	/* &info */
#define SYS_SYNC	17	/* - */
#define SYS_FOREGROUND	18	/* pid that control-C kills */
#define SYS_POWER_OFF	19	/* - */
#define SYS_COUNT	20

#define OPEN_READ	0
#define OPEN_WRITE	1
#define OPEN_CREATE	2	/* make it, or empty it */
#define OPEN_APPEND	4

#define WAIT_NOHANG	1

/* Status of a process that did not end by itself: 0x100 + trap number. */
#define STATUS_KILLED	0x100

#define ENOENT		2
#define ESRCH		3
#define EIO		5
#define ENOEXEC		8
#define EBADF		9
#define ECHILD		10
#define EAGAIN		11
#define ENOMEM		12
#define EFAULT		14
#define EBUSY		16
#define EINVAL		22
#define EMFILE		24
#define ENOSPC		28

#define NAME_SIZE	28	/* with its NUL */

struct proc_info {
	unsigned int pid, parent;
	unsigned int ticks;	/* of 10 ms, in ring 3 */
	unsigned int pages;	/* of its own or shared */
	char state;
	char name[NAME_SIZE];
};

struct file_info {
	unsigned int size;
	char name[NAME_SIZE];
};

struct sys_info {
	unsigned int uptime_ms;
	unsigned int utc;		/* seconds since 1970 */
	unsigned int mem_free, mem_total;	/* pages */
	unsigned int disk_free, disk_total;	/* blocks */
	unsigned int block_size;
	unsigned int files, files_max;
	unsigned int switches, preemptions;
	unsigned int cow_copies;
};

/* The address space of a program. */
#define USER_TEXT	0x00400000
#define USER_HEAP_MAX	0x40000000
#define USER_STACK_TOP	0xBFFF0000
#define USER_STACK_SIZE	0x00040000

#define ARG_SIZE	1024	/* bytes of arguments that exec() takes */
#define ARG_COUNT	32

#endif /* TINY_ABI_H */
