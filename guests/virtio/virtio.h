/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The exerciser's parts, one for each kind of device.
 */
#ifndef VIRTIO_H
#define VIRTIO_H

#include "tap.h"

void disk_tests(void);
void net_tests(void);
void rng_tests(void);
void share_tests(void);
void console_tests(void);

/* A word of the command line: does it occur, and what follows its '='? */
bool asked_for(const char *word);
u32 asked_number(const char *word, u32 otherwise);

/* What is at a place, as a function of the place. */
static inline u32 pattern(u32 place, u32 round)
{
	return (place * 2654435761U) ^ (round * 0x9e3779b1U) ^ place >> 7;
}

#endif /* VIRTIO_H */
