// SPDX-License-Identifier: GPL-2.0
/*
 * Where guests' sockets are, for those who call them: everybody has their own directory
 * (sockets.c), and root looks into those of all users.  What is in these is the users'
 * choice: a socket there counts only if its owner listens, and root makes nothing there,
 * nor follows a link to it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base.h"
#include "places.h"
#include "sock.h"
#include "sockets.h"

#define RUN_USER	"/run/user"
#define TMP		"/tmp"
#define TMP_PREFIX	"lguest-"
#define PLACES_MAX	4096

/* The file, not the libraries, as sandbox.c. */
static void name_user(uid_t uid, char name[USER_NAME_MAX + 1])
{
	FILE *users = fopen("/etc/passwd", "re");
	struct passwd *entry = NULL;

	snprintf(name, USER_NAME_MAX + 1, "%u", uid);
	while (users && (entry = fgetpwent(users))) {
		if (entry->pw_uid == uid && strlen(entry->pw_name) <= USER_NAME_MAX) {
			snprintf(name, USER_NAME_MAX + 1, "%s", entry->pw_name);
			break;
		}
	}
	if (users)
		fclose(users);
	printable(name);
}

static struct place *add(struct places *places)
{
	struct place *more;

	if (places->nr == PLACES_MAX)
		return NULL;
	more = realloc(places->all, (places->nr + 1) * sizeof(*more));
	if (!more)
		return NULL;
	places->all = more;
	more += places->nr++;
	*more = (struct place){ .dir = -1 };
	return more;
}

/* A directory that is @uid's, and closed to others; its name says whose it should be. */
static void add_other(struct places *places, const char *path, uid_t uid)
{
	const int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct place *place;
	struct stat st;
	bool good;

	if (dir < 0)
		return;
	good = !fstat(dir, &st) && st.st_uid == uid && !(st.st_mode & 0077) && uid != geteuid();
	place = good ? add(places) : NULL;
	if (!place) {
		close(dir);
		return;
	}
	place->dir = dir;
	place->uid = uid;
	snprintf(place->path, sizeof(place->path), "%s", path);
	name_user(uid, place->user);
}

/* Those of @parent whose names are @prefix and a user's number, with @rest below them. */
static void add_others(struct places *places, const char *parent, const char *prefix,
		       const char *rest)
{
	DIR *dir = opendir(parent);
	char path[SOCKETS_PATH_MAX];
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		const char *number = entry->d_name + strlen(prefix);
		char *end;
		unsigned long uid;

		if (strncmp(entry->d_name, prefix, strlen(prefix)) || *number < '0' ||
		    *number > '9')
			continue;
		uid = strtoul(number, &end, 10);
		if (!*end && snprintf(path, sizeof(path), "%s/%s%s", parent, entry->d_name,
				      rest) < (int)sizeof(path))
			add_other(places, path, uid);
	}
	if (dir)
		closedir(dir);
}

static int by_user(const void *a, const void *b)
{
	return strcmp(((const struct place *)a)->user, ((const struct place *)b)->user);
}

/**
 * places_open() - open all directories that are to be looked into
 * @places: is set to them
 *
 * Return: false if the caller's own cannot be used, which is said.
 */
bool places_open(struct places *places)
{
	struct place *own;

	*places = (struct places){ 0 };
	own = add(places);
	if (!own) {
		complain("%s", strerror(errno));
		return false;
	}
	own->own = true;
	own->uid = geteuid();
	name_user(own->uid, own->user);
	own->dir = sockets_open(own->path, false);
	if (own->dir < 0 && errno != ENOENT) {
		complain("%s: %s", *own->path ? own->path : "no directory for sockets",
			 strerror(errno));
		places_close(places);
		return false;
	}
	if (geteuid())
		return true;
	add_others(places, RUN_USER, "", "/lguest");
	add_others(places, TMP, TMP_PREFIX, "");
	if (places->nr > 2)
		qsort(places->all + 1, places->nr - 1, sizeof(*places->all), by_user);
	return true;
}

/** places_close() - and be done with them */
void places_close(struct places *places)
{
	while (places->nr) {
		if (places->all[--places->nr].dir >= 0)
			close(places->all[places->nr].dir);
	}
	free(places->all);
	places->all = NULL;
}

/** places_peer() - whose guest is it?  @fd: a connection; @user: is set to the name */
void places_peer(int fd, char user[USER_NAME_MAX + 1])
{
	struct ucred peer = { 0 };

	sock_peer(fd, &peer);
	name_user(peer.uid, user);
}

/**
 * place_call() - connect to a guest
 * @place: where it is
 * @name: its
 *
 * Return: the connection, or -1 and errno: ENOENT if there is no such guest.
 */
int place_call(const struct place *place, const char *name)
{
	struct ucred peer;
	int fd = -1;

	errno = ENOENT;
	if (place->dir >= 0 && sockets_good_name(name))
		fd = sockets_call(place->dir, place->path, name);
	if (fd < 0 || place->own)
		return fd;
	if (sock_peer(fd, &peer) && peer.uid == place->uid)
		return fd;
	close(fd);		/* a link to somebody else's */
	errno = ENOENT;
	return -1;
}

static bool is_there(const struct place *place, const char *name)
{
	const int fd = place_call(place, name);

	if (fd >= 0)
		close(fd);
	return fd >= 0 || errno != ENOENT;
}

/* "USER/NAME", or with the user's number. */
static const struct place *find_user(const struct places *places, const char *user, size_t len,
				     const char *name)
{
	const struct place *found = NULL;
	char number[16];
	unsigned int i;

	for (i = 0; i < places->nr; i++) {
		const struct place *place = &places->all[i];

		snprintf(number, sizeof(number), "%u", place->uid);
		if ((strlen(place->user) != len || memcmp(place->user, user, len)) &&
		    (strlen(number) != len || memcmp(number, user, len)))
			continue;
		found = place;
		if (is_there(place, name))
			break;
	}
	errno = ENOENT;
	return found;
}

/**
 * places_find() - who is meant?
 * @places: where to look
 * @word: a guest's name, or a user, a slash and the name of that user's guest
 * @name: is set to the name alone
 *
 * Who says no user means an own guest, or else the only one of that name.
 *
 * Return: where it is, if it is anywhere; NULL if it cannot be, which errno says: ENOENT, or
 * EEXIST if several users have one.
 */
const struct place *places_find(const struct places *places, const char *word,
				const char **name)
{
	const char *slash = strchr(word, '/');
	const struct place *found = NULL;
	unsigned int i;

	*name = slash ? slash + 1 : word;
	errno = ENOENT;
	if (!sockets_good_name(*name))
		return NULL;
	if (slash)
		return find_user(places, word, slash - word, *name);
	if (places->nr == 1 || is_there(&places->all[0], word))
		return &places->all[0];
	for (i = 1; i < places->nr; i++) {
		if (!is_there(&places->all[i], word))
			continue;
		if (found) {
			errno = EEXIST;
			return NULL;
		}
		found = &places->all[i];
	}
	errno = ENOENT;
	return found;
}
