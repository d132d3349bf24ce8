// SPDX-License-Identifier: GPL-2.0
/*
 * The command "attach": a socket of the client's becomes the guest's console, too, for
 * as long as the client's connection is there, with the size of its terminal, if it says
 * that.  The answer is the status with which the launcher ends.  And "resize", for
 * whoever is attached: the terminal has another size now.
 */
#include <stdint.h>

#include "control.h"
#include "verbs.h"
#include "visitors.h"
#include "window.h"

static void gone(struct control_client *client, void *id)
{
	(void)client;
	visitors_leave((uintptr_t)id);
}

static void ended(struct control_client *client, void *unused, int status)
{
	(void)unused;
	control_answer_status(client, status);
}

static const struct control_wait_ops attach_ops = { .gone = gone, .ended = ended };

static void serve_attach(struct control_client *client, struct control_request *request)
{
	const char *wrong = request->argc == 1 ? "says half a size" : NULL;
	unsigned int id;

	if (request->argc > 1)
		wrong = window_ask(request->argv[0], request->argv[1]);
	if (wrong) {
		control_answer(client, wrong);
		return;
	}
	id = visitors_come(request->fds[0]);
	if (!id) {
		control_answer(client, "too many are attached to this guest");
		return;
	}
	request->fds[0] = -1;
	control_wait(client, &attach_ops, (void *)(uintptr_t)id, -1);
}

static void serve_resize(struct control_client *client, struct control_request *request)
{
	const char *wrong = window_ask(request->argv[0], request->argv[1]);

	control_answer(client, wrong ? wrong : CONTROL_OK);
}

static const struct control_verb attach_verb = {
	.name = "attach", .args_max = 2, .fds_min = 1, .fds_max = 1, .serve = serve_attach,
};

static const struct control_verb resize_verb = {
	.name = "resize", .args_min = 2, .args_max = 2, .serve = serve_resize,
};

CONTROL_VERB(attach_verb);
CONTROL_VERB(resize_verb);
