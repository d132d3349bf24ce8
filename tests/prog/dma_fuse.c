// SPDX-License-Identifier: GPL-2.0
/*
 * A receiver whose buffer is a file that a program of its own has to bring, and does
 * not: it dies, and the sender never waits for it.
 */
#include <sys/mount.h>
#include <sys/stat.h>
#include <linux/fuse.h>
#include "mini/peers.h"
#include "mini/sticky.h"

#define FILE_NAME	"/tmp/served"

static int fuse;
static void *served;

static void answer(u64 unique, int error, const void *body, size_t size)
{
	struct {
		struct fuse_out_header header;
		u8 body[128];
	} reply = {
		.header = { .len = sizeof(reply.header) + size, .error = error, .unique = unique },
	};

	memcpy(reply.body, body, size);
	write(fuse, &reply, reply.header.len);
}

/* What must be said for a file of one page to be opened; what is in it nobody hears. */
static void serve(const struct fuse_in_header *request)
{
	struct fuse_init_out init = {
		.major = FUSE_KERNEL_VERSION, .minor = FUSE_KERNEL_MINOR_VERSION,
		.max_write = PAGE,
	};
	struct fuse_attr_out attr = {
		.attr_valid = 1000,
		.attr = { .ino = 1, .size = PAGE, .mode = S_IFREG | 0600, .nlink = 1 },
	};
	struct fuse_open_out open = { .fh = 1 };

	switch (request->opcode) {
	case FUSE_INIT:
		answer(request->unique, 0, &init, sizeof(init));
		break;
	case FUSE_GETATTR:
		answer(request->unique, 0, &attr, sizeof(attr));
		break;
	case FUSE_OPEN:
		answer(request->unique, 0, &open, sizeof(open));
		break;
	case FUSE_READ:
		break;
	default:
		answer(request->unique, -ENOSYS, NULL, 0);
	}
}

static void serve_all(void)
{
	static u8 request[0x21000];

	while (read(fuse, request, sizeof(request)) > 0)
		serve((const struct fuse_in_header *)request);
	_exit(0);
}

/* Gives up whoever still waits for it, too. */
static void end_service(void)
{
	umount2(FILE_NAME, MNT_FORCE | MNT_DETACH);
}

static void map_served_file(void)
{
	char options[80];
	int fd;

	fuse = open("/dev/fuse", O_RDWR);
	expect(fuse >= 0, "/dev/fuse: %m");
	fd = open(FILE_NAME, O_RDWR | O_CREAT, 0600);
	close(fd);
	snprintf(options, sizeof(options), "fd=%d,rootmode=100000,user_id=0,group_id=0", fuse);
	expect_value(mount("served", FILE_NAME, "fuse", 0, options), 0);
	if (!mini_fork())
		serve_all();
	fd = open(FILE_NAME, O_RDWR);
	expect(fd >= 0, FILE_NAME ": %m");
	served = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	expect(served != MAP_FAILED, "mmap: %m");
	close(fd);
}

static void guest_offers(void)
{
	array[0] = (struct lguest_dma) { .addr = { (u32)served }, .len = { 4 } };
	guest_expect(bind(KEY(1), array, 1, IRQ) == 1);
	BOARD->ready[0] = 1;
	guest_spin();
}

static void guest_sends(void)
{
	list = (struct lguest_dma) { .addr = { (u32)buffers }, .len = { 4 } };
	send(KEY(1));
	BOARD->ready[1] = 1;
	guest_spin();
}

static void file_that_never_comes(void)
{
	pid_t receiver, sender;

	pair_board();
	map_served_file();
	receiver = pair_start(guest_offers, "DMA to a file of FUSE's at ");
	wait_until(board->ready[0]);
	sender = pair_start(guest_sends, NULL);
	wait_until(board->ready[1]);
	pair_end(receiver);
	sticky_kill(sender);
}

int main(void)
{
	RUN(file_that_never_comes);
	end_service();
	return mini_done();
}
