// SPDX-License-Identifier: GPL-2.0
/*
 * Messages of the launcher.  The guest has standard output; all that the
 * launcher has to say goes to standard error, one line at a time.
 *
 * What cannot be done is returned: by a function that is bool, or returns a pointer or a
 * descriptor, as false, NULL or -1, after failure() was told the reason.  Who gives up for
 * it reports that.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base.h"

#define REASON_MAX	9216	/* with two paths */

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

static enum exit_status own_status = STATUS_SETUP;

/** failure_is() - what the launcher ends with when it cannot do its work */
void failure_is(enum exit_status status)
{
	own_status = status;
}

/** failure_status() - what that is */
enum exit_status failure_status(void)
{
	return own_status;
}

/* Of this thread's last failure. */
static _Thread_local char reason[REASON_MAX];

/**
 * failure() - say why something cannot be done, to whoever reports it
 * @fmt: the reason, as for printf(); a newline begins another message
 *
 * The last reason counts.
 *
 * Return: false, for the caller to return.
 */
bool failure(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	return false;
}

/** failure_reason() - what failure() was told last, in this thread */
const char *failure_reason(void)
{
	return reason;
}

/**
 * report_failure() - tell the user what failure() was told last
 *
 * Return: what the launcher ends with for it.
 */
enum exit_status report_failure(void)
{
	char *rest = reason, *line;

	while ((line = strsep(&rest, "\n")))
		complain("%s", line);
	return own_status;
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
