// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions: commands that run, and their streams.  A command that has ended is reported
 * when all that it had written is on its way; what others keep open of its streams does
 * not matter any more.
 */
#include "agent.h"

struct session {
	bool used, ended, said[AGENT_STREAMS];	/* (that there is no more) */
	struct spawn spawn;
	struct spawned run;
	int status;
	struct {
		char *bytes;			/* AGENT_WINDOW, a ring */
		size_t start, len, granted;	/* taken out since the last CREDIT */
		bool eof;
	} in;
	size_t credit[AGENT_STREAMS];
};

static struct session sessions[AGENT_SESSIONS];

static unsigned int number_of(const struct session *s)
{
	return s - sessions;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		sys_close(*fd);
	*fd = -1;
}

static bool is_output(const struct session *s, unsigned int stream)
{
	return stream == STDOUT || (stream == STDERR && !s->run.terminal);
}

static int *fd_of(struct session *s, unsigned int stream)
{
	return stream == STDERR ? &s->run.err : &s->run.out;
}

static void close_input(struct session *s)
{
	if (s->run.terminal)
		return;			/* it is the output, too */
	close_fd(&s->run.in);
}

static void finish(struct session *s, enum agent_ending ending, unsigned int number)
{
	const struct agent_status status = { .ending = ending, .number = number };

	channel_send(AGENT_STATUS, number_of(s), 0, &status, sizeof(status));
	if (!s->run.terminal)
		close_fd(&s->run.in);
	close_fd(&s->run.out);
	close_fd(&s->run.err);
	close_fd(&s->run.exec);
	spawn_forget(&s->spawn);
	sys_unmap(s->in.bytes, AGENT_WINDOW);
	memset(s, 0, sizeof(*s));
}

static void start(struct session *s)
{
	int error;
	unsigned int i;

	s->in.bytes = sys_map(AGENT_WINDOW);
	error = s->in.bytes ? spawn_run(&s->spawn, &s->run) : -ENOMEM;
	for (i = 0; i < AGENT_STREAMS; i++)
		s->credit[i] = AGENT_WINDOW;
	spawn_forget(&s->spawn);
	if (error)
		finish(s, AGENT_NOT_RUN, -error);
}

static void take_input(struct session *s, const char *from, size_t len)
{
	const size_t at = (s->in.start + s->in.len) % AGENT_WINDOW;
	const size_t part = len < AGENT_WINDOW - at ? len : AGENT_WINDOW - at;

	if (!s->in.bytes || len > AGENT_WINDOW - s->in.len)
		return;			/* more than was granted */
	memcpy(s->in.bytes + at, from, part);
	memcpy(s->in.bytes, from + part, len - part);
	s->in.len += len;
}

/* To all that the command has started; it may still have to make them its group. */
static void send_signal(const struct session *s, unsigned int number)
{
	if (s->run.pid > 0 && !s->ended && sys_kill(-s->run.pid, number) < 0)
		sys_kill(s->run.pid, number);
}

/* The reader of what the command writes is gone. */
static void shut(struct session *s, unsigned int stream)
{
	if (!is_output(s, stream))
		return;
	if (s->run.terminal)
		send_signal(s, SIGHUP);
	close_fd(fd_of(s, stream));
	s->said[stream] = true;
}

void session_frame(const struct agent_frame *frame, const char *payload)
{
	struct session *s = &sessions[frame->session % AGENT_SESSIONS];
	struct agent_size size;
	__u32 number = 0;

	memcpy(&number, payload, frame->length < sizeof(number) ? frame->length : sizeof(number));
	memcpy(&size, &number, sizeof(size));
	switch (frame->type) {
	case AGENT_SPAWN:
		if (!s->used)
			*s = (struct session){ .used = true, .run = { -1, -1, -1, -1, -1, false } };
		if (!spawn_piece(&s->spawn, payload, frame->length))
			finish(s, AGENT_NOT_RUN, E2BIG);
		return;
	case AGENT_SPAWN_END:
		if (s->used && s->run.pid < 0)
			start(s);
		return;
	}
	if (!s->used)
		return;			/* it has ended in the meantime */
	switch (frame->type) {
	case AGENT_SIZE:
		if (s->run.terminal)
			terminal_resize(s->run.out, &size);
		break;
	case AGENT_SIGNAL:
		send_signal(s, number);
		break;
	case AGENT_DATA:
		take_input(s, payload, frame->length);
		break;
	case AGENT_EOF:
		s->in.eof = true;
		break;
	case AGENT_CREDIT:
		if (frame->stream < AGENT_STREAMS)
			s->credit[frame->stream] += number;
		break;
	case AGENT_SHUT:
		shut(s, frame->stream);
		break;
	}
}

/* Moves what came for the command; a reader that is gone is told of. */
static void feed(struct session *s)
{
	__u32 granted;

	while (s->in.len && s->run.in >= 0) {
		size_t part = AGENT_WINDOW - s->in.start;
		long n;

		if (part > s->in.len)
			part = s->in.len;
		n = sys_write(s->run.in, s->in.bytes + s->in.start, part);
		if (n == -EAGAIN || n == -EINTR)
			break;
		if (n <= 0) {
			channel_send(AGENT_SHUT, number_of(s), STDIN, NULL, 0);
			close_input(s);
			s->in.len = 0;
			return;
		}
		s->in.start = (s->in.start + n) % AGENT_WINDOW;
		s->in.len -= n;
		s->in.granted += n;
	}
	if (s->in.granted >= AGENT_WINDOW / 2) {
		granted = s->in.granted;
		s->in.granted = 0;
		channel_send(AGENT_CREDIT, number_of(s), STDIN, &granted, sizeof(granted));
	}
	if (s->in.eof && !s->in.len)
		close_input(s);
}

/* True if there may be more at once. */
static bool pass_on(struct session *s, unsigned int stream)
{
	static char bytes[AGENT_FRAME_MAX];
	int *fd = fd_of(s, stream);
	size_t room = channel_data_room();
	long n;

	if (*fd < 0 || s->said[stream])
		return false;
	if (room > s->credit[stream])
		room = s->credit[stream];
	if (!room)
		return false;
	n = sys_read(*fd, bytes, room);
	if (n == -EINTR || (n == -EAGAIN && !s->ended))
		return false;
	if (n > 0) {
		s->credit[stream] -= n;
		channel_send(AGENT_DATA, number_of(s), stream, bytes, n);
		return true;
	}
	s->said[stream] = true;
	channel_send(AGENT_EOF, number_of(s), stream, NULL, 0);
	if (!s->run.terminal)
		close_fd(fd);
	return false;
}

/* Could it not be run?  (It has ended, so the answer is there.) */
static int run_error(struct session *s)
{
	int error = 0;

	return sys_read(s->run.exec, &error, sizeof(error)) == sizeof(error) ? error : 0;
}

static void end(struct session *s)
{
	const int error = run_error(s);

	if (error)
		finish(s, AGENT_NOT_RUN, error);
	else if (s->status & 0x7f)
		finish(s, AGENT_KILLED, s->status & 0x7f);
	else
		finish(s, AGENT_EXITED, s->status >> 8 & 0xff);
}

static void work(struct session *s)
{
	unsigned int stream;
	bool all = true;

	feed(s);
	for (stream = STDOUT; stream <= STDERR; stream++) {
		if (!is_output(s, stream))
			continue;
		while (pass_on(s, stream))
			;
		all &= s->said[stream];
	}
	if (s->ended && all)
		end(s);
}

/* Does all that can be done without waiting. */
void session_work(void)
{
	unsigned int i;

	for (i = 0; i < AGENT_SESSIONS; i++) {
		if (sessions[i].used && sessions[i].run.pid > 0)
			work(&sessions[i]);
	}
}

void session_died(int pid, int status)
{
	unsigned int i;

	for (i = 0; i < AGENT_SESSIONS; i++) {
		if (sessions[i].used && sessions[i].run.pid == pid) {
			sessions[i].ended = true;
			sessions[i].status = status;
		}
	}
}

static bool wants_output(struct session *s, unsigned int stream)
{
	return is_output(s, stream) && !s->said[stream] && s->credit[stream] &&
	       channel_data_room();
}

/* What to wait for; at most SESSION_POLLS for each of AGENT_SESSIONS. */
unsigned int session_polls(struct pollfd *fds)
{
	unsigned int i, stream, nr = 0;

	for (i = 0; i < AGENT_SESSIONS; i++) {
		struct session *s = &sessions[i];

		if (!s->used || s->run.pid <= 0)
			continue;
		if (s->in.len && s->run.in >= 0)
			fds[nr++] = (struct pollfd){ s->run.in, POLLOUT, 0 };
		for (stream = STDOUT; stream <= STDERR; stream++) {
			if (wants_output(s, stream))
				fds[nr++] = (struct pollfd){ *fd_of(s, stream), POLLIN, 0 };
		}
	}
	return nr;
}
