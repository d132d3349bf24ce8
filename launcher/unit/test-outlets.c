// SPDX-License-Identifier: GPL-2.0
/*
 * A console in several places at once, among them a pty and a socket; and another key
 * than Ctrl-A.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control.h"
#include "device.h"
#include "fds.h"
#include "launcher.h"
#include "loop.h"
#include "printed.h"
#include "tap.h"

#define PATIENCE_MS	20000

static char one[] = "/tmp/lguest-unit-XXXXXX", two[] = "/tmp/lguest-unit-XXXXXX";
static char messages[] = "/tmp/lguest-unit-XXXXXX";
static char got[16384];

static const char *content(const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, got, sizeof(got) - 1);

	close(fd);
	got[n > 0 ? n : 0] = '\0';
	return got;
}

static bool readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, PATIENCE_MS) > 0;
}

/* Does that come, after all that was there before? */
static bool hears(int fd, const char *text)
{
	size_t at = 0;
	ssize_t n;

	while (!memmem(got, at, text, strlen(text)) && at < sizeof(got) && readable(fd) &&
	       (n = read(fd, got + at, sizeof(got) - at)) > 0)
		at += n;
	return memmem(got, at, text, strlen(text));
}

static void print(struct model *con, const char *text, size_t len)
{
	struct iovec iov[] = { { (char *)text, len }, { "!", 1 } };

	console_write(con, iov, 2);
}

static void test_outlets(void)
{
	char spec[128], name[64] = "";
	static char large[65536];
	struct model *con;
	struct iovec iov = { got, sizeof(got) };
	const char *at;
	int slave, i;

	snprintf(spec, sizeof(spec), "file=%s\nnone\nfile=%s\npty", one, two);
	ok(keeps("console", spec), "a pty is for all lives of a guest");
	ok(!keeps("console", "file=pty\nnone"), "a file is not");
	at = strstr(content(messages), "the console is ");
	ok(at && sscanf(at, "the console is %63s", name) == 1, "its name is said");
	con = make_device("console", spec);
	slave = open(name, O_RDWR | O_NOCTTY | O_NONBLOCK);
	ok(slave >= 0, "which others can open");
	print(con, "hello", 5);
	ok(!strcmp(content(one), "hello!") && !strcmp(content(two), "hello!"),
	   "what the guest prints is in both files");
	ok(hears(slave, "hello!"), "and goes to who listens at the pty");
	ok(write(slave, "a\003b\n", 4) == 4, "(keys)");
	ok(readable(console_fd(con)), "who types there");
	console_collect(con);
	ok(console_take(con, &iov, 1) == 4 && !memcmp(got, "a\003b\n", 4), "reaches the guest");
	for (i = 0; i < 16; i++)
		print(con, large, sizeof(large));
	ok(!!strstr(content(messages), "lost: nobody reads the pty"),
	   "who does not listen is not waited for, which is said");
	close(slave);
	print(con, "x", 1);
	ok(console_fd(con) >= 0, "and may go");
	con->close(con);
	con = make_device("console", "pty");
	ok(con && !strstr(strstr(content(messages), "the console is ") + 1, "the console is"),
	   "the next life has the same");
	con->close(con);
}

static void test_escape(void)
{
	struct escape esc = { 0 };

	is_wrong(escape_set(""), "is no key", "no key");
	is_wrong(escape_set("ab"), "is no key", "two");
	is_wrong(escape_set("1"), "is no key", "one that Ctrl does not change");
	is_right(escape_set("]"), "Ctrl-]");
	ok(!strcmp(escape_name(), "Ctrl-]"), "its name");
	ok(escape_byte(&esc, 1) == ESCAPE_SEND && escape_byte(&esc, 0x1d) == ESCAPE_NONE &&
	   escape_byte(&esc, 'x') == ESCAPE_STOP, "is the launcher's, and Ctrl-A the guest's");
	ok(escape_byte(&esc, 0x1d) == ESCAPE_NONE && escape_byte(&esc, 0x1d) == ESCAPE_SEND,
	   "twice it is the guest's");
	is_right(escape_set("^b"), "Ctrl-B");
	ok(escape_byte(&esc, 2) == ESCAPE_NONE && !strcmp(escape_name(), "Ctrl-B"), "likewise");
	esc.armed = false;
	is_right(escape_set("none"), "none");
	ok(escape_byte(&esc, 2) == ESCAPE_SEND && escape_byte(&esc, 1) == ESCAPE_SEND &&
	   escape_byte(&esc, 0xff) == ESCAPE_SEND && !escape_name(), "all are the guest's");
}

static char place[] = "/tmp/lguest-unit-XXXXXX";	/* a directory ... */
static char door[64];					/* ... with a socket */

static int call(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", door);
	if (!connect(fd, (struct sockaddr *)&sun, sizeof(sun)))
		return fd;
	close(fd);
	return -1;
}

static size_t take(struct model *con, char *to, size_t len)
{
	struct iovec iov = { to, len };

	return console_take(con, &iov, 1);
}

/* What reaches the guest, in pieces as its driver has them. */
static const char *taken(struct model *con, size_t len)
{
	size_t at = 0;

	while (at < len && readable(console_fd(con))) {
		console_collect(con);
		at += take(con, got + at, len - at);
	}
	got[at] = '\0';
	return got;
}

/* The console of another launcher, which then ends. */
static int other(const char *spec)
{
	const pid_t pid = fork();
	struct model *mine;
	int status;

	if (!pid) {
		mine = make_device("console", spec);
		if (!mine)
			exit(report_failure());
		mine->close(mine);
		exit(0);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

/* One that cannot be had leaves nothing open. */
static void cannot_be(const char *spec, const char *why, const char *name)
{
	const unsigned int fds = open_fds();

	ok(!make_device("console", spec), name);
	is_wrong(failure_reason(), why, "is said");
	is_number(open_fds(), fds, "nothing is left open");
}

static void test_cannot(void)
{
	char spec[1024];
	unsigned int i;
	size_t len = 0;

	cannot_be("file=/none/a", "--console file=/none/a: No such file or directory",
		  "a file that cannot be made");
	snprintf(spec, sizeof(spec), "file=%s\nfile=%s\nstdio\nfile=/none/a", one, two);
	cannot_be(spec, "--console file=/none/a: No such file or directory", "one after others");
	for (i = 0; i < 10; i++)
		len += snprintf(spec + len, sizeof(spec) - len, "%sfile=%s", i ? "\n" : "", one);
	cannot_be(spec, "--console: is given too often", "too many places");
}

static void test_check(void)
{
	static char longest[128] = "unix:";

	is_right(wrong_with("console", "stdio"), "the terminal");
	is_right(wrong_with("console", "file="), "any file");
	is_right(wrong_with("console", "unix:a"), "a socket");
	is_wrong(wrong_with("console", "unix"), "say stdio, pty, none", "no place");
	is_wrong(wrong_with("console", "pty2"), "say stdio, pty, none", "likewise");
	is_wrong(wrong_with("console", "none\nfile"), "say stdio, pty, none", "one of two");
	is_right(wrong_with("console", "none\nfile=a"), "two places");
	is_wrong(wrong_with("console", "unix:"), "no path", "no path of a socket");
	memset(longest + 5, 'a', 108);
	is_wrong(wrong_with("console", longest), "no path", "one that is too long");
	longest[5 + 107] = '\0';
	is_right(wrong_with("console", longest), "the longest");
}

static void test_names(const char *spec)
{
	struct stat st;
	int fd, old;

	fd = open(door, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
	cannot_be(spec, "is no socket", "where a file is, there is no socket");
	ok(!fstat(fd, &st) && st.st_nlink == 1, "it stays");
	close(fd);
	unlink(door);
	ok(symlink("nothing", door) == 0, "(a link)");
	cannot_be(spec, "is no socket", "nor where a link is");
	ok(!lstat(door, &st) && S_ISLNK(st.st_mode), "so does a link");
	unlink(door);
	cannot_be("unix:/tmp/none/socket",
		  "--console unix:/tmp/none/socket: No such file or directory",
		  "no such directory");
	old = umask(0);
	is_number(other(spec), 0, "a socket");
	umask(old);
	ok(lstat(door, &st) < 0, "goes with its launcher");
	if (!fork()) {
		make_device("console", spec);
		_exit(0);
	}
	wait(NULL);
	ok(!lstat(door, &st) && S_ISSOCK(st.st_mode) && (st.st_mode & 0777) == 0600,
	   "one that was killed leaves it; it was for its user alone");
}

/*
 * A process that wants the socket as soon as @start is closed.  It is made while there is
 * no other thread, which could have the loop's lock just then.
 */
static pid_t rival(const char *spec, int *start)
{
	int fds[2];
	pid_t pid;
	char byte;

	if (pipe(fds))
		return -1;
	pid = fork();
	if (!pid) {
		close(fds[1]);
		if (!read(fds[0], &byte, 1) && !make_device("console", spec))
			exit(report_failure());
		_exit(0);
	}
	close(fds[0]);
	*start = fds[1];
	return pid;
}

/* By the socket that a dead one has left. */
static void test_visitor(struct model *con, pid_t other_one, int start)
{
	const char *said;
	int fd, next, status;

	close(start);
	waitpid(other_one, &status, 0);
	said = content(messages);
	is_number(WEXITSTATUS(status), STATUS_SETUP, "nobody else takes it");
	ok(!!strstr(said, "somebody listens there"), "who tries is told");
	print(con, "before", 6);
	fd = call();
	ok(fd >= 0 && hears(fd, "before!"), "a visitor sees what was there");
	print(con, "then", 4);
	ok(hears(fd, "then!"), "and what comes");
	ok(write(fd, "a\001x\003\n", 5) == 5 && !strcmp(taken(con, 5), "a\001x\003\n"),
	   "what is typed there is the guest's, all of it");
	next = call();
	ok(next >= 0 && write(next, "2", 1) == 1, "(another one)");
	ok(write(fd, "1", 1) == 1 && !strcmp(taken(con, 1), "1"), "one is there at a time");
	close(fd);
	ok(!strcmp(taken(con, 1), "2"), "then the next");
	print(con, "end", 3);
	ok(hears(next, "then!end!"), "who sees what was there, too");
	shutdown(next, SHUT_WR);
	print(con, "more", 4);
	ok(hears(next, "more!"), "who types no more still looks");
	close(next);
}

/* Who has gone before it is its turn. */
static void test_hasty(struct model *con)
{
	int first = call(), next;

	print(con, "first", 5);
	hears(first, "first!");
	next = call();
	ok(write(next, "ab\004", 3) == 3, "(keys)");
	close(next);
	close(first);
	ok(!strcmp(taken(con, 3), "ab\004"), "who types and goes at once is heard");
}

/* Far more than there is room for. */
static void test_much(struct model *con)
{
	enum { PIECES = 100, PIECE = 2500 };
	char piece[PIECE], back[PIECE + 1];
	bool right = true;
	int i, fd = call();
	pid_t pid = fork();

	if (!pid) {
		for (i = 0; i < PIECES; i++) {
			memset(piece, 'a' + i % 26, PIECE);
			if (write(fd, piece, PIECE) != PIECE)
				_exit(1);
		}
		_exit(0);
	}
	close(fd);
	for (i = 0; i < PIECES; i++) {
		memset(back, 'a' + i % 26, PIECE);
		back[PIECE] = '\0';
		right = right && !strcmp(taken(con, PIECE), back);
	}
	ok(right, "what is typed is kept until the guest takes it");
	waitpid(pid, NULL, 0);
}

#define LINE	8		/* bytes, with a number */
#define LINES	(PRINTED_KEPT / LINE)	/* that are kept */

static void print_lines(struct model *con, unsigned int first)
{
	static char lines[PRINTED_KEPT + 1];
	struct iovec iov = { lines, PRINTED_KEPT };
	unsigned int i;

	for (i = 0; i < LINES; i++)
		snprintf(lines + i * LINE, LINE + 1, "%07u\n", first + i);
	console_write(con, &iov, 1);
}

/* Up to the last; how many there are, or 0 if they are not in order. */
static unsigned int read_lines(int fd, unsigned int last)
{
	unsigned int at = 0, nr = 0, number, before = 0;
	char line[LINE + 1] = "";
	ssize_t n;

	while (readable(fd) && (n = read(fd, line + at, LINE - at)) > 0) {
		at = (at + n) % LINE;
		if (at)
			continue;
		if (sscanf(line, "%7u\n", &number) != 1 || (nr && number <= before))
			return 0;
		nr++;
		before = number;
		if (number == last)
			return nr;
	}
	return 0;
}

/* One who does not read. */
static void test_deaf(struct model *con)
{
	unsigned int nr;
	int i, fd = call();

	print(con, "start", 5);
	hears(fd, "start!");
	for (i = 0; i < 16; i++)
		print_lines(con, i * LINES);
	ok(true, "who does not read is not waited for");
	nr = read_lines(fd, 16 * LINES - 1);
	ok(nr >= LINES, "and sees the end, when it looks, in order");
	ok(nr < 16 * LINES, "but not all");
	print(con, "over", 4);
	ok(hears(fd, "over!") && !memcmp(got, "over!", 5), "and nothing twice");
	close(fd);
}

/* One who reads slowly, when the guest ends. */
static void test_end(struct model *con)
{
	int i, status, fd = call();
	pid_t pid;

	print(con, "start", 5);
	hears(fd, "start!");
	loop_stop();
	for (i = 0; i < 16; i++)
		print_lines(con, i * LINES);
	pid = fork();
	if (!pid)
		_exit(!read_lines(fd, 16 * LINES - 1));
	con->close(con);
	waitpid(pid, &status, 0);
	ok(!status, "a visitor hears the end");
	close(fd);
	need(loop_start());
}

/* There is one already. */
static void test_many(void)
{
	char spec[80];
	unsigned int i, kept = 0;

	for (i = 0; i < 10; i++) {
		snprintf(spec, sizeof(spec), "unix:%s/%u", place, i);
		kept += keeps("console", spec);
	}
	is_number(kept, 7, "there are as many sockets as can be served");
	is_wrong(failure_reason(), "/9: is one too many", "and no more");
	control_remove();
	ok(!rmdir(place), "all of them are removed in the end");
}

static void test_sockets(void)
{
	struct model *con;
	struct stat st;
	char spec[80];
	int fd, start;
	pid_t pid;

	if (!mkdtemp(place))
		return;
	snprintf(door, sizeof(door), "%s/console", place);
	snprintf(spec, sizeof(spec), "unix:%s", door);
	test_names(spec);
	pid = rival(spec, &start);
	need(loop_start());
	snprintf(spec, sizeof(spec), "none\nunix:%s", door);
	ok(keeps("console", spec), "a socket is for all lives of a guest");
	con = make_device("console", spec);
	test_visitor(con, pid, start);
	test_hasty(con);
	test_much(con);
	test_deaf(con);
	test_end(con);
	con = make_device("console", spec);
	fd = call();
	print(con, "again", 5);
	ok(hears(fd, "again!"), "and comes again in the next life");
	con->close(con);
	close(fd);
	control_remove();
	ok(lstat(door, &st) < 0, "in the end it is gone");
	fd = open(door, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
	control_remove();
	ok(!lstat(door, &st), "and nothing else is removed");
	close(fd);
	unlink(door);
	test_many();
	loop_stop();
}

int main(void)
{
	close(mkstemp(one));
	close(mkstemp(two));
	close(mkstemp(messages));
	if (!freopen(messages, "w", stderr))
		return 1;
	setvbuf(stderr, NULL, _IONBF, 0);
	test_outlets();
	test_escape();
	test_check();
	test_cannot();
	test_sockets();
	unlink(one);
	unlink(two);
	unlink(messages);
	return tap_done();
}
