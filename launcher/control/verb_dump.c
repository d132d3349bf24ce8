// SPDX-License-Identifier: GPL-2.0
/* The command "dump": the guest's memory and registers go to a file of the client's. */
#include <stdio.h>

#include "control.h"
#include "dump.h"
#include "sockets.h"
#include "verbs.h"

/* Who has gone away leaves the dump to end by itself. */
static bool waited_for;

static void look(struct control_client *client, void *unused, bool late)
{
	const char *wrong;

	(void)unused;
	(void)late;
	if (!dump_answered(&wrong))
		return;
	waited_for = false;
	control_answer(client, wrong ? wrong : CONTROL_OK);
}

static void gone(struct control_client *client, void *unused)
{
	(void)client;
	(void)unused;
	waited_for = false;
}

static const struct control_wait_ops dump_ops = { .look = look, .gone = gone };

static void serve_dump(struct control_client *client, struct control_request *request)
{
	const char *wrong;

	if (!waited_for)
		dump_answered(&wrong);	/* of one that has gone */
	if (!dump_ask(request->fds[0])) {
		control_answer(client, "the guest is being dumped already");
		return;
	}
	request->fds[0] = -1;
	waited_for = true;
	control_wait(client, &dump_ops, NULL, -1);
}

static const struct control_verb dump_verb = {
	.name = "dump", .fds_min = 1, .fds_max = 1, .serve = serve_dump,
};

CONTROL_VERB(dump_verb);
