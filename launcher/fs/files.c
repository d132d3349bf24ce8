// SPDX-License-Identifier: GPL-2.0
/*
 * A directory of the host's that a guest shares.  The work is done by diod, a
 * server of files by the protocol 9P2000.L, which sees that directory and nothing
 * else (confine.c, which also keeps it from being written to); p9.c passes the
 * messages on.
 *
 * Files are used as the user whom the guest names if the server is root, and
 * otherwise as the user that it is: a guest's users then are one.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base.h"
#include "confine.h"
#include "device_option.h"
#include "p9.h"
#include "sandbox.h"
#include "server.h"

#define READ_ONLY	"ro"
#define READ_WRITE	"rw"
#define TAG		"tag="
#define STANDARD_TAG	"host"

#define START_MS	10000		/* for diod to answer */
#define END_MS		2000		/* for what it does at the end */

struct files {
	struct model model;
	struct files *next;
	struct server server;
	struct p9 p9;
	char *directory;
	const char *tag;
	bool ro;
	bool works;		/* it has answered */
};

/* A tag is what a guest finds its directory by. */
static struct files *all;

static struct files *to_files(struct model *model)
{
	return container_of(model, struct files, model);
}

const char *files_tag(struct model *model)
{
	return to_files(model)->tag;
}

struct p9 *files_p9(struct model *model)
{
	return &to_files(model)->p9;
}

static void files_close(struct model *model)
{
	struct files *files = to_files(model);
	struct files **link = &all;

	while (*link != files)
		link = &(*link)->next;
	*link = files->next;
	p9_settle(&files->p9, END_MS);
	server_close(&files->server);
	p9_close(&files->p9);
	free(files->directory);
	free(files);
}

static void lost(struct p9 *p9)
{
	struct files *files = container_of(p9, struct files, p9);
	char text[2 * FILES_TAG_MAX];

	snprintf(text, sizeof(text), "the share '%s' is lost for the guest", files->tag);
	server_lost(&files->server, files->works ? text : "it cannot be used");
}

/* The options after the last commas; a directory may have some in its name. */
static void take_options(struct files *files)
{
	char *comma;

	files->tag = STANDARD_TAG;
	while ((comma = strrchr(files->directory, ','))) {
		if (!strcmp(comma + 1, READ_ONLY))
			files->ro = true;
		else if (!strncmp(comma + 1, TAG, strlen(TAG)))
			files->tag = comma + 1 + strlen(TAG);
		else if (strcmp(comma + 1, READ_WRITE))
			break;
		*comma = '\0';
	}
}

static void check_tag(const struct files *files, const char *spec)
{
	const struct files *other;
	size_t len = strlen(files->tag);

	if (!len || len > FILES_TAG_MAX)
		give_up("--share %s: a tag has 1 to %d characters", spec, FILES_TAG_MAX);
	for (other = all; other; other = other->next) {
		if (!strcmp(other->tag, files->tag))
			give_up("--share %s: there is a share '%s' already (add ',tag=NAME')",
				spec, files->tag);
	}
}

static void check_directory(const struct files *files)
{
	struct stat st;

	if (stat(files->directory, &st) < 0)
		give_up("--share %s: %s", files->directory, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		give_up("--share %s: is not a directory", files->directory);
}

static void start(struct files *files)
{
	char socket[16], option[300];
	char *const argv[] = {
		"diod", "-fnN", "-c", CONFINED_NULL, "-L", "stderr",
		"-r", socket, "-w", socket, "-e", CONFINED_DIRECTORY, NULL,
	};

	snprintf(socket, sizeof(socket), "%d", SERVER_FD);
	snprintf(option, sizeof(option), "--share %s", files->directory);
	server_start_in(&files->server, option, "diod", argv, files->directory, files->ro);
	files->p9.socket = files->server.socket;
	files->p9.root = CONFINED_DIRECTORY;
	files->p9.user = sandbox_user() ? (long)sandbox_user() : -1;
	files->p9.lost = lost;
	p9_open(&files->p9);
	files->works = p9_greet(&files->p9, START_MS);
	if (files->works)
		return;
	if (!files->p9.gone)
		lost(&files->p9);
	give_up("%s: diod does not work", option);
}

static struct model *files_create(const char *spec)
{
	struct files *files = calloc(1, sizeof(*files));

	if (files)
		files->directory = strdup(spec);
	if (!files || !files->directory)
		give_up("--share %s: %s", spec, strerror(errno));
	files->model = (struct model){ MODEL_FILES, "share", files_close };
	take_options(files);
	check_tag(files, spec);
	check_directory(files);
	start(files);
	files->next = all;
	all = files;
	return &files->model;
}

static const struct device_option files_option = {
	.name = "share",
	.argument = "DIR[,tag=NAME][,ro]",
	.help = "a directory of this host, by 9P (tag: host); takes the program diod",
	.create = files_create,
};

DEVICE_OPTION(files_option);
