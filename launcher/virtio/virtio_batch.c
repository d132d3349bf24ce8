// SPDX-License-Identifier: GPL-2.0
/*
 * Fewer calls of guests that send one frame after the other, where the main loop
 * serves the queues: each call would be a way out of the guest and back.  Once
 * some have come in quick succession, the guest is asked not to tell of more, and
 * a timer, which the waker watches, says when to look.  While that finds several
 * each time it goes on so; else the guest tells again, and it takes more to begin
 * anew: a guest that waits for the answer to each frame must not wait for a timer.
 */
#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base.h"
#include "virtio.h"
#include "vring.h"
#include "waker.h"

#define QUICK_US	2000	/* between two calls */
#define ENOUGH_MIN	4	/* calls in quick succession */
#define ENOUGH_MAX	256
#define WAIT_CALLS	8	/* the timer's time: that of so many calls ... */
#define WAIT_MIN_US	100
#define WAIT_MAX_US	2000	/* ... within these */
#define WORTH		3	/* frames that a wait must bring */

static __u64 now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000ull + now.tv_nsec / 1000;
}

/**
 * virtio_batch_prepare - make what a queue needs for this
 * @queue: of a device that is being made
 *
 * Return: false, see failure(), if that cannot be.
 */
bool virtio_batch_prepare(struct virtio_queue *queue)
{
	struct virtio_batch *batch = &queue->batch;

	batch->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (batch->timer < 0)
		return failure("cannot make a timer: %s", strerror(errno));
	batch->enough = ENOUGH_MIN;
	batch->prepared = true;
	return true;
}

static void wait_for_more(struct virtio_queue *queue)
{
	struct virtio_batch *batch = &queue->batch;
	struct itimerspec once = { .it_value.tv_nsec = batch->wait_us * 1000 };

	batch->before = queue->ring.used;
	vring_notify(&queue->ring, false, 0);
	timerfd_settime(batch->timer, 0, &once, NULL);
	batch->waiting = true;
	waker_watch(queue->slot, batch->timer);
}

static void end_wait(struct virtio_queue *queue)
{
	queue->batch.waiting = false;
	queue->batch.calls = 0;
	waker_watch(queue->slot, -1);
}

/**
 * virtio_batch_called - the guest told of something, which has been served
 * @queue: started
 */
void virtio_batch_called(struct virtio_queue *queue)
{
	struct virtio_batch *batch = &queue->batch;
	__u64 now;

	if (!batch->prepared || batch->waiting)
		return;
	now = now_us();
	if (now - batch->last > QUICK_US)
		batch->calls = 0;
	if (!batch->calls++)
		batch->first = now;
	batch->last = now;
	if (batch->calls <= batch->enough)
		return;
	batch->wait_us = (now - batch->first) * WAIT_CALLS / (batch->calls - 1);
	if (batch->wait_us < WAIT_MIN_US)
		batch->wait_us = WAIT_MIN_US;
	if (batch->wait_us > WAIT_MAX_US)
		batch->wait_us = WAIT_MAX_US;
	wait_for_more(queue);
}

/**
 * virtio_batch_looked - the queue was served, perhaps because of its timer
 * @queue: started
 *
 * True if the guest tells again; it may have offered something just before.
 */
bool virtio_batch_looked(struct virtio_queue *queue)
{
	struct virtio_batch *batch = &queue->batch;
	__u16 frames = queue->ring.used - batch->before;
	__u64 expirations;

	if (!batch->waiting || read(batch->timer, &expirations, sizeof(expirations)) < 0)
		return false;
	if (frames >= WORTH) {
		batch->enough = ENOUGH_MIN;
		wait_for_more(queue);
		return false;
	}
	if (batch->enough < ENOUGH_MAX)
		batch->enough *= 2;
	end_wait(queue);
	vring_notify(&queue->ring, true, 0);
	return true;
}

/** virtio_batch_reset - the ring is about to be cleared */
void virtio_batch_reset(struct virtio_queue *queue)
{
	if (!queue->batch.prepared)
		return;
	end_wait(queue);
	queue->batch.enough = ENOUGH_MIN;
}

/** virtio_batch_close - the guest is gone */
void virtio_batch_close(struct virtio_queue *queue)
{
	if (queue->batch.prepared)
		close(queue->batch.timer);
}
