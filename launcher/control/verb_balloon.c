// SPDX-License-Identifier: GPL-2.0
/* The command "balloon": how much memory the guest is to keep. */
#include "balloon.h"
#include "control.h"
#include "sockets.h"
#include "verbs.h"

static void serve_balloon(struct control_client *client, struct control_request *request)
{
	const char *wrong = balloon_ask(request->argv[0]);

	control_answer(client, wrong ? wrong : CONTROL_OK);
}

static const struct control_verb balloon_verb = {
	.name = "balloon",
	.args_min = 1,
	.args_max = 1,
	.serve = serve_balloon,
};

CONTROL_VERB(balloon_verb);
