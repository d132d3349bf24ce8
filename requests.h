/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The launcher's side: its requests and reads (lguest_user.c), how a guest is made
 * (guest.c), who may have how many (users.c), and what can be seen of one (stats.c).
 */
#ifndef LGUEST_REQUESTS_H
#define LGUEST_REQUESTS_H

#include <linux/cred.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/lguest_launcher.h>
#include "abi.h"

struct lguest;
struct seq_file;

/**
 * struct vcpu_reply - what the next read() is about
 * @dma: the reply: which of these it is depends on the launcher
 * @notify: likewise
 * @pending: likewise
 * @waiting: there is one
 * @reg_wanted: or the launcher asked for this register, by LHREQ_GETREG
 */
struct vcpu_reply {
	union {
		struct lguest_dma_notice dma;
		u32 notify;
		struct lguest_pending pending;
	};
	bool waiting;
	u32 *reg_wanted;
};

/* guest.c: how it is made */

/* What LHREQ_INITIALIZE says, in whatever form. */
struct initialize_args {
	u32 base;
	u32 pfn_limit;
	u32 pgdir;
	u32 start;
	u32 page_offset;
	u32 device_limit;
};

struct lguest *create_guest(const struct launcher_abi *launcher,
			    const struct initialize_args *args, const struct cred *opener);
void free_guest(struct lguest *lg);

/* stats.c: what can be seen of a guest from outside */
void show_stats(struct seq_file *m, const struct lguest *lg);

/* users.c: how many guests a user may have */
__must_check int user_gets_guest(const struct cred *cred, kuid_t *uid);
void user_loses_guest(kuid_t uid);

/* lguest_user.c: requests and reads */
int lguest_device_init(void);
void lguest_device_exit(void);

#endif /* LGUEST_REQUESTS_H */
