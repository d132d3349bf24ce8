// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets in the file system, at a path of the user's.  They are for their owner and
 * root.  One that nobody answers at was left by a program that was killed, and is
 * replaced; all else that is there stays.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "local.h"

/** local_check() - can there be a socket of that path?  Returns what is wrong, or NULL. */
const char *local_check(const char *path)
{
	struct sockaddr_un sun;

	if (!*path || strlen(path) >= sizeof(sun.sun_path))
		return "has no path of a socket's length";
	return NULL;
}

static int make(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* Who is asked there does not answer, for there is nobody. */
static bool is_dead(const struct sockaddr_un *sun)
{
	const int fd = make();
	const bool dead = fd >= 0 && connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) < 0 &&
			  errno == ECONNREFUSED;

	if (fd >= 0)
		close(fd);
	return dead;
}

/* False if it has to stay. */
static bool make_room(const struct sockaddr_un *sun, const char **wrong)
{
	struct stat st;

	if (lstat(sun->sun_path, &st) < 0)
		return true;
	*wrong = "there is a file of that name, which is no socket";
	if (!S_ISSOCK(st.st_mode))
		return false;
	*wrong = "somebody listens there already";
	return is_dead(sun) && !unlink(sun->sun_path);
}

/**
 * local_listen() - have a socket that listens, and is nobody else's
 * @path: its place, of which local_check() has nothing to say
 * @wrong: is set to what went wrong, if it did
 *
 * Return: it, non-blocking; or -1.
 */
int local_listen(const char *path, const char **wrong)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	mode_t before;
	int fd, error;

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	if (!make_room(&sun, wrong))
		return -1;
	fd = make();
	before = umask(0177);
	error = fd < 0 || bind(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0 ? errno : 0;
	umask(before);
	if (!error && !listen(fd, 1))
		return fd;
	*wrong = strerror(error ? error : errno);
	if (fd >= 0)
		close(fd);
	return -1;
}
