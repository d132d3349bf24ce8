// SPDX-License-Identifier: GPL-2.0
/*
 * A gdb that is connected.  It is served by the guest's own thread, to whom alone the
 * host shows the registers, while the guest is held (hold.c); and while that runs, the
 * event loop waits for gdb's Ctrl-C, or for a gdb at all, and has the guest held.
 *
 * Of what the host tells, a breakpoint that is none of ours is passed on to the guest.
 */
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base.h"
#include "config.h"
#include "control.h"
#include "debug.h"
#include "guest_memory.h"
#include "hold.h"
#include "host.h"
#include "loop.h"
#include "sock.h"

#define IN_MAX		4096u
#define OUT_MAX		(3 * GDB_PACKET_MAX)
/* What one packet of gdb's may make us say. */
#define OUT_NEEDED	(2 * GDB_PACKET_MAX + 16)

#define SIGNAL_INTERRUPT	"T02thread:1;"
#define SIGNAL_TRAP		"T05thread:1;"

static struct gdb_address address = { .kind = '\0' };
static int listener = -1;
static int client = -1;
static struct loop_source calls;
static atomic_bool busy;	/* the guest's thread serves gdb, or is about to */
static bool waits;		/* the guest has to, for a first gdb */

/* Of the client. */
static struct gdb_session session;
static struct gdb_packet packet;
static struct gdb_reply reply;
static bool runs;		/* it waits for the guest to stop */
static bool due;		/* the guest has stopped, for session.stop */
static bool steps;		/* likewise, after an instruction */
static char in[IN_MAX], out[OUT_MAX];
static size_t in_len, in_done, out_len;

/* -- the client -- */

/* Sends what there is, as far as the client takes it; false if it has gone. */
static bool flush(void)
{
	ssize_t n = out_len ? sock_send(client, out, out_len, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	out_len -= n;
	memmove(out, out + n, out_len);
	return true;
}

static void put_reply(void)
{
	out_len += gdb_frame(&reply, out + out_len, sizeof(out) - out_len);
}

static void put_byte(char byte)
{
	if (out_len < sizeof(out))
		out[out_len++] = byte;
}

static void arm(void)
{
	__u32 what = LGUEST_DEBUG_BREAK;

	if (steps)
		what |= LGUEST_DEBUG_STEP | LGUEST_DEBUG_NO_IRQS;
	else if (gdb_guest_watched())
		what |= LGUEST_DEBUG_STEP;
	host_debug(what);
}

/* Nothing of it is left in the guest. */
static void hang_up(void)
{
	if (client < 0)
		return;
	close(client);
	client = -1;
	gdb_guest_forget();
	host_debug(0);
	explain("gdb has gone");
}

static void run_guest(bool one_step)
{
	runs = true;
	due = false;
	steps = one_step;
	arm();
	hold_debug(false);
}

/* The guest has come to rest: tell gdb, if it waits for that. */
static void tell_stop(void)
{
	if (!runs || !due)
		return;
	runs = false;
	steps = false;
	reply.len = 0;
	gdb_say(&reply, session.stop);
	put_reply();
}

static void stop_for(const char *why)
{
	snprintf(session.stop, sizeof(session.stop), "%s", why);
	due = true;
	hold_debug(true);
}

static void do_packet(void)
{
	enum gdb_next next;

	if (!session.no_acks)
		put_byte('+');
	reply.len = 0;
	next = gdb_command(&session, &gdb_guest, &packet, &reply);
	if (next == GDB_STAYS || reply.len)
		put_reply();
	session.no_acks |= session.ends_acks;
	if (next == GDB_STAYS)
		return;
	if (next == GDB_CONTINUE || next == GDB_STEP) {
		run_guest(next == GDB_STEP);
		return;
	}
	flush();
	hang_up();
	if (next == GDB_KILL)
		hold_stop();
}

static void take(char byte)
{
	switch (gdb_packet_feed(&packet, byte)) {
	case GDB_PACKET:
		do_packet();
		return;
	case GDB_INTERRUPT:
		if (runs)
			stop_for(SIGNAL_INTERRUPT);
		tell_stop();
		return;
	case GDB_BAD_PACKET:
		if (!session.no_acks)
			put_byte('-');
		return;
	case GDB_NAK:
		put_reply();
		return;
	default:
		return;
	}
}

/* As long as there is room for the answers. */
static void work(void)
{
	while (client >= 0 && in_done < in_len && sizeof(out) - out_len >= OUT_NEEDED)
		take(in[in_done++]);
}

/* More of what it says; false if it has hung up. */
static bool hear(void)
{
	ssize_t n;

	if (in_done < in_len)
		return true;
	n = sock_receive(client, in, sizeof(in), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	in_done = 0;
	in_len = n > 0 ? n : 0;
	return n > 0;
}

static void welcome(void)
{
	int fd = sock_accept(listener, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (!gdb_may_come(&address, fd)) {
		close(fd);
		return;
	}
	explain("gdb has come");
	client = fd;
	waits = false;
	runs = false;
	session = (struct gdb_session){ .stop = SIGNAL_TRAP };
	packet.state = GDB_IDLE;
	in_len = 0;
	in_done = 0;
	out_len = 0;
	host_debug(LGUEST_DEBUG_BREAK);
}

/* What comes next is the loop's to wait for. */
static void wait_for_more(void)
{
	const int fd = client >= 0 ? client : listener;
	/* A client that does not listen is not listened to. */
	const bool full = client >= 0 && in_done < in_len;

	loop_watch(&calls, fd, (full ? 0 : POLLIN) | (client >= 0 && out_len ? POLLOUT : 0));
	atomic_store(&busy, false);
	loop_again();
}

/* In the guest's thread, while gdb holds the guest. */
static void serve(void)
{
	if (client < 0)
		welcome();
	if (client >= 0) {
		tell_stop();
		if (!flush() || !hear())
			hang_up();
		work();
	}
	if (client >= 0 && !flush())
		hang_up();
	/* What came may have been no more than an acknowledgment. */
	if (client < 0 ? !waits : runs && !due)
		hold_debug(false);
	wait_for_more();
}

/* In the loop's thread: there is a gdb, or it says something. */
static void somebody_calls(struct loop_source *source, int why)
{
	(void)source;
	(void)why;
	if (!atomic_exchange(&busy, true))
		hold_debug(true);
}

/* -- the guest's events -- */

static void at_breakpoint(void)
{
	struct lguest_debug_regs regs;

	if (!host_get_registers(&regs) || !breakpoint_is(regs.eip - 1)) {
		host_pass_breakpoint();
		return;
	}
	regs.eip--;
	host_set_registers(&regs);
	stop_for(session.knows_swbreak ? "T05swbreak:;thread:1;" : SIGNAL_TRAP);
}

static void has_stepped(void)
{
	char text[sizeof(session.stop)];
	__u32 addr;

	if (gdb_guest_changed(&addr)) {
		snprintf(text, sizeof(text), "T05watch:%x;thread:1;", addr);
		stop_for(text);
	} else if (steps) {
		stop_for(SIGNAL_TRAP);
	}
}

/**
 * gdb_takes() - has the host told of something for gdb?
 * @event: what it told
 * @len: of it
 *
 * Return: false if it is for somebody else.
 */
bool gdb_takes(const void *event, size_t len)
{
	struct lguest_debug_event told;

	if (listener < 0 || len != sizeof(told))
		return false;
	memcpy(&told, event, sizeof(told));
	if (told.what == LGUEST_DEBUG_BREAK)
		at_breakpoint();
	else
		has_stepped();
	return true;
}

/* -- from start to end -- */

static bool __must_check default_place(void)
{
	if (!*control_directory())
		return failure("--gdb: there is no directory for its socket: say unix:PATH");
	return snprintf(address.place, sizeof(address.place), "%s/.%s.gdb", control_directory(),
			control_name()) < (int)sizeof(address.place) ||
	       failure("--gdb: the guest's name is too long for a socket: say unix:PATH");
}

/* Good in a signal handler. */
static void remove_socket(void)
{
	unlink(address.place);
}

static bool __must_check make_listener(void)
{
	const char *wrong;

	listener = gdb_listen(&address, &wrong);
	if (listener < 0)
		return failure("--gdb %s: %s", address.place, wrong);
	if (address.kind == 't' || control_at_end(remove_socket))
		return true;
	remove_socket();
	close(listener);
	listener = -1;
	return false;
}

/**
 * gdb_open() - let gdb come
 * @config: of the guest
 *
 * After control_open().
 *
 * Return: false if it cannot come, see failure().
 */
bool gdb_open(const struct config *config)
{
	const char *wrong;

	if (!config->gdb)
		return true;
	wrong = gdb_parse(config->gdb, &address);
	if (wrong)
		return failure("--gdb %s: %s", config->gdb, wrong);
	if ((address.kind == 'd' && !default_place()) || !make_listener())
		return false;
	complain("gdb: target remote %s%s", address.place[0] >= '0' && address.place[0] <= '9' &&
		 !strchr(address.place, ':') ? ":" : "", address.place);
	return true;
}

/**
 * gdb_start() - the guest is about to run
 * @mem: its memory
 */
void gdb_start(const struct memory *mem)
{
	if (listener < 0)
		return;
	gdb_guest_is(mem);
	hold_debugged(serve);
	calls.call = somebody_calls;
	calls.unless = &busy;
	loop_add(&calls);
	loop_watch(&calls, listener, POLLIN);
	waits = address.wait;
	if (waits)
		stop_for(SIGNAL_TRAP);
}

/**
 * gdb_end() - the guest has ended
 * @status: with what
 */
void gdb_end(int status)
{
	char text[8];

	if (client < 0)
		return;
	snprintf(text, sizeof(text), "W%02x", status & 0xff);
	reply.len = 0;
	gdb_say(&reply, text);
	put_reply();
	flush();
	close(client);
	client = -1;
}
