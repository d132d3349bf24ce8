// SPDX-License-Identifier: GPL-2.0
/*
 * The verb "shell": one more command in a guest that runs, or a shell.  This process
 * moves what is read and written between its own files and pipes to the guest's launcher
 * (shell.c), so that only itself can be kept waiting by them.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base.h"
#include "call.h"
#include "console.h"
#include "guest_agent.h"
#include "loop.h"
#include "shell.h"
#include "signals.h"
#include "terminal.h"
#include "verbs.h"

#define RELAY_BYTES	65536u
#define SAFE_BYTES	4096u	/* PIPE_BUF: so much never blocks where poll() says so */
#define OTHERS		2u	/* what is waited for beside streams */

/* A stream: from one file to the other. */
struct relay {
	int from, to;		/* -1: at its end; nobody reads any more */
	bool keys;		/* it is our terminal: some keys are ours */
	size_t start, len;
	char bytes[RELAY_BYTES];
};

static struct relay relays[SHELL_SPAWN];
static int connection;		/* -1: it has ended */
static int news = -1;		/* an eventfd: there is a signal */
static atomic_ullong signals;	/* for the command, by bit */
static atomic_bool resized;
static struct escape escape;
static bool left;		/* by a key, or the terminal's end */
static bool told;		/* how it has ended */
static struct agent_status status;

static void wake(void)
{
	const __u64 one = 1;
	const int saved = errno;

	if (write(news, &one, sizeof(one)) < 0)
		errno = saved;		/* it is full: woken enough */
}

/* In a signal handler. */
static bool take_signal(int sig)
{
	atomic_fetch_or(&signals, 1ull << sig);
	wake();
	return true;
}

/* In a signal handler. */
static void take_resize(void)
{
	atomic_store(&resized, true);
	wake();
}

static void finish(int *fd)
{
	if (*fd > STDERR_FILENO)
		close(*fd);
	*fd = -1;
}

static bool is_over(const struct relay *relay)
{
	return (relay->from < 0 && !relay->len) || relay->to < 0;
}

static void help(void)
{
	fresh_line();
	complain("%s x      leave the command, which is hung up on", escape_name());
	complain("%s %s send %s to the command", escape_name(), escape_name(), escape_name());
	complain("%s h      this help", escape_name());
}

/* What of the keys is for the command; they are in their relay, which was empty. */
static size_t sift_keys(struct relay *relay, size_t nr)
{
	size_t i, kept = 0;

	for (i = 0; i < nr; i++) {
		switch (escape_byte(&escape, relay->bytes[i])) {
		case ESCAPE_SEND:
			relay->bytes[kept++] = relay->bytes[i];
			break;
		case ESCAPE_STOP:
			left = true;
			break;
		case ESCAPE_HELP:
			help();
			break;
		case ESCAPE_DETACH:	/* who leaves it ends it */
		case ESCAPE_NONE:
			break;
		}
	}
	return kept;
}

static void fill(struct relay *relay)
{
	ssize_t n;

	if (relay->keys && !terminal_look())
		return;
	n = read(relay->from, relay->bytes, sizeof(relay->bytes));
	if (n < 0 && (errno == EINTR || errno == EAGAIN || (relay->keys && !terminal_look())))
		return;
	relay->start = 0;
	relay->len = n > 0 ? n : 0;
	if (n <= 0) {
		left |= relay->keys;
		finish(&relay->from);
	} else if (relay->keys) {
		relay->len = sift_keys(relay, n);
	}
}

static void drain(struct relay *relay)
{
	const size_t len = relay->len < SAFE_BYTES ? relay->len : SAFE_BYTES;
	const ssize_t n = write(relay->to, relay->bytes + relay->start, len);

	if (n >= 0) {
		relay->start += n;
		relay->len -= n;
	} else if (errno != EINTR && errno != EAGAIN) {
		if (errno != EPIPE)
			complain("the command's output is lost: %s", strerror(errno));
		finish(&relay->to);
	}
}

/* Who has no more to say, or nobody to say it to, is told to the other end. */
static void settle(struct relay *relay)
{
	if (is_over(relay)) {
		finish(&relay->from);
		finish(&relay->to);
	}
}

static struct pollfd wanted(const struct relay *relay)
{
	if (relay->len)
		return (struct pollfd){ .fd = relay->to, .events = POLLOUT };
	return (struct pollfd){
		.fd = relay->keys && relay->from >= 0 ? terminal_keys_fd() : relay->from,
		.events = POLLIN,
	};
}

static void tell(const struct shell_message *message)
{
	if (connection >= 0 && send(connection, message, sizeof(*message), MSG_NOSIGNAL) < 0)
		finish(&connection);
}

static void tell_signals(void)
{
	struct shell_message message = { .kind = SHELL_SIGNAL };
	const __u64 all = atomic_exchange(&signals, 0);

	for (message.signal = 1; message.signal < 64; message.signal++) {
		if (all >> message.signal & 1)
			tell(&message);
	}
	left |= relays[SHELL_IN].keys && all >> SIGHUP & 1;	/* the terminal is gone */
	message.kind = SHELL_SIZE;
	if (atomic_exchange(&resized, false) && spawn_size(&message.size))
		tell(&message);
}

static void hear(void)
{
	struct shell_message message;
	const ssize_t n = recv(connection, &message, sizeof(message), 0);

	if (n < 0 && errno == EINTR)
		return;
	if (n == sizeof(message) && message.kind == SHELL_STATUS) {
		status = message.status;
		told = true;
	}
	finish(&connection);
}

static void one_round(void)
{
	struct pollfd fds[SHELL_SPAWN + OTHERS];
	__u64 wakes;
	unsigned int i;

	tell_signals();
	for (i = 0; i < SHELL_SPAWN; i++)
		fds[i] = wanted(&relays[i]);
	fds[i] = (struct pollfd){ .fd = connection, .events = POLLIN };
	fds[i + 1] = (struct pollfd){ .fd = news, .events = POLLIN };
	if (poll(fds, ARRAY_SIZE(fds), left ? 0 : -1) < 0)
		return;
	for (i = 0; i < SHELL_SPAWN; i++) {
		if (fds[i].revents && relays[i].len)
			drain(&relays[i]);
		else if (fds[i].revents)
			fill(&relays[i]);
		settle(&relays[i]);
	}
	if (fds[i].revents)
		hear();
	if (fds[i + 1].revents && read(news, &wakes, sizeof(wakes)) < 0)
		return;
}

/* The command has ended, and all that it said is written. */
static bool all_done(void)
{
	return connection < 0 && is_over(&relays[SHELL_OUT]) && is_over(&relays[SHELL_ERR]);
}

static int serve(const char *guest, const char *name)
{
	while (!all_done() && !left && !signals_caught())
		one_round();
	terminal_restore();
	if (signals_caught())
		signals_die(signals_caught());
	if (left)
		return STATUS_COMMAND_USER;
	if (told && status.ending != AGENT_LOST)
		return outcome_of(name, &status);
	complain("%s: the guest, or its agent, ended before the command", guest);
	return STATUS_GUEST_ENDED;
}

/* The launcher's ends of the pipes, in @theirs. */
static bool make_pipes(int theirs[SHELL_FILES])
{
	unsigned int i;
	int fds[2];

	for (i = 0; i < SHELL_SPAWN; i++) {
		if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
			return false;
		theirs[i] = fds[i != SHELL_IN];
		if (i == SHELL_IN)
			relays[i] = (struct relay){ .from = STDIN_FILENO, .to = fds[1] };
		else
			relays[i] = (struct relay){ .from = fds[0], .to = i };
	}
	return true;
}

static int spawn_file(char **command, bool terminal)
{
	struct agent_size size = { 0 };
	size_t len;
	char *text;
	int fd;

	spawn_size(&size);
	text = spawn_text(command, "", false, terminal, &size, &len);
	if (!text) {
		complain("%s: its arguments and the environment are too long", command[0]);
		return -1;
	}
	fd = memfd_create("spawn", MFD_CLOEXEC);
	if (fd < 0 || write(fd, text, len) != (ssize_t)len) {
		complain("%s: %s", command[0], strerror(errno));
		finish(&fd);
	}
	free(text);
	return fd;
}

/* Returns whether the command is about to run. */
static bool start(const char *guest, char **command, bool terminal)
{
	char reply[CONTROL_REPLY_MAX + 1];
	int fds[SHELL_FILES], i;
	const struct call call = {
		.verb = SHELL_VERB, .nr_fds = SHELL_FILES, .fds = fds,
		.patience = CALL_ANSWER_MS,
	};

	news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (news < 0 || !make_pipes(fds)) {
		complain("%s", strerror(errno));
		return false;
	}
	fds[SHELL_SPAWN] = spawn_file(command, terminal);
	if (fds[SHELL_SPAWN] < 0)
		return false;
	connection = call_connect(guest, &call, reply);
	for (i = 0; i < SHELL_FILES; i++)
		close(fds[i]);
	return connection >= 0;
}

static int run(const char *guest, char **command)
{
	const bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);

	if (!fill_standard_fds())
		return report_failure();
	if (!start(guest, command, terminal))
		return STATUS_COMMAND_SETUP;
	signals_setup();
	signals_when_asked(wake);
	signals_offer(take_signal, take_resize);
	if (!loop_start())		/* which sees to a terminal that is not ours yet */
		return report_failure();
	relays[SHELL_IN].keys = terminal;
	if (terminal && !terminal_use())
		return report_failure();
	return serve(guest, command[0]);
}

/* (Other statuses are the command's.) */
static int misused(const char *what)
{
	control_misused(what);
	return STATUS_COMMAND_SETUP;
}

/* "shell NAME [-- COMMAND [ARGUMENT]...]" */
int shell_main(int argc, char **argv)
{
	static char sh[] = "/bin/sh", *shell[] = { sh, NULL };

	failure_is(STATUS_COMMAND_SETUP);
	if (argc > 1 && control_is_help(argv[1])) {
		control_usage();
		return 0;
	}
	if (argc < 2 || argv[1][0] == '-')
		return misused("say in which guest");
	if (argc == 2)
		return run(argv[1], shell);
	if (strcmp(argv[2], "--"))
		return misused("a command for the guest stands behind '--'");
	if (argc == 3)
		return misused("there is no command behind '--'");
	return run(argv[1], argv + 3);
}
