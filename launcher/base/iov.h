/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lists of pieces of memory: iov.c.
 */
#ifndef IOV_H
#define IOV_H

#include "base.h"

size_t iov_bytes(const struct iovec *iov, int nr);
int iov_shorten(struct iovec *iov, int nr, size_t bytes);
int iov_skip(struct iovec *iov, int nr, size_t bytes);
size_t iov_fill(const struct iovec *iov, int nr, const void *from, size_t len);
size_t iov_copy(void *to, const struct iovec *iov, int nr, size_t len);
size_t iov_copy_from(void *to, const struct iovec *iov, int nr, size_t skip, size_t len);
int iov_cut(struct iovec *iov, size_t bytes, size_t *rest);

#endif /* IOV_H */
