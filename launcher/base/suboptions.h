/* SPDX-License-Identifier: GPL-2.0 */
/* The words behind commas in the values of options: suboptions.c. */
#ifndef SUBOPTIONS_H
#define SUBOPTIONS_H

#include "base.h"

struct suboption {
	const char *name;	/* with its '=' if it has a value; NULL ends the list */
	/* What is wrong with the value, or NULL; NULL: it goes to a member of @to. */
	const char *(*take)(void *to, char *value);
	size_t member;		/* a char * for the value, or a bool that becomes @on */
	bool on;
};

#define SUBOPTION_FLAG(word, type, member, value) \
	{ word, NULL, offsetof(type, member), value }
#define SUBOPTION_TEXT(word, type, member) \
	{ word, NULL, offsetof(type, member), false }
#define SUBOPTION_TAKE(word, take) \
	{ word, take, 0, false }

const char *suboptions_at_end(const struct suboption *all, char *text, void *to);
const char *suboptions_all(const struct suboption *all, char *text, void *to,
			   const char *otherwise);

#endif /* SUBOPTIONS_H */
