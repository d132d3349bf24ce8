// SPDX-License-Identifier: GPL-2.0
/*
 * Guest memory: the RAM, with the device pages after it.  A classic guest's
 * physical address P is the launcher's own address P, so all is mapped at 0;
 * those of later guests can be anywhere below 4 GB, for the host takes addresses of
 * 32 bits, and have a page on each side that nobody may touch.
 *
 * The rest of the launcher asks memory_has() of every range that comes from a
 * guest, gets pointers from memory_at(), and knows nothing of that rule.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base.h"
#include "era.h"
#include "guest_memory.h"

#define ADDRESSES	(1ull << 32)		/* that the host takes */
#define SEARCH_STEP	(16ull * MIB)
#define RESERVED_BESIDE	(16 * MIB)	/* device pages; what the launcher will want */
#define OWN_SIZE		"/proc/self/statm"
#define OWN_SIZE_MAX		128

static int own_size = -1;		/* open before the file system is given up */

/* Addresses are taken first, for nobody, by one of the functions below. */
typedef char *(*place_fn)(size_t len);

static char *reserve(__u64 at, size_t len, int flags)
{
	return mmap((void *)(uintptr_t)at, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | flags,
		    -1, 0);
}

static char *reserve_at_zero(size_t len)
{
	char *at = reserve(0, len, MAP_FIXED_NOREPLACE);

	/* Kernels before 4.17 take the flag for a hint. */
	if (at && at != MAP_FAILED) {
		munmap(at, len);
		errno = EEXIST;
		return MAP_FAILED;
	}
	return at;
}

static bool is_low(const char *at, size_t len)
{
	return (uintptr_t)at + (__u64)len <= ADDRESSES;
}

/* EEXIST if all of it is in use.  Kernels before 4.17 take the flag for a hint. */
static char *search_low(size_t len)
{
	char *got;
	__u64 at;

	for (at = SEARCH_STEP; at + len <= ADDRESSES; at += SEARCH_STEP) {
		got = reserve(at, len, MAP_FIXED_NOREPLACE);
		if (got != MAP_FAILED && is_low(got, len))
			return got;
		if (got != MAP_FAILED)
			munmap(got, len);
		else if (errno != EEXIST)
			return got;
	}
	errno = EEXIST;
	return MAP_FAILED;
}

/* What the kernel chooses is low for 32-bit programs, and high for others. */
static char *reserve_low(size_t len)
{
	char *at = reserve(0, len, 0);

	if (at == MAP_FAILED || is_low(at, len))
		return at;
	munmap(at, len);
	return search_low(len);
}

/* What there are addresses for, at most @ram bytes: MiB. */
static __u32 fitting(__u32 ram, place_fn place)
{
	for (ram -= ram % SEARCH_STEP; ram; ram -= SEARCH_STEP) {
		const size_t len = ram + RESERVED_BESIDE;
		char *at = place(len);

		if (at != MAP_FAILED) {
			munmap(at, len);
			break;
		}
	}
	return ram / MIB;
}

static bool no_addresses(int error, __u32 ram, place_fn place)
{
	const __u32 mib = ram / MIB;

	switch (error) {
	case EPERM:
	case EACCES:
		complain("may not map guest memory at address 0, where classic guests need it");
		return failure("run as root (CAP_SYS_RAWIO), or set sysctl vm.mmap_min_addr=0");
	case EEXIST:
		complain("the launcher's own memory is in the way of %u MiB for the guest", mib);
		complain("(they must be below 4 GB, as /dev/lguest takes addresses of 32 bits;");
		complain("'ulimit -s unlimited' puts much there)");
		return failure("use a smaller --mem: %uM is possible", fitting(ram, place));
	case ENOMEM:
		complain("no addresses for a guest of %u MiB", mib);
		return failure("use a smaller --mem: %uM is possible", fitting(ram, place));
	default:
		return failure("cannot map guest memory: %s", strerror(error));
	}
}

static bool no_memory(int error, __u32 ram)
{
	if (error == ENOMEM)
		return failure("not enough memory for a guest of %u MiB: use a smaller --mem",
			       ram / MIB);
	return failure("cannot map guest memory: %s", strerror(error));
}

/*
 * Only the guest executes what is in its memory, by page tables of the module's,
 * which asks the launcher's mapping whether a page may be written, and no more.
 */
static bool allow(const struct memory *mem, __u32 ram, size_t len)
{
	return !mprotect(mem->base, len, PROT_READ | PROT_WRITE) || no_memory(errno, ram);
}

static bool map_at_zero(struct memory *mem, __u32 ram)
{
	const size_t len = ram + DEVICE_PAGES * PAGE_BYTES;
	char *at = reserve_at_zero(len);

	if (at == MAP_FAILED)
		return no_addresses(errno, ram, reserve_at_zero);
	mem->base = at;
	return allow(mem, ram, len);
}

/* With a page on each side that nobody has. */
static bool map_anywhere(struct memory *mem, __u32 ram)
{
	const size_t len = ram + LGUEST_DEVICE_PAGES * PAGE_BYTES;
	char *at = reserve_low(len + 2 * PAGE_BYTES);

	if (at == MAP_FAILED)
		return no_addresses(errno, ram, reserve_low);
	mem->base = at + PAGE_BYTES;
	return allow(mem, ram, len);
}

/*
 * Makes it a file, which other processes can map.  They cannot make it shorter, which
 * would end who touches the rest.
 */
static bool make_file(struct memory *mem, __u32 ram)
{
	const size_t len = ram + LGUEST_DEVICE_PAGES * PAGE_BYTES;

	mem->file = memfd_create("guest", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	mem->file_size = len;
	return (mem->file >= 0 && !ftruncate(mem->file, len) &&
		!fcntl(mem->file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) &&
		mmap(mem->base, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		     mem->file, 0) != MAP_FAILED) || no_memory(errno, ram);
}

/**
 * memory_map - make a guest's memory: RAM and room for device pages
 * @mem: filled in; of the device pages the guest gets those that are used
 * @era: of the guest
 * @ram: bytes
 * @shared: others can map it: its pages are a file's then, which costs more when they
 *	    are touched first, and must be given back otherwise
 *
 * What is mapped stays until the process ends.
 *
 * Return: false, see failure(), if it cannot be, or not where it must be.
 */
bool memory_map(struct memory *mem, const struct era *era, __u32 ram, bool shared)
{
	if (!(era->any_base ? map_anywhere : map_at_zero)(mem, ram))
		return false;
	mem->ram = ram;
	mem->limit = ram + PAGE_BYTES;
	if (own_size < 0)
		own_size = open(OWN_SIZE, O_RDONLY | O_CLOEXEC);
	mem->file = -1;
	return !shared || make_file(mem, ram);
}

/* Is all of it the guest's?  The end of memory is a good end of a range. */
bool memory_has(const struct memory *mem, __u32 addr, __u32 len)
{
	return addr <= mem->limit && len <= mem->limit - addr;
}

/* Beware: where memory starts at 0, NULL is a good address. */
void *memory_at(const struct memory *mem, __u32 addr)
{
	return mem->base + addr;
}

/**
 * memory_discard - give memory back to the host
 * @mem: the guest's
 * @addr: guest-physical
 * @len: bytes; of them, whole pages of RAM go
 *
 * What is in them is lost: they read as zeroes, and take room once they are written.
 * The kernel tells the module, which takes them out of the guest's page tables.  False
 * if the host keeps them.
 */
bool memory_discard(const struct memory *mem, __u32 addr, __u32 len)
{
	const __u64 end = (__u64)addr + len < mem->ram ? (__u64)addr + len : mem->ram;
	const __u64 from = ((__u64)addr + PAGE_BYTES - 1) & ~(__u64)(PAGE_BYTES - 1);
	const __u64 to = end & ~(__u64)(PAGE_BYTES - 1);

	/* The first is for memory that is a file, for others to map, and fails for others. */
	return from >= to || !madvise(mem->base + from, to - from, MADV_REMOVE) ||
	       !madvise(mem->base + from, to - from, MADV_DONTNEED);
}

/** memory_resident - how many bytes of memory the launcher has; 0: nobody knows */
__u64 memory_resident(void)
{
	char text[OWN_SIZE_MAX + 1], *resident;
	ssize_t n = pread(own_size, text, OWN_SIZE_MAX, 0);

	if (n <= 0)
		return 0;
	text[n] = '\0';
	resident = strchr(text, ' ');
	return resident ? strtoull(resident, NULL, 10) * PAGE_BYTES : 0;
}
