// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/lguest: its requests, and what their errors mean.  To 2.6.30 all of them
 * belong to the task that initialised the guest; later, any thread may raise an
 * interrupt.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "boot.h"
#include "era.h"
#include "guest_memory.h"
#include "host.h"

#define NAME		"lguest"
#define DEVICE		"/dev/" NAME
#define MISC_MAX	2048u	/* of /proc/misc */
#define LOCKDOWN	"/sys/kernel/security/lockdown"

#define FDINFO		"/proc/self/fdinfo/%d"
#define STATS_MAX	2048u
#define RESTS		"\nhalt_exits:"

static int fd = -1;
static int info_fd = -1;	/* opened early: later there may be no /proc */
static atomic_bool dead;

/**
 * host_minor() - the device's number, where the kernel has it
 * @list: text of /proc/misc
 *
 * Return: its minor number, or -1 if the module is not loaded.
 */
int host_minor(const char *list)
{
	char name[32];
	int minor, used;

	for (; sscanf(list, "%d %31s%n", &minor, name, &used) == 2; list += used) {
		if (!strcmp(name, NAME))
			return minor;
	}
	return -1;
}

/**
 * host_locked_down() - does the kernel take no modules but signed ones?
 * @modes: text of the kernel's list of lockdown modes, the present one in brackets
 */
bool host_locked_down(const char *modes)
{
	return strchr(modes, '[') && !strstr(modes, "[none]");
}

/* "" if it is not there. */
static void read_text(const char *name, char text[MISC_MAX])
{
	int file = open(name, O_RDONLY | O_CLOEXEC);
	ssize_t n = file < 0 ? -1 : read(file, text, MISC_MAX - 1);

	text[n < 0 ? 0 : n] = '\0';
	if (file >= 0)
		close(file);
}

static bool not_loaded(int error)
{
	char modes[MISC_MAX];

	read_text(LOCKDOWN, modes);
	if (host_locked_down(modes))
		complain("a locked-down kernel takes signed modules only: see NOTES in lguest(4)");
	return failure(DEVICE ": %s: load the module as root: modprobe lguest, or insmod",
		       strerror(error));
}

static bool cannot_open(int error)
{
	char list[MISC_MAX];
	int minor;

	read_text("/proc/misc", list);
	minor = host_minor(list);
	switch (error) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		if (minor >= 0)
			return failure(DEVICE ": %s, but the module is loaded: as root, mknod "
				       DEVICE " c 10 %d", strerror(error), minor);
		return not_loaded(error);
	case EACCES:
	case EPERM:
		return failure(DEVICE ": %s: run as root, or in the device's group: see lguest(4)",
			       strerror(error));
	default:
		return failure(DEVICE ": %s", strerror(error));
	}
}

/**
 * host_open() - open the device
 *
 * Return: false, see failure(), if that cannot be.
 */
bool host_open(void)
{
	char info[64];

	fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return cannot_open(errno);
	snprintf(info, sizeof(info), FDINFO, fd);
	info_fd = open(info, O_RDONLY | O_CLOEXEC);
	return true;
}

/* A dead guest answers every request with ENOENT. */
static int request(const __u32 *words, size_t nr)
{
	ssize_t n = write(fd, words, nr * sizeof(*words));

	if (n < 0 && errno == ENOENT)
		atomic_store(&dead, true);
	return n < 0 ? -1 : 0;
}

bool host_dead(void)
{
	return atomic_load(&dead);
}

/* Hosts that do not know this request find out by themselves. */
static void announce(__u32 release)
{
	const __u32 words[] = { LHREQ_RELEASE, release };

	request(words, ARRAY_SIZE(words));
}

static size_t initialize_words(const struct era *era, const struct memory *mem,
			       const struct boot *boot, __u32 words[5])
{
	size_t nr = 0;

	words[nr++] = LHREQ_INITIALIZE;
	if (era->any_base)
		words[nr++] = (__u32)(uintptr_t)mem->base;
	words[nr++] = mem->limit / PAGE_BYTES;
	if (era->tables)
		words[nr++] = boot->pgdir;
	words[nr++] = boot->start;
	if (!era->any_base)
		words[nr++] = boot->page_offset;
	return nr;
}

/**
 * host_initialize() - make a guest
 * @release: of its kernel
 * @mem: its memory, with the device pages that it has
 * @boot: how it starts
 *
 * Return: false, see failure(), if the host has none.
 */
bool host_initialize(__u32 release, const struct memory *mem, const struct boot *boot)
{
	__u32 words[5];

	announce(release);
	if (!request(words, initialize_words(era_of(release), mem, boot, words)))
		return true;
	switch (errno) {
	case ENOSPC:
		failure("you have as many guests as a user may have: end one, or see lguest(4)");
		return false;
	case ENOMEM:
		return failure("the host has no memory for another guest");
	default:
		return failure("the host refuses the guest: %s", strerror(errno));
	}
}

/*
 * Runs the guest until it needs the launcher.  Large replies are reasons of
 * death; those can be as short as a notice, so ask host_dead() first.
 */
ssize_t host_run(void *reply, size_t len)
{
	ssize_t n = read(fd, reply, len);

	if (n < 0 && errno == ENOENT)
		atomic_store(&dead, true);
	return n;
}

/*
 * GETDMA says ENOENT if there is no free buffer, and if looking for one has
 * killed the guest; a request that can only fail tells which.
 */
static void find_out_whether_dead(void)
{
	const __u32 words[] = { LHREQ_IRQ, LGUEST_IRQS };

	request(words, ARRAY_SIZE(words));
}

/* Finds a buffer that the guest has bound to @key; -1 if none is free. */
int host_getdma(__u32 key, __u32 *addr)
{
	const __u32 words[] = { LHREQ_GETDMA, key };
	ssize_t n = write(fd, words, sizeof(words));

	if (n < 0) {
		if (errno == ENOENT)
			find_out_whether_dead();
		return -1;
	}
	*addr = n;
	return 0;
}

/* The number comes from the guest; the host refuses what is not one. */
void host_irq(__u32 irq)
{
	const __u32 words[] = { LHREQ_IRQ, irq };

	request(words, ARRAY_SIZE(words));
}

/*
 * Have NOTIFYs of @addr wake @event, without a return of host_run().  Where
 * that fails, they come as all others do.
 */
void host_eventfd(__u32 addr, int event)
{
	const __u32 words[] = { LHREQ_EVENTFD, addr, event };

	if (request(words, ARRAY_SIZE(words)) < 0)
		explain("the host takes no eventfd for %#x: %s", addr, strerror(errno));
}

/* What fdinfo says of every file is of no interest. */
static bool is_counter(const char *line)
{
	static const char * const common[] = {
		"pos:", "flags:", "mnt_id:", "ino:", "scm_fds:",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(common); i++) {
		if (!strncmp(line, common[i], strlen(common[i])))
			return false;
	}
	return true;
}

/* The counters, one per line, as text; the control socket's thread asks, too. */
bool host_stats(char *text, size_t len)
{
	char all[STATS_MAX], *line, *next;
	ssize_t n = pread(info_fd, all, sizeof(all) - 1, 0);

	*text = '\0';
	if (n < 0)
		return false;
	all[n] = '\0';
	for (line = all; (next = strchr(line, '\n')); line = next + 1) {
		size_t part = next + 1 - line;

		if (!is_counter(line) || part >= len)
			continue;
		memcpy(text, line, part);
		text[part] = '\0';
		text += part;
		len -= part;
	}
	return true;
}

/**
 * host_rests() - how often the guest had nothing to do
 *
 * 0 from a host that does not count that.  Any thread may ask.
 */
__u64 host_rests(void)
{
	char text[STATS_MAX];
	const char *line;

	if (!host_stats(text, sizeof(text)))
		return 0;
	line = strstr(text, RESTS);
	return line ? strtoull(line + strlen(RESTS), NULL, 10) : 0;
}

/** host_debug_offers() - LGUEST_DEBUG_... that this host has; before there is a guest */
__u32 host_debug_offers(void)
{
	const __u32 words[] = { LHREQ_DEBUG, 0 };
	ssize_t n = write(fd, words, sizeof(words));

	return n < 0 ? 0 : n;
}

/** host_debug() - have the host tell of such things, LGUEST_DEBUG_... */
bool host_debug(__u32 what)
{
	const __u32 words[] = { LHREQ_DEBUG, what };

	return !request(words, ARRAY_SIZE(words));
}

/** host_get_registers() - the guest's registers, also if it has died */
bool host_get_registers(struct lguest_debug_regs *regs)
{
	const __u32 word = LHREQ_GETREGS;

	return write(fd, &word, sizeof(word)) >= 0 &&
	       read(fd, regs, sizeof(*regs)) == sizeof(*regs);
}

/** host_set_registers() - set them; false if the host does not take these */
bool host_set_registers(const struct lguest_debug_regs *regs)
{
	__u32 words[1 + sizeof(*regs) / sizeof(__u32)] = { LHREQ_SETREGS };

	memcpy(words + 1, regs, sizeof(*regs));
	return !request(words, ARRAY_SIZE(words));
}

/** host_pass_breakpoint() - the breakpoint that the host told of is the guest's own */
void host_pass_breakpoint(void)
{
	const __u32 word = LHREQ_DEBUG_PASS;

	request(&word, 1);
}

void host_print_stats(void)
{
	char text[STATS_MAX];

	if (host_stats(text, sizeof(text)))
		fputs(text, stderr);
	else
		complain("no statistics: " FDINFO ": %s", fd, strerror(errno));
}

void host_close(void)
{
	if (fd >= 0)
		close(fd);
	fd = -1;
}
