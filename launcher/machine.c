// SPDX-License-Identifier: GPL-2.0
/*
 * One guest from start to end: memory, kernel, devices, then a loop around
 * read() of /dev/lguest, until the guest or the user ends it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher.h"

#define POWER_OFF	"CRASH: Power down"

/* Files that the launcher opens must not become its standard streams. */
static void fill_standard_fds(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
		if (fd < 0)
			give_up("/dev/null: %s", strerror(errno));
	} while (fd <= STDERR_FILENO);
	close(fd);
}

static void start(const struct config *config, struct memory *mem)
{
	struct boot boot;
	unsigned int i;

	fill_standard_fds();
	hold_setup();
	control_open(config);
	memory_map(mem, config->memory);
	boot_load(mem, config, &boot);
	host_open();
	signals_setup();
	for (i = 0; i < config->nr_devices; i++)
		classic_attach(mem, config->device[i].option->create(config->device[i].spec));
	host_initialize(mem, &boot);
	waker_start();
	control_start();
}

/* The guest is dead: the next read() tells why, or with which error. */
static int post_mortem(void)
{
	char reason[HOST_REPLY_MAX + 1];
	ssize_t n = host_run(reason, HOST_REPLY_MAX);

	if (n < 0) {
		complain("the guest died: %s", strerror(errno));
		return STATUS_CRASH;
	}
	reason[n] = '\0';
	if (!strncmp(reason, POWER_OFF, strlen(POWER_OFF))) {
		explain("the guest powered off");
		return STATUS_POWER_OFF;
	}
	printable(reason);
	complain("the guest died: %s", reason);
	return STATUS_CRASH;
}

/* One return of read(); false if the loop must end for an error. */
static bool serve(ssize_t n, const void *reply)
{
	if (n == sizeof(struct lguest_dma_notice)) {
		classic_serve(reply);
		classic_input(false);
		return true;
	}
	if (n >= 0) {
		complain("the host gave an answer of %zd bytes", n);
		return false;
	}
	switch (errno) {
	case EAGAIN:
		classic_input(true);
		host_break(false);
		return true;
	case EINTR:
		return true;
	case ENOENT:
		return host_dead();
	default:
		complain("the guest cannot run: %s", strerror(errno));
		return false;
	}
}

static int run(void)
{
	/* Aligned for what is in it. */
	__u32 reply[HOST_REPLY_MAX / sizeof(__u32)];

	do {
		hold_here();
		if (hold_ending())
			return STATUS_USER;
		if (host_dead())
			return post_mortem();
	} while (serve(host_run(reply, sizeof(reply)), reply));
	return STATUS_CRASH;
}

int machine_run(const struct config *config)
{
	struct memory mem;
	int status;

	start(config, &mem);
	status = run();
	control_stop();
	waker_stop();
	if (config->stats)
		host_print_stats();
	classic_close();
	host_close();
	terminal_restore();
	if (hold_stopped())
		complain("the guest was stopped by the user");
	else if (signals_caught())
		signals_die(signals_caught());
	return status;
}
