// SPDX-License-Identifier: GPL-2.0
/*
 * Messages of the launcher.  The guest has standard output; all that the
 * launcher has to say goes to standard error, one line at a time.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base.h"

bool verbose;

static bool (*lacks_cr)(int fd);

/**
 * report_to_terminal() - messages may go where a line needs a \r, too
 * @wants_cr: does it, for that file?
 */
void report_to_terminal(bool (*wants_cr)(int fd))
{
	lacks_cr = wants_cr;
}

/** fresh_line() - what is said next is not to follow what the guest has printed */
void fresh_line(void)
{
	fputs(lacks_cr && lacks_cr(STDERR_FILENO) ? "\r\n" : "\n", stderr);
}

static void say(const char *fmt, va_list args)
{
	fputs("lguest: ", stderr);
	vfprintf(stderr, fmt, args);
	fresh_line();
}

void complain(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(fmt, args);
	va_end(args);
}

/* What only a curious user wants to know. */
void explain(const char *fmt, ...)
{
	va_list args;

	if (!verbose)
		return;
	va_start(args, fmt);
	say(fmt, args);
	va_end(args);
}

static enum exit_status failure = STATUS_SETUP;

/** failure_is() - what the launcher ends with when it cannot do its work */
void failure_is(enum exit_status status)
{
	failure = status;
}

/** failure_status() - what that is */
enum exit_status failure_status(void)
{
	return failure;
}

/* The guest cannot be started. */
void give_up(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(fmt, args);
	va_end(args);
	exit(failure);
}

/* A guest may repeat a mistake for ever; the user wants to read it once. */
bool first_time(bool *said)
{
	bool first = !*said;

	*said = true;
	return first;
}

/* Text of the guest's choosing must not reach the terminal's own commands. */
void printable(char *text)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			*text = *text == '\n' ? ' ' : '?';
	}
}
