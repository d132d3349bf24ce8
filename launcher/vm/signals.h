/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How the launcher is told to stop, and what it leaves behind: signals.c.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include "base.h"

void signals_setup(void);
void signals_when_asked(void (*hear)(void));
void signals_at_end(void (*clean_up)(void));
void signals_supervisor(pid_t pid);
void signals_supervise(pid_t (*child)(void));
void signals_forget(void);
void signals_offer(bool (*take)(int sig), void (*resize)(void));
void signals_resized(void (*resize)(void));
int signals_caught(void);
void signals_pretend(int sig);
noreturn void signals_die(int sig);

#endif /* SIGNALS_H */
