// SPDX-License-Identifier: GPL-2.0
/*
 * How a guest has ended.  The host has its last word, or that it wants to restart; but
 * Linux gives the same word when it is halted and when it is switched off, and none
 * with a restart, whatever that comes from.  What it was is in the last lines that it
 * has printed, which are the same in all releases.  A program in the guest can print
 * them, too, and so name its guest's end as it likes, but nothing else.
 */
#include <string.h>

#include "base.h"
#include "ends.h"

#define POWER_OFF	"CRASH: Power down"
#define PANIC		"Kernel panic - not syncing: "

/* What says most comes last; of what is in the text, the last one counts. */
static const struct {
	const char *text;
	enum guest_end restart, end;
} marks[] = {
	{ "Restarting system", END_RESTART, END_CRASH },
	{ "SysRq : Resetting", END_RESET, END_CRASH },
	{ "sysrq: Resetting", END_RESET, END_CRASH },
	{ PANIC, END_PANIC_RESTART, END_PANIC },
	{ "Rebooting in ", END_PANIC_RESTART, END_PANIC },
	{ "System halted", END_RESTART, END_HALT },
	{ "Power down", END_RESTART, END_POWER_OFF },
};

/* Where the text is for the last time; NULL if it is not there. */
static const char *last_of(const char *said, size_t len, const char *text)
{
	const char *found = NULL, *at = said;

	while ((at = memmem(at, len - (at - said), text, strlen(text))))
		found = at++;
	return found;
}

/**
 * guest_end_find() - how has it ended?
 * @reason: what the host has of it; NULL: it wants to restart
 * @said: the end of what it has printed
 * @len: bytes of that
 */
enum guest_end guest_end_find(const char *reason, const char *said, size_t len)
{
	enum guest_end end = reason ? END_CRASH : END_RESTART;
	const char *last = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(marks); i++) {
		const char *at = last_of(said, len, marks[i].text);

		if (!at || at < last)
			continue;
		last = at;
		end = reason ? marks[i].end : marks[i].restart;
	}
	/* This word is the kernel's own. */
	if (reason && !strncmp(reason, POWER_OFF, strlen(POWER_OFF)) && end != END_HALT)
		return END_POWER_OFF;
	/* The host ends it for a reason of its own, whatever was printed before. */
	if (reason && strncmp(reason, "CRASH: ", 7) && end != END_HALT)
		return END_CRASH;
	return reason && end == END_POWER_OFF ? END_CRASH : end;
}

/** guest_end_restarts() - does it want to be started again? */
bool guest_end_restarts(enum guest_end end)
{
	return end == END_RESTART || end == END_RESET || end == END_PANIC_RESTART;
}

/** guest_end_name() - what the guest did, for a message "the guest ..." */
const char *guest_end_name(enum guest_end end)
{
	static const char * const names[] = {
		[END_POWER_OFF] = "powered off",
		[END_HALT] = "halted",
		[END_RESTART] = "restarts",
		[END_RESET] = "was reset",
		[END_PANIC_RESTART] = "restarts after a panic",
		[END_PANIC] = "panicked",
		[END_CRASH] = "died",
	};

	return names[end];
}

/**
 * guest_end_panic() - why has it panicked?
 * @said: the end of what it has printed
 * @len: bytes of that
 * @text: is set to the reason, which is fit to be printed
 *
 * Return: whether that is known.
 */
bool guest_end_panic(const char *said, size_t len, char text[PANIC_TEXT_MAX])
{
	const char *at = last_of(said, len, PANIC);
	size_t i = 0;

	if (!at)
		return false;
	for (at += strlen(PANIC); i < PANIC_TEXT_MAX - 1 && at < said + len; at++, i++) {
		if (*at == '\r' || *at == '\n' || !*at)
			break;
		text[i] = *at;
	}
	text[i] = '\0';
	printable(text);
	return true;
}
