// SPDX-License-Identifier: GPL-2.0
/*
 * The verbs for guests that are running: stat, pause, resume; and help for them all.
 * Others are in files of their own.  Each calls the guest's launcher by its socket (sockets.c);
 * control.c is the other side.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "call.h"
#include "json.h"
#include "places.h"
#include "sockets.h"
#include "verbs.h"

#define PAUSE_MS	15000	/* more than the launcher gives its guest */

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
	       !strcmp(word, "wait") || !strcmp(word, "dump") || !strcmp(word, "shell") ||
	       !strcmp(word, "attach") ||
	       patience_for(word) >= 0;
}

bool control_is_help(const char *word)
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

/* An array of those that could be asked. */
static int stat_json(int nr, char **names)
{
	const struct call call = { .verb = "stat", .patience = CALL_ANSWER_MS };
	char reply[CONTROL_REPLY_MAX + 1], user[USER_NAME_MAX + 1];
	int i, worst = 0;
	bool any = false;

	putchar('[');
	for (i = 0; i < nr; i++) {
		const char *slash = strchr(names[i], '/');
		int fd = call_connect(names[i], &call, reply);

		if (fd < 0) {
			worst = STATUS_CRASH;
			continue;
		}
		places_peer(fd, user);
		close(fd);
		fputs(any ? ",\n " : "\n ", stdout);
		any = true;
		json_guest(stdout, user, slash ? slash + 1 : names[i], NULL, reply, true);
	}
	puts(any ? "\n]" : "]");
	return worst;
}

/* "stat NAME..." and so on. */
int control_main(int argc, char **argv)
{
	const struct call call = { .verb = argv[0], .patience = patience_for(argv[0]) };
	const bool json = argc > 1 && !strcmp(argv[0], "stat") && !strcmp(argv[1], "--json");
	int i, status, worst = 0;

	if (argc > 1 && control_is_help(argv[1])) {
		control_usage();
		return 0;
	}
	if (argc < 2 + json || argv[1 + json][0] == '-')
		return control_misused("say which guests");
	if (json)
		return stat_json(argc - 2, argv + 2);
	for (i = 1; i < argc; i++) {
		status = call_guest(argv[i], &call);
		if (status)
			worst = status;
	}
	return worst;
}

void control_usage(void)
{
	puts("usage: lguest list [--json]     your running guests; for root, everybody's\n"
	     "       lguest stat [--json] NAME...\n"
	     "                                what the host has counted of one\n"
	     "       lguest pause NAME...     hold it: it and its devices stand still\n"
	     "       lguest resume NAME...    let it go on\n"
	     "       lguest attach [--escape KEY] NAME\n"
	     "                                this terminal is at its console: Ctrl-A d leaves,\n"
	     "                                Ctrl-A h shows more\n"
	     "       lguest shell NAME [-- COMMAND [ARGUMENT]...]\n"
	     "                                run this in it, if lguest's agent is there; a shell\n"
	     "                                if nothing is said\n"
	     "       lguest dump NAME FILE    its memory and registers, for gdb (an ELF core)\n"
	     "       lguest stop [--timeout SECONDS] [--kill] NAME...\n"
	     "                                end it, as if its power were cut; wait until\n"
	     "                                its disks are written, but not longer than\n"
	     "                                these seconds (60); then kill its launcher\n"
	     "       lguest wait [--timeout TIME] NAME\n"
	     "                                wait until it has ended; return its status\n"
	     "       lguest balloon NAME SIZE have it keep this much of its memory, and give\n"
	     "                                the rest back\n"
	     "\n"
	     "'lguest run --name NAME' gives a guest its name; else it is that of the\n"
	     "kernel's file, '-', and the launcher's pid.  Root calls others' USER/NAME.");
}
