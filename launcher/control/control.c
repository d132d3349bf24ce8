// SPDX-License-Identifier: GPL-2.0
/*
 * The control socket: where other commands ask for a running guest's numbers,
 * hold it, and end it.  sockets.c makes the socket, cmd_control.c is the other
 * side; control.h says what is said, and other files do what is asked (verbs.c).
 *
 * A thread of its own serves it, so that a guest that never stops computing and
 * a launcher that waits for its disk can be asked, too.  Clients may be as bad as
 * they like: there are few at a time, each has little time to ask, and nobody
 * waits for them to listen.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control.h"
#include "worker.h"

#define CLIENTS_MAX	16	/* more wait in the socket's queue */
#define ASK_MS		1000	/* until a client has asked, or is dropped */
#define NUDGE_MS	20	/* from one call to a busy thread to the next */

static const struct config *about;
static char name[SOCKETS_NAME_MAX + 1];
static int directory = -1;
static int listener = -1;
static bool lent;		/* it is another process's to remove */
static pid_t owner;		/* who took the name */
static struct worker server;

enum client_state {
	CLIENT_NONE,		/* the slot is free */
	CLIENT_ASKS,		/* has to send its request */
	CLIENT_WAITS,		/* for what its verb's file knows */
};

static struct control_client {
	enum client_state state;
	int fd;
	bool patient;		/* there is no deadline */
	__u64 deadline;		/* ms */
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

/** control_kick() - there is something for the clients that wait to look at */
void control_kick(void)
{
	worker_kick(&server);
}

static void drop(struct control_client *client)
{
	close(client->fd);
	client->state = CLIENT_NONE;
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
	client->patient = milliseconds < 0;
	client->deadline = clock_ms() + milliseconds;
}

/**
 * control_take() - the connection is for somebody else to serve
 * @client: it; no more is known of it here
 *
 * Return: the connection: SOCK_SEQPACKET, non-blocking, to be closed by the caller.
 */
int control_take(struct control_client *client)
{
	client->state = CLIENT_NONE;
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

static bool is_late(const struct control_client *client)
{
	return !client->patient && clock_ms() >= client->deadline;
}

/* What does not depend on the client: what it waits for, and the time. */
static void look_after(struct control_client *client)
{
	const bool late = is_late(client);

	client->patient |= late;	/* it is said once */
	if (client->state == CLIENT_WAITS && client->ops->look)
		client->ops->look(client, client->data, late);
	else if (client->state == CLIENT_ASKS && late)
		drop(client);
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

static void welcome(void)
{
	struct control_client *client = free_slot();
	int fd = sock_accept(listener, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (!client || !sockets_trusted(fd)) {
		close(fd);
		return;
	}
	*client = (struct control_client){
		.state = CLIENT_ASKS, .fd = fd, .deadline = clock_ms() + ASK_MS,
	};
}

/* How long poll() may sleep. */
static int patience(void)
{
	__u64 now = clock_ms();
	int patience = hold_stopped() ? NUDGE_MS : -1;
	unsigned int i;

	for (i = 0; i < CLIENTS_MAX; i++) {
		int left = clients[i].deadline > now ? clients[i].deadline - now : 0;

		if (clients[i].state == CLIENT_NONE || clients[i].patient)
			continue;
		if (patience < 0 || left < patience)
			patience = left;
	}
	return patience;
}

/* One round: the first two fds are the server's own, the others clients'. */
static void serve_all(void)
{
	struct pollfd fds[2 + CLIENTS_MAX];
	unsigned int i;
	__u64 kicks;

	fds[0] = (struct pollfd){ .fd = server.kick, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = free_slot() ? listener : -1, .events = POLLIN };
	for (i = 0; i < CLIENTS_MAX; i++) {
		fds[2 + i].fd = clients[i].state != CLIENT_NONE ? clients[i].fd : -1;
		fds[2 + i].events = POLLIN;
	}
	if (poll(fds, ARRAY_SIZE(fds), patience()) < 0)
		return;
	if (fds[0].revents && read(server.kick, &kicks, sizeof(kicks)) < 0)
		return;
	if (hold_stopped())
		hold_nudge();
	for (i = 0; i < CLIENTS_MAX; i++) {
		if (fds[2 + i].fd >= 0 && fds[2 + i].revents)
			hear(&clients[i]);
		look_after(&clients[i]);
	}
	if (fds[1].fd >= 0 && fds[1].revents)
		welcome();
}

static void *control_thread(void *unused)
{
	(void)unused;
	while (!atomic_load(&server.stopping))
		serve_all();
	return NULL;
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
static void no_socket(const struct config *config, const char *path)
{
	if (config->name && errno == EEXIST)
		give_up("--name %s: a guest of that name is running", config->name);
	complain("no control socket in %s: %s", *path ? path : "a directory of ours",
		 strerror(errno));
	if (config->name)
		give_up("--name %s: cannot be given", config->name);
}

/* Takes the name.  Whoever calls already has to wait for control_start(). */
void control_open(const struct config *config)
{
	char path[SOCKETS_PATH_MAX];

	about = config;
	owner = getpid();
	choose_name(config);
	directory = sockets_open(path, true);
	if (directory >= 0)
		listener = sockets_listen(directory, path, name);
	if (listener < 0) {
		no_socket(config, path);
		return;
	}
	atexit(control_remove);
	signals_at_end(control_remove);
	explain("control socket: %s/%s", path, name);
}

void control_start(void)
{
	if (listener < 0)
		return;
	worker_prepare(&server);
	hold_tell(control_kick);
	worker_start(&server, control_thread, NULL);
}

/* Nothing is served any more; the name, and who waits for the end, remain. */
void control_stop(void)
{
	worker_stop(&server);
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

	if (listener >= 0 && !lent)
		unlinkat(directory, name, 0);
	errno = saved;
}
