/* SPDX-License-Identifier: GPL-2.0 */
/* The parts that the guest can play, by the file that has them. */
#ifndef DEVICES_H
#define DEVICES_H

#include "tap.h"

/* Typed at the console, it ends a part. */
#define END_OF_INPUT	4

/* console.c */
void play_initrd(void);
void play_echo(void);
void play_slow(void);
void end_when_told(void);
void wait_a_while(u32 ms);

/* disk.c */
void play_disk(void);

/* mad.c */
void play_mad(void);

/* net.c */
void play_pong(void);
void play_receive(void);
void play_send(void);

#endif /* DEVICES_H */
