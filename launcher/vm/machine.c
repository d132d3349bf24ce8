// SPDX-License-Identifier: GPL-2.0
/*
 * One guest from start to end: memory, kernel, devices, then a loop around
 * read() of /dev/lguest, until the guest or the user ends it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "boot.h"
#include "classic.h"
#include "config.h"
#include "console.h"
#include "control.h"
#include "daemon.h"
#include "debug.h"
#include "device_option.h"
#include "dump.h"
#include "ends.h"
#include "era.h"
#include "guest_agent.h"
#include "guest_memory.h"
#include "hold.h"
#include "host.h"
#include "kernel.h"
#include "loop.h"
#include "machine.h"
#include "plan.h"
#include "restart.h"
#include "sandbox.h"
#include "signals.h"
#include "supervise.h"
#include "terminal.h"
#include "transport.h"
#include "virtio.h"
#include "waker.h"

static const struct transport *const transports[NR_BUSES] = {
	[BUS_CLASSIC]	= &classic_transport,
	[BUS_VIRTIO]	= &virtio_transport,
};

static struct memory memory;	/* devices keep pointers to it */
static bool restart;

static void attach(const struct transport *transport, const struct era *era,
		   const struct config *config, unsigned int i)
{
	const struct device_option *option = config->device[i].option;
	const void *value = config->device[i].value;

	if (!option->wanted || option->wanted(era, value))
		transport->attach(era, &memory, option->create(value));
}

/* Will there be something that a launcher which starts anew needs from this one? */
static bool keep(const struct config *config)
{
	bool kept = false;
	unsigned int i;

	for (i = 0; i < config->nr_devices; i++) {
		if (config->device[i].option->keep)
			config->device[i].option->keep(config->device[i].value, &kept);
	}
	return kept;
}

/* Does a device want other processes to map the guest's memory? */
static bool is_shared(const struct config *config, const struct era *era)
{
	bool shared = false;
	unsigned int i;

	for (i = 0; i < config->nr_devices; i++) {
		if (config->device[i].option->shares)
			config->device[i].option->shares(config->device[i].value, era,
							 &shared);
	}
	return shared;
}

static const struct transport *start(const struct config *config)
{
	const struct transport *transport;
	static struct kernel_file kernel;
	struct boot boot;
	unsigned int i;
	bool kept;

	fill_standard_fds();
	if (config->timeout && !deadline_at())
		deadline_set(clock_ms() + config->timeout);
	if (config->daemon && !restart_is())
		daemon_fork();
	sandbox_find_user(config);
	kernel_open(config, &kernel);
	control_open(config);
	gdb_open(config);
	dump_open(config);
	if (kernel.era->restarts)
		restart_prepare();
	kept = keep(config);
	if ((kernel.era->restarts && kept) ||
	    sandbox_supervised(config, kernel.era->restarts)) {
		supervise();
		control_lend();
	}
	hold_setup();
	transport = transports[kernel.era->bus];
	boot_plan(&kernel, config, &boot);
	memory_map(&memory, kernel.era, boot.ram, is_shared(config, kernel.era));
	boot_load(&memory, &kernel, config, &boot);
	signals_setup();
	command_wants(config);
	for (i = 0; i < config->nr_devices; i++)
		attach(transport, kernel.era, config, i);
	host_open();		/* what is wrong with the command line was said by now */
	host_initialize(kernel.release, &memory, &boot);
	boot_tell_memory(&memory, memory.ram);
	deadline_start();
	daemon_detach();
	sandbox_enter(config);
	waker_start();
	agent_start();
	gdb_start(&memory);
	dump_start(&memory, kernel.image.page_offset);
	control_start();
	loop_start();
	daemon_ready();
	return transport;
}

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
static bool serve_error(void)
{
	switch (errno) {
	case EINTR:
		return true;
	case ERESTART:
		restart = true;
		return false;
	case ENOENT:
		return host_dead();
	default:
		complain("the guest cannot run: %s", strerror(errno));
		return false;
	}
}

/* One return of read(). */
static bool serve(const struct transport *transport, ssize_t n, const void *reply)
{
	if (n < 0)
		return serve_error();
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

static int run(const struct transport *transport)
{
	/* Aligned for what is in it. */
	__u32 reply[HOST_REPLY_MAX / sizeof(__u32)];

	do {
		attend(transport);
		if (hold_ending())
			return STATUS_USER;
		if (host_dead())
			return post_mortem();
	} while (serve(transport, host_run(reply, sizeof(reply)), reply));
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
}

/* What became of it, and how the launcher ends for that. */
static int tell_end(const struct config *config, int status)
{
	if (deadline_over()) {
		complain("the guest was stopped: its time was up");
		return STATUS_TIMEOUT;
	}
	if (config->command)
		return command_outcome(status, restart);
	if (hold_stopped())
		complain("the guest was stopped by the user");
	else if (signals_caught())
		return 128 + signals_caught();
	else if (restart)
		return restarted(config);
	return status;
}

/* (A command's status says it otherwise.) */
static bool ended_by_signal(const struct config *config)
{
	return signals_caught() && !config->command && !deadline_over() && !hold_stopped();
}

int machine_run(const struct config *config)
{
	const struct transport *transport;
	int status;

	if (config->dry_run) {
		plan_print(config);
		return STATUS_POWER_OFF;
	}
	transport = start(config);
	status = run(transport);

	loop_stop();
	gdb_end(status);
	terminal_restore();
	if (config->stats)
		host_print_stats();
	transport->close();
	host_close();
	status = tell_end(config, status);
	control_end(status);
	if (ended_by_signal(config))
		signals_die(signals_caught());
	return status;
}
