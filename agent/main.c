// SPDX-License-Identifier: GPL-2.0
/*
 * lguest's agent: the first process of a guest that runs a command for its launcher, or
 * a program that an init starts, for "lguest shell".
 */
#include <linux/sched.h>

#include "agent.h"

#define OWN_POLLS	1u

static bool up;				/* SETUP is done */

/* After this, a session's processes are the only children. */
static void set_up(void)
{
	const char *wrong = setup_do();

	if (wrong) {
		channel_send(AGENT_FAILED, 0, 0, wrong, text_len(wrong));
		channel_drain();
		init_power_off();
	}
	init_ready();
	channel_send(AGENT_READY, 0, 0, NULL, 0);
	up = true;
}

static void take(const struct agent_frame *frame, const char *payload)
{
	switch (frame->type) {
	case AGENT_SETUP:
		setup_piece(payload, frame->length);
		break;
	case AGENT_SETUP_END:
		if (!up)
			set_up();
		break;
	case AGENT_POWER_OFF:
		if (init_is())
			init_power_off();
		break;
	default:
		if (up)
			session_frame(frame, payload);
	}
}

/* Orphans come to the first process, too. */
static void reap(void)
{
	int status;
	long pid;

	while ((pid = sys_wait(-1, &status, WNOHANG)) > 0)
		session_died(pid, status);
}

static void wait_for_work(void)
{
	static struct pollfd fds[OWN_POLLS + AGENT_SESSIONS * SESSION_POLLS];
	const unsigned int none[2] = { 0, 0 };
	unsigned int nr = OWN_POLLS;

	fds[0] = (struct pollfd){ channel_fd(), 0, 0 };
	if (channel_has_room())
		fds[0].events |= POLLIN;
	if (channel_wants_out())
		fds[0].events |= POLLOUT;
	nr += session_polls(fds + nr);
	/* (The signal that tells of a child's end can come here only.) */
	if (sys5(__NR_ppoll, (long)fds, nr, 0, (long)none, sizeof(none)) > 0 &&
	    fds[0].revents & (POLLIN | POLLHUP) && !channel_fill())
		sleep_ms(10);		/* the launcher is about to end */
}

static noreturn void serve(void)
{
	const struct agent_frame *frame;
	const char *payload;

	for (;;) {
		while (channel_has_room() && (frame = channel_next(&payload)))
			take(frame, payload);
		reap();
		session_work();
		channel_flush();
		wait_for_work();
	}
}

/*
 * What a program has written is to be on its way before it goes on: it may end the guest
 * next, or make its kernel die.  The programs are as any others.  (Kernels before 2.6.32
 * do not know of the latter, and refuse.)
 */
static void be_prompt(void)
{
	const int lowest = 1;		/* of those that come before all others */

	sys3(__NR_sched_setscheduler, 0, SCHED_FIFO | SCHED_RESET_ON_FORK, (long)&lowest);
}

static noreturn void __attribute__((used)) agent_main(void)
{
	struct agent_hello hello = { .version = AGENT_VERSION };

	be_prompt();
	init_start();
	spawn_hear_children();
	if (!channel_open()) {
		say("the launcher has no port for me, or this kernel no driver", AGENT_PORT, 0);
		init_power_off();
	}
	if (init_is())
		hello.flags |= AGENT_HELLO_INIT;
	up = !init_is();
	channel_send(AGENT_HELLO, 0, 0, &hello, sizeof(hello));
	serve();
}

/* The kernel starts here; nothing is known of the stack but that it is one. */
asm(".globl _start\n"
	"_start:\n"
	"	xor	%ebp, %ebp\n"
	"	and	$-16, %esp\n"
	"	call	agent_main\n");
