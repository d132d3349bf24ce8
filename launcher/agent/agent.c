// SPDX-License-Identifier: GPL-2.0
/*
 * The agent in the guest, as the launcher sees it: a channel that it says hello on,
 * sessions once it is ready, and the guest's end when the launcher's own command has
 * ended.  The guest may be any program: all that it can do is to lie about its commands.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base.h"
#include "command.h"
#include "device_option.h"
#include "guest_agent.h"
#include "hold.h"
#include "link.h"
#include "port.h"
#include "pump.h"
#include "session.h"
#include "worker.h"

#define OFF_MS		10000	/* for the guest to end after its command */

static struct agent *to_agent(struct port *port)
{
	return container_of(port, struct agent, port);
}

static void wake(int event)
{
	const __u64 one = 1;

	if (write(event, &one, sizeof(one)) < 0)
		return;			/* it is full: woken enough */
}

/* Sessions that the agent knew are no more. */
static void lose_sessions(struct agent *agent)
{
	unsigned int i;

	for (i = 0; i < AGENT_SESSIONS; i++) {
		struct session *session = &agent->sessions[i];

		if (session->state != SESSION_RUNS && session->state != SESSION_SPAWNS)
			continue;
		session->status = (struct agent_status){ .ending = AGENT_LOST };
		session->state = SESSION_ENDED;
	}
}

static const char *hello(struct agent *agent, const char *payload, size_t len)
{
	struct agent_hello hello;

	if (agent->hello || len < sizeof(hello))
		return "says hello as nobody does";
	memcpy(&hello, payload, sizeof(hello));
	if (hello.version != AGENT_VERSION)
		return "is of another version";
	agent->hello = true;
	agent->greeted = true;
	agent->init = hello.flags & AGENT_HELLO_INIT;
	agent->ready = !agent->init;
	return NULL;
}

static const char *failed(struct agent *agent, const char *payload, size_t len)
{
	if (len >= sizeof(agent->failed))
		len = sizeof(agent->failed) - 1;
	memcpy(agent->failed, payload, len);
	agent->failed[len] = '\0';
	printable(agent->failed);
	return NULL;
}

static const char *take_frame(void *arg, const struct agent_frame *frame, const char *payload)
{
	struct agent *agent = arg;

	if (frame->type == AGENT_HELLO)
		return hello(agent, payload, frame->length);
	if (!agent->hello)
		return "does not say hello";
	switch (frame->type) {
	case AGENT_READY:
		agent->ready = agent->set_up;
		return NULL;
	case AGENT_FAILED:
		return failed(agent, payload, frame->length);
	}
	if (frame->session >= AGENT_SESSIONS || !agent->ready)
		return "speaks of a command that there is not";
	return session_frame(&agent->sessions[frame->session], frame, payload);
}

static size_t take(struct port *port, struct iovec *iov, int nr)
{
	struct agent *agent = to_agent(port);
	size_t taken;

	pthread_mutex_lock(&agent->lock);
	taken = link_take(&agent->link, iov, nr);
	pthread_mutex_unlock(&agent->lock);
	if (taken)
		worker_kick(&agent->pump);	/* it may wait for room */
	return taken;
}

static bool pending(struct port *port)
{
	struct agent *agent = to_agent(port);
	bool any;

	pthread_mutex_lock(&agent->lock);
	any = agent->link.len;
	pthread_mutex_unlock(&agent->lock);
	return any;
}

static void put(struct port *port, const struct iovec *iov, int nr)
{
	struct agent *agent = to_agent(port);
	const char *wrong;

	pthread_mutex_lock(&agent->lock);
	wrong = link_put(&agent->link, iov, nr, take_frame, agent);
	if (wrong)
		lose_sessions(agent);
	pthread_mutex_unlock(&agent->lock);
	if (wrong)
		complain("the guest's agent %s: it is not heard any more", wrong);
	worker_kick(&agent->pump);
}

/* A program that opens the port is another agent than the one before. */
static void opened(struct port *port, bool open)
{
	struct agent *agent = to_agent(port);

	pthread_mutex_lock(&agent->lock);
	if (!open)
		link_reset(&agent->link);
	if (!open && agent->hello) {
		lose_sessions(agent);
		agent->hello = false;
		agent->init = false;
		agent->ready = false;
		agent->set_up = false;
	}
	pthread_mutex_unlock(&agent->lock);
	worker_kick(&agent->pump);
}

static const struct port_ops ops = {
	.take = take,
	.pending = pending,
	.put = put,
	.opened = opened,
};

static void send_setup(struct agent *agent)
{
	size_t len, part;
	const char *text = command_setup(&len);

	for (; len; text += part, len -= part) {
		part = len < AGENT_FRAME_MAX ? len : AGENT_FRAME_MAX;
		link_send(&agent->link, AGENT_SETUP, 0, 0, text, part);
	}
	link_send(&agent->link, AGENT_SETUP_END, 0, 0, NULL, 0);
	agent->set_up = true;
}

static void send_end(struct agent *agent)
{
	if (!agent->ready || !link_has_room(&agent->link, 0))
		return;
	link_send(&agent->link, AGENT_POWER_OFF, 0, 0, NULL, 0);
	agent->ending = false;
}

/* With the lock: what the agent is to hear that is of no session. */
static void prepare(struct agent *agent)
{
	if (agent->hello && agent->init && !agent->set_up)
		send_setup(agent);
	if (agent->command)
		command_prepare(agent);
	if (agent->ending)
		send_end(agent);
}

/* With the lock: session @number has ended, and all that it said is written. */
static void ended(struct agent *agent, unsigned int number)
{
	struct session *session = &agent->sessions[number];

	if (!is_own_command(agent, number)) {
		shell_ended(agent, number);
	} else {
		agent->status = session->status;
		agent->delivered = session->status.ending != AGENT_LOST;
		agent->ending = true;
		agent->deadline = clock_ms() + OFF_MS;
		command_ended();
	}
	session_close(session);
}

/* Without it: what else there is to do before the pump sleeps. */
static void attend(struct agent *agent)
{
	if (pending(&agent->port))
		wake(agent->port.news);
	if (agent->deadline && clock_ms() >= agent->deadline) {
		agent->deadline = 0;
		hold_stop();
	}
}

static const struct pump_ops pump_ops = {
	.prepare = prepare,
	.ended = ended,
	.hear = shell_hear,
	.attend = attend,
};

/**
 * agent_start() - all is open, and the filter of system calls is in force
 *
 * Return: false, see failure(), if there can be no thread for it.
 */
bool agent_start(void)
{
	return !the_agent()->port.name || pump_start(the_agent());
}

static void agent_close(struct model *model)
{
	struct port *port = to_port(model);

	pump_stop(to_agent(port));
	close(port->news);
	close(port->control);
}

static bool make_events(struct port *port)
{
	port->news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	port->control = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return (port->news >= 0 && port->control >= 0) ||
	       failure("cannot make an eventfd: %s", strerror(errno));
}

static struct model *agent_create(const void *value)
{
	struct agent *agent = the_agent();

	(void)value;
	agent->ops = &pump_ops;
	agent->port = (struct port){
		.model = { MODEL_AGENT, "agent", agent_close },
		.ops = &ops,
		.name = AGENT_PORT,
	};
	if (make_events(&agent->port) && worker_prepare(&agent->pump) && command_open(agent))
		return &agent->port.model;
	agent_close(&agent->port.model);
	return NULL;
}

static const struct device_option agent_option = {
	.name = "agent",
	.help = "a channel to the agent in the guest (" AGENT_PATH "), for 'lguest shell'",
	.with_command = "",
	.single = true,
	.create = agent_create,
};

DEVICE_OPTION(agent_option);
