// SPDX-License-Identifier: GPL-2.0
/*
 * The verbs for guests that are running: list, stat, pause, resume, and with
 * cmd_stop.c, stop.  Each calls the guest's launcher by its socket (sockets.c);
 * control.c is the other side.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "launcher.h"

#define ANSWER_MS	5000	/* for what is answered at once */
#define PAUSE_MS	15000	/* more than the launcher gives its guest */

static char path[SOCKETS_PATH_MAX];

/* Waits for a message or the end; its length, or -1 and errno. */
ssize_t control_hear(int fd, char reply[CONTROL_REPLY_MAX + 1], int patience)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;
	int ready;

	do {
		ready = poll(&p, 1, patience);
	} while (ready < 0 && errno == EINTR);
	if (!ready)
		errno = ETIMEDOUT;
	n = ready > 0 ? recv(fd, reply, CONTROL_REPLY_MAX, 0) : -1;
	if (n < 0 && errno == ECONNRESET)
		n = 0;			/* it ended with our message unread */
	reply[n > 0 ? n : 0] = '\0';
	return n;
}

/*
 * Asks the guest @name.  The length of the answer, 0 if it ended without one,
 * -1 and errno if there was none to be had: ENOENT if no such guest runs.
 */
static ssize_t ask(int dir, const char *name, const char *verb,
		   char reply[CONTROL_REPLY_MAX + 1], int patience)
{
	int fd = sockets_call(dir, path, name);
	ssize_t n = -1;
	int error;

	if (fd < 0)
		return -1;
	if (send(fd, verb, strlen(verb), MSG_NOSIGNAL) >= 0)
		n = control_hear(fd, reply, patience);
	error = errno;
	close(fd);
	errno = error;
	return n;
}

bool control_is_ok(const char *reply)
{
	return !strncmp(reply, CONTROL_OK, strlen(CONTROL_OK));
}

static int blame(const char *name, const char *what)
{
	complain("%s: %s", name, what);
	return STATUS_CRASH;
}

/* Guest @name could not be asked, as errno says.  Returns a status. */
int control_failed(const char *name)
{
	switch (errno) {
	case ENOENT:
		return blame(name, "no such guest of yours is running (lguest list)");
	case ETIMEDOUT:
	case EAGAIN:
		return blame(name, "its launcher does not answer in time");
	default:
		return blame(name, strerror(errno));
	}
}

/* One guest, one verb.  Returns a status. */
static int command(int dir, const char *name, const char *verb, int patience)
{
	char reply[CONTROL_REPLY_MAX + 1];
	ssize_t n;

	if (!sockets_good_name(name)) {
		errno = ENOENT;
		n = -1;
	} else {
		n = ask(dir, name, verb, reply, patience);
	}
	if (n < 0)
		return control_failed(name);
	if (!n)
		return blame(name, "it has just ended");
	if (!control_is_ok(reply)) {
		printable(reply);
		return blame(name, reply);
	}
	fputs(reply + strlen(CONTROL_OK), stdout);
	return 0;
}

static const struct {
	const char *verb;
	int patience;
} commands[] = {
	{ "stat", ANSWER_MS },
	{ "resume", ANSWER_MS },
	{ "pause", PAUSE_MS },
};

/* How long to wait for the answer; -1 for what is no verb of these. */
static int patience_for(const char *verb)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(commands[i].verb, verb))
			return commands[i].patience;
	}
	return -1;
}

/* For "lguest help VERB". */
bool control_verb(const char *word)
{
	return !strcmp(word, "list") || !strcmp(word, "stop") || patience_for(word) >= 0;
}

/* The directory, or -1: no guest has ever run here, or something is wrong. */
int control_open_directory(char path[SOCKETS_PATH_MAX], int *status)
{
	int dir = sockets_open(path, false);

	*status = 0;
	if (dir < 0 && errno != ENOENT) {
		complain("%s: %s", *path ? path : "no directory for sockets", strerror(errno));
		*status = STATUS_CRASH;
	}
	return dir;
}

static bool is_help(const char *word)
{
	return !strcmp(word, "-h") || !strcmp(word, "--help");
}

/* What is wrong with the words of the command.  Returns a status. */
int control_misused(const char *what)
{
	complain("%s", what);
	fputs("Try 'lguest help list'.\n", stderr);
	return STATUS_SETUP;
}

/* "stat NAME..." and so on. */
int control_main(int argc, char **argv)
{
	int i, dir, status, worst;

	if (argc > 1 && is_help(argv[1])) {
		control_usage();
		return 0;
	}
	if (argc < 2 || argv[1][0] == '-')
		return control_misused("say which guests");
	dir = control_open_directory(path, &worst);
	if (worst)
		return worst;
	for (i = 1; i < argc; i++) {
		status = command(dir, argv[i], argv[0], patience_for(argv[0]));
		if (status)
			worst = status;
	}
	if (dir >= 0)
		close(dir);
	return worst;
}

/* The value of a line "KEY:\tVALUE" of @reply, into @value. */
static const char *find(const char *reply, const char *key, char *value, size_t len)
{
	const char *line = strstr(reply, key);

	snprintf(value, len, "?");
	if (line)
		snprintf(value, len, "%.*s", (int)strcspn(line + strlen(key), "\n"),
			 line + strlen(key));
	printable(value);
	return value;
}

static void list_one(int dir, const char *name)
{
	char pid[16], state[16], memory[16], kernel[256];
	char reply[CONTROL_REPLY_MAX + 1] = "";
	ssize_t n = ask(dir, name, "stat", reply, ANSWER_MS);

	if (!n || (n < 0 && errno == ENOENT))
		return;			/* it has ended */
	find(reply, "\npid:\t", pid, sizeof(pid));
	find(reply, "\nstate:\t", state, sizeof(state));
	find(reply, "\nmemory:\t", memory, sizeof(memory));
	find(reply, "\nkernel:\t", kernel, sizeof(kernel));
	printf("%-24s %7s %-8s %8s %s\n", name, pid, n < 0 ? "silent" : state, memory, kernel);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char * const *)a, *(char * const *)b);
}

/* The guests' names, sorted; their number, or -1. */
static int names(int dir, char ***list)
{
	DIR *d = fdopendir(dup(dir));
	struct dirent *entry;
	char **all = NULL;
	int nr = 0;

	while (d && (entry = readdir(d))) {
		char **more;

		if (!sockets_good_name(entry->d_name))
			continue;
		more = realloc(all, (nr + 1) * sizeof(*all));
		if (!more)
			break;
		all = more;
		all[nr] = strdup(entry->d_name);
		if (!all[nr])
			break;
		nr++;
	}
	if (d)
		closedir(d);
	if (nr)
		qsort(all, nr, sizeof(*all), by_name);
	*list = all;
	return nr;
}

int list_main(int argc, char **argv)
{
	int i, nr = 0, dir, status;
	char **all = NULL;

	if (argc > 1 && is_help(argv[1])) {
		control_usage();
		return 0;
	}
	if (argc > 1)
		return control_misused("list takes no names");
	dir = control_open_directory(path, &status);
	if (status)
		return status;
	if (dir >= 0)
		nr = names(dir, &all);
	printf("%-24s %7s %-8s %8s %s\n", "NAME", "PID", "STATE", "MEMORY", "KERNEL");
	for (i = 0; i < nr; i++) {
		list_one(dir, all[i]);
		free(all[i]);
	}
	free(all);
	return 0;
}

void control_usage(void)
{
	puts("usage: lguest list              your running guests\n"
	     "       lguest stat NAME...      what the host has counted of one\n"
	     "       lguest pause NAME...     hold it: it and its devices stand still\n"
	     "       lguest resume NAME...    let it go on\n"
	     "       lguest stop [--timeout SECONDS] [--kill] NAME...\n"
	     "                                end it, as if its power were cut; wait until\n"
	     "                                its disks are written, but not longer than\n"
	     "                                these seconds (60); then kill its launcher\n"
	     "\n"
	     "'lguest run --name NAME' gives a guest its name; else it is that of the\n"
	     "kernel's file, '-', and the launcher's pid.");
}
