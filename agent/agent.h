/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The agent: lguest's end in a Linux guest, which runs commands for the launcher.  What
 * its files know of each other.
 */
#ifndef LGUEST_AGENT_H
#define LGUEST_AGENT_H

#include "protocol.h"
#include "sys.h"

/* channel.c: frames to and from the launcher */
bool channel_open(void);
int channel_fd(void);
bool channel_wants_out(void);
bool channel_has_room(void);
size_t channel_data_room(void);
void channel_send(enum agent_type type, unsigned int session, unsigned int stream,
		  const void *from, size_t len);
void channel_flush(void);
void channel_drain(void);
bool channel_fill(void);
const struct agent_frame *channel_next(const char **payload);

/* init.c: what the first process of a system does */
bool init_is(void);
void init_start(void);
void init_ready(void);
void say(const char *what, const char *of, long error);
noreturn void init_power_off(void);
long init_run(char *const argv[]);

/* setup.c: what the launcher says that the guest is to be like */
void setup_piece(const char *from, size_t len);
const char *setup_do(void);
long setup_module(const char *name);

/* root.c: files of the host's */
long root_keep(const char *value);
long root_set(const char *value);
long root_mount(const char *value);

/* spawn.c: from a message to a process */
struct spawn {
	char *text;			/* AGENT_SPAWN_MAX bytes, while it is collected */
	size_t len;
};

struct spawned {
	int pid;
	int exec;			/* has an errno if it could not be run */
	int in, out, err;		/* ours; for a terminal in == out, and no err */
	bool terminal;
};

bool spawn_piece(struct spawn *spawn, const char *from, size_t len);
int spawn_run(struct spawn *spawn, struct spawned *to);
void spawn_forget(struct spawn *spawn);
void spawn_hear_children(void);
void spawn_default_signals(void);
int terminal_open(const struct agent_size *size, int *slave);
void terminal_resize(int fd, const struct agent_size *size);

/* session.c: commands that run, and their streams */
#define SESSION_POLLS	3u

void session_frame(const struct agent_frame *frame, const char *payload);
unsigned int session_polls(struct pollfd *fds);
void session_died(int pid, int status);
void session_work(void);

#endif /* LGUEST_AGENT_H */
