/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The end of what the guest has printed: printed.c.
 */
#ifndef PRINTED_H
#define PRINTED_H

#include "base.h"

#define PRINTED_KEPT	65536u	/* bytes: some screens */

void printed_put(const struct iovec *iov, int nr, bool seen);
__u64 printed_total(void);
size_t printed_from(__u64 *at, const char **text);

#endif /* PRINTED_H */
