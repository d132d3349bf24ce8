/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A source of randomness: rng.c.
 */
#ifndef RNG_H
#define RNG_H

#include "iov.h"

size_t rng_fill(struct model *model, struct iovec *iov, int nr);

#endif /* RNG_H */
