// SPDX-License-Identifier: GPL-2.0
/*
 * What is typed for a command that has the launcher's terminal as its own: some keys are
 * for the launcher (escape.c).  They are read even while the command takes none; then
 * those that have no room are lost, as on any terminal.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "console.h"
#include "hold.h"
#include "link.h"
#include "pump.h"
#include "session.h"
#include "terminal.h"

static void help(void)
{
	fresh_line();
	complain("%s x      end the guest", escape_name());
	complain("%s %s send %s to the command", escape_name(), escape_name(), escape_name());
	complain("%s h      this help", escape_name());
}

static void act(struct agent *agent, unsigned char byte)
{
	switch (escape_byte(&agent->escape, byte)) {
	case ESCAPE_SEND:
		if (agent->nr_keys < KEYS_MAX)
			agent->keys[agent->nr_keys++] = byte;
		break;
	case ESCAPE_STOP:
		hold_stop();
		break;
	case ESCAPE_HELP:
		help();
		break;
	case ESCAPE_DETACH:
	case ESCAPE_NONE:
		break;
	}
}

/* Somebody hammers on ^C: is it that the command does not run yet? */
static void hint(struct agent *agent, const unsigned char *bytes, ssize_t len)
{
	if (!escape_interrupts(&agent->escape, bytes, len, clock_ms()) ||
	    !first_time(&agent->hinted))
		return;
	fresh_line();
	if (escape_name())
		complain("(^C is for the command; %s x ends the guest)", escape_name());
}

/** keys_read() - something was typed */
void keys_read(struct agent *agent)
{
	unsigned char bytes[256];
	ssize_t n, i;

	if (!terminal_look())
		return;
	n = read(STDIN_FILENO, bytes, sizeof(bytes));
	if (n < 0 && (errno == EINTR || errno == EAGAIN || !terminal_look()))
		return;
	pthread_mutex_lock(&agent->lock);
	if (n <= 0)
		agent->sessions[0].in.fd = -1;
	for (i = 0; i < n; i++)
		act(agent, bytes[i]);
	pthread_mutex_unlock(&agent->lock);
	if (n > 0)
		hint(agent, bytes, n);
}

/** keys_send() - what was typed, if the command can have it now */
void keys_send(struct agent *agent)
{
	struct session *session = &agent->sessions[0];
	size_t len = agent->nr_keys;

	if (session->state != SESSION_RUNS || !session->in.keys)
		return;
	if (len > session->in.credit)
		len = session->in.credit;
	if (len > link_data_room(&agent->link))
		len = link_data_room(&agent->link);
	if (!len)
		return;
	session_input(session, 0, &agent->link, agent->keys, len);
	agent->nr_keys -= len;
	memmove(agent->keys, agent->keys + len, agent->nr_keys);
}
