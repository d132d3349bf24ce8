// SPDX-License-Identifier: GPL-2.0
/*
 * A share that diod serves, by the protocol 9P2000.L: p9.c passes the messages on.
 */
#include <stdio.h>
#include <stdlib.h>

#include "files.h"

#define END_MS		2000		/* for what it does at the end */

struct diod {
	struct model model;
	struct files files;
	struct p9 p9;
};

static struct diod *to_diod(struct model *model)
{
	return container_of(model, struct diod, model);
}

/** diod_tag - what the guest calls it */
const char *diod_tag(struct model *model)
{
	return to_diod(model)->files.tag;
}

/** diod_p9 - whom the guest talks to */
struct p9 *diod_p9(struct model *model)
{
	return &to_diod(model)->p9;
}

static void diod_close(struct model *model)
{
	struct diod *diod = to_diod(model);

	p9_settle(&diod->p9, END_MS);
	server_close(&diod->files.server);
	p9_close(&diod->p9);
	files_forget(&diod->files);
	free(diod);
}

static void lost(struct p9 *p9)
{
	files_lost(&container_of(p9, struct diod, p9)->files);
}

static struct model *diod_create(struct files **files)
{
	struct diod *diod = calloc(1, sizeof(*diod));

	if (!diod)
		return NULL;
	diod->model = (struct model){ MODEL_FILES, "share", diod_close };
	diod->files.kind = &diod_server;
	*files = &diod->files;
	return &diod->model;
}

static void diod_start(struct files *files, const char *option)
{
	struct p9 *p9 = &container_of(files, struct diod, files)->p9;
	const struct confinement confinement = {
		.directory = files->directory, .read_only = files->ro, .whole = files->whole,
	};
	char socket[16];
	char *const argv[] = {
		"diod", "-fnN", "-c", CONFINED_NULL, "-L", "stderr",
		"-r", socket, "-w", socket, "-e", CONFINED_DIRECTORY, NULL,
	};

	snprintf(socket, sizeof(socket), "%d", SERVER_FD);
	server_start_in(&files->server, option, diod_server.package, argv, &confinement);
	p9->socket = files->server.socket;
	p9->root = CONFINED_DIRECTORY;
	p9->user = sandbox_user() ? (long)sandbox_user() : -1;
	p9->lost = lost;
	p9_open(p9);
	files->works = p9_greet(p9, FILES_START_MS);
	if (files->works)
		return;
	if (!p9->gone)
		lost(p9);
	give_up("%s: diod does not work", option);
}

static bool diod_is_there(void)
{
	return server_is_there("diod");
}

const struct file_server diod_server = {
	.is_there = diod_is_there,
	.name = "diod",
	.package = "diod",
	.type = "9p",
	.create = diod_create,
	.start = diod_start,
};
