// SPDX-License-Identifier: GPL-2.0
/*
 * What most programs need on top of the system calls.
 */
#include "user.h"

#define LINE_SIZE	512

void exit(int status)
{
	for (;;)
		syscall3(SYS_EXIT, status, 0, 0);
}

/* To the standard output. */
void say(const char *fmt, ...)
{
	char line[LINE_SIZE];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	write(1, line, min(len, sizeof(line) - 1));
}

const char *error_name(int err)
{
	static const char *const names[] = {
		[ENOENT] = "no such file", [ESRCH] = "no such process",
		[EIO] = "the disk does not answer",
		[ENOEXEC] = "not a program", [EBADF] = "not an open file",
		[ECHILD] = "no children", [EAGAIN] = "too many processes",
		[ENOMEM] = "no memory", [EFAULT] = "bad address",
		[EBUSY] = "in use", [EINVAL] = "not possible",
		[EMFILE] = "too many open files", [ENOSPC] = "disk full",
	};

	err = -err;
	return err > 0 && err < ARRAY_SIZE(names) && names[err] ? names[err]
								 : "error";
}

int fail(const char *what, int err)
{
	say("%s: %s\n", what, error_name(err));
	return 1;
}

int usage(const char *text)
{
	say("usage: %s\n", text);
	return 2;
}

u32 number(const char *text, u32 otherwise)
{
	u32 n = 0;

	if (!text)
		return otherwise;
	for (; *text >= '0' && *text <= '9'; text++)
		n = n * 10 + *text - '0';
	return n;
}

/* Length without the line's end; -1 at the end of the input. */
int read_line(char *buf, u32 size)
{
	u32 len;

	for (len = 0; len < size - 1; len++) {
		if (read(0, buf + len, 1) != 1) {
			if (!len)
				return -1;
			break;
		}
		if (buf[len] == '\n')
			break;
	}
	buf[len] = '\0';
	return len;
}

u32 wait_status(int pid)
{
	u32 status = ~0U;

	wait_for(pid, &status, 0);
	return status;
}

/* Runs a program and waits for it: its status, or an impossible one. */
u32 run(const char *name, char **argv)
{
	int pid = fork(), err;

	if (pid < 0)
		return ~0U;
	if (!pid) {
		err = exec(name, argv);
		exit(fail(name, err) ? 127 : 0);
	}
	return wait_status(pid);
}
