/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The balloon: what balloon.c (the model), the virtio device and the control socket
 * know of each other.
 */
#ifndef BALLOON_H
#define BALLOON_H

#include "guest_memory.h"

struct balloon_numbers {
	__u32 wanted;		/* bytes that the guest is to do with */
	__u64 given;		/* bytes that are in the balloon */
	__u64 reported;		/* bytes that it said are free, all of them ever said */
};

/* For the device; its guest's memory is known from balloon_fill() on. */
bool __must_check balloon_fill(struct model *model, const struct memory *mem);
__u32 balloon_target(struct model *model);
bool balloon_news(struct model *model);
bool balloon_inflate(struct model *model, const __u32 *pfns, unsigned int nr);
bool balloon_deflate(struct model *model, const __u32 *pfns, unsigned int nr);
void balloon_report(struct model *model, __u32 addr, __u32 len);
void balloon_forget(struct model *model);

/* For everybody, in any thread. */
const char *balloon_ask(const char *size);
bool balloon_ask_numbers(struct balloon_numbers *numbers);

#endif /* BALLOON_H */
