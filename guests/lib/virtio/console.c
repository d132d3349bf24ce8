// SPDX-License-Identifier: GPL-2.0
/*
 * The console: one queue for what is typed, one for what is said.  Before there
 * are page tables of ours, and without a console, text goes the short way: a
 * NOTIFY of its address.
 */
#include "guest.h"

#define INPUT_SIZE	256
#define EARLY_SIZE	16
#define OUT_SIZE	256
#define NR_OUT		16

static struct vdev dev;
static struct vq input, output;
static enum { UNKNOWN, ABSENT, OPEN } state;

static char out_text[NR_OUT][OUT_SIZE];
static char *out_free[NR_OUT];
static u32 nr_out_free;

static char input_buf[INPUT_SIZE];
static u32 input_len, input_taken;
static console_taker input_taker;

static void console_early(const char *text, size_t len)
{
	static char copy[EARLY_SIZE + 1] __aligned(32);
	size_t part;

	for (; len; len -= part, text += part) {
		part = min(len, EARLY_SIZE);
		memcpy(copy, text, part);
		copy[part] = '\0';
		hcall(LHCALL_NOTIFY, phys(copy), 0, 0);
	}
}

static void input_offer(void)
{
	struct piece piece = { input_buf, sizeof(input_buf) };

	vq_add(&input, &piece, 0, 1, input_buf);
	vq_kick(&input);
}

/*
 * Offers what has come to the taker, which may leave some of it: then the
 * buffer stays ours, and the launcher waits.  For a taker that has room again.
 */
void console_input_more(void)
{
	u32 flags = irq_save();

	if (!input_len && vq_get(&input, &input_len))
		input_len = min(input_len, sizeof(input_buf));
	if (input_len && input_taker)
		input_taken += input_taker(input_buf + input_taken,
					   input_len - input_taken);
	if (input_len && input_taken >= input_len) {
		input_taken = 0;
		input_len = 0;
		input_offer();
	}
	irq_restore(flags);
}

static void input_irq(struct vq *vq __unused)
{
	console_input_more();
}

static bool console_open(void)
{
	u32 i;

	if (state != UNKNOWN || !kernel_pgdir)
		return state == OPEN;
	/* What goes wrong in here is said the short way. */
	state = ABSENT;
	if (!vdev_start(&dev, VIRTIO_ID_CONSOLE, 0, 1U << VIRTIO_RING_F_INDIRECT_DESC) ||
	    !vq_open(&dev, &input, input_irq, NULL) ||
	    !vq_open(&dev, &output, NULL, NULL))
		return false;
	vdev_ready(&dev);
	for (i = 0; i < NR_OUT; i++)
		out_free[nr_out_free++] = out_text[i];
	state = OPEN;
	return true;
}

static void output_collect(void)
{
	char *text;

	while ((text = vq_get(&output, NULL)))
		out_free[nr_out_free++] = text;
}

/* Interrupts may be off, and the host's will come: so this waits awake. */
static void output_wait(u32 wanted)
{
	for (output_collect(); nr_out_free < wanted; output_collect())
		asm volatile("pause");
}

static void output_add(const char *text, u32 len)
{
	struct piece piece = { .len = len };
	char *copy;

	output_wait(1);
	copy = out_free[--nr_out_free];
	memcpy(copy, text, len);
	piece.at = copy;
	vq_add(&output, &piece, 1, 0, copy);
	vq_kick(&output);
}

/* Returns when the text is with the launcher, if not on its screen yet. */
void console_write(const void *text, size_t len)
{
	u32 flags = irq_save(), part;

	if (!console_open()) {
		console_early(text, len);
		len = 0;
	}
	for (; len; len -= part, text += part) {
		part = min(len, OUT_SIZE);
		output_add(text, part);
	}
	irq_restore(flags);
}

/* For who is about to end: all that was said has been heard. */
void console_flush(void)
{
	if (state == OPEN)
		output_wait(NR_OUT);
}

/**
 * console_input - take what is typed
 * @taker: called with each piece of text, interrupts off; returns how much of
 *	it was taken
 */
void console_input(console_taker taker)
{
	if (!console_open())
		panic("no console on the device page");
	input_taker = taker;
	input_offer();
}
