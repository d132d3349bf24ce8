/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How devices are shown to a guest.
 */
#ifndef TRANSPORT_H
#define TRANSPORT_H

#include "era.h"
#include "guest_memory.h"

/* How the devices of one era are shown to its guests, and served. */
struct transport {
	size_t notice;		/* bytes that read() stores for it */
	/* The model is its from now on, to be closed.  False if that fails, see failure(). */
	bool (*attach)(const struct era *era, struct memory *mem, struct model *model);
	/* False: the guest has done what it cannot go on after, and the user was told. */
	bool (*serve)(const void *reply);
	void (*input)(bool all);
	void (*hold)(bool on);	/* threads; NULL if it has none */
	void (*close)(void);
};

#endif /* TRANSPORT_H */
