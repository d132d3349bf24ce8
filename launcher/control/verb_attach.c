// SPDX-License-Identifier: GPL-2.0
/*
 * The command "attach": a socket of the client's becomes the guest's console, too, for
 * as long as the client's connection is there.  The answer is the status with which the
 * launcher ends.
 */
#include <stdint.h>

#include "control.h"
#include "verbs.h"
#include "visitors.h"

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
	const unsigned int id = visitors_come(request->fds[0]);

	if (!id) {
		control_answer(client, "too many are attached to this guest");
		return;
	}
	request->fds[0] = -1;
	control_wait(client, &attach_ops, (void *)(uintptr_t)id, -1);
}

static const struct control_verb attach_verb = {
	.name = "attach", .fds_min = 1, .fds_max = 1, .serve = serve_attach,
};

CONTROL_VERB(attach_verb);
