// SPDX-License-Identifier: GPL-2.0
/*
 * The verbs for guests that are running: list, stat, pause, resume, and with
 * cmd_stop.c, stop.  Each calls the guest's launcher by its socket (sockets.c);
 * control.c is the other side.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "call.h"

#define PAUSE_MS	15000	/* more than the launcher gives its guest */

static char path[SOCKETS_PATH_MAX];

static const struct {
	const char *verb;
	int patience;
} commands[] = {
	{ "stat", CALL_ANSWER_MS },
	{ "resume", CALL_ANSWER_MS },
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
	return !strcmp(word, "list") || !strcmp(word, "stop") || !strcmp(word, "balloon") ||
	       patience_for(word) >= 0;
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
	const struct call call = { .verb = argv[0], .patience = patience_for(argv[0]) };
	int i, status, worst = 0;

	if (argc > 1 && is_help(argv[1])) {
		control_usage();
		return 0;
	}
	if (argc < 2 || argv[1][0] == '-')
		return control_misused("say which guests");
	for (i = 1; i < argc; i++) {
		status = call_guest(argv[i], &call);
		if (status)
			worst = status;
	}
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
	const struct call call = { .verb = "stat", .patience = CALL_ANSWER_MS };
	char pid[16], state[16], memory[16], kernel[256];
	char reply[CONTROL_REPLY_MAX + 1] = "";
	ssize_t n = call_ask(dir, path, name, &call, reply);

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
	     "       lguest balloon NAME SIZE have it keep this much of its memory, and give\n"
	     "                                the rest back\n"
	     "\n"
	     "'lguest run --name NAME' gives a guest its name; else it is that of the\n"
	     "kernel's file, '-', and the launcher's pid.");
}
