// SPDX-License-Identifier: GPL-2.0
/*
 * The verb "attach": the caller's terminal, or its standard input and output, is at the
 * guest's console, until the user leaves (Ctrl-A d) or the guest ends.  The guest's
 * launcher gets one end of a pair of sockets for that, with a request that it answers
 * when it ends.
 *
 * Nothing that the guest or its launcher does, or does not, keeps the user from leaving.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base.h"
#include "call.h"
#include "console.h"
#include "loop.h"
#include "newline.h"
#include "signals.h"
#include "terminal.h"
#include "verbs.h"
#include "worker.h"

#define KEYS_MAX	4096u	/* that the launcher has not taken yet */
#define TEXT_BYTES	4096u
#define REST_MS		1000	/* until all is there that the guest has printed last */

/* How it went on. */
enum outcome {
	GUEST_LEFT,		/* by the user's wish, or a signal */
	GUEST_ENDED,		/* the guest, with a status */
	GUEST_LOST,		/* the launcher does not say why */
};

static const char *name;	/* of the guest */
static int request = -1;	/* the connection that has it */
static pid_t launcher;		/* of the guest */
static int console = -1;
static bool tty;		/* keys are looked at */
static bool typing;		/* there may be more of them */
static bool left;		/* the user wants to go */
static bool unheard;		/* what it prints cannot be written */
static struct escape escape;
static struct newlines newlines;
static atomic_bool resized;
static struct worker bell;	/* rung by signals; no thread */
static char keys[KEYS_MAX];
static size_t nr_keys;

static void ring(void)
{
	worker_kick(&bell);
}

/* In a signal handler. */
static void resize(void)
{
	atomic_store(&resized, true);
	ring();
}

/* The size of the terminal, as arguments; how many of them there are. */
static unsigned int put_size(char *argv[2])
{
	static char text[2][8];
	__u16 rows, columns;

	if (!tty || !terminal_size(&rows, &columns))
		return 0;
	snprintf(text[0], sizeof(text[0]), "%u", rows);
	snprintf(text[1], sizeof(text[1]), "%u", columns);
	argv[0] = text[0];
	argv[1] = text[1];
	return 2;
}

/* No answer is waited for. */
static void tell_size(void)
{
	char *size[2];
	const struct call call = { .verb = "resize", .argc = put_size(size), .argv = size };
	const int fd = call.argc ? call_open(name) : -1;

	if (fd < 0)
		return;
	call_send(fd, &call);
	close(fd);
}

static void help(void)
{
	fresh_line();
	complain("%s d      leave the guest, which goes on", escape_name());
	complain("%s x      end the guest", escape_name());
	complain("%s %s send %s to the guest", escape_name(), escape_name(), escape_name());
	complain("%s h      this help", escape_name());
}

static void stop_guest(void)
{
	static const struct call stop = { .verb = "stop", .patience = CALL_ANSWER_MS };

	call_guest(name, &stop);
}

/* What the launcher does not take is lost, as on any terminal. */
static void put_key(char byte)
{
	if (nr_keys < KEYS_MAX)
		keys[nr_keys++] = byte;
}

static void act(char byte)
{
	switch (escape_byte(&escape, byte)) {
	case ESCAPE_SEND:
		put_key(byte);
		break;
	case ESCAPE_DETACH:
		left = true;
		break;
	case ESCAPE_STOP:
		stop_guest();
		break;
	case ESCAPE_HELP:
		help();
		break;
	case ESCAPE_NONE:
		break;
	}
}

/* What is typed; a file or pipe only as fast as the launcher takes it. */
static void read_keys(void)
{
	char bytes[KEYS_MAX];
	ssize_t n, i;

	if (tty && !terminal_look())
		return;
	n = read(STDIN_FILENO, bytes, tty ? KEYS_MAX : KEYS_MAX - nr_keys);
	if (n < 0 && (errno == EINTR || errno == EAGAIN || (tty && !terminal_look())))
		return;
	typing = n > 0;
	for (i = 0; i < n && !left; i++) {
		if (tty)
			act(bytes[i]);
		else
			put_key(bytes[i]);
	}
}

static void send_keys(void)
{
	const ssize_t n = nr_keys ? send(console, keys, nr_keys, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;

	if (n > 0) {
		nr_keys -= n;
		memmove(keys, keys + n, nr_keys);
	}
	if (!typing && !nr_keys)
		shutdown(console, SHUT_WR);
}

static void write_all(const char *text, size_t len)
{
	while (len && !signals_caught() && !unheard) {
		const ssize_t n = write(STDOUT_FILENO, text, len);
		struct pollfd p = { .fd = STDOUT_FILENO, .events = POLLOUT };

		if (n < 0 && errno == EAGAIN)
			poll(&p, 1, -1);
		else if (n < 0 && errno == EPIPE)
			signals_pretend(SIGPIPE);
		else if (n < 0 && errno != EINTR)
			unheard = !failure("standard output: %s", strerror(errno));
		if (n > 0) {
			text += n;
			len -= n;
		}
	}
}

/* What the guest prints, with the terminal's ends of lines; false at its end. */
static bool show(void)
{
	const enum newline how = terminal_newlines(STDOUT_FILENO);
	char text[TEXT_BYTES], converted[TEXT_BYTES];
	const ssize_t n = recv(console, text, sizeof(text), MSG_DONTWAIT);
	size_t at = 0, part, len;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	for (; n > 0 && at < (size_t)n; at += part) {
		part = n - at;
		len = newlines_convert(&newlines, how, text + at, &part, converted,
				       sizeof(converted));
		write_all(converted, len);
	}
	return n > 0;
}

/* The launcher has let go, or is about to. */
static void show_rest(void)
{
	struct pollfd p = { .fd = console, .events = POLLIN };

	while (!signals_caught() && !unheard && poll(&p, 1, REST_MS) > 0 && show())
		;
}

static enum outcome hear_end(int *status)
{
	char reply[CONTROL_REPLY_MAX + 1];
	const ssize_t n = control_hear(request, reply, -1);

	show_rest();
	if (n <= 0)
		return GUEST_LOST;
	*status = STATUS_CRASH;
	if (control_is_ok(reply)) {
		*status = atoi(reply + strlen(CONTROL_OK)) & 255;
		return GUEST_ENDED;
	}
	printable(reply);
	complain("%s: %s", name, reply);
	return GUEST_ENDED;
}

static void calm(void)
{
	__u64 rings;

	while (read(bell.kick, &rings, sizeof(rings)) < 0 && errno == EINTR)
		;
}

static int keys_fd(void)
{
	if (!typing || (!tty && nr_keys == KEYS_MAX))
		return -1;
	return tty ? terminal_keys_fd() : STDIN_FILENO;
}

static enum outcome stay(int *status)
{
	struct pollfd fds[] = {
		{ .fd = bell.kick, .events = POLLIN },
		{ .fd = request, .events = POLLIN },
		{ .fd = console },
		{ .fd = -1, .events = POLLIN },
	};
	bool prints = true;

	while (!signals_caught() && !left && !unheard) {
		fds[2].events = (prints ? POLLIN : 0) | (nr_keys ? POLLOUT : 0);
		fds[2].fd = fds[2].events ? console : -1;
		fds[3].fd = keys_fd();
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0)
			continue;
		if (fds[0].revents)
			calm();
		if (atomic_exchange(&resized, false))
			tell_size();
		if (fds[2].revents & ~POLLOUT)
			prints = show();
		if (fds[3].revents)
			read_keys();
		if (prints)
			send_keys();
		else
			nr_keys = 0;
		if (fds[1].revents)
			return hear_end(status);
	}
	return GUEST_LEFT;
}

static void let_go(void)
{
	if (request >= 0)
		close(request);
	if (console >= 0)
		close(console);
	request = -1;
	console = -1;
}

/* False, and errno, if that cannot be. */
static bool attach(void)
{
	char *size[2];
	struct call call = {
		.verb = "attach", .argc = put_size(size), .argv = size, .nr_fds = 1,
	};
	int ends[2], error;
	bool sent;

	request = call_open(name);
	if (request < 0)
		return false;
	launcher = call_launcher(request);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return false;
	console = ends[0];
	call.fds = &ends[1];
	sent = call_send(request, &call);
	error = errno;
	close(ends[1]);
	errno = error;
	return sent || error == EPIPE || error == ECONNRESET;
}

/* The terminal is given back before anything is said that the shell is to follow. */
static int farewell(enum outcome outcome, int status)
{
	if (tty)
		fresh_line();
	terminal_restore();
	if (signals_caught())
		signals_die(signals_caught());
	if (unheard)
		return report_failure();
	if (outcome == GUEST_ENDED)
		call_settle(name, launcher, clock_ms() + CALL_END_MS);
	if (outcome == GUEST_LEFT)
		complain("%s goes on", name);
	else if (tty && outcome == GUEST_ENDED)
		complain("%s has ended", name);
	return outcome == GUEST_LEFT ? 0 : status;
}

/* Stays with the guest through all its lives. */
static int follow(void)
{
	enum outcome outcome;
	int status = 0;

	for (;;) {
		outcome = stay(&status);
		let_go();
		if (outcome != GUEST_LOST)
			return farewell(outcome, status);
		do {
			usleep(CALL_AGAIN_US);
		} while (!attach() && errno == EAGAIN && !signals_caught());
		if (console >= 0)
			continue;
		status = farewell(GUEST_LOST, STATUS_CRASH);
		if (errno == ENOENT)
			complain("%s: has ended, and has not said how", name);
		else
			control_failed(name);
		return status;
	}
}

static const struct option options[] = {
	{ "escape",	required_argument, NULL, 'e' },
	{ "help",	no_argument,       NULL, 'h' },
	{ 0 },
};

/* "attach [--escape KEY] NAME" */
int attach_main(int argc, char **argv)
{
	char self[] = "lguest";
	const char *wrong;
	int c;

	argv[0] = self;		/* for getopt's messages */
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'h') {
			control_usage();
			return 0;
		}
		if (c == '?')
			return control_misused("attach has --escape KEY");
		wrong = escape_set(optarg);
		if (wrong) {
			complain("--escape %s: %s", optarg, wrong);
			return STATUS_SETUP;
		}
	}
	if (argc - optind != 1)
		return control_misused("say which guest, one");
	name = argv[optind];
	failure_is(STATUS_CRASH);
	if (!worker_prepare(&bell))
		return report_failure();
	signals_setup();
	signals_when_asked(ring);
	signals_resized(resize);
	tty = isatty(STDIN_FILENO);
	if (!attach())
		return control_failed(name);
	typing = true;
	/* (The loop looks whose the terminal is.) */
	if (tty && (!terminal_use() || !loop_start()))
		return report_failure();
	return follow();
}
