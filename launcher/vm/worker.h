/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Threads beside the one that runs the guest: see worker.c.
 */
#ifndef WORKER_H
#define WORKER_H

#include <pthread.h>
#include <stdatomic.h>

#include "base.h"

/* Makes a thread's system calls return; nobody else needs this signal. */
#define WORKER_SIGNAL	SIGUSR2

struct worker {
	pthread_t thread;
	int kick;		/* an eventfd, once worker_prepare() was called */
	bool prepared;
	bool running;
	atomic_bool stopping;
};

bool __must_check worker_prepare(struct worker *worker);
bool __must_check worker_start(struct worker *worker, void *(*run)(void *arg), void *arg);
void worker_stop(struct worker *worker);
void worker_kick(const struct worker *worker);
void worker_close(struct worker *worker);

#endif /* WORKER_H */
