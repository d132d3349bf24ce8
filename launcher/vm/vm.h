/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest, and what the launcher has for it: made by start.c, run by machine.c.  A process
 * has one; what only one file knows of it is that file's own.
 */
#ifndef VM_H
#define VM_H

#include "base.h"
#include "boot.h"
#include "guest_memory.h"
#include "kernel.h"

struct config;
struct transport;

struct vm {
	const struct config *config;
	struct kernel_file kernel;
	struct boot boot;
	struct memory memory;		/* devices keep pointers to it */
	const struct transport *transport;
	bool keeps;			/* a device has something for the guest's next life */
	bool shared;			/* other processes map the memory */
	bool restart;			/* it wants to */
};

bool __must_check vm_start(struct vm *vm);
void vm_undo(struct vm *vm);

#endif /* VM_H */
