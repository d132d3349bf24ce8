/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How others stop the guest, and hold it: hold.c.
 */
#ifndef HOLD_H
#define HOLD_H

#include "base.h"

void hold_setup(void);
void hold_tell(void (*changed)(void));
void hold_stop(void);
bool hold_stopped(void);
bool hold_ending(void);
void hold_pause(void);
void hold_resume(void);
bool hold_asked(void);
bool hold_paused(void);
void hold_here(void);

/* Both are done in the guest's thread, while that holds the guest. */
void hold_debugged(void (*serve)(void));
void hold_debug(bool on);
void hold_for_dump(bool on);
void hold_dumped(void (*dump)(void));

#endif /* HOLD_H */
