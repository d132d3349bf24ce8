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
#define DAWDLE		20000000	/* cycles: some ms */

static struct vdev dev;
static struct vq input, out;
static enum { UNKNOWN, ABSENT, OPEN } state;

static char out_text[OUT_SIZE];
static u32 out_looks;

static char input_buf[INPUT_SIZE];
static u32 input_len, input_taken, input_lost;
static bool input_offered;
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

	input_offered = true;
	vq_add(&input, &piece, 0, 1, input_buf);
	vq_kick(&input);
}

/*
 * Linux's driver of these eras offers its buffers first, and throws away what comes
 * in them until it has become a console, which takes its time.
 */
static void input_throw_away(void)
{
	u32 len;

	input_offer();
	spin_cycles(DAWDLE);
	while (vq_get(&input, &len)) {
		input_lost += len;
		input_offer();
	}
}

/* Bytes of input that nobody has seen. */
u32 console_lost(void)
{
	return input_lost;
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
	if (state != UNKNOWN || !kernel_pgdir)
		return state == OPEN;
	/* What goes wrong in here is said the short way. */
	state = ABSENT;
	if (!vdev_start(&dev, VIRTIO_ID_CONSOLE, 0, 1U << VIRTIO_RING_F_INDIRECT_DESC) ||
	    !vq_open(&dev, &input, input_irq, NULL) ||
	    !vq_open(&dev, &out, NULL, NULL))
		return false;
	vdev_ready(&dev);
	if (CONSOLE_THROWS_AWAY)
		input_throw_away();
	state = OPEN;
	return true;
}

/*
 * One buffer at a time, as Linux does it.  Interrupts may be off, and the host's
 * will come: so this waits awake.
 */
static void output(const char *text, u32 len)
{
	struct piece piece = { out_text, len };

	memcpy(out_text, text, len);
	vq_add(&out, &piece, 1, 0, out_text);
	vq_kick(&out);
	for (; !vq_get(&out, NULL); out_looks++)
		asm volatile("pause");
}

/* How often it was not taken yet when we looked. */
u32 console_looks(void)
{
	return out_looks;
}

/* Returns when the launcher has had the text. */
void console_write(const void *text, size_t len)
{
	u32 flags = irq_save(), part;

	if (!console_open()) {
		console_early(text, len);
		len = 0;
	}
	for (; len; len -= part, text += part) {
		part = min(len, OUT_SIZE);
		output(text, part);
	}
	irq_restore(flags);
}

/* All that was said has been heard. */
void console_flush(void)
{
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
	if (input_offered)
		console_input_more();
	else
		input_offer();
}
