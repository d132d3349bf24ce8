/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the agent know of each other; others want guest_agent.h. */
#ifndef PUMP_H
#define PUMP_H

#include <pthread.h>

#include "console.h"
#include "port.h"
#include "session.h"
#include "worker.h"

#define KEYS_MAX	4096u		/* typed before the command runs */

struct agent;

/* What the pump asks of others.  The first two are called with the lock. */
struct pump_ops {
	/* The agent is to hear what is of no session. */
	void (*prepare)(struct agent *agent);
	/* A session has ended, and all that it said is written. */
	void (*ended)(struct agent *agent, unsigned int number);
	/* Something came from a session's client. */
	void (*hear)(struct agent *agent, unsigned int number);
	/* The pump is about to sleep. */
	void (*attend)(struct agent *agent);
};

struct agent {
	struct port port;		/* which has a name if there is an agent at all */
	const struct pump_ops *ops;
	struct worker pump;		/* the only one that writes to the link */

	pthread_mutex_t lock;		/* of all that follows */
	struct link link;
	bool hello;			/* it is there */
	bool greeted;			/* it has ever been */
	bool init;			/* it is the guest's first process */
	bool set_up;			/* it was told what the guest is to be like */
	bool ready;			/* for sessions */
	char failed[256];		/* why it is not */
	struct session sessions[AGENT_SESSIONS];

	/* The launcher's own command, which is the first session. */
	bool command;
	bool ending;			/* it has ended, and the guest was told to */
	bool delivered;			/* its output, and the status is the following */
	struct agent_status status;
	__u64 deadline;			/* ms: until when the guest has to be off, or 0 */
	struct escape escape;
	bool hinted;
	char keys[KEYS_MAX];
	size_t nr_keys;
};

/* state.c */
struct agent *the_agent(void);

/* Or is the session a client's? */
static inline bool is_own_command(const struct agent *agent, unsigned int number)
{
	return agent->command && !number;
}

/* pump.c */
bool __must_check pump_start(struct agent *agent);
void pump_stop(struct agent *agent);

/* keys.c */
void keys_read(struct agent *agent);
void keys_send(struct agent *agent);

/* shell.c */
void shell_hear(struct agent *agent, unsigned int number);
void shell_ended(struct agent *agent, unsigned int number);

#endif /* PUMP_H */
