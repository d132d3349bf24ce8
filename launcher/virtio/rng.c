// SPDX-License-Identifier: GPL-2.0
/*
 * Randomness for a guest: the host's own, which costs it nothing and never runs
 * out.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base.h"
#include "device_option.h"
#include "rng.h"

/* More at once than this could be interrupted, and a guest wants less. */
#define FILL_MAX	4096u

static void rng_close(struct model *model)
{
	free(model);
}

/* Returns how much was written. */
size_t rng_fill(struct model *model, struct iovec *iov, int nr)
{
	size_t done = 0;

	(void)model;
	for (; nr-- > 0 && done < FILL_MAX; iov++) {
		size_t part = iov->iov_len;
		ssize_t n;

		if (part > FILL_MAX - done)
			part = FILL_MAX - done;
		do {
			n = getrandom(iov->iov_base, part, 0);
		} while (n < 0 && errno == EINTR);
		if (n < 0)
			break;
		done += n;
		if ((size_t)n < iov->iov_len)
			break;
	}
	return done;
}

static struct model *rng_create(const void *value)
{
	struct model *model = calloc(1, sizeof(*model));

	(void)value;
	if (!model) {
		failure("--rng: %s", strerror(errno));
		return NULL;
	}
	*model = (struct model){ MODEL_RNG, "rng", rng_close };
	return model;
}

static const struct device_option rng_option = {
	.name = "rng",
	.help = "a source of randomness, which is this host's",
	.create = rng_create,
	.classic = { { .name = "rng", .prefix = "" } },
};

DEVICE_OPTION(rng_option);
