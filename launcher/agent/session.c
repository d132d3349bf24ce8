// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions with the agent: what is known of each, and what it and the agent are to hear.
 * Nothing here waits, or reads or writes a file (pump.c does).
 *
 * A stream's reader grants what it has room for.  So a reader that does not read stops
 * its own stream, and a guest that sends more than that breaks the rules.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signal.h>
#include <unistd.h>

#include "link.h"
#include "session.h"

/**
 * session_memory() - memory of zeros, for session_forget_memory()
 * @len: bytes
 *
 * Not malloc()'s: in a thread, that may want to open files, which the filter forbids.
 */
char *session_memory(size_t len)
{
	char *at = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

/**
 * session_forget_memory() - give it back
 * @at: it, or NULL, which it is afterwards
 * @len: as it was asked for
 */
void session_forget_memory(char **at, size_t len)
{
	if (*at)
		munmap(*at, len);
	*at = NULL;
}

/**
 * session_open() - a new session
 * @session: a free slot
 * @spawn: what is to be run; the caller's
 * @len: bytes of that
 * @fds: what it reads and writes; -1 for none
 *
 * Return: false if there is no memory for that.
 */
bool session_open(struct session *session, const char *spawn, size_t len, const int fds[3])
{
	char *copy = session_memory(len);
	struct agent_spawn head;
	unsigned int i;

	if (!copy)
		return false;
	memset(session, 0, sizeof(*session));
	memcpy(&head, spawn, sizeof(head));
	session->terminal = head.flags & AGENT_SPAWN_TERMINAL;
	session->spawn = memcpy(copy, spawn, len);
	session->spawn_len = len;
	session->client = -1;
	session->in.fd = fds[0];
	session->in.credit = AGENT_WINDOW;
	for (i = 0; i < OUTPUTS; i++) {
		session->out[i].fd = fds[1 + i];
		session->out[i].granted = AGENT_WINDOW;
	}
	session->state = SESSION_SPAWNS;
	return true;
}

/** session_close() - forget a session; its files are the caller's */
void session_close(struct session *session)
{
	unsigned int i;

	session_forget_memory(&session->spawn, session->spawn_len);
	for (i = 0; i < OUTPUTS; i++)
		session_forget_memory(&session->out[i].bytes, AGENT_WINDOW);
	memset(session, 0, sizeof(*session));
}

static const char *take_output(struct session_output *out, const char *from, size_t len)
{
	size_t at, part;

	if (len > out->granted)
		return "sends more than it may";
	out->granted -= len;
	if (out->fd < 0)
		return NULL;
	if (!out->bytes)
		out->bytes = session_memory(AGENT_WINDOW);
	if (!out->bytes)
		return "sends more than there is memory for";
	at = (out->start + out->len) % AGENT_WINDOW;
	part = AGENT_WINDOW - at < len ? AGENT_WINDOW - at : len;
	memcpy(out->bytes + at, from, part);
	memcpy(out->bytes, from + part, len - part);
	out->len += len;
	return NULL;
}

static const char *take_credit(struct session_input *in, const char *payload, size_t len)
{
	__u32 more;

	if (len != sizeof(more))
		return "grants half a number";
	memcpy(&more, payload, sizeof(more));
	if (more > AGENT_WINDOW - in->credit)
		return "grants more than it can have";
	in->credit += more;
	return NULL;
}

static const char *take_status(struct session *session, const char *payload, size_t len)
{
	if (len != sizeof(session->status))
		return "tells half a status";
	memcpy(&session->status, payload, sizeof(session->status));
	session->state = SESSION_ENDED;
	return NULL;
}

/**
 * session_frame() - the agent says something of a session
 * @session: it
 * @frame: of what kind
 * @payload: what is behind that
 *
 * Return: what is wrong with it, or NULL.
 */
const char *session_frame(struct session *session, const struct agent_frame *frame,
			  const char *payload)
{
	const bool output = frame->stream == STDOUT_FILENO || frame->stream == STDERR_FILENO;

	if (session->state != SESSION_RUNS && session->state != SESSION_SPAWNS)
		return "speaks of a command that does not run";
	switch (frame->type) {
	case AGENT_STATUS:
		return take_status(session, payload, frame->length);
	case AGENT_DATA:
		if (!output)
			return "sends a stream that there is not";
		return take_output(&session->out[frame->stream - 1], payload, frame->length);
	case AGENT_EOF:
		return NULL;		/* the status says it, too */
	case AGENT_CREDIT:
		return take_credit(&session->in, payload, frame->length);
	case AGENT_SHUT:
		session->in.fd = -1;
		session->in.ended = true;
		return NULL;
	default:
		return "says what is not known";
	}
}

static void send_spawn(struct session *session, unsigned int number, struct link *link)
{
	while (session->spawn_done < session->spawn_len && link_data_room(link)) {
		const size_t left = session->spawn_len - session->spawn_done;
		const size_t room = link_data_room(link);
		const size_t part = left < room ? left : room;

		link_send(link, AGENT_SPAWN, number, 0, session->spawn + session->spawn_done,
			  part);
		session->spawn_done += part;
	}
	if (session->spawn_done < session->spawn_len || !link_has_room(link, 0))
		return;
	link_send(link, AGENT_SPAWN_END, number, 0, NULL, 0);
	session_forget_memory(&session->spawn, session->spawn_len);
	session->state = SESSION_RUNS;
}

static void send_signals(struct session *session, unsigned int number, struct link *link)
{
	__u32 sig;

	for (sig = 1; session->signals && sig < 64; sig++) {
		if (!(session->signals >> sig & 1) || !link_has_room(link, sizeof(sig)))
			continue;
		link_send(link, AGENT_SIGNAL, number, 0, &sig, sizeof(sig));
		session->signals &= ~(1ull << sig);
	}
}

static void send_output(struct session_output *out, unsigned int number, unsigned int stream,
			struct link *link)
{
	const __u32 more = out->owed;

	if (out->shut && link_has_room(link, 0)) {
		link_send(link, AGENT_SHUT, number, stream, NULL, 0);
		out->shut = false;
	}
	if (more < AGENT_WINDOW / 2 || !link_has_room(link, sizeof(more)))
		return;
	link_send(link, AGENT_CREDIT, number, stream, &more, sizeof(more));
	out->granted += more;
	out->owed = 0;
}

/**
 * session_send() - tell the agent what it has to know
 * @session: of it
 * @number: its number
 * @link: to the agent; what has no room there is sent another time
 */
void session_send(struct session *session, unsigned int number, struct link *link)
{
	unsigned int i;

	if (session->state == SESSION_SPAWNS)
		send_spawn(session, number, link);
	if (session->state != SESSION_RUNS)
		return;
	if (session->resized && link_has_room(link, sizeof(session->size))) {
		link_send(link, AGENT_SIZE, number, 0, &session->size, sizeof(session->size));
		session->resized = false;
	}
	send_signals(session, number, link);
	for (i = 0; i < OUTPUTS; i++)
		send_output(&session->out[i], number, i + 1, link);
	if (session->in.fd < 0 && !session->in.ended && link_has_room(link, 0)) {
		link_send(link, AGENT_EOF, number, STDIN_FILENO, NULL, 0);
		session->in.ended = true;
	}
}

/** session_wants_input() - may more be read for it? */
bool session_wants_input(const struct session *session, const struct link *link)
{
	const struct session_input *in = &session->in;

	return in->fd >= 0 && (in->keys || (session->state == SESSION_RUNS && in->credit &&
					    link_data_room(link)));
}

/**
 * session_input() - something was read for a session
 * @session: it
 * @number: its number
 * @link: to the agent
 * @bytes: what; no more than there is room and credit for
 * @len: of that; 0 or less: there is no more
 */
void session_input(struct session *session, unsigned int number, struct link *link,
		   const void *bytes, ssize_t len)
{
	if (len <= 0) {
		session->in.fd = -1;
		return;
	}
	if (session->state != SESSION_RUNS)
		return;
	link_send(link, AGENT_DATA, number, STDIN_FILENO, bytes, len);
	session->in.credit -= len;
}

/** session_writable() - how many bytes of a stream can be written, from its start on */
size_t session_writable(const struct session_output *out)
{
	const size_t end = AGENT_WINDOW - out->start;

	if (out->fd < 0)
		return 0;
	return out->len < end ? out->len : end;
}

/**
 * session_wrote() - some of a stream is written
 * @out: the stream
 * @n: bytes; below 0: nobody reads it any more
 */
void session_wrote(struct session_output *out, ssize_t n)
{
	if (n < 0) {
		out->fd = -1;
		out->shut = true;
		n = out->len;
	}
	out->start = (out->start + n) % AGENT_WINDOW;
	out->len -= n;
	out->owed += n;
}

/** session_is_done() - has it ended, with all its output? */
bool session_is_done(const struct session *session)
{
	return session->state == SESSION_ENDED && !session->out[0].len && !session->out[1].len;
}

/** session_hang_up() - whoever had it is gone */
void session_hang_up(struct session *session)
{
	unsigned int i;

	session->in.fd = -1;
	session->signals |= 1ull << SIGHUP;
	for (i = 0; i < OUTPUTS; i++)
		session_wrote(&session->out[i], -1);
}
