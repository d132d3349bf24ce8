// SPDX-License-Identifier: GPL-2.0
/*
 * The verb "list": the guests that are running, in words or for other programs.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "call.h"
#include "json.h"
#include "places.h"
#include "sockets.h"
#include "verbs.h"

#define OTHERS_MAX	256	/* guests of another user; more are somebody's joke */

static unsigned int listed;	/* so far */

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

static void print_words(const struct place *place, const char *name, const char *state,
			const char *reply)
{
	char pid[16], own_state[16], memory[16], kernel[256], whole[GUEST_WORD_MAX];

	find(reply, "\npid:\t", pid, sizeof(pid));
	find(reply, "\nstate:\t", own_state, sizeof(own_state));
	find(reply, "\nmemory:\t", memory, sizeof(memory));
	find(reply, "\nkernel:\t", kernel, sizeof(kernel));
	snprintf(whole, sizeof(whole), "%s%s%s", place->own ? "" : place->user,
		 place->own ? "" : "/", name);
	printf("%-24s %7s %-8s %8s %s\n", whole, pid, state ? state : own_state, memory, kernel);
}

static void list_one(const struct place *place, const char *name, bool json)
{
	const struct call call = { .verb = "stat", .patience = CALL_ANSWER_MS };
	char reply[CONTROL_REPLY_MAX + 1];
	const ssize_t n = call_ask(place, name, &call, reply);
	const char *state = n < 0 ? "silent" : NULL;

	if (!n || (n < 0 && errno == ENOENT))
		return;			/* it has ended */
	if (!json) {
		print_words(place, name, state, reply);
		return;
	}
	fputs(listed++ ? ",\n " : "\n ", stdout);
	json_guest(stdout, place->user, name, state, reply, false);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char * const *)a, *(char * const *)b);
}

/* The guests' names, sorted; their number. */
static int names(const struct place *place, char ***list)
{
	DIR *d = place->dir < 0 ? NULL : fdopendir(dup(place->dir));
	struct dirent *entry;
	char **all = NULL;
	int nr = 0;

	while (d && (entry = readdir(d)) && (place->own || nr < OTHERS_MAX)) {
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

static void list_place(const struct place *place, bool json)
{
	char **all;
	const int nr = names(place, &all);
	int i;

	for (i = 0; i < nr; i++) {
		list_one(place, all[i], json);
		free(all[i]);
	}
	free(all);
}

int list_main(int argc, char **argv)
{
	const bool json = argc == 2 && !strcmp(argv[1], "--json");
	struct places places;
	unsigned int i;

	if (argc > 1 && control_is_help(argv[1])) {
		control_usage();
		return 0;
	}
	if (argc > 1 && !json)
		return control_misused("list takes no names, and one option, --json");
	if (!places_open(&places))
		return STATUS_CRASH;
	listed = 0;
	if (json)
		putchar('[');
	else
		printf("%-24s %7s %-8s %8s %s\n", "NAME", "PID", "STATE", "MEMORY", "KERNEL");
	for (i = 0; i < places.nr; i++)
		list_place(&places.all[i], json);
	if (json)
		puts(listed ? "\n]" : "]");
	places_close(&places);
	return 0;
}
