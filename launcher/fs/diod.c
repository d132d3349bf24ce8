// SPDX-License-Identifier: GPL-2.0
/*
 * A share that diod serves, by the protocol 9P2000.L: p9.c passes the messages on.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	return to_diod(model)->files.spec->tag;
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

static bool __must_check start(struct server *server, const struct files_spec *spec,
			       const char *option)
{
	const struct confinement confinement = {
		.directory = spec->directory, .read_only = spec->read_only, .whole = spec->whole,
	};
	char socket[16];
	char *const argv[] = {
		"diod", "-fnN", "-c", CONFINED_NULL, "-L", "stderr",
		"-r", socket, "-w", socket, "-e", CONFINED_DIRECTORY, NULL,
	};

	snprintf(socket, sizeof(socket), "%d", SERVER_FD);
	return server_start_in(server, option, diod_server.package, argv, &confinement);
}

/* Does the server answer? */
static bool __must_check greet(struct diod *diod, const char *option)
{
	struct p9 *p9 = &diod->p9;

	p9->socket = diod->files.server.socket;
	p9->root = CONFINED_DIRECTORY;
	p9->user = sandbox_user() ? (long)sandbox_user() : -1;
	p9->lost = lost;
	if (!p9_open(p9))
		return false;
	diod->files.works = p9_greet(p9, FILES_START_MS);
	if (diod->files.works)
		return true;
	if (!p9->gone)
		lost(p9);
	p9_close(p9);
	return failure("%s: diod does not work", option);
}

static struct model *diod_open(const struct files_spec *spec, const char *option)
{
	struct diod *diod = calloc(1, sizeof(*diod));

	if (!diod) {
		failure("%s: %s", option, strerror(errno));
		return NULL;
	}
	diod->model = (struct model){ MODEL_FILES, "share", diod_close };
	diod->files.kind = &diod_server;
	diod->files.spec = spec;
	if (!start(&diod->files.server, spec, option))
		goto free;
	if (!greet(diod, option))
		goto close;
	files_remember(&diod->files);
	return &diod->model;
close:
	server_close(&diod->files.server);
free:
	free(diod);
	return NULL;
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
	.open = diod_open,
};
