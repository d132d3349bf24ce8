// SPDX-License-Identifier: GPL-2.0
/*
 * The shares that a guest has, whatever serves them (files.c).
 */
#include <stdio.h>
#include <string.h>

#include "files.h"

static struct files *all;

/**
 * files_find - the share of a name
 * @tag: what a guest finds its directory by
 *
 * NULL if there is none.
 */
struct files *files_find(const char *tag)
{
	struct files *files = all;

	while (files && strcmp(files->spec->tag, tag))
		files = files->next;
	return files;
}

/** files_remember - there is one more */
void files_remember(struct files *files)
{
	files->next = all;
	all = files;
}

/**
 * files_forget - a server's model is closed
 * @files: it
 */
void files_forget(struct files *files)
{
	struct files **link = &all;

	while (*link != files)
		link = &(*link)->next;
	*link = files->next;
}

/**
 * files_lost - tell the user that a server does not answer any more
 * @files: it
 */
void files_lost(struct files *files)
{
	char text[2 * FILES_TAG_MAX];

	snprintf(text, sizeof(text), "the share '%s' is lost for the guest", files->spec->tag);
	server_lost(&files->server, files->works ? text : "it cannot be used");
}
