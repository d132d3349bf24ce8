// SPDX-License-Identifier: GPL-2.0
/*
 * How large the terminal is that is at the guest's console: the launcher's own, or one
 * that has come later ("lguest attach").  What was said last holds.  The guest is told
 * by its console's device, if that can do it.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "base.h"
#include "loop.h"
#include "signals.h"
#include "terminal.h"
#include "waker.h"
#include "window.h"

#define SIDE_MAX	0xffffu

static atomic_uint size;	/* rows, and columns in the low half */
static atomic_bool news;	/* for the guest */

static void set(__u16 rows, __u16 columns)
{
	atomic_store(&size, (unsigned int)rows << 16 | columns);
	atomic_store(&news, true);
	waker_attention();
}

/* In the event loop. */
static void look(struct loop_source *source, int why)
{
	struct window window;

	(void)source;
	(void)why;
	if (terminal_size(&window.rows, &window.columns))
		set(window.rows, window.columns);
}

static struct loop_source looker = { .call = look };

/* In a signal handler. */
static void resized(void)
{
	loop_raise(&looker);
}

/** window_follow() - the guest's terminal is the launcher's own */
void window_follow(void)
{
	look(&looker, 0);
	loop_add(&looker);
	signals_resized(resized);
}

static bool parse(const char *text, __u16 *side)
{
	char *end;
	const unsigned long value = strtoul(text, &end, 10);

	*side = value;
	return *text >= '0' && *text <= '9' && !*end && value <= SIDE_MAX;
}

/**
 * window_ask() - the guest's terminal is one of this size now
 * @rows: a number
 * @columns: likewise
 *
 * Return: what is wrong with that, or NULL.
 */
const char *window_ask(const char *rows, const char *columns)
{
	struct window window;

	if (!parse(rows, &window.rows) || !parse(columns, &window.columns))
		return "is no size of a terminal";
	set(window.rows, window.columns);
	return NULL;
}

/**
 * window_news() - is the size another than when this was asked last?
 * @window: is set to it, if so
 */
bool window_news(struct window *window)
{
	unsigned int now;

	if (!atomic_exchange(&news, false))
		return false;
	now = atomic_load(&size);
	window->rows = now >> 16;
	window->columns = now;
	return true;
}

/** window_forget() - the guest does not know it any more */
void window_forget(void)
{
	atomic_store(&news, atomic_load(&size));
}
