// SPDX-License-Identifier: GPL-2.0
/*
 * The directory with one socket for each running guest of this user, for those
 * that listen there (control.c) and those that call (cmd_control.c).
 *
 * It is the user's own, closed to all others, and nobody else can put another
 * in its place.  A launcher that is killed leaves its socket behind: nobody
 * answers there, and whoever notices removes it.  A new socket gets its name
 * when it can answer already, and names come and go only under a lock, so that
 * no live one is taken for a dead one.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "sock.h"
#include "sockets.h"

#define BACKLOG		16
#define CALL_S		5	/* how long to wait for a place in it */

static uid_t owner;		/* of the directory, and of the guests in it */

/* Can others than its owner and root not exchange what is in it? */
static bool is_safe_parent(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return false;
	if (st.st_uid && st.st_uid != geteuid())
		return false;
	return !(st.st_mode & 0022) || st.st_mode & S_ISVTX;
}

static bool is_own(const char *path)
{
	struct stat st;

	return !stat(path, &st) && st.st_uid == geteuid();
}

/* Root's place does not depend on how it came to be root. */
static int choose(char path[SOCKETS_PATH_MAX])
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char run_user[32];
	int n;

	snprintf(run_user, sizeof(run_user), "/run/user/%u", geteuid());
	if (!geteuid() && is_safe_parent("/run"))
		n = snprintf(path, SOCKETS_PATH_MAX, "/run/lguest");
	else if (runtime && *runtime == '/' && is_own(runtime) && is_safe_parent(runtime))
		n = snprintf(path, SOCKETS_PATH_MAX, "%s/lguest", runtime);
	else if (is_own(run_user) && is_safe_parent(run_user))
		n = snprintf(path, SOCKETS_PATH_MAX, "%s/lguest", run_user);
	else if (is_safe_parent("/tmp"))
		n = snprintf(path, SOCKETS_PATH_MAX, "/tmp/lguest-%u", geteuid());
	else
		n = -1;
	if (n > 0 && n < SOCKETS_PATH_MAX)
		return 0;
	errno = n < 0 ? EACCES : ENAMETOOLONG;
	return -1;
}

static bool is_ours_alone(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return false;
	if (st.st_uid == geteuid() && !(st.st_mode & 0077))
		return true;
	errno = EPERM;
	return false;
}

/*
 * Opens the directory, and makes it if @make says so.  -1 if that fails; @path
 * says where it is, if it could be found out.
 */
int sockets_open(char path[SOCKETS_PATH_MAX], bool make)
{
	int dir, error;

	if (make)
		owner = geteuid();	/* who only calls trusts nobody's calls */
	*path = '\0';
	if (choose(path) < 0)
		return -1;
	if (make && mkdir(path, 0700) < 0 && errno != EEXIST)
		return -1;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0 || is_ours_alone(dir))
		return dir;
	error = errno;
	close(dir);
	errno = error;
	return -1;
}

/* Names are files' names, and words of a command line. */
bool sockets_good_name(const char *name)
{
	size_t i;

	if (!isalnum((unsigned char)*name))
		return false;
	for (i = 0; name[i]; i++) {
		if (!isalnum((unsigned char)name[i]) && !strchr("._-", name[i]))
			return false;
	}
	return i <= SOCKETS_NAME_MAX;
}

static int address(struct sockaddr_un *sun, const char *path, const char *name)
{
	int n;

	memset(sun, 0, sizeof(*sun));
	sun->sun_family = AF_UNIX;
	n = snprintf(sun->sun_path, sizeof(sun->sun_path), "%s/%s", path, name);
	if (n < (int)sizeof(sun->sun_path))
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

/* EAGAIN: the launcher does not listen, and others wait already. */
static int call(const char *path, const char *name)
{
	static const struct timeval patience = { .tv_sec = CALL_S };
	struct sockaddr_un sun;
	int fd, error;

	if (address(&sun, path, name) < 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (!connect(fd, (struct sockaddr *)&sun, sizeof(sun)))
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

static bool is_dead(const char *path, const char *name)
{
	int fd = call(path, name);

	if (fd >= 0)
		close(fd);
	return fd < 0 && errno == ECONNREFUSED;
}

/* Looks again with the lock, in case a new guest has taken the name. */
static void remove_dead(int dir, const char *path, const char *name)
{
	flock(dir, LOCK_EX);
	if (is_dead(path, name))
		unlinkat(dir, name, 0);
	flock(dir, LOCK_UN);
}

/* Calls the guest @name.  -1 if there is none; ENOENT if it is dead. */
int sockets_call(int dir, const char *path, const char *name)
{
	int fd = call(path, name);

	if (fd < 0 && errno == ECONNREFUSED) {
		remove_dead(dir, path, name);
		errno = ENOENT;
	}
	return fd;
}

/* Gives the listening socket @temporary its name; it must be free by then. */
static int take_name(int dir, const char *path, const char *temporary, const char *name)
{
	int ret;

	flock(dir, LOCK_EX);
	if (is_dead(path, name))
		unlinkat(dir, name, 0);
	ret = linkat(dir, temporary, dir, name, 0);
	unlinkat(dir, temporary, 0);
	flock(dir, LOCK_UN);
	return ret;
}

/* A socket that listens as @name.  -1 if it cannot be; EEXIST: it is taken. */
int sockets_listen(int dir, const char *path, const char *name)
{
	char temporary[SOCKETS_NAME_MAX];
	struct sockaddr_un sun;
	int fd, error;

	snprintf(temporary, sizeof(temporary), ".%d", getpid());
	if (address(&sun, path, name) < 0 || address(&sun, path, temporary) < 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	unlinkat(dir, temporary, 0);	/* of one that was killed before it had a name */
	if (!bind(fd, (struct sockaddr *)&sun, sizeof(sun)) && !listen(fd, BACKLOG) &&
	    !take_name(dir, path, temporary, name))
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

/* On the other side is the directory's owner, or root. */
bool sockets_trusted(int fd)
{
	struct ucred peer;

	if (!sock_peer(fd, &peer))
		return false;
	return !peer.uid || peer.uid == owner;
}
