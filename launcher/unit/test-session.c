// SPDX-License-Identifier: GPL-2.0
/*
 * A guest that says anything where its agent should speak: the launcher does not hear it
 * any more, but a new agent; and what a good one says is taken in whatever pieces.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base.h"
#include "device.h"
#include "guest_agent.h"
#include "port.h"
#include "pump.h"
#include "tap.h"

static struct agent *agent;

static void say_bytes(const void *bytes, size_t len)
{
	agent->port.ops->put(&agent->port, &(struct iovec){ (void *)bytes, len }, 1);
}

static void say(enum agent_type type, unsigned int session, unsigned int stream,
		const void *payload, size_t len)
{
	char bytes[sizeof(struct agent_frame) + AGENT_FRAME_MAX];
	const struct agent_frame head = {
		.type = type, .stream = stream, .session = session, .length = len,
	};

	memcpy(bytes, &head, sizeof(head));
	if (len)
		memcpy(bytes + sizeof(head), payload, len);
	say_bytes(bytes, sizeof(head) + len);
}

static void say_hello(__u32 version)
{
	const struct agent_hello hello = { .version = version };

	say(AGENT_HELLO, 0, 0, &hello, sizeof(hello));
}

/* Session 1 runs, whose output is kept. */
static void begin(void)
{
	static const char *const argv[] = { "true", NULL };
	const struct agent_size size = { 0 };
	const int fds[3] = { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO };
	struct session *session = &agent->sessions[1];
	size_t len;
	char *text = spawn_text((char *const *)argv, "", false, false, &size, &len);

	agent->port.ops->opened(&agent->port, false);
	if (session->state != SESSION_NONE)
		session_close(session);
	agent->port.ops->opened(&agent->port, true);
	say_hello(AGENT_VERSION);
	session_open(session, text, len, fds);
	free(text);
	session_send(session, 1, &agent->link);
}

/* What was said since begin() is refused: then nothing is left of the session. */
static void is_refused(const char *name)
{
	const struct session *session = &agent->sessions[1];

	ok(agent->link.broken && session->state == SESSION_ENDED &&
	   session->status.ending == 255, name);
}

static bool runs(void)
{
	return !agent->link.broken && agent->sessions[1].state == SESSION_RUNS;
}

static void test_start(void)
{
	agent->port.ops->opened(&agent->port, true);
	say_bytes("abc", 3);
	agent->port.ops->opened(&agent->port, false);
	begin();
	ok(runs(), "an agent after a program that said nonsense");
	agent->port.ops->opened(&agent->port, false);
	say(AGENT_READY, 0, 0, NULL, 0);
	ok(agent->link.broken && !agent->hello, "one that does not say hello");
	agent->port.ops->opened(&agent->port, false);
	say_hello(AGENT_VERSION + 1);
	ok(agent->link.broken && !agent->hello, "one of another version");
	agent->port.ops->opened(&agent->port, false);
	say(AGENT_HELLO, 0, 0, "1234", 4);
	ok(agent->link.broken && !agent->hello, "half a hello");
	begin();
	say_hello(AGENT_VERSION);
	is_refused("hello again");
}

static void test_frames(void)
{
	const struct agent_frame large = { .type = AGENT_DATA, .length = AGENT_FRAME_MAX + 1 };
	const struct agent_frame giant = { .type = AGENT_DATA, .length = ~0u };
	char bytes[AGENT_FRAME_MAX] = { 0 };
	const __u32 more = AGENT_WINDOW;

	begin();
	say_bytes(&large, sizeof(large));
	is_refused("a frame that is too long");
	begin();
	say_bytes(&giant, sizeof(giant));
	is_refused("a giant");
	begin();
	say(AGENT_SPAWN, 1, 0, NULL, 0);
	is_refused("what is the launcher's to say");
	begin();
	say(AGENT_DATA, 2, 1, "a", 1);
	is_refused("output of a command that does not run");
	begin();
	say(AGENT_DATA, 1000, 1, "a", 1);
	is_refused("of one that cannot be");
	begin();
	say(AGENT_DATA, 1, 0, "a", 1);
	is_refused("of its input");
	begin();
	say(AGENT_DATA, 1, 3, "a", 1);
	is_refused("of a stream that there is not");
	begin();
	say(AGENT_STATUS, 1, 0, "1234", 4);
	is_refused("half a status");
	begin();
	say(AGENT_CREDIT, 1, 0, &more, 2);
	is_refused("half a number");
	begin();
	say(AGENT_CREDIT, 1, 0, &more, sizeof(more));
	is_refused("more than was ever taken");
	begin();
	while (agent->sessions[1].out[0].granted >= sizeof(bytes))
		say(AGENT_DATA, 1, 1, bytes, sizeof(bytes));
	ok(runs() && agent->sessions[1].out[0].len == AGENT_WINDOW, "as much as was granted");
	say(AGENT_DATA, 1, 1, bytes, 1);
	is_refused("and a byte more");
}

static void test_pieces(void)
{
	const struct agent_status status = { .ending = AGENT_EXITED, .number = 7 };
	const struct agent_frame frames[2] = {
		{ .type = AGENT_DATA, .stream = 1, .session = 1, .length = 4 },
		{ .type = AGENT_STATUS, .session = 1, .length = sizeof(status) },
	};
	char bytes[sizeof(frames) + 4 + sizeof(status)], *at = bytes;
	const struct session *session = &agent->sessions[1];
	size_t i;

	at = mempcpy(at, &frames[0], sizeof(frames[0]));
	at = mempcpy(at, "good", 4);
	at = mempcpy(at, &frames[1], sizeof(frames[1]));
	memcpy(at, &status, sizeof(status));
	begin();
	for (i = 0; i < sizeof(bytes); i++)
		say_bytes(bytes + i, 1);
	ok(session->state == SESSION_ENDED && session->status.number == 7 &&
	   session->out[0].len == 4 && !memcmp(session->out[0].bytes, "good", 4), "byte by byte");
	begin();
	say_bytes(bytes, sizeof(bytes));
	ok(session->state == SESSION_ENDED && session->out[0].len == 4, "several at once");
	say(AGENT_DATA, 1, 1, "late", 4);
	ok(agent->link.broken && session->status.number == 7, "what comes after the end");
}

int main(void)
{
	/* What is said of guests need not be seen. */
	if (!freopen("/dev/null", "w", stderr))
		return 1;
	make_device("agent", "");
	agent = the_agent();
	test_start();
	test_frames();
	test_pieces();
	return tap_done();
}
