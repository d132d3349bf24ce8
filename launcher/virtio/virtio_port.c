// SPDX-License-Identifier: GPL-2.0
/*
 * A virtio console that has one port, and no console on it (VIRTIO_CONSOLE_F_MULTIPORT,
 * Linux 2.6.35 and later): two queues for the port, and two by which the guest's driver
 * and the device tell each other of ports.
 *
 * The guest may repeat its messages or leave them out.  What it is told is, for each
 * kind of message, one at a time.
 */
#include <errno.h>
#include <linux/virtio_console.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "iov.h"
#include "port.h"
#include "virtio.h"
#include "vring.h"

#define PORTS		1u
#define PORT		0u		/* its number */
#define EVENTS_MAX	8u		/* numbers of kinds of messages */

/* A message, and what may be behind it. */
struct message {
	struct virtio_console_control head;
	char name[PORT_NAME_MAX];
};

static bool setup(struct virtio_device *dev)
{
	struct virtio_console_config config = { .max_nr_ports = PORTS };

	if (!dev->era->ports) {
		failure("%s: guests before 2.6.35 have no ports on their consoles, which it needs",
			dev->model->name);
		return false;
	}
	dev->config_len = offsetof(struct virtio_console_config, emerg_wr);
	dev->offered = BIT(VIRTIO_CONSOLE_F_MULTIPORT);
	if (dev->era->indirect)
		dev->offered |= BIT(VIRTIO_F_INDIRECT);
	virtio_set_config(dev, 0, &config, dev->config_len);
	return true;
}

/* A driver that has been told of this port before wants to be told again. */
static void start(struct virtio_device *dev)
{
	if (!virtio_accepted(dev, VIRTIO_CONSOLE_F_MULTIPORT))
		complain("the guest's driver of consoles knows no ports, so it has no agent");
}

static void wake(int event)
{
	const __u64 one = 1;

	if (write(event, &one, sizeof(one)) < 0)
		return;			/* it is full: woken enough */
}

static void calm(int event)
{
	__u64 wakes;

	while (read(event, &wakes, sizeof(wakes)) < 0 && errno == EINTR)
		;
}

static int input_fd(struct model *model, bool starved)
{
	return starved ? -1 : to_port(model)->news;
}

/* (What comes after the look wakes again.) */
static bool input_ready(struct model *model)
{
	struct port *port = to_port(model);

	if (port->ops->pending(port))
		return true;
	calm(port->news);
	return port->ops->pending(port);
}

static ssize_t input(struct virtio_device *dev, struct vring_chain *chain)
{
	struct port *port = to_port(dev->model);

	return port->ops->take(port, chain->iov + chain->out, chain->in);
}

static ssize_t output(struct virtio_device *dev, struct vring_chain *chain)
{
	struct port *port = to_port(dev->model);

	port->ops->put(port, chain->iov, chain->out);
	return 0;
}

static int message_fd(struct model *model, bool starved)
{
	return starved ? -1 : to_port(model)->control;
}

static bool message_ready(struct model *model)
{
	struct port *port = to_port(model);

	if (atomic_load(&port->messages))
		return true;
	calm(port->control);
	return atomic_load(&port->messages);
}

/* The guest finds a port by its name: so that comes last. */
static const __u16 in_order[] = {
	VIRTIO_CONSOLE_PORT_ADD, VIRTIO_CONSOLE_PORT_OPEN, VIRTIO_CONSOLE_PORT_NAME,
};

static ssize_t message(struct virtio_device *dev, struct vring_chain *chain)
{
	struct port *port = to_port(dev->model);
	struct message message = { .head = { .id = PORT, .value = 1 } };
	size_t len = sizeof(message.head), i = 0;

	while (i < ARRAY_SIZE(in_order) - 1 &&
	       !(atomic_load(&port->messages) & BIT(in_order[i])))
		i++;
	atomic_fetch_and(&port->messages, ~BIT(in_order[i]));
	message.head.event = in_order[i];
	if (message.head.event == VIRTIO_CONSOLE_PORT_NAME) {
		strncpy(message.name, port->name, sizeof(message.name) - 1);
		len += strlen(message.name);
	}
	return iov_fill(chain->iov + chain->out, chain->in, &message, len);
}

static void send(struct port *port, unsigned int events)
{
	atomic_fetch_or(&port->messages, events);
	wake(port->control);
}

/* What the guest says of its driver, or of the port. */
static ssize_t control(struct virtio_device *dev, struct vring_chain *chain)
{
	struct port *port = to_port(dev->model);
	struct virtio_console_control head;

	if (iov_copy(&head, chain->iov, chain->out, sizeof(head)) < sizeof(head)) {
		virtio_blame(dev, &dev->warned, "sent half a message");
		return 0;
	}
	if (head.event == VIRTIO_CONSOLE_DEVICE_READY) {
		if (head.value)
			send(port, BIT(VIRTIO_CONSOLE_PORT_ADD));
		else
			virtio_blame(dev, &dev->warned, "says that its driver has failed");
		return 0;
	}
	if (head.id != PORT) {
		virtio_blame(dev, &dev->warned, "speaks of a port that there is not");
		return 0;
	}
	if (head.event == VIRTIO_CONSOLE_PORT_READY && head.value)
		send(port, BIT(VIRTIO_CONSOLE_PORT_OPEN) | BIT(VIRTIO_CONSOLE_PORT_NAME));
	else if (head.event == VIRTIO_CONSOLE_PORT_OPEN)
		port->ops->opened(port, head.value);
	return 0;
}

static void forget(struct model *model)
{
	struct port *port = to_port(model);

	atomic_store(&port->messages, 0);
	port->ops->opened(port, false);
}

static const struct virtio_queue_ops input_ops = {
	.fd = input_fd,
	.ready = input_ready,
	.handle = input,
};

static const struct virtio_queue_ops output_ops = {
	.handle = output,
};

static const struct virtio_queue_ops message_ops = {
	.fd = message_fd,
	.ready = message_ready,
	.handle = message,
	.forget = forget,
};

static const struct virtio_queue_ops control_ops = {
	.handle = control,
};

const struct virtio_driver virtio_port_driver = {
	.type = VIRTIO_ID_CONSOLE,
	.queues = 4,
	.ops = { &input_ops, &output_ops, &message_ops, &control_ops },
	.setup = setup,
	.start = start,
};
