/* SPDX-License-Identifier: GPL-2.0 */
/* Modules of a guest's kernel: see modules.c. */
#ifndef MODULES_H
#define MODULES_H

#include <stdbool.h>

#define MODULES_MAX	64u

/* Their files below the directory, in the order in which they can be loaded. */
struct modules {
	unsigned int nr;
	char *path[MODULES_MAX];
};

const char *modules_add(struct modules *modules, const char *dep, const char *name);
void modules_free(struct modules *modules);

#endif /* MODULES_H */
