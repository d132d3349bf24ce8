/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A port of a virtio console: a channel of bytes between programs of the guest and the
 * launcher.  virtio_port.c shows it to a guest; who is at this end has the operations.
 */
#ifndef PORT_H
#define PORT_H

#include <stdatomic.h>

#include "base.h"

#define PORT_NAME_MAX	32u

struct port;

/* What comes from the guest is in memory that it may change. */
struct port_ops {
	/* Has @len bytes of room in @iov, for what goes to the guest.  Returns how many it took. */
	size_t (*take)(struct port *port, struct iovec *iov, int nr);
	bool (*pending)(struct port *port);
	/* From the guest. */
	void (*put)(struct port *port, const struct iovec *iov, int nr);
	/* A program in the guest has opened it, or closed it. */
	void (*opened)(struct port *port, bool open);
};

struct port {
	struct model model;
	const struct port_ops *ops;
	const char *name;
	int news;		/* an eventfd: there is more for the guest */

	/* virtio_port.c's own */
	int control;		/* an eventfd: there are messages for it */
	atomic_uint messages;	/* by number of their event */
};

static inline struct port *to_port(struct model *model)
{
	return container_of(model, struct port, model);
}

#endif /* PORT_H */
