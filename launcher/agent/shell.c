// SPDX-License-Identifier: GPL-2.0
/*
 * "lguest shell": commands in the guest beside the launcher's own, each for a client that
 * has called by the control socket.  The client reads and writes its user's files, and
 * has pipes to us for that, which never keep us waiting.  While the command runs there
 * is a connection: when one of them ends the other is told.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base.h"
#include "guest_agent.h"
#include "pump.h"
#include "session.h"
#include "shell.h"
#include "sock.h"
#include "sockets.h"

#define STREAMS		SHELL_SPAWN	/* of those files, the session's */

/* The clients' pipes.  (A session forgets those of which there is no more.) */
static int files[AGENT_SESSIONS][STREAMS];

/* Slot 0 is that of the launcher's own command, if it has one. */
static unsigned int free_slot(const struct agent *agent)
{
	unsigned int i = agent->command;

	while (i < AGENT_SESSIONS && agent->sessions[i].state != SESSION_NONE)
		i++;
	return i;
}

/* With the lock: why can no command be run? */
static const char *wrong_agent(const struct agent *agent)
{
	if (!agent->port.name)
		return "this guest has no agent: 'lguest run --agent' gives it one, or a command";
	if (agent->ending || agent->deadline || agent->delivered)
		return "this guest's command has ended, and so does the guest";
	if (!agent->greeted)
		return "no agent runs in this guest yet; has its init started /" AGENT_PATH "?";
	if (!agent->ready)
		return "no agent runs in this guest now";
	if (free_slot(agent) == AGENT_SESSIONS)
		return "too many commands run in this guest already: one has to end first";
	return NULL;
}

/* What the agent is to run, in memory of AGENT_SPAWN_MAX bytes; NULL if that cannot be. */
static char *read_spawn(int fd, size_t *len)
{
	char *text = session_memory(AGENT_SPAWN_MAX);
	ssize_t n;

	if (!text)
		return NULL;
	n = pread(fd, text, AGENT_SPAWN_MAX, 0);
	if (n > (ssize_t)sizeof(struct agent_spawn) && n < (ssize_t)AGENT_SPAWN_MAX) {
		*len = n;
		return text;
	}
	session_forget_memory(&text, AGENT_SPAWN_MAX);
	return NULL;
}

/* With the lock. */
static bool start(struct agent *agent, int client, const int fds[SHELL_FILES],
		  const char *text, size_t len)
{
	const unsigned int number = free_slot(agent);

	if (!session_open(&agent->sessions[number], text, len, fds))
		return false;
	memcpy(files[number], fds, sizeof(files[number]));
	agent->sessions[number].client = client;
	return true;
}

/**
 * shell_open() - run a command for a client
 * @client: the connection, on which it is answered
 * @fds: what came with its request
 *
 * Return: what is wrong, which the client knows, or sees by the end; or NULL: then the connection
 * and the first STREAMS of @fds are kept.
 */
const char *shell_open(int client, const int fds[SHELL_FILES])
{
	struct agent *agent = the_agent();
	size_t len = 0;
	char *text = read_spawn(fds[SHELL_SPAWN], &len);
	const char *wrong, *answer;

	pthread_mutex_lock(&agent->lock);
	wrong = text ? wrong_agent(agent) : "this is no command";
	answer = wrong ? wrong : CONTROL_OK;
	if (sock_send(client, answer, strlen(answer), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		wrong = "the client does not listen";
	if (!wrong && !start(agent, client, fds, text, len))
		wrong = "there is no memory for that";
	pthread_mutex_unlock(&agent->lock);
	session_forget_memory(&text, AGENT_SPAWN_MAX);
	if (!wrong)
		worker_kick(&agent->pump);
	return wrong;
}

/* With the lock: the client is gone, or does not know what it says. */
static void leave(struct session *session)
{
	session_hang_up(session);
	close(session->client);
	session->client = -1;
}

static bool take(struct session *session, const struct shell_message *message)
{
	switch (message->kind) {
	case SHELL_SIZE:
		session->size = message->size;
		session->resized = true;
		return true;
	case SHELL_SIGNAL:
		if (!message->signal || message->signal >= 64)
			return false;
		session->signals |= 1ull << message->signal;
		return true;
	default:
		return false;
	}
}

/** shell_hear() - there is a message of session @number's client, or its end */
void shell_hear(struct agent *agent, unsigned int number)
{
	struct session *session = &agent->sessions[number];
	struct shell_message message;
	const ssize_t n = sock_receive(session->client, &message, sizeof(message), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	pthread_mutex_lock(&agent->lock);
	if (n != sizeof(message) || !take(session, &message))
		leave(session);
	pthread_mutex_unlock(&agent->lock);
}

/** shell_ended() - tell the client how its command has ended; with the lock */
void shell_ended(struct agent *agent, unsigned int number)
{
	const struct session *session = &agent->sessions[number];
	const struct shell_message message = {
		.kind = SHELL_STATUS, .status = session->status,
	};
	unsigned int i;

	for (i = 0; i < STREAMS; i++)
		close(files[number][i]);
	if (session->client < 0)
		return;
	/* (One that does not listen sees that the connection ends.) */
	sock_send(session->client, &message, sizeof(message), MSG_DONTWAIT | MSG_NOSIGNAL);
	close(session->client);
}
