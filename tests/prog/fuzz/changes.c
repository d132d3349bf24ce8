// SPDX-License-Identifier: GPL-2.0
/*
 * A session's memory: that of its guest, and buffers for requests and replies, of which
 * some are at an end, cannot be written, are not there, or wait for somebody who never
 * comes (userfaultfd).  All of it changes while others use it.
 */
#include <sys/ioctl.h>
#include <linux/userfaultfd.h>
#include "requests.h"

#define BUFFERS		0x30000000u	/* pages: good, read-only, sticky, and a hole */
#define GOOD_PAGES	2
#define READ_ONLY	(BUFFERS + GOOD_PAGES * PAGE)
#define STICKY		(READ_ONLY + PAGE)
#define BUFFERS_END	(STICKY + PAGE)

static int uffd = -1;

static void map_at(u32 at, u32 size, int prot)
{
	if (mmap((void *)at, size, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) !=
	    (void *)at)
		session_fail("no memory at %#x: %m", at);
}

/* (Without the right for that it is a page like others.) */
static void make_sticky(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = {
		.range = { STICKY, PAGE }, .mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (uffd >= 0 && !ioctl(uffd, UFFDIO_API, &api))
		ioctl(uffd, UFFDIO_REGISTER, &reg);
}

void session_make_memory(void)
{
	fuzz_make_guest();
	map_at(BUFFERS, GOOD_PAGES * PAGE, PROT_READ | PROT_WRITE);
	map_at(READ_ONLY, PAGE, PROT_READ);
	map_at(STICKY, PAGE, PROT_READ | PROT_WRITE);
	make_sticky();
}

/**
 * session_buffer() - where a request is, or a reply goes to
 * @size: bytes that there should be
 *
 * Return: an address, where all, some or none of that is.
 */
void *session_buffer(u32 size)
{
	switch (rnd_below(64)) {
	case 0 ... 1:
		return (void *)rnd_word();
	case 2:
		return (void *)(BUFFERS_END - rnd_below(size + 4));
	case 3:
		return (void *)(STICKY - rnd_below(size + 4));
	case 4 ... 9:
		return (void *)(READ_ONLY - rnd_below(size + 4));
	case 10 ... 15:
		return fuzz_seen(fuzz_paddr(size));
	default:
		return (void *)(BUFFERS + rnd_below(PAGE / 4) * 4);
	}
}

/**
 * session_fill() - put words where a request will be, if they can be there
 * @buffer: session_buffer()
 * @words: of the request
 * @size: bytes of it
 *
 * By a file, for which a hole is an error.  What waits would do so here for ever, where
 * a signal would not end it.
 */
void session_fill(void *buffer, const void *words, u32 size)
{
	int fd;

	if ((u32)buffer + size > STICKY && (u32)buffer < BUFFERS_END)
		return;
	fd = open("/proc/self/mem", O_WRONLY | O_CLOEXEC);
	if (pwrite(fd, words, size, (u32)buffer) < 0)
		errno = 0;
	close(fd);
}

/* Somewhere in the guest's memory; not all of it is in use. */
static u32 some_pages(u32 *size)
{
	u32 phys = rnd_one_in(2) ? fuzz_paddr(4) & -PAGE : FUZZ_FIRST;

	if (phys < FUZZ_FIRST || phys >= FUZZ_RAM)
		phys = FUZZ_CODE;
	*size = (1 + rnd_below(rnd_one_in(8) ? 256 : 4)) * PAGE;
	return plan.base + phys;
}

static void release_sticky(void)
{
	struct uffdio_zeropage zero = { .range = { STICKY, PAGE } };

	ioctl(uffd, UFFDIO_ZEROPAGE, &zero);
}

/**
 * session_wait_for_sticky() - let those go on that wait for the sticky page
 * @unused: -
 *
 * Without this only their end ends that: the kernel's own copies do not mind signals.
 *
 * Return: NULL, as there is nothing that waits; else it goes on for ever.
 */
void *session_wait_for_sticky(void *unused)
{
	struct pollfd wanted = { .fd = uffd, .events = POLLIN };
	struct uffd_msg message;

	while (uffd >= 0 && poll(&wanted, 1, -1) == 1) {
		if (read(uffd, &message, sizeof(message)) == sizeof(message))
			release_sticky();
	}
	return unused;
}

static void move_pages(u32 at, u32 size)
{
	void *from = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (from != MAP_FAILED)
		mremap(from, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)at);
}

/**
 * session_memory_step() - something with memory
 */
void session_memory_step(void)
{
	static const int protections[] = {
		PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE,
	};
	static const int advice[] = {
		MADV_DONTNEED, MADV_PAGEOUT, MADV_COLD, MADV_FREE, MADV_MERGEABLE, MADV_DONTFORK,
		MADV_DOFORK, MADV_WILLNEED, MADV_HUGEPAGE, MADV_UNMERGEABLE,
	};
	u32 size, at = some_pages(&size);

	session_count(&session_counts->others);
	switch (rnd_below(8)) {
	case 0:
		munmap((void *)at, size);
		break;
	case 1:
		map_at(at, size, PROT_READ | PROT_WRITE);
		break;
	case 2:
		mprotect((void *)at, size, rnd_of(protections));
		break;
	case 3:
		move_pages(at, size);
		break;
	case 4:
		if (rnd_one_in(2))
			release_sticky();
		else
			madvise((void *)STICKY, PAGE, MADV_DONTNEED);
		break;
	default:
		madvise((void *)at, size, rnd_of(advice));
	}
}
