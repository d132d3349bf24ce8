// SPDX-License-Identifier: GPL-2.0
/*
 * Lists of pieces of memory.  dma.c and vring.c make them from what a guest
 * says; the models only see these.
 */
#include <string.h>

#include "iov.h"

size_t iov_bytes(const struct iovec *iov, int nr)
{
	size_t bytes = 0;

	while (nr-- > 0)
		bytes += (iov++)->iov_len;
	return bytes;
}

/* Keeps the first @bytes of a list.  Returns the new number of pieces. */
int iov_shorten(struct iovec *iov, int nr, size_t bytes)
{
	int i;

	for (i = 0; i < nr && bytes; i++) {
		if (iov[i].iov_len > bytes)
			iov[i].iov_len = bytes;
		bytes -= iov[i].iov_len;
	}
	return i;
}

/* Drops the first @bytes of a list.  Returns the new number of pieces. */
int iov_skip(struct iovec *iov, int nr, size_t bytes)
{
	int gone = 0;

	while (gone < nr && bytes >= iov[gone].iov_len)
		bytes -= iov[gone++].iov_len;
	memmove(iov, iov + gone, (nr - gone) * sizeof(*iov));
	nr -= gone;
	if (nr && bytes) {
		iov[0].iov_base = (char *)iov[0].iov_base + bytes;
		iov[0].iov_len -= bytes;
	}
	return nr;
}

/* Returns how many of the @len bytes there was room for. */
size_t iov_fill(const struct iovec *iov, int nr, const void *from, size_t len)
{
	size_t done = 0;

	for (; nr-- > 0 && done < len; iov++) {
		size_t part = iov->iov_len;

		if (part > len - done)
			part = len - done;
		memcpy(iov->iov_base, (const char *)from + done, part);
		done += part;
	}
	return done;
}

/* Returns how many of the @len bytes there were, behind the first @skip. */
size_t iov_copy_from(void *to, const struct iovec *iov, int nr, size_t skip, size_t len)
{
	size_t done = 0;

	for (; nr-- > 0 && done < len; iov++) {
		size_t part = iov->iov_len;

		if (skip >= part) {
			skip -= part;
			continue;
		}
		part -= skip;
		if (part > len - done)
			part = len - done;
		memcpy((char *)to + done, (char *)iov->iov_base + skip, part);
		done += part;
		skip = 0;
	}
	return done;
}

/* Returns how many of the @len bytes there were. */
size_t iov_copy(void *to, const struct iovec *iov, int nr, size_t len)
{
	return iov_copy_from(to, iov, nr, 0, len);
}

/*
 * Cuts a list after @bytes, which it has.  @rest is what its new end has lost.
 * Returns the new number of pieces.
 */
int iov_cut(struct iovec *iov, size_t bytes, size_t *rest)
{
	int n = 0;

	while (iov[n].iov_len < bytes)
		bytes -= iov[n++].iov_len;
	*rest = iov[n].iov_len - bytes;
	iov[n].iov_len = bytes;
	return n + 1;
}
