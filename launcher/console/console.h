/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's console, and keys that are for the launcher: console.c, printed.c, escape.c.
 */
#ifndef CONSOLE_H
#define CONSOLE_H

#include "base.h"

/* console.c */
#define CONSOLE_SAID_MAX	4096	/* a panic, with its trace */

void console_write(struct model *model, struct iovec *iov, int nr);
int console_fd(struct model *model);
void console_collect(struct model *model);
size_t console_pending(struct model *model);
size_t console_take(struct model *model, struct iovec *iov, int nr);
void console_rest(bool on);

/* printed.c */
void console_last_words(void);
size_t console_said(char text[CONSOLE_SAID_MAX]);

/* escape.c: keys that are for the launcher, not for the guest */
#define ESCAPE_KEY		0x01	/* Ctrl-A, if --escape does not say otherwise */

enum escape_action {
	ESCAPE_NONE,		/* the byte is used up */
	ESCAPE_SEND,		/* the byte is for the guest */
	ESCAPE_STOP,
	ESCAPE_DETACH,
	ESCAPE_HELP,
};

struct escape {
	bool armed;		/* the last byte was ESCAPE_KEY */
	unsigned int interrupts; /* ^C so far, nothing else */
	__u64 first_interrupt;	/* ms */
};

const char *escape_set(const char *text);
const char *escape_name(void);
enum escape_action escape_byte(struct escape *esc, unsigned char byte);
bool escape_interrupts(struct escape *esc, const void *input, size_t len, __u64 now_ms);

#endif /* CONSOLE_H */
