// SPDX-License-Identifier: GPL-2.0
/*
 * The console.  Output is a DMA to key 0, good from the first instruction
 * on; input fills the one buffer that is bound to the same key.
 */
#include "guest.h"

#define INPUT_SIZE	256

static struct lguest_dma input_dma;
static char input_buf[INPUT_SIZE];
static size_t input_taken;
static console_taker input_taker;

/* @text is in the linear map, where neighbours are physical neighbours. */
void console_write(const void *text, size_t len)
{
	struct lguest_dma dma;

	if (!len)
		return;
	dma_single(&dma, text, len);
	send_dma(LGUEST_CONSOLE_DMA_KEY, &dma);
}

/* The call returned when the launcher had it. */
void console_flush(void)
{
}

/*
 * Offers what has come to the taker, which may leave some of it: then the
 * buffer stays ours, and the launcher waits.  For a taker that has room again.
 */
void console_input_more(void)
{
	volatile u32 *used = &input_dma.used_len;
	u32 flags = irq_save();
	size_t len = min(*used, sizeof(input_buf));

	if (len)
		input_taken += input_taker(input_buf + input_taken,
					   len - input_taken);
	if (len && input_taken >= len) {
		input_taken = 0;
		barrier();
		*used = 0;
	}
	irq_restore(flags);
}

static void console_irq(u32 irq __unused, struct trap_frame *frame __unused)
{
	console_input_more();
}

/**
 * console_input - take what is typed
 * @taker: called with each piece of text, interrupts off; returns how much of
 *	it was taken
 */
void console_input(console_taker taker)
{
	u32 irq;

	if (!device_find(LGUEST_DEVICE_T_CONSOLE, 0, &irq))
		panic("no console on the device page");
	input_taker = taker;
	set_irq_handler(irq, console_irq);
	dma_single(&input_dma, input_buf, sizeof(input_buf));
	if (!bind_dma(LGUEST_CONSOLE_DMA_KEY, &input_dma, 1, irq))
		panic("cannot bind the console's input");
}
