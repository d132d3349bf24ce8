// SPDX-License-Identifier: GPL-2.0
/* The models by themselves: keys, console, disk, networks' options. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"
#include "console.h"
#include "device.h"
#include "disk.h"
#include "fds.h"
#include "net.h"
#include "newline.h"
#include "tap.h"

static void test_escape(void)
{
	struct escape esc = { 0 };
	const char ctrl_c = 3;

	is_number(escape_byte(&esc, 'x'), ESCAPE_SEND, "x is for the guest");
	is_number(escape_byte(&esc, 1), ESCAPE_NONE, "Ctrl-A is for us");
	is_number(escape_byte(&esc, 1), ESCAPE_SEND, "the second one is for the guest");
	is_number(escape_byte(&esc, 'x'), ESCAPE_SEND, "and ends it");
	escape_byte(&esc, 1);
	is_number(escape_byte(&esc, 'h'), ESCAPE_HELP, "Ctrl-A h");
	escape_byte(&esc, 1);
	is_number(escape_byte(&esc, 'q'), ESCAPE_NONE, "Ctrl-A q means nothing");
	escape_byte(&esc, 1);
	is_number(escape_byte(&esc, 'x'), ESCAPE_STOP, "Ctrl-A x");

	ok(!escape_interrupts(&esc, &ctrl_c, 1, 5000) &&
	   !escape_interrupts(&esc, &ctrl_c, 1, 5400) &&
	   escape_interrupts(&esc, &ctrl_c, 1, 5900), "three ^C within a second");
	esc.interrupts = 0;
	escape_interrupts(&esc, &ctrl_c, 1, 5000);
	escape_interrupts(&esc, &ctrl_c, 1, 5900);
	ok(!escape_interrupts(&esc, &ctrl_c, 1, 6100), "three slow ones");
	esc.interrupts = 0;
	escape_interrupts(&esc, &ctrl_c, 1, 0);
	escape_interrupts(&esc, &ctrl_c, 1, 1);
	escape_interrupts(&esc, "x", 1, 2);
	ok(!escape_interrupts(&esc, &ctrl_c, 1, 3), "a key between them");
	ok(escape_interrupts(&esc, "\3\3", 2, 4), "and the rest at once");
	esc.interrupts = 0;
	ok(!escape_interrupts(&esc, "\3\3x\3", 4, 5), "a paste");
}

/* Moves as much as there is into pieces of odd sizes. */
static size_t take_all(struct model *con, char *to)
{
	size_t done = 0;

	for (;;) {
		struct iovec iov[2] = { { to + done, 7 }, { to + done + 7, 94 } };
		size_t n = console_take(con, iov, 2);

		if (!n)
			return done;
		done += n;
	}
}

static void test_console_input(void)
{
	static char sent[3 * PAGE_BYTES], got[sizeof(sent) + 128];
	struct model *con;
	size_t i, done = 0;
	int fds[2];

	if (pipe(fds) < 0 || dup2(fds[0], STDIN_FILENO) < 0)
		return;
	close(fds[0]);
	for (i = 0; i < sizeof(sent); i++)
		sent[i] = i * 7 + i / 256;
	sent[5] = ESCAPE_KEY;
	sent[6] = 'x';
	con = make_device("console", "stdio");
	ok(console_fd(con) >= 0 && !fd_readable(console_fd(con)), "an empty console wants input");
	ok(write(fds[1], sent, sizeof(sent)) == sizeof(sent), "12 KiB are piped");
	ok(fd_readable(console_fd(con)), "of which it knows");
	for (i = 0; i < 10; i++)
		console_collect(con);
	ok(console_fd(con) < 0 && console_pending(con) == PAGE_BYTES, "a full one does not");
	for (i = 0; i < 10; i++) {
		done += take_all(con, got + done);
		console_collect(con);
	}
	ok(done == sizeof(sent) && !memcmp(sent, got, done), "all arrives, in order");
	close(fds[1]);
	console_collect(con);
	ok(console_fd(con) >= 0 && !fd_readable(console_fd(con)),
	   "the end of the input ends the waiting, but for visitors");
	con->close(con);
}

static void test_console_output(void)
{
	char name[] = "/tmp/lguest-unit-XXXXXX", spec[64], text[16];
	struct iovec iov[2] = { { "Hello, ", 7 }, { "world", 5 } };
	int fd = mkstemp(name);
	struct model *con;

	snprintf(spec, sizeof(spec), "file=%s", name);
	con = make_device("console", spec);
	console_write(con, iov, 2);
	ok(pread(fd, text, sizeof(text), 0) == 12 && !memcmp(text, "Hello, world", 12),
	   "output is in the file at once");
	con->close(con);
	close(fd);
	unlink(name);
}

/* Can it not be made, which leaves nothing open? */
static bool refused(const char *option, const char *spec)
{
	const unsigned int fds = open_fds();
	struct model *model = make_device(option, spec);

	if (model)
		model->close(model);
	else
		printf("# %s\n", failure_reason());
	return !model && open_fds() == fds;
}

static void test_disk_rules(void)
{
	is_number(disk_capacity(0), 0, "capacity of nothing");
	is_number(disk_capacity(1), 1, "capacity of a byte");
	is_number(disk_capacity(1024), 2, "capacity of two sectors");
	is_number(disk_capacity(1ull << 50), 0xffffffff, "capacity of too much");
	is_number(disk_capacity(~0ull), 0xffffffff, "capacity of far too much");
	ok(disk_has(8, 0, 4096) && disk_has(8, 7, 512) && disk_has(8, 8, 0), "good requests");
	ok(!disk_has(8, 0, 4097) && !disk_has(8, 8, 1) && !disk_has(8, 9, 0) &&
	   !disk_has(8, 0xffffffff, 1024) && !disk_has(8, 1, 0xffffffff) &&
	   !disk_has(0xffffffff, 0xffffffff, 512), "bad requests");
}

static void test_disk(void)
{
	char name[] = "/tmp/lguest-unit-XXXXXX", ro[64], buf[2048];
	struct iovec iov[2];
	int fd = mkstemp(name);
	struct model *disk;

	if (ftruncate(fd, 1000) < 0 || pwrite(fd, "begin", 5, 0) != 5 ||
	    pwrite(fd, "end", 3, 997) != 3)
		return;
	snprintf(ro, sizeof(ro), "%s,ro", name);

	disk = make_device("disk", name);
	is_number(disk_sectors(disk), 2, "a part of a sector counts");
	ok(refused("disk", name), "a second writer is refused");
	ok(refused("disk", ro), "a reader beside a writer is refused");
	memset(buf, 0x5a, sizeof(buf));
	iov[0] = (struct iovec){ buf, 100 };
	iov[1] = (struct iovec){ buf + 100, 924 };
	is_number(disk_read(disk, 0, iov, 2), 1024, "reading to the end");
	ok(!memcmp(buf, "begin", 5) && !memcmp(buf + 997, "end\0\0", 5) && !buf[1023] &&
	   buf[1024] == 0x5a, "the rest of the sector reads as zero");
	iov[0] = (struct iovec){ "written", 7 };
	is_number(disk_write(disk, 1, iov, 1), 7, "writing");
	ok(pread(fd, buf, 7, 512) == 7 && !memcmp(buf, "written", 7), "what was written");
	if (ftruncate(fd, 100) < 0)
		return;
	iov[0] = (struct iovec){ buf, 1024 };
	ok(disk_read(disk, 0, iov, 1) < 1024, "a file that has become shorter");
	disk->close(disk);

	disk = make_device("disk", ro);
	ok(!refused("disk", ro), "a second reader is good");
	ok(refused("disk", name), "a writer beside a reader is refused");
	iov[0] = (struct iovec){ "x", 1 };
	is_number(disk_write(disk, 0, iov, 1), 0, "writing what is read-only");
	disk->close(disk);

	ok(refused("disk", "/nonexistent") && refused("disk", "/tmp") &&
	   refused("disk", "/dev/null") && refused("disk", ""), "what is no disk");
	ok(!ftruncate(fd, 0) && refused("disk", ro), "an empty file");
	close(fd);
	unlink(name);
}

/* Does another process see that the first byte is locked? */
static bool has_others_lock(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid)
		_exit(!fcntl(fd, F_GETLK, &lock) && lock.l_type == F_WRLCK ? 0 : 1);
	return waitpid(pid, &status, 0) == pid && !status;
}

static void test_share(void)
{
	char name[] = "/tmp/lguest-unit-XXXXXX", spec[64];
	struct model *share;
	char byte;
	int fd = mkstemp(name);

	if (pwrite(fd, "\2stale", 6, 0) != 6)
		return;
	snprintf(spec, sizeof(spec), "share=%s", name);
	share = make_device("net", spec);
	is_number(share_slot(share), 0, "the first guest has slot 0");
	ok(pread(fd, &byte, 1, 0) == 1 && !byte, "its address is not a dead guest's");
	is_number(lseek(fd, 0, SEEK_END), PAGE_BYTES, "the file is one page long");
	ok(refused("net", spec), "the same network twice is refused");
	ok(has_others_lock(fd), "and the first one's place is still taken");
	share->close(share);
	close(fd);
	unlink(name);
	ok(refused("net", "share=") && refused("net", "bogus") && refused("net", "share=/"),
	   "what is no network");
}

static void test_tap(void)
{
	static const struct {
		const char *value, *wrong;
	} bad[] = {
		{ "10.0.0.1/0", "1 to 32" }, { "10.0.0.1/33", "1 to 32" },
		{ "10.0.0.1/", "1 to 32" }, { "10.0.0.1/8x", "1 to 32" },
		{ "10.0.0.256/8", "no IPv4" }, { "0.0.0.0", "no address" },
		{ "abcdefghijklmnop", "at most 15" },
	};
	struct net_spec spec;
	size_t i;

	spec.value = "";
	is_right(tap_parse(&spec), "tap");
	ok(!spec.tap.ip && spec.tap.prefix < 0 && !*spec.tap.name, "needs nothing");
	spec.value = "192.168.19.1";
	is_right(tap_parse(&spec), "tap with an address");
	ok(spec.tap.ip == htonl(0xc0a81301) && spec.tap.prefix < 0 && !*spec.tap.name, "has that");
	spec.value = "10.0.0.1/8";
	is_right(tap_parse(&spec), "tap with a prefix");
	ok(spec.tap.ip == htonl(0x0a000001) && spec.tap.prefix == 8, "has that, too");
	spec.value = "mytap0";
	is_right(tap_parse(&spec), "tap with a name");
	ok(!spec.tap.ip && !strcmp(spec.tap.name, "mytap0"), "has that");
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		spec.value = bad[i].value;
		is_wrong(tap_parse(&spec), bad[i].wrong, bad[i].value);
	}
	is_wrong(wrong_with("net", "tap=10.0.0.1/33"), "1 to 32", "of which the option tells");
	is_right(wrong_with("net", "tap=10.0.0.1/8,mac=02:00:00:00:00:01"), "and others are good");
}

/* What is said of the console of a guest that died, into @text. */
static void last_words(char text[2 * PAGE_BYTES])
{
	char name[] = "/tmp/lguest-unit-XXXXXX";
	int fd = mkstemp(name), before = dup(STDERR_FILENO);
	ssize_t n;

	unlink(name);
	dup2(fd, STDERR_FILENO);
	console_last_words();
	dup2(before, STDERR_FILENO);
	close(before);
	n = pread(fd, text, 2 * PAGE_BYTES - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	close(fd);
}

static void say(struct model *con, const char *text)
{
	struct iovec iov = { (char *)text, strlen(text) };

	console_write(con, &iov, 1);
}

static void test_last_words(void)
{
	static char said[2 * PAGE_BYTES], much[3001];
	struct model *con = make_device("console", "none");

	last_words(said);
	ok(!!strstr(said, "had not printed anything"), "the last words of one that was silent");
	memset(much, 'm', sizeof(much) - 1);
	say(con, much);
	say(con, "\nfirst\033\r\n");
	say(con, "second");
	last_words(said);
	ok(strstr(said, "m\nlguest: | first?\nlguest: | second\n") && strlen(said) < 1200,
	   "of one that printed much, the end");
	con->close(con);
	con = make_device("console", "stdio");
	say(con, "# seen\n");
	last_words(said);
	ok(!*said, "of one that was seen, nothing");
	con->close(con);
}

/* Texts as a guest gives them: '|' is between two. */
static const struct {
	enum newline how;
	const char *given, *expected;
} newline_texts[] = {
	{ NEWLINE_AS_IS, "a\r\nb\nc\r|d", "a\r\nb\nc\rd" },
	{ NEWLINE_ADD_CR, "a\r\nb\n\n|\n", "a\r\nb\r\n\r\n\r\n" },
	{ NEWLINE_ADD_CR, "a\r|\nb\r|c|\n", "a\r\nb\rc\r\n" },
	{ NEWLINE_DROP_CR, "a\r\nb\n\r\n", "a\nb\n\n" },
	{ NEWLINE_DROP_CR, "a\r|\nb\r|c\r\r\n|\r", "a\nb\rc\r\n" },
};

static void test_newlines(void)
{
	char out[256], text[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(newline_texts); i++) {
		struct newlines state = { 0 };
		size_t len = 0, used;
		char *part, *rest = text;

		snprintf(text, sizeof(text), "%s", newline_texts[i].given);
		while ((part = strsep(&rest, "|"))) {
			for (; *part; part += used) {
				used = strlen(part);
				len += newlines_convert(&state, newline_texts[i].how, part, &used,
							out + len, 3 + i);
			}
		}
		out[len] = '\0';
		ok(!strcmp(out, newline_texts[i].expected), "ends of lines");
	}
}

int main(void)
{
	test_newlines();
	test_last_words();
	test_escape();
	test_console_input();
	test_console_output();
	test_disk_rules();
	test_disk();
	test_share();
	test_tap();
	return tap_done();
}
