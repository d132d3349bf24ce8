/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The commands of the control socket.  A file that has one describes it in a
 * struct control_verb and names that with CONTROL_VERB(); control.c finds it there.
 *
 * A request is one message: the verb, or the verb and its arguments with a NUL after
 * each of them, and perhaps descriptors (SCM_RIGHTS).  It is answered by one message
 * that begins with CONTROL_OK or else says what is wrong; a verb may answer later, or
 * take the connection for a protocol of its own.
 */
#ifndef CONTROL_H
#define CONTROL_H

#include "config.h"
#include "sock.h"
#include "sockets.h"

#define CONTROL_MESSAGE_MAX	32768u	/* of a request, all in all */
#define CONTROL_ARGS_MAX	256u
#define CONTROL_FDS_MAX		4u

struct control_client;

/* All of it is the client's choice but that it is within its bounds. */
struct control_request {
	const char *verb;
	unsigned int argc;
	char *argv[CONTROL_ARGS_MAX + 1];	/* ends with NULL */
	unsigned int nr_fds;
	/* They are closed when the verb has been served; who keeps one puts -1 here. */
	int fds[CONTROL_FDS_MAX];
};

/*
 * Runs in the event loop, which must not wait, as all of its callers here do.  It has to answer
 * (control_answer()), to say what it waits for (control_wait()), or to take the
 * connection (control_take()) before it returns.
 */
struct control_verb {
	const char *name;
	unsigned int args_min, args_max;
	unsigned int fds_min, fds_max;
	void (*serve)(struct control_client *client, struct control_request *request);
};

#define CONTROL_VERB(verb) \
	static const struct control_verb *const verb##_entry \
	__attribute__((used, section("control_verbs"))) = &(verb)

/* Bounds of that section, made by the linker; only for control.c. */
extern const struct control_verb *const __start_control_verbs[];
extern const struct control_verb *const __stop_control_verbs[];

/* What becomes of a client that waits. */
struct control_wait_ops {
	/* After control_kick(), and when the time is up; NULL if there is nothing to see. */
	void (*look)(struct control_client *client, void *data, bool late);
	/* The client has gone away unanswered; NULL if that is no matter. */
	void (*gone)(struct control_client *client, void *data);
	/* The launcher ends, with that status; NULL if that is no matter, either. */
	void (*ended)(struct control_client *client, void *data, int status);
};

/* message.c */
const char *control_parse(char *text, size_t len, struct control_request *request);

/* control.c */
bool __must_check control_open(const struct config *config);
void control_start(void);
void control_end(int status);
void control_lend(void);
void control_remove(void);
void control_answer(struct control_client *client, const char *text);
void control_answer_status(struct control_client *client, int status);
void control_wait(struct control_client *client, const struct control_wait_ops *ops, void *data,
		  int milliseconds);
bool control_tell(struct control_client *client, const char *text);
int control_take(struct control_client *client);
void control_kick(void);
const char *control_name(void);
const char *control_directory(void);
bool __must_check control_at_end(void (*f)(void));
pid_t control_owner(void);
const struct config *control_config(void);

/* sock.c */
ssize_t sock_receive_fds(int fd, void *data, size_t room, int flags, int *fds, unsigned int *nr);

#endif /* CONTROL_H */
