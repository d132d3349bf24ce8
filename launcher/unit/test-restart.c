// SPDX-License-Identifier: GPL-2.0
/*
 * What outlives the restart of a guest: input that it has not got, and what it
 * has printed into a file; whether the launcher becomes itself again or is
 * started anew by another.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"
#include "console.h"
#include "device.h"
#include "restart.h"
#include "supervise.h"
#include "tap.h"

#define INPUT	"typed before the restart\n"

static char output[] = "/tmp/lguest-unit-XXXXXX";

static struct model *console(const char *spec)
{
	return make_device("console", spec);
}

static void type(const char *text)
{
	int fds[2];

	if (pipe(fds) < 0 || write(fds[1], text, strlen(text)) < 0 || dup2(fds[0], 0) < 0)
		exit(1);
	close(fds[0]);
	close(fds[1]);
}

static bool gets(struct model *con, const char *expected)
{
	char got[8192] = "";
	struct iovec iov = { got, sizeof(got) - 1 };

	return console_take(con, &iov, 1) == strlen(expected) && !strcmp(got, expected);
}

static void print(const char *text)
{
	char spec[64];
	struct iovec iov = { (char *)text, strlen(text) };
	struct model *con;

	snprintf(spec, sizeof(spec), "file=%s", output);
	con = console(spec);
	console_write(con, &iov, 1);
	con->close(con);
}

static bool printed(const char *expected)
{
	char got[64] = "";
	int fd = open(output, O_RDONLY);
	ssize_t n = read(fd, got, sizeof(got) - 1);

	close(fd);
	return n >= 0 && !strcmp(got, expected);
}

/* The guest takes one byte, and wraps the buffer's end. */
static void first_life(void)
{
	struct model *con;
	char byte;
	struct iovec iov = { &byte, 1 };

	print("stale");
	print("one");
	type("x" INPUT);
	con = console("stdio");
	console_collect(con);
	console_take(con, &iov, 1);
	con->close(con);
}

static int second_life(void)
{
	struct model *con = console("stdio");

	if (!restart_is() || !gets(con, INPUT))
		return 7;
	con->close(con);
	con = console("stdio");
	if (!gets(con, ""))
		return 8;
	con->close(con);
	print("two");
	return 0;
}

static int end_of(void (*life)(void))
{
	pid_t pid;
	int status;

	fflush(stdout);
	pid = fork();
	if (!pid)
		life();
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* main() is where the program begins again. */
static void exec_life(void)
{
	need(restart_prepare());
	first_life();
	supervise_restart();
	restart_now();
}

static void supervised_life(void)
{
	need(restart_prepare());
	need(supervise());
	if (restart_is())
		exit(second_life());
	first_life();
	supervise_restart();
	restart_now();
}

static void test_wrap(void)
{
	static char much[4097], part[3000];
	struct model *con;
	struct iovec iov = { part, sizeof(part) };
	size_t i;

	for (i = 0; i < sizeof(much) - 1; i++)
		much[i] = 'a' + i % 23;
	type(much);
	con = console("stdio");
	console_collect(con);
	console_take(con, &iov, 1);
	type(much);
	console_collect(con);
	ok(console_pending(con) == 4096, "a full buffer that wraps");
	con->close(con);
	restart_happens();
	con = console("stdio");
	memmove(much, much + sizeof(part), 1096);
	for (i = 0; i < 3000; i++)
		much[1096 + i] = 'a' + i % 23;
	ok(gets(con, much), "is kept whole and in order");
	con->close(con);
}

int main(int argc, char **argv)
{
	int fd;

	need(restart_remember(argc, argv));
	if (restart_is()) {
		snprintf(output, sizeof(output), "%s", argv[1]);
		return second_life();
	}
	fd = mkstemp(output);
	close(fd);
	need(restart_remember(2, (char *[]){ argv[0], output }));
	ok(!restart_is(), "at first there was no restart");
	is_number(end_of(exec_life), 0, "a launcher that becomes itself again: its input is there");
	ok(printed("onetwo"), "and so is its output");
	is_number(end_of(supervised_life), 0, "a launcher with a parent: its input is there");
	ok(printed("onetwo"), "and so is its output");
	setenv("LGUEST_RESTART", "0,1", 1);
	need(restart_remember(argc, argv));
	ok(!getenv("LGUEST_RESTART"), "nobody else sees how it is inherited");
	need(restart_prepare());
	test_wrap();
	unlink(output);
	return tap_done();
}
