// SPDX-License-Identifier: GPL-2.0
/*
 * The agent's pump: a thread that moves the streams of sessions between their files here
 * and the link to the guest, so that neither the guest nor one of its queues ever waits
 * for a file.  It waits for all of them at once.
 *
 * What it writes and reads, it does without the lock: only the pump takes away from a
 * stream, and only it closes sessions.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "hold.h"
#include "link.h"
#include "pump.h"
#include "session.h"
#include "terminal.h"
#include "worker.h"

#define OWN_POLLS	1u
#define POLLS_MAX	(OWN_POLLS + AGENT_SESSIONS * (2 + OUTPUTS))
#define SAFE_BYTES	4096u	/* PIPE_BUF: so much never blocks where poll() says so */

enum part { PART_INPUT, PART_CLIENT, PART_OUTPUT };

struct polls {
	struct pollfd fds[POLLS_MAX];
	struct {
		unsigned int session;
		enum part part;		/* + number of an output */
	} of[POLLS_MAX];
	unsigned int nr;
};

static void add(struct polls *polls, int fd, short events, unsigned int session,
		unsigned int part)
{
	polls->fds[polls->nr] = (struct pollfd){ .fd = fd, .events = events };
	polls->of[polls->nr].session = session;
	polls->of[polls->nr++].part = part;
}

static int input_fd(const struct session_input *in)
{
	return in->keys ? terminal_keys_fd() : in->fd;
}

static void add_session(struct agent *agent, unsigned int number, struct polls *polls)
{
	const struct session *session = &agent->sessions[number];
	unsigned int i;

	if (session->state == SESSION_NONE)
		return;
	if (session_wants_input(session, &agent->link))
		add(polls, input_fd(&session->in), POLLIN, number, PART_INPUT);
	if (session->client >= 0)
		add(polls, session->client, POLLIN, number, PART_CLIENT);
	for (i = 0; i < OUTPUTS; i++) {
		if (session_writable(&session->out[i]))
			add(polls, session->out[i].fd, POLLOUT, number, PART_OUTPUT + i);
	}
}

/* Says to the guest all that there is to say, and finds out what to wait for. */
static void prepare(struct agent *agent, struct polls *polls)
{
	unsigned int i;

	pthread_mutex_lock(&agent->lock);
	agent->ops->prepare(agent);
	polls->nr = 0;
	polls->fds[polls->nr++] = (struct pollfd){ .fd = agent->pump.kick, .events = POLLIN };
	for (i = 0; i < AGENT_SESSIONS; i++) {
		struct session *session = &agent->sessions[i];

		if (agent->ready)
			session_send(session, i, &agent->link);
		if (session_is_done(session))
			agent->ops->ended(agent, i);
		add_session(agent, i, polls);
	}
	keys_send(agent);
	pthread_mutex_unlock(&agent->lock);
	agent->ops->attend(agent);
}

static void read_input(struct agent *agent, unsigned int number)
{
	struct session *session = &agent->sessions[number];
	char bytes[AGENT_FRAME_MAX];
	size_t room = link_data_room(&agent->link);
	ssize_t n;

	if (session->in.keys) {
		keys_read(agent);
		return;
	}
	if (room > session->in.credit)
		room = session->in.credit;
	if (!room)
		return;
	n = read(session->in.fd, bytes, room);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	pthread_mutex_lock(&agent->lock);
	session_input(session, number, &agent->link, bytes, n);
	pthread_mutex_unlock(&agent->lock);
}

/* Bytes that are written, 0 if none can be now, -1 if nobody will read them. */
static ssize_t write_some(const struct session_output *out, const char *from, size_t len)
{
	ssize_t n;

	if (out->blocks && len > SAFE_BYTES)
		len = SAFE_BYTES;
	n = write(out->fd, from, len);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n < 0 && errno != EPIPE)
		complain("the command's output is lost: %s", strerror(errno));
	return n;
}

static void write_output(struct agent *agent, struct session_output *out)
{
	const char *from;
	size_t len;
	ssize_t n;

	pthread_mutex_lock(&agent->lock);
	from = out->bytes + out->start;
	len = session_writable(out);
	pthread_mutex_unlock(&agent->lock);
	if (!len)
		return;
	n = write_some(out, from, len);
	pthread_mutex_lock(&agent->lock);
	session_wrote(out, n);
	pthread_mutex_unlock(&agent->lock);
}

static void serve(struct agent *agent, unsigned int number, unsigned int part)
{
	if (agent->sessions[number].state == SESSION_NONE)
		return;
	if (part == PART_INPUT)
		read_input(agent, number);
	else if (part == PART_CLIENT)
		agent->ops->hear(agent, number);
	else
		write_output(agent, &agent->sessions[number].out[part - PART_OUTPUT]);
}

static int patience(const struct agent *agent)
{
	const __u64 now = clock_ms();

	if (!agent->deadline)
		return -1;
	return agent->deadline > now ? agent->deadline - now : 0;
}

static void round_of(struct agent *agent)
{
	static struct polls polls;
	__u64 kicks;
	unsigned int i;

	prepare(agent, &polls);
	if (poll(polls.fds, polls.nr, patience(agent)) <= 0)
		return;
	if (polls.fds[0].revents && read(agent->pump.kick, &kicks, sizeof(kicks)) < 0)
		return;
	for (i = OWN_POLLS; i < polls.nr; i++) {
		if (polls.fds[i].revents)
			serve(agent, polls.of[i].session, polls.of[i].part);
	}
}

static void *pump_thread(void *arg)
{
	struct agent *agent = arg;

	while (!atomic_load(&agent->pump.stopping))
		round_of(agent);
	return NULL;
}

/**
 * pump_start() - begin, under the filter of system calls
 *
 * Return: false, see failure(), if there can be no thread.
 */
bool pump_start(struct agent *agent)
{
	return worker_prepare(&agent->pump) && worker_start(&agent->pump, pump_thread, agent);
}

/* The guest is gone, but what it has said is to be heard; by a client, at once. */
static void finish(struct session_output *out, bool patient)
{
	struct pollfd p = { .fd = out->fd, .events = POLLOUT };

	while (session_writable(out) && !hold_ending()) {
		const int ready = poll(&p, 1, patient ? -1 : 0);

		if (ready > 0)
			session_wrote(out, write_some(out, out->bytes + out->start,
						      session_writable(out)));
		else if (!ready)
			return;
	}
}

/** pump_stop() - the end: what is still to be written is */
void pump_stop(struct agent *agent)
{
	unsigned int i, j;

	worker_close(&agent->pump);
	for (i = 0; i < AGENT_SESSIONS; i++) {
		for (j = 0; j < OUTPUTS && agent->sessions[i].state != SESSION_NONE; j++)
			finish(&agent->sessions[i].out[j], is_own_command(agent, i));
		if (session_is_done(&agent->sessions[i]))
			agent->ops->ended(agent, i);
	}
}
