/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Another guest's memory, for the classic DMA between guests (io.c): see peer.c.
 */
#ifndef LGUEST_PEER_H
#define LGUEST_PEER_H

#include "lg.h"

/**
 * struct peer - another guest's memory, open for copying
 * @lg: the guest
 * @mm: its launcher's address space, held
 * @page: the page used last, pinned, or NULL
 * @gpa: its guest-physical address
 */
struct peer {
	struct lguest *lg;
	struct mm_struct *mm;
	struct page *page;
	gpa_t gpa;
};

bool peer_open(struct peer *peer, struct lguest *lg);
void peer_close(struct peer *peer);
__must_check int peer_read(struct peer *peer, void *to, gpa_t from, u32 len);
__must_check int peer_write(struct peer *peer, gpa_t to, const void *from,
			    u32 len);

#endif /* LGUEST_PEER_H */
