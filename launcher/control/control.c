// SPDX-License-Identifier: GPL-2.0
/*
 * The control socket: where other commands ask for a running guest's numbers,
 * hold it, and end it.  sockets.c makes the socket, cmd_control.c is the other
 * side, hold.c does what is asked.
 *
 * A thread of its own serves it, so that a guest that never stops computing and
 * a launcher that waits for its disk can be asked, too.  A client sends one
 * message, a verb, and gets one, which begins with "ok\n" or else says what is
 * wrong.  Clients may be as bad as they like: there are few at a time, each has
 * little time to ask, and nobody waits for them to listen.  One that asks for
 * the end gets its answer at once, and the end of the connection when all is
 * done.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "worker.h"

#define CLIENTS_MAX	8	/* more wait in the socket's queue */
#define VERB_MAX	16
#define ASK_MS		1000	/* until a client has asked, or is dropped */
#define NUDGE_MS	20	/* from one call to a busy thread to the next */
#define PAUSE_MS	10000	/* until it is told that the guest does not come to rest */

static const struct config *about;
static char name[SOCKETS_NAME_MAX + 1];
static int directory = -1;
static int listener = -1;
static bool lent;		/* it is another process's to remove */
static pid_t owner;		/* who took the name */
static struct worker server;

enum client_state {
	CLIENT_NONE,		/* the slot is free */
	CLIENT_ASKS,		/* has to send its verb */
	CLIENT_PAUSES,		/* waits for the guest to be at rest */
	CLIENT_STOPS,		/* waits for the guest's end, with no deadline */
};

static struct client {
	enum client_state state;
	int fd;
	__u64 deadline;		/* ms */
} clients[CLIENTS_MAX];

/* The guest's thread, or a signal, has something for the server to look at. */
void control_kick(void)
{
	worker_kick(&server);
}

static void drop(struct client *client)
{
	close(client->fd);
	client->state = CLIENT_NONE;
}

/* Answers @client and is done with it, whether it listens or not. */
static void answer(struct client *client, const char *text)
{
	if (sock_send(client->fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		explain("control: a client does not listen: %s", strerror(errno));
	drop(client);
}

static const char *state_name(void)
{
	if (hold_ending())
		return "ending";
	return hold_paused() ? "paused" : "running";
}

static void serve_stat(struct client *client)
{
	char text[CONTROL_REPLY_MAX];
	int n;

	n = snprintf(text, sizeof(text),
		     CONTROL_OK "name:\t%s\npid:\t%d\nstate:\t%s\nmemory:\t%uK\nkernel:\t%.512s\n",
		     name, owner, state_name(), about->memory / 1024, about->kernel);
	host_stats(text + n, sizeof(text) - n);
	answer(client, text);
}

static void serve_pause(struct client *client)
{
	hold_pause();
	client->state = CLIENT_PAUSES;
	client->deadline = clock_ms() + PAUSE_MS;
}

static void serve_resume(struct client *client)
{
	hold_resume();
	answer(client, CONTROL_OK);
}

static void serve_stop(struct client *client)
{
	client->state = CLIENT_STOPS;
	hold_stop();
	/* Who is heard by a launcher that ends to restart has no answer, and asks again. */
	if (sock_send(client->fd, CONTROL_OK, strlen(CONTROL_OK), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		drop(client);
}

static const struct {
	const char *verb;
	void (*serve)(struct client *client);
} verbs[] = {
	{ "stat", serve_stat },
	{ "pause", serve_pause },
	{ "resume", serve_resume },
	{ "stop", serve_stop },
};

static void serve(struct client *client, const char *verb, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (len == strlen(verbs[i].verb) && !memcmp(verb, verbs[i].verb, len)) {
			verbs[i].serve(client);
			return;
		}
	}
	answer(client, "this guest's launcher does not know that command");
}

/* There is a message, or the client is gone. */
static void hear(struct client *client)
{
	char verb[VERB_MAX];
	ssize_t n = sock_receive(client->fd, verb, sizeof(verb), MSG_DONTWAIT | MSG_TRUNC);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || client->state != CLIENT_ASKS)
		drop(client);
	else
		serve(client, verb, n);
}

/* What does not depend on the client: that the guest rests, and the time. */
static void look_after(struct client *client)
{
	if (client->state == CLIENT_PAUSES && hold_paused())
		answer(client, CONTROL_OK);
	else if (client->state == CLIENT_PAUSES && clock_ms() >= client->deadline)
		answer(client, "the guest does not come to rest; it will be paused when it does");
	else if (client->state == CLIENT_ASKS && clock_ms() >= client->deadline)
		drop(client);
}

static struct client *free_slot(void)
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
	struct client *client = free_slot();
	int fd = sock_accept(listener, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (!client || !sockets_trusted(fd)) {
		close(fd);
		return;
	}
	client->fd = fd;
	client->state = CLIENT_ASKS;
	client->deadline = clock_ms() + ASK_MS;
}

/* How long poll() may sleep. */
static int patience(void)
{
	__u64 now = clock_ms();
	int patience = hold_stopped() ? NUDGE_MS : -1;
	unsigned int i;

	for (i = 0; i < CLIENTS_MAX; i++) {
		int left = clients[i].deadline > now ? clients[i].deadline - now : 0;

		if (clients[i].state != CLIENT_ASKS && clients[i].state != CLIENT_PAUSES)
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
	explain("control socket: %s/%s", path, name);
}

void control_start(void)
{
	if (listener < 0)
		return;
	worker_prepare(&server);
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
