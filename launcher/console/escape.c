// SPDX-License-Identifier: GPL-2.0
/*
 * Keys that are for the launcher and not for its guest: Ctrl-A and another
 * one, as in other hypervisors.
 *
 * The first launcher's way out was three ^C within a second.  But these are the
 * keys of somebody who wants a program in the guest to end, and hammers; the
 * guest gets them, and its user is told, once, how the guest is ended.
 */
#include <string.h>

#include "console.h"

#define CTRL_C			0x03
#define INTERRUPTS_TO_HINT	3
#define INTERRUPTS_WITHIN_MS	1000

static int escape_key = ESCAPE_KEY;	/* -1: none */
static char escape_text[] = "Ctrl-A";

/**
 * escape_set() - another key than Ctrl-A begins those that are for the launcher
 * @text: a letter or one of [\]^_, of the key that is it together with Ctrl; "none"
 *
 * Return: what is wrong with it, or NULL.
 */
const char *escape_set(const char *text)
{
	char key;

	if (!strcmp(text, "none")) {
		escape_key = -1;
		return NULL;
	}
	text += *text == '^' && text[1];
	key = *text >= 'a' && *text <= 'z' ? *text - 'a' + 'A' : *text;
	if (key < 'A' || key > '_' || text[1])
		return "is no key: say the letter that goes with Ctrl, or none";
	escape_key = key & 0x1f;
	escape_text[sizeof(escape_text) - 2] = key;
	return NULL;
}

/** escape_name() - of the key; NULL if there is none */
const char *escape_name(void)
{
	return escape_key < 0 ? NULL : escape_text;
}

enum escape_action escape_byte(struct escape *esc, unsigned char byte)
{
	if (!esc->armed) {
		esc->armed = byte == escape_key;
		return esc->armed ? ESCAPE_NONE : ESCAPE_SEND;
	}
	esc->armed = false;
	if (byte == escape_key)
		return ESCAPE_SEND;
	switch (byte) {
	case 'x':
	case 'X':
		return ESCAPE_STOP;
	case 'd':
	case 'D':
		return ESCAPE_DETACH;
	case 'h':
	case 'H':
	case '?':
		return ESCAPE_HELP;
	default:
		return ESCAPE_NONE;
	}
}

static bool only_ctrl_c(const unsigned char *input, size_t len)
{
	while (len && *input == CTRL_C) {
		input++;
		len--;
	}
	return !len;
}

/*
 * Does the user try to get out by ^C?  @input is what one read() gave, on a busy
 * machine more than one key.
 */
bool escape_interrupts(struct escape *esc, const void *input, size_t len, __u64 now_ms)
{
	if (!only_ctrl_c(input, len)) {
		esc->interrupts = 0;
		return false;
	}
	if (esc->interrupts && now_ms - esc->first_interrupt > INTERRUPTS_WITHIN_MS)
		esc->interrupts = 0;
	if (!esc->interrupts)
		esc->first_interrupt = now_ms;
	esc->interrupts += len;
	return esc->interrupts >= INTERRUPTS_TO_HINT;
}
