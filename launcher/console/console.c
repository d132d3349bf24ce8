// SPDX-License-Identifier: GPL-2.0
/*
 * The console: what a guest prints goes to a file descriptor at once, and
 * what is typed waits here until the guest has a buffer for it.
 *
 * A terminal is read whether or not the guest listens, because of the escape
 * key; what does not fit in the meantime is lost, as on any terminal.  A pipe
 * or file is read only as fast as the guest takes it, and loses nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <termios.h>
#include <unistd.h>

#include "base.h"
#include "console.h"
#include "device_option.h"
#include "hold.h"
#include "iov.h"
#include "local.h"
#include "loop.h"
#include "newline.h"
#include "restart.h"
#include "signals.h"
#include "terminal.h"
#include "visitors.h"
#include "window.h"

#define INPUT_BYTES	4096	/* more than a line, less than a pipe */
#define OUTLETS_MAX	8
#define TERMINAL_BYTES	1024	/* of a terminal's text at a time */

enum place_kind {
	PLACE_STDIO,
	PLACE_PTY,
	PLACE_NONE,
	PLACE_FILE,
	PLACE_UNIX,
};

/* What the option's values say. */
struct places {
	unsigned int nr;
	struct place {
		enum place_kind kind;
		const char *path;	/* behind the word, if there is one */
	} place[];
};

static const struct word {
	const char *text;
	bool has_path;
} words[] = {
	[PLACE_STDIO] = { "stdio", false },
	[PLACE_PTY] = { "pty", false },
	[PLACE_NONE] = { "none", false },
	[PLACE_FILE] = { "file=", true },
	[PLACE_UNIX] = { "unix:", true },
};

struct console {
	struct model model;
	int in;			/* -1: none, or at its end */
	int typed;		/* by visitors */
	int both;		/* epoll's: readable if one of them is */
	bool file;		/* @in is one that always is */
	int out;		/* -1: drop all */
	/* What else gets all that the guest prints. */
	struct outlet {
		int fd;
		bool lossy;		/* it is not waited for */
		bool failed;
	} outlets[OUTLETS_MAX];
	unsigned int nr_outlets;
	bool tty;
	bool out_failed;
	bool out_tty;
	struct newlines newlines;	/* of that */
	bool hinted;		/* at the keys that are ours */
	struct escape esc;
	size_t start, len;	/* of what waits in @input */
	unsigned char input[INPUT_BYTES];
};

static struct console *to_console(struct model *model)
{
	return container_of(model, struct console, model);
}

/* Standard output may be a file that somebody else made non-blocking. */
static void wait_writable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	poll(&p, 1, -1);
}

static void write_failed(struct console *con, int error)
{
	if (error == EPIPE) {
		/* Nobody reads any more: end as a filter would. */
		signals_pretend(SIGPIPE);
		con->out = -1;
		return;
	}
	if (first_time(&con->out_failed))
		complain("console output is lost: %s", strerror(error));
}

/* False: the rest is not to be written any more. */
static bool write_out(struct console *con, struct iovec *iov, int nr)
{
	while (nr > 0 && con->out >= 0) {
		ssize_t n = writev(con->out, iov, nr);

		if (n >= 0) {
			nr = iov_skip(iov, nr, n);
		} else if (errno == EAGAIN) {
			wait_writable(con->out);
		} else if (errno != EINTR) {
			write_failed(con, errno);
			return false;
		}
		/* A reader that has stopped reading must not keep us. */
		if (n < 0 && hold_ending())
			return false;
	}
	return con->out >= 0;
}

/* A terminal gets its own ends of lines, whatever the guest's are. */
static bool write_terminal(struct console *con, const char *from, size_t len)
{
	const enum newline how = terminal_newlines(con->out);
	char text[TERMINAL_BYTES];
	size_t done;

	for (; len; from += done, len -= done) {
		struct iovec iov = { .iov_base = text };

		done = len;
		iov.iov_len = newlines_convert(&con->newlines, how, from, &done, text,
					       sizeof(text));
		if (!write_out(con, &iov, 1))
			return false;
	}
	return true;
}

/* All of it, or as much as there is room for. */
static void pour(struct outlet *outlet, const char *text, size_t len)
{
	while (len) {
		const ssize_t n = write(outlet->fd, text, len);

		if (n >= 0) {
			text += n;
			len -= n;
			continue;
		}
		if (errno == EINTR && !hold_ending())
			continue;
		if (errno == EAGAIN && !outlet->lossy) {
			wait_writable(outlet->fd);
			continue;
		}
		if (errno != EINTR && first_time(&outlet->failed))
			complain("console output is lost: %s", outlet->lossy ?
				 "nobody reads the pty" : strerror(errno));
		return;
	}
}

void console_write(struct model *model, struct iovec *iov, int nr)
{
	struct console *con = to_console(model);

	unsigned int o;
	int i;

	visitors_print(iov, nr, con->out == STDOUT_FILENO);
	for (o = 0; o < con->nr_outlets; o++) {
		for (i = 0; i < nr; i++)
			pour(&con->outlets[o], iov[i].iov_base, iov[i].iov_len);
	}
	if (!con->out_tty)
		write_out(con, iov, nr);
	else
		while (nr-- > 0 && write_terminal(con, iov->iov_base, iov->iov_len))
			iov++;
}

size_t console_pending(struct model *model)
{
	return to_console(model)->len;
}

static size_t room(const struct console *con)
{
	return INPUT_BYTES - con->len;
}

/* What tells of input that is ours; -1: there is none. */
static int own_fd(const struct console *con)
{
	return con->tty && con->in >= 0 ? terminal_keys_fd() : con->in;
}

/* Where more input comes from, if it is wanted now; else -1. */
int console_fd(struct model *model)
{
	struct console *con = to_console(model);

	if (!room(con))
		return con->tty ? own_fd(con) : -1;
	return con->file ? con->in : con->both;
}

static void put(struct console *con, unsigned char byte)
{
	if (room(con))
		con->input[(con->start + con->len++) % INPUT_BYTES] = byte;
}

static void help(void)
{
	fresh_line();
	complain("%s x      end the guest", escape_name());
	complain("%s %s send %s to the guest", escape_name(), escape_name(), escape_name());
	complain("%s h      this help", escape_name());
}

static void hint(struct console *con)
{
	if (!escape_name() || !first_time(&con->hinted))
		return;
	fresh_line();
	complain("(^C is for the guest; %s x ends it)", escape_name());
}

static void act(struct console *con, unsigned char byte)
{
	switch (escape_byte(&con->esc, byte)) {
	case ESCAPE_SEND:
		put(con, byte);
		break;
	case ESCAPE_STOP:
		hold_stop();
		break;
	case ESCAPE_DETACH:
		fresh_line();
		complain("(only 'lguest attach' can be left: start the guest with --daemon)");
		break;
	case ESCAPE_HELP:
		help();
		break;
	case ESCAPE_NONE:
		break;
	}
}

/* The guest goes on without it. */
static void end_input(struct console *con)
{
	if (!con->file)
		epoll_ctl(con->both, EPOLL_CTL_DEL, own_fd(con), &(struct epoll_event){ 0 });
	con->file = false;
	con->in = -1;
}

/* A terminal is watched for the keys that are ours. */
static void collect_own(struct console *con)
{
	unsigned char input[INPUT_BYTES];
	ssize_t n, i;

	if (con->tty && !terminal_look())
		return;
	n = read(con->in, input, con->tty ? sizeof(input) : room(con));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n < 0 && con->tty && !terminal_look())
		return;			/* it was taken away just then */
	if (n <= 0) {
		end_input(con);
		return;
	}
	if (con->tty && escape_interrupts(&con->esc, input, n, clock_ms()))
		hint(con);
	for (i = 0; i < n; i++) {
		if (con->tty)
			act(con, input[i]);
		else
			put(con, input[i]);
	}
}

static void collect_typed(struct console *con)
{
	unsigned char input[INPUT_BYTES];
	const ssize_t n = room(con) ? read(con->typed, input, room(con)) : 0;
	ssize_t i;

	for (i = 0; i < n; i++)
		put(con, input[i]);
}

/* Reads what is there. */
void console_collect(struct model *model)
{
	struct console *con = to_console(model);

	if (own_fd(con) >= 0 && (con->tty || room(con)) && fd_readable(own_fd(con)))
		collect_own(con);
	collect_typed(con);
}

/* The terminal that is watched even when the guest is not to get anything. */
static struct console *on_terminal;

static void look_for_keys(struct loop_source *source, int why)
{
	(void)why;
	console_collect(&on_terminal->model);
	loop_watch(source, console_fd(&on_terminal->model), POLLIN);
}

static struct loop_source keys = { .call = look_for_keys };

/**
 * console_rest() - while the guest is held, the event loop looks for the keys that are ours
 * @on: from now on, or not any more
 */
void console_rest(bool on)
{
	if (!on_terminal || !on) {
		loop_remove(&keys);
		return;
	}
	loop_add(&keys);
	loop_watch(&keys, console_fd(&on_terminal->model), POLLIN);
}

/* Moves waiting input to the guest.  Returns how much. */
size_t console_take(struct model *model, struct iovec *iov, int nr)
{
	struct console *con = to_console(model);
	size_t taken = 0;

	while (con->len && nr > 0) {
		size_t part = INPUT_BYTES - con->start;
		size_t n;

		if (part > con->len)
			part = con->len;
		n = iov_fill(iov, nr, con->input + con->start, part);
		nr = iov_skip(iov, nr, n);
		con->start = (con->start + n) % INPUT_BYTES;
		con->len -= n;
		taken += n;
	}
	return taken;
}

static int pty = -1;		/* the master; it is there for all lives of the guest */

/* The slave stays open, so that others may come and go. */
static bool __must_check open_slave(int master)
{
	struct termios raw;
	char name[64];
	int slave;

	if (grantpt(master) < 0 || unlockpt(master) < 0 || ptsname_r(master, name, sizeof(name)))
		return failure("--console pty: %s", strerror(errno));
	slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0 || tcgetattr(slave, &raw) < 0) {
		failure("--console pty: %s: %s", name, strerror(errno));
		if (slave >= 0)
			close(slave);
		return false;
	}
	cfmakeraw(&raw);
	tcsetattr(slave, TCSANOW, &raw);
	complain("the console is %s", name);
	return true;
}

static bool __must_check open_pty(void)
{
	int master;

	if (pty >= 0)
		return true;
	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (master < 0)
		return failure("--console pty: %s", strerror(errno));
	if (!open_slave(master)) {
		close(master);
		return false;
	}
	pty = master;
	return true;
}

static void console_close(struct model *model)
{
	struct console *con = to_console(model);

	size_t end = INPUT_BYTES - con->start;

	if (con == on_terminal) {
		on_terminal = NULL;
		terminal_restore();
	}
	collect_typed(con);
	visitors_close();
	restart_keep(con->input + con->start, con->len < end ? con->len : end);
	restart_keep(con->input, con->len < end ? 0 : con->len - end);
	if (con->out > STDERR_FILENO && close(con->out) < 0)
		complain("console output is lost: %s", strerror(errno));
	while (con->nr_outlets) {
		const struct outlet *outlet = &con->outlets[--con->nr_outlets];

		if (outlet->fd > STDERR_FILENO && outlet->fd != pty && close(outlet->fd) < 0)
			complain("console output is lost: %s", strerror(errno));
	}
	if (con->both >= 0)
		close(con->both);
	free(con);
}

/* When all else is open. */
static bool __must_check use_terminal(struct console *con)
{
	if (!terminal_use())
		return false;
	on_terminal = con;
	window_follow();
	return true;
}

/* What the guest has printed before a restart stays. */
static int open_output(const char *file)
{
	const int fresh = restart_is() ? 0 : O_TRUNC;

	return open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | fresh, 0666);
}

static bool __must_check add_outlet(struct console *con, int fd, bool lossy)
{
	if (con->nr_outlets == OUTLETS_MAX)
		return failure("--console: is given too often");
	con->outlets[con->nr_outlets++] = (struct outlet){ .fd = fd, .lossy = lossy };
	return true;
}

static bool __must_check add_stdio(struct console *con)
{
	if (con->out >= 0 && !add_outlet(con, con->out, false))
		return false;
	con->in = STDIN_FILENO;
	con->out = STDOUT_FILENO;
	con->tty = isatty(STDIN_FILENO);
	return true;
}

static bool __must_check add_file(struct console *con, const char *file)
{
	const int fd = open_output(file);

	if (fd < 0)
		return failure("--console file=%s: %s", file, strerror(errno));
	if (con->out < 0) {
		con->out = fd;
		return true;
	}
	if (add_outlet(con, fd, false))
		return true;
	close(fd);
	return false;
}

static bool __must_check add(struct console *con, const struct place *place)
{
	switch (place->kind) {
	case PLACE_STDIO:
		return add_stdio(con);
	case PLACE_PTY:
		return open_pty() && add_outlet(con, pty, true);
	case PLACE_FILE:
		return add_file(con, place->path);
	case PLACE_UNIX:
		return visitors_door(place->path);
	case PLACE_NONE:
		break;
	}
	return true;
}

static bool is(const char *text, const struct word *word)
{
	return word->has_path ? !strncmp(text, word->text, strlen(word->text)) :
				!strcmp(text, word->text);
}

/* Returns what is wrong, or NULL. */
static const char *understand(struct place *place, const char *text)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(words) && !is(text, &words[i]); i++)
		;
	if (i == ARRAY_SIZE(words))
		return "is no place for it: say stdio, pty, none, file=FILE or unix:PATH";
	place->kind = i;
	place->path = text + strlen(words[i].text);
	return i == PLACE_UNIX ? local_check(place->path) : NULL;
}

/* @specs: one or several, with newlines between them */
static void *console_parse(char *specs, const char **wrong)
{
	struct places *places;
	unsigned int nr = 1;
	char *spec;

	for (spec = specs; *spec; spec++)
		nr += *spec == '\n';
	places = calloc(1, sizeof(*places) + nr * sizeof(places->place[0]));
	*wrong = places ? NULL : "does not fit in memory";
	while (!*wrong && (spec = strsep(&specs, "\n")))
		*wrong = understand(&places->place[places->nr++], spec);
	if (!*wrong)
		return places;
	free(places);
	return NULL;
}

/* Those that are named to others stay, however often the guest restarts. */
static bool console_keep(const void *config, bool *kept)
{
	const struct places *places = config;
	unsigned int i;

	for (i = 0; i < places->nr; i++) {
		const struct place *place = &places->place[i];

		if (place->kind != PLACE_PTY && place->kind != PLACE_UNIX)
			continue;
		if (place->kind == PLACE_PTY ? !open_pty() : !visitors_door(place->path))
			return false;
		*kept = true;
	}
	return true;
}

/* A file, or what is like one, is not waited for; so there is always something to read. */
static bool __must_check watch_inputs(struct console *con)
{
	struct epoll_event event = { .events = EPOLLIN };

	con->typed = visitors_open();
	if (con->typed < 0)
		return false;
	con->both = epoll_create1(EPOLL_CLOEXEC);
	if (con->both < 0 || epoll_ctl(con->both, EPOLL_CTL_ADD, con->typed, &event) < 0)
		return failure("--console: cannot wait for input: %s", strerror(errno));
	con->file = con->in >= 0 &&
		    epoll_ctl(con->both, EPOLL_CTL_ADD, own_fd(con), &event) < 0;
	return true;
}

static bool __must_check open_places(struct console *con, const struct places *places)
{
	unsigned int i;

	for (i = 0; i < places->nr; i++) {
		if (!add(con, &places->place[i]))
			return false;
	}
	if (con->tty && !use_terminal(con))
		return false;
	/* A terminal's keys are the guest's, if there are any; else those of the pty. */
	if (con->in < 0)
		con->in = pty;
	con->out_tty = isatty(con->out);
	return watch_inputs(con);
}

/* What is for all lives of the guest stays, even if something else cannot be. */
static struct model *console_create(const void *config)
{
	struct console *con = calloc(1, sizeof(*con));

	if (!con) {
		failure("--console: %s", strerror(errno));
		return NULL;
	}
	con->model = (struct model){ MODEL_CONSOLE, "console", console_close };
	con->in = -1;
	con->out = -1;
	con->typed = -1;
	con->both = -1;
	if (!open_places(con, config)) {
		console_close(&con->model);
		return NULL;
	}
	con->len = restart_kept(con->input, sizeof(con->input));
	return &con->model;
}

static const struct device_option console_option = {
	.name = "console",
	.argument = "stdio|pty|none|file=FILE|unix:PATH",
	.help = "where the guest's console is; default: this terminal; may be\n"
		"                          given several times",
	.standard = "stdio",
	.with_daemon = "none",
	.with_command = "none",
	.joined = true,
	.parse = console_parse,
	.keep = console_keep,
	.create = console_create,
};

DEVICE_OPTION(console_option);
