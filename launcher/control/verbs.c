// SPDX-License-Identifier: GPL-2.0
/*
 * The commands that are about a guest as a whole: its numbers, to hold it, to let
 * it go on, to end it.  hold.c does what is asked.
 */
#include <stdio.h>
#include <string.h>

#include "balloon.h"
#include "config.h"
#include "control.h"
#include "guest_memory.h"
#include "hold.h"
#include "host.h"
#include "sockets.h"
#include "verbs.h"

#define PAUSE_MS	10000	/* until it is told that the guest does not come to rest */

static const char *state_name(void)
{
	if (hold_ending())
		return "ending";
	return hold_paused() ? "paused" : "running";
}

/* What the host has of the guest's memory, and what it has got back. */
static int print_memory(char *text, size_t len)
{
	struct balloon_numbers numbers;
	int n = snprintf(text, len, "resident:\t%lluK\n", memory_resident() / 1024);

	if (balloon_ask_numbers(&numbers))
		n += snprintf(text + n, len - n,
			      "balloon:\t%lluK\nkeeps:\t%uK\nreported:\t%lluK\n",
			      numbers.given / 1024, numbers.wanted / 1024,
			      numbers.reported / 1024);
	return n;
}

static void serve_stat(struct control_client *client, struct control_request *request)
{
	const struct config *about = control_config();
	char kernel[512];
	char text[CONTROL_REPLY_MAX];
	int n;

	(void)request;
	snprintf(kernel, sizeof(kernel), "%s", about->kernel);
	kernel[strcspn(kernel, "\n")] = '\0';	/* it is to be one line */
	n = snprintf(text, sizeof(text),
		     CONTROL_OK "name:\t%s\npid:\t%d\nstate:\t%s\nmemory:\t%uK\nkernel:\t%s\n",
		     control_name(), control_owner(), state_name(), about->memory / 1024,
		     kernel);
	n += print_memory(text + n, sizeof(text) - n);
	host_stats(text + n, sizeof(text) - n);
	control_answer(client, text);
}

static void look_paused(struct control_client *client, void *unused, bool late)
{
	(void)unused;
	if (hold_paused())
		control_answer(client, CONTROL_OK);
	else if (late)
		control_answer(client,
			       "the guest does not come to rest; it will be paused when it does");
}

static const struct control_wait_ops pause_ops = { .look = look_paused };

static void serve_pause(struct control_client *client, struct control_request *request)
{
	(void)request;
	hold_pause();
	control_wait(client, &pause_ops, NULL, PAUSE_MS);
}

static void serve_resume(struct control_client *client, struct control_request *request)
{
	(void)request;
	hold_resume();
	control_answer(client, CONTROL_OK);
}

static const struct control_wait_ops stop_ops = { .look = NULL };

/*
 * The connection's end says that all is done.  Who is heard by a launcher that ends
 * to restart has no answer, and asks again.
 */
static void serve_stop(struct control_client *client, struct control_request *request)
{
	(void)request;
	hold_stop();
	if (control_tell(client, CONTROL_OK))
		control_wait(client, &stop_ops, NULL, -1);
}

static const struct control_verb stat_verb = { .name = "stat", .serve = serve_stat };
static const struct control_verb pause_verb = { .name = "pause", .serve = serve_pause };
static const struct control_verb resume_verb = { .name = "resume", .serve = serve_resume };
static const struct control_verb stop_verb = { .name = "stop", .serve = serve_stop };

CONTROL_VERB(stat_verb);
CONTROL_VERB(pause_verb);
CONTROL_VERB(resume_verb);
CONTROL_VERB(stop_verb);
