// SPDX-License-Identifier: GPL-2.0
/*
 * A console in several places at once, one of them a pty; and another key than Ctrl-A.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "launcher.h"
#include "tap.h"

static char one[] = "/tmp/lguest-unit-XXXXXX", two[] = "/tmp/lguest-unit-XXXXXX";
static char messages[] = "/tmp/lguest-unit-XXXXXX";
static char got[4096];

static const struct device_option *console_option(void)
{
	const struct device_option *opt;
	unsigned int i;

	for (i = 0; (opt = device_option(i)) && strcmp(opt->name, "console"); i++)
		;
	return opt;
}

static const char *content(const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, got, sizeof(got) - 1);

	close(fd);
	got[n > 0 ? n : 0] = '\0';
	return got;
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
	ok(console_option()->keep(spec), "a pty is for all lives of a guest");
	ok(!console_option()->keep("file=pty\nnone"), "a file is not");
	at = strstr(content(messages), "the console is ");
	ok(at && sscanf(at, "the console is %63s", name) == 1, "its name is said");
	con = console_option()->create(spec);
	slave = open(name, O_RDWR | O_NOCTTY | O_NONBLOCK);
	ok(slave >= 0, "which others can open");
	print(con, "hello", 5);
	ok(!strcmp(content(one), "hello!") && !strcmp(content(two), "hello!"),
	   "what the guest prints is in both files");
	is_number(read(slave, got, sizeof(got)), 6, "and goes to who listens at the pty");
	ok(write(slave, "a\003b\n", 4) == 4, "(keys)");
	ok(console_fd(con) >= 0 && fd_readable(console_fd(con)), "who types there");
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
	con = console_option()->create("pty");
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
	unlink(one);
	unlink(two);
	unlink(messages);
	return tap_done();
}
