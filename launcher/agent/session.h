/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A session with the agent: a command in the guest, and what its streams are here.  See
 * session.c.
 */
#ifndef SESSION_H
#define SESSION_H

#include "link.h"

#define OUTPUTS		2u	/* what it says, and what it complains */

enum session_state {
	SESSION_NONE,		/* the slot is free */
	SESSION_SPAWNS,		/* its SPAWN frames are on their way */
	SESSION_RUNS,
	SESSION_ENDED,		/* its status is known, its output may not be written yet */
};

/* What the command reads. */
struct session_input {
	int fd;			/* -1: none, or at its end */
	bool keys;		/* it is our terminal: some keys are ours */
	bool ended;		/* the agent knows that there is no more */
	size_t credit;
};

/* What it writes. */
struct session_output {
	int fd;			/* -1: nobody reads it any more */
	bool blocks;		/* write() may, if it is long */
	bool shut;		/* the agent is to know that */
	char *bytes;		/* AGENT_WINDOW of them, a ring */
	size_t start, len;
	size_t granted;		/* the agent may send so much */
	size_t owed;		/* written, and not granted yet */
};

struct session {
	enum session_state state;
	bool terminal;
	char *spawn;		/* struct agent_spawn and its strings */
	size_t spawn_len, spawn_done;
	struct session_input in;
	struct session_output out[OUTPUTS];
	struct agent_status status;
	struct agent_size size;
	bool resized;		/* the agent is to know the size */
	__u64 signals;		/* that it is to pass on, by bit */
	int client;		/* a connection, of "lguest shell"; -1: it is the launcher's own */
};

char *session_memory(size_t len);
void session_forget_memory(char **at, size_t len);
bool session_open(struct session *session, const char *spawn, size_t len, const int fds[3]);
void session_close(struct session *session);
const char *session_frame(struct session *session, const struct agent_frame *frame,
			  const char *payload);
void session_send(struct session *session, unsigned int number, struct link *link);
bool session_wants_input(const struct session *session, const struct link *link);
void session_input(struct session *session, unsigned int number, struct link *link,
		   const void *bytes, ssize_t len);
size_t session_writable(const struct session_output *out);
void session_wrote(struct session_output *out, ssize_t n);
bool session_is_done(const struct session *session);
void session_hang_up(struct session *session);

#endif /* SESSION_H */
