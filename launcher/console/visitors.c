// SPDX-License-Identifier: GPL-2.0
/*
 * Those who look at the guest's console, and type there, while they like to: they come
 * by a socket that the user has named (--console unix:PATH), one at a time by each, or
 * by the control socket ("lguest attach").  Each is a connection, with what is typed in
 * the one direction and what is printed in the other.
 *
 * Nobody waits for them.  Who comes gets the end of what was printed before; who reads
 * slower than the guest prints is behind, and if that is too much, misses some.  What
 * they type is in a pipe until the console has room for it, so that nothing of it is
 * lost; they are not read while that is full.
 *
 * The event loop serves them, and the guest's thread passes on what is printed.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base.h"
#include "control.h"
#include "local.h"
#include "loop.h"
#include "printed.h"
#include "sock.h"
#include "sockets.h"
#include "visitors.h"

#define DOORS_MAX	8	/* that are named */
#define GUESTS_MAX	8	/* that come by the control socket */
#define BEFORE_BYTES	4096	/* of what was printed before they came */
#define LAST_MS		500	/* for all, until what is printed last has gone */

static struct visitor {
	struct loop_source source;
	unsigned int id;	/* 0: there is none */
	int fd;
	bool typed_all;		/* there will be no more of it */
	bool deaf;		/* it does not take anything any more */
	__u64 at;		/* of what is printed: what comes next */
} visitors[DOORS_MAX + GUESTS_MAX];

/* Each has the visitor of its number. */
static struct door {
	struct loop_source source;
	int fd;
	char path[SOCKETS_PATH_MAX];	/* as the user has it */
	int directory;
	const char *name;		/* in that */
	struct stat st;
} doors[DOORS_MAX];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned int nr_doors;
static unsigned int last_id;
static int typed[2] = { -1, -1 };
static bool full;		/* of what is typed */

static void serve(struct loop_source *source, int why);

/* With the lock: what is waited for. */
static void watch(struct visitor *visitor)
{
	const bool keys = !visitor->typed_all && !full;
	const bool behind = !visitor->deaf && visitor->at != printed_total();
	const short events = (keys ? POLLIN : 0) | (behind ? POLLOUT : 0);

	/* (poll() would tell of its end, which has to wait for what it has typed) */
	if (!events && !visitor->typed_all)
		loop_watch(&visitor->source, -1, 0);
	else
		loop_watch(&visitor->source, visitor->fd, events);
}

/* With the lock, in the loop. */
static void leave(struct visitor *visitor)
{
	const unsigned int door = visitor - visitors;

	loop_remove(&visitor->source);
	close(visitor->fd);
	visitor->id = 0;
	if (door < nr_doors)
		loop_watch(&doors[door].source, doors[door].fd, POLLIN);
}

static bool is_for_later(int error)
{
	return error == EAGAIN || error == EINTR;
}

/* With the lock: as much as it takes. */
static void flush(struct visitor *visitor)
{
	const char *text;
	size_t len;
	ssize_t n;

	while (!visitor->deaf && (len = printed_from(&visitor->at, &text))) {
		n = sock_send(visitor->fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		visitor->deaf = n < 0 && !is_for_later(errno);
		if (n <= 0)
			return;
		visitor->at += n;
	}
}

/* In the loop: there is room for what is typed. */
static void go_on(struct loop_source *source, int why)
{
	unsigned int i;

	(void)why;
	pthread_mutex_lock(&lock);
	full = false;
	loop_watch(source, -1, 0);
	for (i = 0; i < ARRAY_SIZE(visitors); i++) {
		if (visitors[i].id)
			watch(&visitors[i]);
	}
	pthread_mutex_unlock(&lock);
}

static struct loop_source room = { .call = go_on };

/* With the lock. */
static void hear(struct visitor *visitor)
{
	/* Which goes into a pipe as a whole, or not at all. */
	char keys[PIPE_BUF];
	ssize_t n;

	if (!fd_writable(typed[1])) {
		full = true;
		loop_watch(&room, typed[1], POLLOUT);
		return;
	}
	n = sock_receive(visitor->fd, keys, sizeof(keys), MSG_DONTWAIT);
	if (n > 0 && write(typed[1], keys, n) < n)
		complain("some of what was typed is lost: %s", strerror(errno));
	visitor->typed_all = !n || (n < 0 && !is_for_later(errno));
	visitor->deaf |= visitor->typed_all && n < 0;
}

static void serve(struct loop_source *source, int why)
{
	struct visitor *visitor = container_of(source, struct visitor, source);
	const bool gone = why & (POLLHUP | POLLERR | POLLNVAL);

	pthread_mutex_lock(&lock);
	if ((gone || why & POLLIN) && !visitor->typed_all && !full)
		hear(visitor);
	visitor->deaf |= gone && !(why & POLLIN);
	flush(visitor);
	if (visitor->deaf && visitor->typed_all)
		leave(visitor);
	else
		watch(visitor);
	pthread_mutex_unlock(&lock);
}

/* With the lock. */
static void begin(struct visitor *visitor, int fd)
{
	const __u64 total = printed_total();

	*visitor = (struct visitor){
		.source.call = serve, .id = ++last_id, .fd = fd,
		.at = total > BEFORE_BYTES ? total - BEFORE_BYTES : 0,
	};
	loop_add(&visitor->source);
	loop_raise(&visitor->source);
}

/**
 * visitors_come() - there is somebody new
 * @fd: a socket that is connected to them; it will be closed if they are let in
 *
 * In the event loop.
 *
 * Return: their number, or 0: there are too many.
 */
unsigned int visitors_come(int fd)
{
	struct visitor *visitor = visitors + DOORS_MAX;
	unsigned int id = 0;

	pthread_mutex_lock(&lock);
	while (visitor < visitors + ARRAY_SIZE(visitors) && visitor->id)
		visitor++;
	if (visitor < visitors + ARRAY_SIZE(visitors)) {
		begin(visitor, fd);
		id = visitor->id;
	}
	pthread_mutex_unlock(&lock);
	return id;
}

/**
 * visitors_leave() - somebody is to go, if they have not gone already
 * @id: their number
 *
 * In the event loop.
 */
void visitors_leave(unsigned int id)
{
	unsigned int i;

	pthread_mutex_lock(&lock);
	for (i = DOORS_MAX; i < ARRAY_SIZE(visitors); i++) {
		if (visitors[i].id == id)
			leave(&visitors[i]);
	}
	pthread_mutex_unlock(&lock);
}

/**
 * visitors_print() - the guest has printed something
 * @iov: what
 * @nr: parts of it
 * @seen: the user sees it without being here
 *
 * In the guest's thread.
 */
void visitors_print(const struct iovec *iov, int nr, bool seen)
{
	unsigned int i;

	pthread_mutex_lock(&lock);
	printed_put(iov, nr, seen);
	for (i = 0; i < ARRAY_SIZE(visitors); i++) {
		if (!visitors[i].id || visitors[i].deaf)
			continue;
		flush(&visitors[i]);
		watch(&visitors[i]);
		if (visitors[i].deaf)
			loop_raise(&visitors[i].source);
	}
	pthread_mutex_unlock(&lock);
}

/* In the loop: somebody is at a door, whose visitor has gone. */
static void welcome(struct loop_source *source, int why)
{
	struct door *door = container_of(source, struct door, source);
	const int fd = sock_accept(door->fd, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)why;
	if (fd < 0)
		return;
	pthread_mutex_lock(&lock);
	loop_watch(source, -1, 0);
	begin(&visitors[door - doors], fd);
	pthread_mutex_unlock(&lock);
}

/* Is it still the socket that was made here? */
static bool is_own(const struct door *door)
{
	struct stat st;

	return !fstatat(door->directory, door->name, &st, AT_SYMLINK_NOFOLLOW) &&
	       st.st_dev == door->st.st_dev && st.st_ino == door->st.st_ino;
}

/* Good in a signal handler. */
static void remove_doors(void)
{
	unsigned int i;

	for (i = 0; i < nr_doors; i++) {
		if (is_own(&doors[i]))
			unlinkat(doors[i].directory, doors[i].name, 0);
	}
}

/* So that it is found wherever the launcher goes. */
static bool find_name(struct door *door)
{
	char path[SOCKETS_PATH_MAX];
	char *slash = strrchr(door->path, '/');

	door->name = slash ? slash + 1 : door->path;
	snprintf(path, sizeof(path), "%.*s", slash ? (int)(door->name - door->path) : 1,
		 slash ? door->path : ".");
	door->directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return door->directory >= 0 &&
	       !fstatat(door->directory, door->name, &door->st, AT_SYMLINK_NOFOLLOW);
}

static bool is_open(const char *path)
{
	unsigned int i;

	for (i = 0; i < nr_doors && strcmp(path, doors[i].path); i++)
		;
	return i < nr_doors;
}

/* So that its socket is known, and removed in the end. */
static bool __must_check register_door(struct door *door, const char *path)
{
	memcpy(door->path, path, strlen(path) + 1);
	if (!find_name(door))
		return failure("--console unix:%s: %s", path, strerror(errno));
	return nr_doors || control_at_end(remove_doors);
}

/**
 * visitors_door() - let visitors come by a socket
 * @path: of it; it is there until whoever has made it ends
 *
 * After control_open().  Once it is there, this does nothing.
 *
 * Return: false if there can be no such socket, see failure().
 */
bool visitors_door(const char *path)
{
	struct door *door = &doors[nr_doors];
	const char *wrong;

	if (is_open(path))
		return true;
	if (nr_doors == DOORS_MAX)
		return failure("--console unix:%s: is one too many", path);
	door->fd = local_listen(path, &wrong);
	if (door->fd < 0)
		return failure("--console unix:%s: %s", path, wrong);
	if (register_door(door, path)) {
		nr_doors++;
		return true;
	}
	unlink(path);
	close(door->fd);
	if (door->directory >= 0)
		close(door->directory);
	return false;
}

/**
 * visitors_open() - let them come
 *
 * Return: where to read what they type; non-blocking.  -1 if that cannot be, see failure().
 */
int visitors_open(void)
{
	unsigned int i;

	if (typed[0] < 0 && pipe2(typed, O_CLOEXEC | O_NONBLOCK) < 0) {
		failure("--console: cannot make a pipe: %s", strerror(errno));
		return -1;
	}
	loop_add(&room);
	for (i = 0; i < nr_doors; i++) {
		doors[i].source.call = welcome;
		loop_add(&doors[i].source);
		loop_watch(&doors[i].source, doors[i].fd, POLLIN);
	}
	return typed[0];
}

/* It has some time to hear the end. */
static void see_off(struct visitor *visitor, __u64 deadline)
{
	struct pollfd p = { .fd = visitor->fd, .events = POLLOUT };

	flush(visitor);
	while (!visitor->deaf && visitor->at != printed_total() && clock_ms() < deadline) {
		poll(&p, 1, deadline - clock_ms());
		flush(visitor);
	}
	close(visitor->fd);
	visitor->id = 0;
}

/** visitors_close() - the guest is gone */
void visitors_close(void)
{
	const __u64 deadline = clock_ms() + LAST_MS;
	unsigned int i;

	for (i = 0; i < nr_doors; i++)
		loop_remove(&doors[i].source);
	loop_remove(&room);
	for (i = 0; i < ARRAY_SIZE(visitors); i++)
		loop_remove(&visitors[i].source);
	full = false;
	for (i = 0; i < ARRAY_SIZE(visitors); i++) {
		if (visitors[i].id)
			see_off(&visitors[i], deadline);
	}
}
