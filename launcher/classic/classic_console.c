// SPDX-License-Identifier: GPL-2.0
/*
 * The classic console: no memory of its own, both directions on key 0.  The
 * guest sends what it prints, and binds one buffer for what is typed.
 */
#include "classic.h"
#include "console.h"
#include "host.h"
#include "iov.h"

static bool setup(struct classic_device *dev, struct lguest_device_desc *desc)
{
	(void)dev;
	desc->features = LGUEST_DEVICE_F_RANDOMNESS;
	return true;
}

static void output(struct classic_device *dev, const struct lguest_dma_notice *notice)
{
	struct iovec iov[LGUEST_MAX_DMA_SECTIONS];
	int nr = classic_sent(dev, notice->dma, iov);
	size_t bytes;

	if (nr < 0)
		return;
	bytes = iov_bytes(iov, nr);
	console_write(dev->model, iov, nr);
	dma_set_used(dev->mem, notice->dma, bytes);
}

static enum classic_input input(struct classic_device *dev)
{
	struct classic_buffer buf;
	size_t n;

	console_collect(dev->model);
	while (console_pending(dev->model)) {
		if (!classic_get_buffer(dev, LGUEST_CONSOLE_DMA_KEY, &buf))
			return INPUT_STALLED;
		n = console_take(dev->model, buf.iov, buf.nr);
		classic_put_buffer(dev, &buf, n);
		if (!n)
			return INPUT_STALLED;
		host_irq(buf.irq);
	}
	return INPUT_IDLE;
}

static int input_fd(const struct classic_device *dev)
{
	return console_fd(dev->model);
}

const struct classic_driver classic_console_driver = {
	.type = LGUEST_DEVICE_T_CONSOLE,
	.setup = setup,
	.output = output,
	.input = input,
	.input_fd = input_fd,
};
