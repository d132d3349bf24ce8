// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a guest that has been started (start.c): a loop around read() of
 * /dev/lguest, until the guest or the user ends it; and what is made of its end.
 */
#include <errno.h>
#include <string.h>

#include "base.h"
#include "config.h"
#include "console.h"
#include "control.h"
#include "debug.h"
#include "dump.h"
#include "ends.h"
#include "guest_agent.h"
#include "hold.h"
#include "host.h"
#include "loop.h"
#include "machine.h"
#include "plan.h"
#include "restart.h"
#include "signals.h"
#include "supervise.h"
#include "terminal.h"
#include "transport.h"
#include "vm.h"
#include "waker.h"

/* The guest is dead: the next read() tells why, or with which error. */
static int post_mortem(void)
{
	char reason[HOST_REPLY_MAX + 1], said[CONSOLE_SAID_MAX];
	enum guest_end end;
	size_t len;
	ssize_t n = host_run(reason, HOST_REPLY_MAX);

	if (n < 0) {
		complain("the guest died: %s", strerror(errno));
		return STATUS_CRASH;
	}
	reason[n] = '\0';
	len = console_said(said);
	end = guest_end_find(reason, said, len);
	if (end == END_POWER_OFF || end == END_HALT) {
		explain("the guest %s", guest_end_name(end));
		return STATUS_POWER_OFF;
	}
	printable(reason);
	complain("the guest %s: %s", guest_end_name(end), reason);
	dump_dead();
	console_last_words();
	return STATUS_CRASH;
}

/* What another return of read() means; false if the loop must end for it. */
static bool serve_error(struct vm *vm)
{
	switch (errno) {
	case EINTR:
		return true;
	case ERESTART:
		vm->restart = true;
		return false;
	case ENOENT:
		return host_dead();
	default:
		complain("the guest cannot run: %s", strerror(errno));
		return false;
	}
}

/* One return of read(). */
static bool serve(struct vm *vm, ssize_t n, const void *reply)
{
	const struct transport *transport = vm->transport;

	if (n < 0)
		return serve_error(vm);
	if (gdb_takes(reply, n))
		return true;
	if ((size_t)n != transport->notice) {
		complain("the host gave an answer of %zd bytes", n);
		return false;
	}
	if (!transport->serve(reply))
		return false;
	transport->input(false);
	return true;
}

/* Keeps the guest, and its devices, from going on if the user wants that. */
static void hold(const struct transport *transport)
{
	if (!hold_asked())
		return;
	if (transport->hold)
		transport->hold(true);
	console_rest(true);
	hold_here();
	console_rest(false);
	if (transport->hold)
		transport->hold(false);
}

/*
 * What others want of the guest's thread between two runs.  Who wants it held calls it,
 * too: so that is asked for again when the call has been answered, or it might be lost.
 */
static void attend(const struct transport *transport)
{
	unsigned int calls;

	do {
		hold(transport);
		calls = waker_calls();
		if (calls) {
			transport->input(true);
			waker_release(calls);
		}
	} while (waker_calls() || (hold_asked() && !hold_ending()));
}

static int run(struct vm *vm)
{
	/* Aligned for what is in it. */
	__u32 reply[HOST_REPLY_MAX / sizeof(__u32)];

	do {
		attend(vm->transport);
		if (hold_ending())
			return STATUS_USER;
		if (host_dead())
			return post_mortem();
	} while (serve(vm, host_run(reply, sizeof(reply)), reply));
	return STATUS_CRASH;
}

/* Returns a status, if the guest is not to restart. */
static int restarted(const struct config *config)
{
	char said[CONSOLE_SAID_MAX], why[PANIC_TEXT_MAX];
	const size_t len = console_said(said);
	const enum guest_end end = guest_end_find(NULL, said, len);
	const bool known = end == END_PANIC_RESTART && guest_end_panic(said, len, why);
	const char *hint = config->no_restart ? " (--no-restart)" : "";

	if (end != END_RESTART || config->no_restart)
		complain("the guest %s%s%s%s", guest_end_name(end), known ? ": " : "",
			 known ? why : "", hint);
	if (config->no_restart)
		return end == END_PANIC_RESTART ? STATUS_CRASH : STATUS_POWER_OFF;
	if (restart_storm(config->restart_limit)) {
		complain("it restarts again and again, %u times within 10 s each: given up",
			 config->restart_limit + 1);
		return STATUS_CRASH;
	}
	explain("the guest restarts");
	supervise_restart();
	control_remove();
	restart_now();
	return report_failure();
}

/* What became of it, and how the launcher ends for that. */
static int tell_end(const struct vm *vm, int status)
{
	const struct config *config = vm->config;

	if (deadline_over()) {
		complain("the guest was stopped: its time was up");
		return STATUS_TIMEOUT;
	}
	if (config->command)
		return command_outcome(status, vm->restart);
	if (hold_stopped())
		complain("the guest was stopped by the user");
	else if (signals_caught())
		return 128 + signals_caught();
	else if (vm->restart)
		return restarted(config);
	return status;
}

/* (A command's status says it otherwise.) */
static bool ended_by_signal(const struct config *config)
{
	return signals_caught() && !config->command && !deadline_over() && !hold_stopped();
}

/* From its start to its end. */
static int live(struct vm *vm)
{
	int status = run(vm);

	loop_stop();
	gdb_end(status);
	terminal_restore();
	if (vm->config->stats)
		host_print_stats();
	vm->transport->close();
	host_close();
	status = tell_end(vm, status);
	control_end(status);
	if (ended_by_signal(vm->config))
		signals_die(signals_caught());
	return status;
}

/**
 * machine_run() - run a guest, or say what would be run
 * @config: of the guest
 *
 * Return: what the launcher ends with.
 */
int machine_run(const struct config *config)
{
	static struct vm vm;
	int status;

	if (config->dry_run)
		return plan_print(config) ? STATUS_POWER_OFF : report_failure();
	vm.config = config;
	if (vm_start(&vm))
		return live(&vm);
	status = report_failure();
	vm_undo(&vm);
	return status;
}
