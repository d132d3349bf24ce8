// SPDX-License-Identifier: GPL-2.0
/*
 * A fuzzer for what the launcher hears from the agent in the guest: the input is what a
 * program says that has opened the agent's port, while a command runs.
 */
#include <fcntl.h>
#include <unistd.h>

#include "guest.h"
#include "guest_agent.h"
#include "pump.h"

#define PIECE_MAX	9000u		/* more than a frame */

static struct agent *agent;
static int nowhere;

/* The launcher's: a command is to run. */
static void spawn(unsigned int number)
{
	static const char *const argv[] = { "true", NULL };
	const struct agent_size size = { 0 };
	const int fds[3] = { nowhere, nowhere, nowhere };
	struct session *session = &agent->sessions[number];
	size_t len;
	char *text;

	if (session->state != SESSION_NONE)
		session_close(session);
	text = spawn_text((char *const *)argv, "", false, false, &size, &len);
	must(text && session_open(session, text, len, fds));
	session_send(session, number, &agent->link);
	free(text);
}

static void put(const void *bytes, size_t len)
{
	const size_t cut = len / 3;
	const struct iovec iov[2] = {
		{ (void *)bytes, cut }, { (char *)bytes + cut, len - cut },
	};

	agent->port.ops->put(&agent->port, iov, 2);
}

static struct agent_frame take_head(struct input *in)
{
	static const __u8 types[] = {
		AGENT_HELLO, AGENT_READY, AGENT_FAILED, AGENT_STATUS, AGENT_DATA, AGENT_EOF,
		AGENT_CREDIT, AGENT_SHUT,
	};
	const __u8 type = take(in, 1);

	return (struct agent_frame){
		.type = type < 0xe0 ? types[type % ARRAY_SIZE(types)] : type,
		.stream = take(in, 1) % 4,
		.session = take(in, 1) % (AGENT_SESSIONS + 1),
	};
}

/* A frame whose length is right. */
static void say(struct input *in)
{
	struct agent_frame frame = take_head(in);
	size_t len;
	const __u8 *piece = take_piece(in, AGENT_FRAME_MAX, &len);

	frame.length = len;
	put(&frame, sizeof(frame));
	put(piece, len);
}

/* A long one, or too long, again and again. */
static void say_much(struct input *in)
{
	static const char nothing[PIECE_MAX];
	struct agent_frame frame = take_head(in);
	unsigned int times = take(in, 1) % 16;

	frame.length = AGENT_FRAME_MAX / 256 * take(in, 2) % PIECE_MAX;
	while (times--) {
		put(&frame, sizeof(frame));
		put(nothing, frame.length);
	}
}

static void say_anything(struct input *in)
{
	size_t len;
	const __u8 *piece = take_piece(in, PIECE_MAX, &len);

	put(piece, len);
}

/* The guest takes what is for it, so that there is room for more. */
static void listen(struct input *in)
{
	char room[512];
	struct iovec iov = { room, take(in, 2) % sizeof(room) };
	unsigned int i;

	agent->port.ops->take(&agent->port, &iov, 1);
	for (i = 0; i < AGENT_SESSIONS; i++)
		session_send(&agent->sessions[i], i, &agent->link);
}

/* Somebody reads what the command says. */
static void drain(unsigned int number)
{
	struct session_output *out = &agent->sessions[number].out[0];
	const size_t len = session_writable(out);

	must(out->len <= AGENT_WINDOW);
	if (len)
		session_wrote(out, len);
}

static void play(struct input *in)
{
	while (input_left(in)) {
		const __u8 what = take(in, 1);
		const unsigned int number = what / 8 % AGENT_SESSIONS;

		switch (what % 8) {
		case 0:
		case 1:
			say(in);
			break;
		case 2:
			say_much(in);
			break;
		case 3:
			say_anything(in);
			break;
		case 4:
			listen(in);
			break;
		case 5:
			agent->port.ops->opened(&agent->port, what & 8);
			break;
		case 6:
			spawn(number);
			break;
		case 7:
			if (agent->sessions[number].state != SESSION_NONE)
				drain(number);
			break;
		}
	}
}

static void begin(void)
{
	const struct agent_hello hello = { .version = AGENT_VERSION };
	const struct agent_frame frame = { .type = AGENT_HELLO, .length = sizeof(hello) };

	agent->port.ops->opened(&agent->port, true);
	put(&frame, sizeof(frame));
	put(&hello, sizeof(hello));
	spawn(1);
}

static void end(void)
{
	unsigned int i;

	agent->port.ops->opened(&agent->port, false);
	for (i = 0; i < AGENT_SESSIONS; i++) {
		if (agent->sessions[i].state != SESSION_NONE)
			session_close(&agent->sessions[i]);
	}
}

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	struct input in = { data, data + size };

	if (!agent) {
		must(guest_device("agent", ""));
		agent = the_agent();
		nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
	}
	if (take(&in, 1) & 1)
		begin();
	play(&in);
	end();
	return 0;
}
