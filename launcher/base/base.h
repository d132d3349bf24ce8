/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all of the launcher's files share.  Each has its interface in a header of its
 * own, or in that of what it is a part of.
 *
 * Three layers: the models (console.c, disk.c, net.c, share.c, rng.c, files.c) know what
 * a device does, and nothing of guests; a transport (classic*.c for 2.6.23,
 * virtio*.c and vring.c from 2.6.24 on) shows models to a guest; the machine
 * (start.c, machine.c, kernel.c, boot.c, waker.c, host.c) starts a guest and runs it.
 * What depends on the guest's release is in the table of era.c.
 */
#ifndef BASE_H
#define BASE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <linux/lguest.h>
#include <linux/lguest_launcher.h>

#define LAUNCHER_VERSION	"0.1"

#define PAGE_BYTES		4096u
#define MIB			(1024u * 1024u)

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define __printf(fmt, args)	__attribute__((format(printf, fmt, args)))
#define __must_check		__attribute__((warn_unused_result))

/* What the launcher exits with; by signal n it dies of that signal. */
enum exit_status {
	STATUS_POWER_OFF	= 0,
	STATUS_CRASH		= 1,
	STATUS_SETUP		= 2,
	STATUS_USER		= 3,
	STATUS_TIMEOUT		= 124,	/* as timeout(1) */

	/* Of "run ... -- COMMAND", where the others are the command's own. */
	STATUS_GUEST_DIED	= 120,
	STATUS_GUEST_ENDED	= 121,
	STATUS_COMMAND_USER	= 122,
	STATUS_NO_AGENT		= 123,
	STATUS_COMMAND_SETUP	= 125,
	STATUS_COMMAND_NOT_RUN	= 126,
	STATUS_COMMAND_NOT_FOUND = 127,
};

/* report.c: messages on stderr, all beginning with "lguest: " */
extern bool verbose;

void report_to_terminal(bool (*wants_cr)(int fd));
void fresh_line(void);
void complain(const char *fmt, ...) __printf(1, 2);
void explain(const char *fmt, ...) __printf(1, 2);
bool failure(const char *fmt, ...) __printf(1, 2);
const char *failure_reason(void);
enum exit_status report_failure(void);
void failure_is(enum exit_status status);
enum exit_status failure_status(void);
bool first_time(bool *said);
void printable(char *text);

/* fd.c */
bool fd_readable(int fd);
bool __must_check fill_standard_fds(void);
bool fd_writable(int fd);

/* size.c */
int parse_size(const char *text, __u64 *bytes);

/* clock.c */
__u64 clock_ms(void);

/* The models. */
enum model_kind {
	MODEL_CONSOLE,
	MODEL_DISK,
	MODEL_NET,
	MODEL_SHARE,
	MODEL_RNG,
	MODEL_FILES,
	MODEL_VIRTIOFS,
	MODEL_BALLOON,
	MODEL_AGENT,
	NR_MODELS,
};

struct model {
	enum model_kind kind;
	const char *name;	/* for messages */
	void (*close)(struct model *model);
};

#endif /* BASE_H */
