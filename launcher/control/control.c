// SPDX-License-Identifier: GPL-2.0
/*
 * The control socket: where other commands ask for a running guest's numbers,
 * hold it, and end it.  sockets.c makes the socket, cmd_control.c is the other
 * side; control.h says what is said, and other files do what is asked (verbs.c).
 *
 * The event loop serves it, so that a guest that never stops computing and
 * a launcher that waits for its disk can be asked, too.  Clients may be as bad as
 * they like: there are few at a time, each has little time to ask, and nobody
 * waits for them to listen.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base.h"
#include "config.h"
#include "control.h"
#include "hold.h"
#include "loop.h"
#include "signals.h"
#include "sock.h"
#include "sockets.h"
#include "verbs.h"

#define CLIENTS_MAX	16	/* more wait in the socket's queue */
#define ASK_MS		1000	/* until a client has asked, or is dropped */
#define AT_END_MAX	4

static const struct config *about;
static char name[SOCKETS_NAME_MAX + 1];
static char path[SOCKETS_PATH_MAX];	/* of the directory */
static int directory = -1;
static void (*at_end[AT_END_MAX])(void);
static unsigned int nr_at_end;
static int listener = -1;
static bool lent;		/* it is another process's to remove */
static pid_t owner;		/* who took the name */

enum client_state {
	CLIENT_NONE,		/* the slot is free */
	CLIENT_ASKS,		/* has to send its request */
	CLIENT_WAITS,		/* for what its verb's file knows */
};

static struct control_client {
	struct loop_source source;
	enum client_state state;
	int fd;
	const struct control_wait_ops *ops;
	void *data;
} clients[CLIENTS_MAX];

/** control_name() - what the guest is called */
const char *control_name(void)
{
	return name;
}

/** control_owner() - the process that is its launcher, for others */
pid_t control_owner(void)
{
	return owner;
}

/** control_config() - what the guest was to be */
const struct config *control_config(void)
{
	return about;
}

static void look_around(struct loop_source *source, int why);
static void welcome(struct loop_source *source, int why);

static struct loop_source door = { .call = welcome };
static struct loop_source news = { .call = look_around };

/** control_kick() - there may be what clients wait for; good in any thread */
void control_kick(void)
{
	loop_raise(&news);
}

/* There is a free slot. */
static void forget(struct control_client *client)
{
	loop_remove(&client->source);
	client->state = CLIENT_NONE;
	loop_watch(&door, listener, POLLIN);
}

static void drop(struct control_client *client)
{
	forget(client);
	close(client->fd);
}

/**
 * control_tell() - send a client something, and go on with it
 * @client: it; dropped if it does not listen
 * @text: what
 *
 * Return: whether the client is still there.
 */
bool control_tell(struct control_client *client, const char *text)
{
	if (sock_send(client->fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return true;
	explain("control: a client does not listen: %s", strerror(errno));
	drop(client);
	return false;
}

/**
 * control_answer() - send a client its answer, and be done with it
 * @client: it
 * @text: CONTROL_OK and what is to be printed, or what is wrong
 */
void control_answer(struct control_client *client, const char *text)
{
	if (control_tell(client, text))
		drop(client);
}

/**
 * control_answer_status() - tell a client how the launcher ends
 * @client: it; that is its answer
 * @status: with which status
 */
void control_answer_status(struct control_client *client, int status)
{
	char text[32];

	snprintf(text, sizeof(text), CONTROL_OK "%d\n", status);
	control_answer(client, text);
}

/**
 * control_wait() - the answer comes later
 * @client: who waits for it
 * @ops: are called about it
 * @data: for them
 * @milliseconds: until it is late; -1: never
 */
void control_wait(struct control_client *client, const struct control_wait_ops *ops, void *data,
		  int milliseconds)
{
	client->state = CLIENT_WAITS;
	client->ops = ops;
	client->data = data;
	loop_timer(&client->source, milliseconds);
}

/**
 * control_take() - the connection is for somebody else to serve
 * @client: it; no more is known of it here
 *
 * Return: the connection: SOCK_SEQPACKET, non-blocking, to be closed by the caller.
 */
int control_take(struct control_client *client)
{
	forget(client);
	return client->fd;
}

static const char *wrong_number(const struct control_verb *verb,
				const struct control_request *request)
{
	if (request->argc < verb->args_min || request->argc > verb->args_max)
		return "this guest's launcher wants other arguments for that command";
	if (request->nr_fds < verb->fds_min || request->nr_fds > verb->fds_max)
		return "this guest's launcher wants other files for that command";
	return NULL;
}

static void serve(struct control_client *client, struct control_request *request)
{
	const struct control_verb *const *verb;
	const char *wrong;

	for (verb = __start_control_verbs; verb < __stop_control_verbs; verb++) {
		if (strcmp(request->verb, (*verb)->name))
			continue;
		wrong = wrong_number(*verb, request);
		if (wrong)
			control_answer(client, wrong);
		else
			(*verb)->serve(client, request);
		return;
	}
	control_answer(client, "this guest's launcher does not know that command");
}

/* A client that has nothing to say any more, or says more than it may. */
static void lose(struct control_client *client)
{
	if (client->state == CLIENT_WAITS && client->ops->gone)
		client->ops->gone(client, client->data);
	drop(client);
}

/* There is a message, or the client is gone. */
static void hear(struct control_client *client)
{
	static char text[CONTROL_MESSAGE_MAX + 2];
	static struct control_request request;
	const char *wrong;
	unsigned int i;
	ssize_t n;

	request.nr_fds = CONTROL_FDS_MAX;
	n = sock_receive_fds(client->fd, text, CONTROL_MESSAGE_MAX + 1, MSG_DONTWAIT,
			     request.fds, &request.nr_fds);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0 && errno == EMSGSIZE) {
		control_answer(client, "this request has too many files");
		return;
	}
	if (n <= 0 || client->state != CLIENT_ASKS) {
		lose(client);
	} else {
		wrong = control_parse(text, n, &request);
		if (wrong)
			control_answer(client, wrong);
		else
			serve(client, &request);
	}
	for (i = 0; i < request.nr_fds; i++) {
		if (request.fds[i] >= 0)
			close(request.fds[i]);
	}
}

/* What does not depend on the client: what it waits for, and the time. */
static void look_after(struct control_client *client, bool late)
{
	if (client->state == CLIENT_WAITS && client->ops->look)
		client->ops->look(client, client->data, late);
	else if (client->state == CLIENT_ASKS && late)
		drop(client);
}

static void serve_client(struct loop_source *source, int why)
{
	struct control_client *client = container_of(source, struct control_client, source);

	if (why & LOOP_TIME)
		look_after(client, true);
	if (!(why & ~LOOP_TIME) || client->state == CLIENT_NONE)
		return;
	hear(client);
	look_after(client, false);
}

static void look_around(struct loop_source *source, int why)
{
	unsigned int i;

	(void)source;
	(void)why;
	for (i = 0; i < CLIENTS_MAX; i++)
		look_after(&clients[i], false);
}

static struct control_client *free_slot(void)
{
	unsigned int i;

	for (i = 0; i < CLIENTS_MAX; i++) {
		if (clients[i].state == CLIENT_NONE)
			return &clients[i];
	}
	return NULL;
}

static void welcome(struct loop_source *source, int why)
{
	struct control_client *client = free_slot();
	int fd;

	(void)why;
	if (!client) {
		loop_watch(source, -1, 0);
		return;
	}
	fd = sock_accept(listener, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	if (!sockets_trusted(fd)) {
		close(fd);
		return;
	}
	*client = (struct control_client){
		.source.call = serve_client, .state = CLIENT_ASKS, .fd = fd,
	};
	loop_add(&client->source);
	loop_watch(&client->source, fd, POLLIN);
	loop_timer(&client->source, ASK_MS);
}

/* The kernel's name and our pid, if the user gave no name. */
static void choose_name(const struct config *config)
{
	const char *slash = strrchr(config->kernel, '/');
	char kernel[SOCKETS_NAME_MAX / 2];
	size_t i;

	if (config->name) {
		snprintf(name, sizeof(name), "%s", config->name);
		return;
	}
	snprintf(kernel, sizeof(kernel), "%s", slash ? slash + 1 : config->kernel);
	for (i = 0; kernel[i]; i++) {
		const char one[] = { i ? 'a' : kernel[i], kernel[i], '\0' };

		if (!sockets_good_name(one))
			kernel[i] = i ? '_' : 'k';
	}
	snprintf(name, sizeof(name), "%s-%d", kernel, owner);
}

/* Without a socket a guest runs as well, if nobody named it. */
static bool __must_check no_socket(const struct config *config, int error)
{
	const char *where = *path ? path : "a directory of ours";

	if (!config->name) {
		complain("no control socket in %s: %s", where, strerror(error));
		return true;
	}
	if (directory >= 0)
		close(directory);
	directory = -1;
	if (error == EEXIST)
		return failure("--name %s: a guest of that name is running", config->name);
	return failure("no control socket in %s: %s\n--name %s: cannot be given", where,
		       strerror(error), config->name);
}

/**
 * control_open() - take the guest's name
 * @config: of the guest; it lasts
 *
 * Whoever calls already has to wait for control_start().
 *
 * Return: false if it cannot have the name that it was given, see failure().
 */
bool control_open(const struct config *config)
{
	about = config;
	owner = getpid();
	choose_name(config);
	directory = sockets_open(path, true);
	if (directory >= 0)
		listener = sockets_listen(directory, path, name);
	if (listener < 0)
		return no_socket(config, errno);
	atexit(control_remove);
	signals_at_end(control_remove);
	explain("control socket: %s/%s", path, name);
	return true;
}

/** control_directory() - where the control sockets are; "" if there is no such place */
const char *control_directory(void)
{
	return directory >= 0 ? path : "";
}

/**
 * control_at_end() - what is to be done when the control socket goes
 * @f: does it; good in a signal handler
 *
 * After control_open().  Whoever removes the socket calls it, and no child of his.
 *
 * Return: false if it cannot be called, see failure().
 */
bool control_at_end(void (*f)(void))
{
	if (nr_at_end == AT_END_MAX)
		return failure("too much is left at the end");
	if (!nr_at_end && listener < 0)
		atexit(control_remove);
	at_end[nr_at_end++] = f;
	return true;
}

/* Serves it, in the event loop.  Who waits for the guest's end does so until all has ended. */
void control_start(void)
{
	if (listener < 0)
		return;
	hold_tell(control_kick);
	loop_add(&news);
	loop_add(&door);
	loop_watch(&door, listener, POLLIN);
}

/**
 * control_end() - tell who wants to know it how the launcher ends
 * @status: its
 *
 * After loop_stop().
 */
void control_end(int status)
{
	unsigned int i;

	for (i = 0; i < CLIENTS_MAX; i++) {
		struct control_client *client = &clients[i];

		if (client->state == CLIENT_WAITS && client->ops->ended)
			client->ops->ended(client, client->data, status);
	}
}

/* The socket is ours to serve, but our parent's to remove. */
void control_lend(void)
{
	lent = true;
}

/* Gives the name back.  Good in a signal handler. */
void control_remove(void)
{
	int saved = errno;
	unsigned int i;

	if (listener >= 0 && !lent)
		unlinkat(directory, name, 0);
	for (i = 0; i < nr_at_end && !lent; i++)
		at_end[i]();
	errno = saved;
}
