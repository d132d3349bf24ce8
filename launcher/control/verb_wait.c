// SPDX-License-Identifier: GPL-2.0
/* The command "wait": the answer is the status with which the launcher ends. */
#include "control.h"
#include "verbs.h"

static void tell_status(struct control_client *client, void *unused, int status)
{
	(void)unused;
	control_answer_status(client, status);
}

static const struct control_wait_ops wait_ops = { .ended = tell_status };

static void serve_wait(struct control_client *client, struct control_request *request)
{
	(void)request;
	control_wait(client, &wait_ops, NULL, -1);
}

static const struct control_verb wait_verb = { .name = "wait", .serve = serve_wait };

CONTROL_VERB(wait_verb);
