// SPDX-License-Identifier: GPL-2.0
/*
 * From arguments to the message by which the agent runs a command.
 *
 * A guest is not trusted with all that is in the user's environment, where passwords may
 * be, unless it has the user's files anyway.  A terminal and a language are no secret.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base.h"
#include "guest_agent.h"
#include "protocol.h"

extern char **environ;

static const char * const harmless[] = {
	"TERM=", "COLORTERM=", "NO_COLOR=", "LANG=", "LANGUAGE=", "LC_", "TZ=",
};

/* What programs expect, if the user's own is not given. */
static const char * const usual[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"HOME=/root", "USER=root", "LOGNAME=root", "SHELL=/bin/sh",
};

/** spawn_size() - of the terminal that is standard input; false if it is none */
bool spawn_size(struct agent_size *size)
{
	struct winsize window;

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &window) < 0)
		return false;
	size->rows = window.ws_row;
	size->columns = window.ws_col;
	return true;
}

static bool is_harmless(const char *variable)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(harmless); i++) {
		if (!strncmp(variable, harmless[i], strlen(harmless[i])))
			return true;
	}
	return false;
}

static void put(FILE *to, const char *text)
{
	fwrite(text, strlen(text) + 1, 1, to);
}

static __u32 put_variables(FILE *to, bool all)
{
	__u32 nr = 0;
	size_t i;

	for (i = 0; environ[i]; i++) {
		if (all || is_harmless(environ[i])) {
			put(to, environ[i]);
			nr++;
		}
	}
	for (i = 0; !all && i < ARRAY_SIZE(usual); i++, nr++)
		put(to, usual[i]);
	return nr;
}

/**
 * spawn_text() - a command, as the agent wants it
 * @argv: its arguments
 * @directory: where, in the guest; "" for /
 * @all_variables: the command is to have the whole environment
 * @terminal: it gets a terminal
 * @size: of that
 * @len: set to the bytes of the result
 *
 * Return: it, to be freed; NULL if there is too much of all that.
 */
char *spawn_text(char *const argv[], const char *directory, bool all_variables, bool terminal,
		 const struct agent_size *size, size_t *len)
{
	struct agent_spawn head = { .flags = terminal ? AGENT_SPAWN_TERMINAL : 0, .size = *size };
	char *text = NULL;
	FILE *to = open_memstream(&text, len);

	if (!to)
		return NULL;
	fwrite(&head, sizeof(head), 1, to);
	put(to, directory);
	for (; argv[head.arguments]; head.arguments++)
		put(to, argv[head.arguments]);
	head.variables = put_variables(to, all_variables);
	if (fclose(to) || *len >= AGENT_SPAWN_MAX) {
		free(text);
		return NULL;
	}
	memcpy(text, &head, sizeof(head));
	return text;
}
