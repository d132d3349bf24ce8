// SPDX-License-Identifier: GPL-2.0
/*
 * When a guest is dumped: when it has died (--dump), and when somebody asks for it
 * (lguest dump), for which it is held.  The guest's own thread writes, for to it alone
 * the host shows the registers.
 *
 * The file of a guest that may die is made before the launcher gives up its rights,
 * under a name of its own: who removes the control socket gives it its right name, if
 * it has become a dump, or removes it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base.h"
#include "config.h"
#include "control.h"
#include "dump.h"
#include "guest_memory.h"
#include "hold.h"
#include "host.h"

#define PART	".part"
#define USUAL_KERNEL	0xc0000000u

static const struct memory *memory;
static __u32 kernel_at;

static const char *file;	/* what it is to be called; NULL: nothing is wanted */
static char part[4096];
static int part_fd = -1;
static atomic_bool *whole;	/* [shared with the supervisor] */

static atomic_int asked_fd = -1;
static atomic_bool answered;
static int error;

static bool write_to(int fd, bool (*too_late)(void))
{
	struct dump_subject subject = {
		.mem = memory, .page_offset = kernel_at, .too_late = too_late,
	};

	if (!host_get_registers(&subject.regs))
		explain("a dump without registers: the host does not tell them");
	return dump_write(fd, &subject);
}

/* -- of the dead -- */

/* Good in a signal handler. */
static void dump_finish(void)
{
	if (atomic_load(whole))
		rename(part, file);
	else
		unlink(part);
}

static bool __must_check make_part(void)
{
	if (snprintf(part, sizeof(part), "%s.%d" PART, file, getpid()) >= (int)sizeof(part))
		return failure("--dump %s: the name is too long", file);
	part_fd = open(part, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (part_fd < 0)
		return failure("--dump %s: %s", part, strerror(errno));
	if (control_at_end(dump_finish))
		return true;
	unlink(part);
	close(part_fd);
	part_fd = -1;
	return false;
}

/**
 * dump_open() - make the file that a guest which dies leaves
 * @config: of the guest
 *
 * After control_open().
 *
 * Return: false if it cannot be made, see failure().
 */
bool dump_open(const struct config *config)
{
	file = config->dump;
	if (!file)
		return true;
	whole = mmap(NULL, sizeof(*whole), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	if (whole == MAP_FAILED)
		return failure("%s", strerror(errno));
	if (make_part())
		return true;
	munmap(whole, sizeof(*whole));
	return false;
}

/* What dump_ask() has asked for; the guest is held. */
static void dump_here(void)
{
	const int fd = atomic_load(&asked_fd);

	if (fd < 0)
		return;
	error = write_to(fd, hold_ending) ? 0 : errno;
	close(fd);
	hold_for_dump(false);
	atomic_store(&answered, true);
	control_kick();
}

/**
 * dump_start() - the guest is about to run
 * @mem: its memory
 * @page_offset: where its kernel has physical 0; 0 if nobody knows
 */
void dump_start(const struct memory *mem, __u32 page_offset)
{
	memory = mem;
	kernel_at = page_offset ? page_offset : USUAL_KERNEL;
	hold_dumped(dump_here);
}

static bool never(void)
{
	return false;
}

/** dump_dead() - the guest has died: leave a dump, if one is wanted */
void dump_dead(void)
{
	if (part_fd < 0)
		return;
	if (write_to(part_fd, never)) {
		atomic_store(whole, true);
		complain("its dump is %s", file);
	} else {
		complain("--dump %s: %s", file, strerror(errno));
	}
}

/* -- of those that run -- */

/**
 * dump_ask() - have the guest dumped
 * @fd: where to; it is closed in the end
 *
 * The control thread asks.
 *
 * Return: false if it is being dumped already.
 */
bool dump_ask(int fd)
{
	int nobody = -1;

	if (!memory || !atomic_compare_exchange_strong(&asked_fd, &nobody, fd))
		return false;
	atomic_store(&answered, false);
	hold_for_dump(true);
	return true;
}

/**
 * dump_answered() - has that been done?
 * @wrong: then, what is wrong, or NULL
 *
 * The control thread asks; it may ask for another dump, then.
 */
bool dump_answered(const char **wrong)
{
	if (!atomic_load(&answered))
		return false;
	*wrong = error ? strerror(error) : NULL;
	atomic_store(&asked_fd, -1);
	return true;
}
