// SPDX-License-Identifier: GPL-2.0
/*
 * "lguest run ... -- COMMAND": the launcher's own command.  It has the launcher's
 * standard streams, or its terminal if both input and output are one, and the signals
 * that are for the launcher; and the launcher ends as it does.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base.h"
#include "command.h"
#include "config.h"
#include "console.h"
#include "guest_agent.h"
#include "pump.h"
#include "session.h"
#include "signals.h"
#include "terminal.h"
#include "worker.h"

static const struct config *wanted;	/* has a command */
static char setup[AGENT_SETUP_MAX];
static size_t setup_len;
static atomic_bool runs;		/* or is about to */
static atomic_ullong signals;		/* for it, by bit */
static atomic_bool resized;

/**
 * command_wants() - the guest is to run a command
 * @config: has it, or not
 */
void command_wants(const struct config *config)
{
	wanted = config->command ? config : NULL;
}

/**
 * command_tell() - something that the agent is to do before it runs commands
 * @key: what (protocol.h lists them)
 * @value: of it
 *
 * Return: false, see failure(), if there is no room for it.
 */
bool command_tell(const char *key, const char *value)
{
	const int n = snprintf(setup + setup_len, sizeof(setup) - setup_len, "%s=%s\n", key,
			       value);

	if (n < 0 || strchr(value, '\n') || setup_len + n >= sizeof(setup))
		return failure("%s: cannot be told to the agent in the guest", value);
	setup_len += n;
	return true;
}

const char *command_setup(size_t *len)
{
	*len = setup_len;
	return setup;
}

/*
 * A file of our own for a stream that is somebody else's, too: so that writing does not
 * wait, and theirs is as it was.
 */
static int own_output(int fd, bool *blocks)
{
	char name[32];
	struct stat st;
	int own;

	*blocks = true;
	if (fstat(fd, &st) < 0 || (!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode)))
		return fd;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	own = open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	*blocks = own < 0;
	return own < 0 ? fd : own;
}

/* In a signal handler. */
static bool take_signal(int sig)
{
	if (!atomic_load(&runs))
		return false;
	atomic_fetch_or(&signals, 1ull << sig);
	worker_kick(&the_agent()->pump);
	return true;
}

/* In a signal handler. */
static void take_resize(void)
{
	atomic_store(&resized, true);
	worker_kick(&the_agent()->pump);
}

/* The command's session, with streams of its own where that is better. */
static bool open_session(struct session *session, bool terminal, bool blocks[3])
{
	int fds[3] = { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO };
	struct agent_size size = { 0 };
	bool good;
	size_t len;
	char *text;
	int i;

	spawn_size(&size);
	text = spawn_text(wanted->command, wanted->directory, false, terminal, &size, &len);
	if (!text)
		return failure("%s: its arguments and the environment are too long",
			       wanted->command[0]);
	for (i = STDOUT_FILENO; i <= STDERR_FILENO; i++)
		fds[i] = own_output(i, &blocks[i]);
	good = session_open(session, text, len, fds);
	free(text);
	return good || failure("%s: %s", wanted->command[0], strerror(errno));
}

/**
 * command_open() - the launcher's streams become the command's
 *
 * Return: false, see failure(), if that cannot be.
 */
bool command_open(struct agent *agent)
{
	const bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	struct session *session = &agent->sessions[0];
	bool blocks[3];

	if (!wanted)
		return true;
	if ((terminal && !terminal_use()) || !open_session(session, terminal, blocks))
		return false;
	session->out[0].blocks = blocks[STDOUT_FILENO];
	session->out[1].blocks = blocks[STDERR_FILENO];
	agent->command = true;
	atomic_store(&runs, true);
	session->in.keys = terminal;
	signals_offer(take_signal, take_resize);
	return true;
}

/* In the pump, with the lock: what signals have left to do. */
void command_prepare(struct agent *agent)
{
	struct session *session = &agent->sessions[0];

	if (session->state != SESSION_SPAWNS && session->state != SESSION_RUNS)
		return;
	session->signals |= atomic_exchange(&signals, 0);
	if (session->terminal && atomic_exchange(&resized, false))
		session->resized = spawn_size(&session->size);
}

/** command_ended() - signals are for the launcher again */
void command_ended(void)
{
	atomic_store(&runs, false);
}

static int say(int status, const char *what)
{
	complain("%s", what);
	return status;
}

/**
 * command_outcome() - what the launcher ends with
 * @status: how the guest has ended, STATUS_POWER_OFF to STATUS_USER
 * @restarts: it wants to start anew
 */
int command_outcome(int status, bool restarts)
{
	const struct agent *agent = the_agent();

	if (agent->delivered)
		return outcome_of(wanted->command[0], &agent->status);
	if (agent->failed[0]) {
		complain("the guest cannot be what it is to be: %s", agent->failed);
		return say(STATUS_COMMAND_SETUP, "so the command was not run");
	}
	if (status == STATUS_USER)
		return say(STATUS_COMMAND_USER, "the user ended the guest before its command");
	if (restarts)
		return say(STATUS_GUEST_ENDED, "the guest restarted before its command had ended");
	if (status != STATUS_POWER_OFF)
		return say(STATUS_GUEST_DIED, "the guest died before its command had ended");
	if (!agent->greeted) {
		console_last_words();
		return say(STATUS_NO_AGENT,
			   "the guest's agent did not start: has its kernel ramdisks and virtio consoles?");
	}
	return say(STATUS_GUEST_ENDED, "the guest powered off before its command had ended");
}
