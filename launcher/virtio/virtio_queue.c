// SPDX-License-Identifier: GPL-2.0
/*
 * The queues of virtio devices at work: chains go from the ring to the driver
 * and back, and the guest is told.  Who does it depends on the guest's release:
 * up to 2.6.30 the launcher's main loop, when the guest has notified it or the
 * waker has broken in; from 2.6.31 on a thread for each queue, which the host
 * wakes through an eventfd.
 *
 * A queue that another process serves (struct virtio_remote) has a thread that passes on
 * what that process tells.
 *
 * A queue for whose chains the guest waits awake has no thread in any release: the
 * guest would take the time that the thread needs, and the more so the fewer CPUs
 * are idle.  While the main loop serves it, the guest does not run.
 */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "era.h"
#include "host.h"
#include "virtio.h"
#include "vring.h"
#include "waker.h"
#include "worker.h"

/* After so many chains the guest is told of them, although there are more. */
#define BURST		64

enum served {
	SERVED_IDLE,		/* there is no input */
	SERVED_STARVED,		/* there is no chain */
	SERVED_EARLY,		/* there are both, but the driver is not ready */
	SERVED_MORE,
};

static unsigned int index_of(const struct virtio_queue *queue)
{
	return queue - queue->dev->queue;
}

static bool is_input(const struct virtio_queue *queue)
{
	return queue->ops->fd;
}

/**
 * virtio_queue_more - take the next chain
 * @queue: it becomes its queue->chain
 *
 * For drivers whose handle() needs several; those behind the first go back by
 * vring_follow().  False if there is none.
 */
bool virtio_queue_more(struct virtio_queue *queue)
{
	switch (vring_pop(&queue->ring, &queue->chain)) {
	case VRING_EMPTY:
		return false;
	case VRING_BAD:
		queue->broken = true;
		virtio_blame(queue->dev, &queue->warned,
			     "put something into a ring that cannot be there");
		return false;
	case VRING_GOOD:
		return true;
	}
	return false;
}

static void push(struct virtio_queue *queue, __u16 head, __u32 len)
{
	vring_push(&queue->ring, head, len);
	queue->news = true;
}

/* Gives back a chain that the driver had kept, if one is done. */
static bool collect(struct virtio_queue *queue)
{
	ssize_t len = -1;
	__u16 head;

	if (queue->ops->collect)
		len = queue->ops->collect(queue->dev->model, &head);
	if (len < 0)
		return false;
	push(queue, head, len);
	return true;
}

static enum served serve_one(struct virtio_queue *queue)
{
	struct virtio_device *dev = queue->dev;
	ssize_t len;
	__u16 head;

	if (collect(queue))
		return SERVED_MORE;
	/* (Even if nobody wants its input: a console has keys that are ours.) */
	if (queue->ops->ready && !queue->ops->ready(dev->model))
		return SERVED_IDLE;
	if (queue->broken)
		return SERVED_STARVED;
	if (is_input(queue) && !vring_empty(&queue->ring) && virtio_early(queue))
		return SERVED_EARLY;
	if (!virtio_queue_more(queue))
		return SERVED_STARVED;
	if (!is_input(queue))
		virtio_early_heard(dev);
	head = queue->chain.head;
	queue->few = 0;
	len = queue->ops->handle(dev, &queue->chain);
	if (len == VIRTIO_LATER || len == VIRTIO_FEW) {
		vring_unpop(&queue->ring);
		if (len == VIRTIO_LATER)
			return SERVED_IDLE;
		queue->few = vring_offered(&queue->ring);
		return SERVED_STARVED;
	}
	if (len != VIRTIO_KEPT)
		push(queue, head, len);
	return SERVED_MORE;
}

/* Is the guest told although it asked not to be? */
static bool told_when_drained(const struct virtio_queue *queue)
{
	switch (queue->dev->era->drained) {
	case DRAINED_NO:
		return false;
	case DRAINED_IF_ACCEPTED:
		if (!virtio_accepted(queue->dev, VIRTIO_F_NOTIFY_ON_EMPTY))
			return false;
		break;
	case DRAINED_ALWAYS:
		break;
	}
	return vring_empty(&queue->ring);
}

static void tell(struct virtio_queue *queue)
{
	if (!queue->news)
		return;
	queue->news = false;
	if (vring_interrupts(&queue->ring) || told_when_drained(queue))
		host_irq(queue->irq);
}

static bool stopping(struct virtio_queue *queue)
{
	return atomic_load(&queue->worker.stopping);
}

static enum served serve(struct virtio_queue *queue)
{
	enum served served;
	unsigned int i;

	do {
		for (i = 0, served = SERVED_MORE; i < BURST && served == SERVED_MORE; i++)
			served = serve_one(queue);
		tell(queue);
	} while (served == SERVED_MORE && !stopping(queue));
	return served;
}

static int fd_of(const struct virtio_queue *queue, enum served served)
{
	return queue->ops->fd(queue->dev->model, served != SERVED_IDLE);
}

/* The guest is to tell once it has offered enough for who serves the queue, or need not. */
static void ask_guest(const struct virtio_queue *queue, bool starved)
{
	vring_notify(&queue->ring, starved, queue->few);
}

/*
 * The main loop's way.  The guest does not run meanwhile.  It has to tell of
 * buffers for input only while that waits for them.
 */
static void serve_here(struct virtio_queue *queue)
{
	enum served served = serve(queue);

	if (!queue->batch.waiting)
		ask_guest(queue, served == SERVED_STARVED);
	if (!is_input(queue))
		return;
	waker_watch(queue->slot, fd_of(queue, served));
	if (served == SERVED_EARLY)
		waker_retry(VIRTIO_EARLY_MS);
}

static void drain(int kick)
{
	__u64 kicks;

	while (read(kick, &kicks, sizeof(kicks)) < 0 && errno == EINTR)
		;
}

/*
 * The thread's way.  While it has no chain it asks to be notified, and looks
 * once more before it sleeps; while it waits for input, it does not care.
 */
static void wait_for_work(struct virtio_queue *queue, enum served served)
{
	const bool starved = served == SERVED_STARVED;
	struct pollfd fds[2] = {
		{ .fd = queue->worker.kick, .events = POLLIN },
		{ .fd = -1, .events = POLLIN },
	};

	if (is_input(queue))
		fds[1].fd = fd_of(queue, served);
	ask_guest(queue, starved);
	if (starved && !queue->broken && vring_offered(&queue->ring) > queue->few) {
		ask_guest(queue, false);
		return;
	}
	if (poll(fds, 2, served == SERVED_EARLY ? VIRTIO_EARLY_MS : -1) > 0 && fds[0].revents)
		drain(queue->worker.kick);
	ask_guest(queue, false);
}

static void *queue_thread(void *arg)
{
	struct virtio_queue *queue = arg;

	while (!atomic_load(&queue->worker.stopping))
		wait_for_work(queue, serve(queue));
	return NULL;
}

/* The thread of a queue that another process serves. */
static void *remote_thread(void *arg)
{
	struct virtio_queue *queue = arg;
	const struct virtio_remote *remote = queue->ops->remote;
	struct pollfd fds[2] = { { .fd = queue->worker.kick, .events = POLLIN } };

	while (!stopping(queue)) {
		fds[1] = (struct pollfd){ .fd = fd_of(queue, SERVED_IDLE), .events = POLLIN };
		if (poll(fds, 2, -1) <= 0)
			continue;
		if (fds[0].revents)
			drain(queue->worker.kick);
		if (fds[1].revents && remote->called(queue->dev->model, index_of(queue)))
			host_irq(queue->irq);
	}
	return NULL;
}

static bool has_thread(const struct virtio_queue *queue)
{
	return queue->dev->era->threads && !queue->ops->awaited;
}

/* What wakes who serves the queue. */
static int kick_of(const struct virtio_queue *queue)
{
	const struct virtio_remote *remote = queue->ops->remote;

	return remote ? remote->kick(queue->dev->model, index_of(queue)) : queue->worker.kick;
}

static void kick(const struct virtio_queue *queue)
{
	const __u64 one = 1;

	while (write(kick_of(queue), &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static bool start_worker(struct virtio_queue *queue)
{
	return worker_prepare(&queue->worker) &&
	       worker_start(&queue->worker, queue->ops->remote ? remote_thread : queue_thread,
			    queue);
}

/*
 * The host keeps an eventfd as long as the guest lives, so register it once.  Who serves
 * the queue looks at it when that is done: the guest may have told of something before.
 */
static void start_thread(struct virtio_queue *queue)
{
	struct model *model = queue->dev->model;

	waker_watch(queue->slot, -1);
	if (queue->ops->remote)
		queue->ops->remote->run(model, index_of(queue), true);
	if (!start_worker(queue)) {
		complain("device %u (%s) is lost for the guest: %s", queue->dev->nr, model->name,
			 failure_reason());
		return;
	}
	if (!queue->registered)
		host_eventfd(queue->ring.addr, kick_of(queue));
	queue->registered = true;
	if (queue->ops->remote)
		kick(queue);
}

/**
 * virtio_queue_start - the guest's driver is there
 * @queue: not started
 */
void virtio_queue_start(struct virtio_queue *queue)
{
	if (has_thread(queue))
		start_thread(queue);
	else if (is_input(queue))
		serve_here(queue);
}

/**
 * virtio_queue_stop - leave the ring alone
 * @queue: any
 */
void virtio_queue_stop(struct virtio_queue *queue)
{
	const bool ran = queue->worker.running;

	worker_stop(&queue->worker);
	if (ran && queue->ops->remote)
		queue->ops->remote->run(queue->dev->model, index_of(queue), false);
}

/**
 * virtio_queue_finish - serve what a guest that has ended had offered before
 * @queue: stopped
 */
void virtio_queue_finish(struct virtio_queue *queue)
{
	atomic_store(&queue->worker.stopping, false);
	if (!is_input(queue))
		serve(queue);
}

/**
 * virtio_queue_reset - forget all about a ring
 * @queue: stopped
 */
void virtio_queue_reset(struct virtio_queue *queue)
{
	if (queue->ops->forget)
		queue->ops->forget(queue->dev->model);
	virtio_batch_reset(queue);
	vring_reset(&queue->ring);
	if (queue->ops->remote)
		queue->ops->remote->rewind(queue->dev->model, index_of(queue));
	queue->broken = false;
	queue->news = false;
	queue->few = 0;
	virtio_queue_watch(queue);
}

/**
 * virtio_queue_kick - the guest has notified, and no eventfd took it
 * @queue: started
 */
void virtio_queue_kick(struct virtio_queue *queue)
{
	if (queue->worker.running) {
		kick(queue);
		return;
	}
	serve_here(queue);
	virtio_batch_called(queue);
}

/**
 * virtio_queue_input - the waker saw input, perhaps for this queue
 * @queue: any, started or not
 *
 * A terminal is read even if no driver wants its input, for the keys that are
 * the launcher's.
 */
void virtio_queue_input(struct virtio_queue *queue)
{
	if (queue->batch.waiting) {
		serve(queue);
		if (virtio_batch_looked(queue))
			serve(queue);
	}
	if (queue->worker.running || !is_input(queue) || queue->ops->remote)
		return;
	if (queue->dev->running) {
		serve_here(queue);
		return;
	}
	if (queue->ops->ready && queue->ops->fd(queue->dev->model, true) >= 0)
		queue->ops->ready(queue->dev->model);
	virtio_queue_watch(queue);
}

/**
 * virtio_queue_watch - have the waker look for input of a queue without driver
 * @queue: any, not started
 */
void virtio_queue_watch(struct virtio_queue *queue)
{
	if (is_input(queue) && !queue->ops->remote)
		waker_watch(queue->slot, queue->ops->fd(queue->dev->model, true));
}
