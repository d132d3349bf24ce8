// SPDX-License-Identifier: GPL-2.0
/*
 * Virtio devices as guests of each release find and use them, with a host of
 * the test's making (guest.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base.h"
#include "disk.h"
#include "era.h"
#include "guest.h"
#include "iov.h"
#include "net.h"
#include "tap.h"
#include "virtio.h"
#include "vring.h"

#define SECTORS		16
#define HEADER		0x1000		/* where the guest has its request */
#define STATUS		0x1100
#define INDICES		BIT(VIRTIO_F_EVENT_IDX)

static char image[] = "/tmp/lguest-unit-XXXXXX";
static char output[] = "/tmp/lguest-unit-XXXXXX";

/* What the disk does: W for writing, S for having it on the host's disk. */
static char trace[8];
static bool sync_fails;

static void note(char what)
{
	size_t len = strlen(trace);

	if (len < sizeof(trace) - 1)
		trace[len] = what;
}

ssize_t __wrap_pwritev64(int fd, const struct iovec *iov, int nr, off64_t at)
{
	note('W');
	return __real_pwritev64(fd, iov, nr, at);
}

int __wrap_fdatasync(int fd)
{
	(void)fd;
	note('S');
	errno = EIO;
	return sync_fails ? -1 : 0;
}

static struct found console, disk, rng;

/* A guest with a disk, perhaps a source of randomness, and a console. */
static void set_up(__u32 release)
{
	char spec[64], name[16];
	__u32 next = RAM;

	printf("# Linux %s\n", release_text(release, name));
	make_guest(release);
	if (truncate(image, 0) < 0 || truncate(image, SECTORS * SECTOR_BYTES) < 0)
		exit(1);
	attach("disk", image);
	attach("rng", "");
	snprintf(spec, sizeof(spec), "file=%s", output);
	attach("console", spec);
	memset(&disk, 0, sizeof(disk));
	memset(&rng, 0, sizeof(rng));
	memset(&console, 0, sizeof(console));
	next = listed() ? find_listed(next, &disk) : find_paged(disk.desc = next, &disk);
	next = listed() ? find_listed(next, &rng) : find_paged(rng.desc = next, &rng);
	next = listed() ? find_listed(next, &console) : find_paged(console.desc = next, &console);
	is_number(*at(next), 0, "three devices, and then the list ends");
}

static void tear_down(void)
{
	end_guest();
}

/* Makes a request of the disk.  Returns its status. */
static int request(__u32 type, __u64 sector, __u32 bytes)
{
	struct vring_desc *desc = descs(&disk, 0);
	__u16 data = type & 1 ? 0 : VRING_DESC_WRITE;

	memcpy(at(HEADER), &type, sizeof(type));
	memcpy(at(HEADER + 8), &sector, sizeof(sector));
	*at(STATUS) = 0xff;
	set(&desc[0], HEADER, era->block_header, VRING_DESC_NEXT, bytes ? 1 : 2);
	set(&desc[1], DATA, bytes, VRING_DESC_NEXT | data, 2);
	set(&desc[2], STATUS, 1, VRING_DESC_WRITE, 0);
	offer(&disk, 0, 0);
	return wait_used(&disk, 0, disk.idx[0]) ? *at(STATUS) : -1;
}

static void test_page(void)
{
	__u64 capacity = 0;

	ok(disk.type == VIRTIO_ID_BLOCK && disk.nr_queues == 1, "a disk");
	ok(rng.type == VIRTIO_ID_RNG && rng.nr_queues == 1, "a source of randomness");
	ok(console.type == VIRTIO_ID_CONSOLE && console.nr_queues == 2, "a console");
	ok(disk.queue[0].num == era->entries && console.queue[1].num == era->entries,
	   "with the right number of entries");
	ok(disk.queue[0].irq == 1 && rng.queue[0].irq == 2 && console.queue[0].irq == 3 &&
	   console.queue[1].irq == 4, "interrupts from 1 on");
	ok(disk.queue[0].pfn == RAM / PAGE_BYTES + 1 &&
	   console.queue[1].pfn * PAGE_BYTES + vring_bytes(era->entries) == mem.limit,
	   "rings from the page after the list to the end");
	memcpy(&capacity, disk.config, sizeof(capacity));
	is_number(capacity, SECTORS, "the disk's capacity");
	if (listed())
		return;
	is_number(disk.config_len, era->block_config, "the length of its configuration");
	is_number(disk.accepted - disk.offered, 4, "four bytes of features, for 2.6.25");
}

/* It is answered, as it should be, after doing this. */
static void does(__u32 type, __u32 bytes, const char *expected, const char *name)
{
	int status;

	memset(trace, 0, sizeof(trace));
	status = request(type, 0, bytes);
	if (!ok(!status && !strcmp(trace, expected), name))
		printf("# status %d, did %s instead of %s\n", status, trace, expected);
}

static void test_disk(void)
{
	unsigned int i;

	driver_ok(&disk, 0);
	memset(at(DATA), 'w', 1024);
	is_number(request(1, 3, 1024), 0, "writing two sectors");
	ok(wait_irqs(1, 1), "raises its interrupt");
	memset(at(DATA), 0, 1024);
	is_number(request(0, 4, 1024), 0, "reading two sectors");
	ok(*at(DATA) == 'w' && *at(DATA + 511) == 'w' && !*at(DATA + 512),
	   "gives what was written");
	is_number(*(__u32 *)&used(&disk, 0)[2 + 4 + 2], 1025, "and says how much");
	is_number(request(0, 15, 1024), 1, "reading beyond the end");
	is_number(request(1, 0x100000000ull, 512), 1, "writing where no disk has sectors");
	is_number(request(0, ~0ull, 512), 1, "reading at the highest sector");
	is_number(request(2, 0, 0), 2, "a SCSI command");
	does(1, 512, "W", "a write writes");
	does(4, 0, "S", "a flush waits for the host's disk");
	does(0x80000001, 512, "SWS", "a write with a barrier does before and after");
	is_number(request(8, 0, 512), 2, "a request of later times");
	for (i = 0; i < 100 && !request(i & 1, i % SECTORS, 512); i++)
		;
	is_number(i, 100, "100 requests");
}

static void print(const char *text)
{
	memcpy(at(DATA), text, strlen(text));
	set(&descs(&console, 1)[1], DATA, strlen(text), 0, 0);
	offer(&console, 1, 1);
	wait_used(&console, 1, console.idx[1]);
}

static bool printed(const char *expected)
{
	char got[64] = "";
	int fd = open(output, O_RDONLY);
	bool same = fd >= 0 && read(fd, got, sizeof(got) - 1) >= 0 && !strcmp(got, expected);

	if (!same)
		printf("# got '%s'\n", got);
	close(fd);
	return same;
}

static void test_console(void)
{
	__u32 addr = RAM - 5;

	memcpy(at(DATA), "early ", 7);
	addr = DATA;
	virtio_serve(&addr);
	memcpy(at(RAM - 5), "later", 5);
	addr = RAM - 5;
	virtio_serve(&addr);
	ok(printed("early later"), "text without a console, also at the end of memory");
	if (!listed())
		driver_ok(&console, 0);
	print(" by ring");
	ok(printed("early later by ring"), "text by the ring");
}

static off_t printed_bytes(void)
{
	struct stat st;

	return stat(output, &st) ? -1 : st.st_size;
}

/* A kernel's messages go the one way, and its users' the other, which is a thread's. */
static void test_both_ways(void)
{
	const __u32 early = RAM - 5;
	const off_t before = printed_bytes();
	unsigned int i;

	for (i = 0; i < 50; i++) {
		offer(&console, 1, 1);
		virtio_serve(&early);
	}
	wait_used(&console, 1, console.idx[1]);
	is_number(printed_bytes() - before, 50 * strlen("later by ring"), "both at once");
}

/* Whether its status was told or not, a device starts with its first kick. */
static void test_kick_first(void)
{
	unsigned int before = nr_events;

	set(descs(&rng, 0), DATA, 64, VRING_DESC_WRITE, 0);
	memset(at(DATA), 0, 64);
	offer(&rng, 0, 0);
	ok(wait_used(&rng, 0, 1), "a kick starts a device");
	is_number(nr_events - before, era->threads, "with a thread where there are threads");
	is_number(*(__u32 *)&used(&rng, 0)[2 + 2], 64, "all of the buffer is used");
	ok(memcmp(at(DATA), at(DATA + 32), 32), "and looks random");
}

static void test_reset(void)
{
	if (listed())
		return;
	*disk.status = era->start_status ? 0 : 7;
	virtio_serve(&disk.desc);
	ok(!*disk.status && !disk.accepted[0] && !avail(&disk, 0)[1] && !used(&disk, 0)[1],
	   "a reset clears the device");
	disk.idx[0] = 0;
	driver_ok(&disk, 1 << VIRTIO_BLK_F_SEG_MAX);
	if (era->start_status)
		driver_ok(&disk, 0);
	is_number(request(0, 0, 512), 0, "which then works again");
	*disk.status = VIRTIO_CONFIG_S_FAILED;
	if (era->start_status)
		virtio_serve(&disk.desc);
}

static void test_bad_ring(void)
{
	set(&descs(&rng, 0)[0], mem.limit - 1, 2, VRING_DESC_WRITE, 0);
	offer(&rng, 0, 0);
	offer(&rng, 0, 1);
	is_number(used(&rng, 0)[1], 1, "a bad chain stops its ring");
}

static bool offers_indices(const struct found *dev)
{
	__u32 offered;

	memcpy(&offered, dev->offered, sizeof(offered));
	return offered & INDICES;
}

static void test_release(__u32 release)
{
	set_up(release);
	if (!listed())
		ok(!offers_indices(&disk), "no indices");
	test_page();
	test_disk();
	test_kick_first();
	test_console();
	test_both_ways();
	test_reset();
	test_bad_ring();
	tear_down();
}

/* What the guest asked not to be told, and is told all the same. */
static void test_drained(__u32 release, __u32 features, unsigned int expected)
{
	set_up(release);
	avail(&disk, 0)[0] = VRING_NO_INTERRUPT;
	driver_ok(&disk, features);
	request(0, 0, 512);
	tear_down();		/* ends what thread there is */
	is_number(irqs[1], expected, "interrupts of a guest that wants none");
}

/* Requests of the disk, for each of which it asks for an interrupt; the first that fails. */
static unsigned int requests_heard(unsigned int n)
{
	const unsigned int before = atomic_load(&irqs[1]);
	unsigned int i;

	for (i = 0; i < n; i++) {
		show(used_event(&disk, 0), disk.idx[0]);
		if (request(0, 0, 512) || !wait_irqs(1, before + i + 1))
			break;
	}
	return i;
}

/* An index is there, and means nothing. */
static bool disk_goes_by_flags(void)
{
	const unsigned int before = atomic_load(&irqs[1]);
	unsigned int i;

	disk.indices = false;
	show(used_event(&disk, 0), 77);
	for (i = 0; i < 20 && !request(0, 0, 512) && wait_irqs(1, before + i + 1); i++)
		;
	return i == 20 && !look(avail_event(&disk, 0));
}

/* Each side tells only of what the other one asks for. */
static void test_indices(void)
{
	unsigned int i;

	set_up(LGUEST_RELEASE(6, 1, 0));
	ok(offers_indices(&disk) && offers_indices(&rng) && offers_indices(&console),
	   "indices are offered");
	driver_ok(&disk, INDICES);
	is_number(requests_heard(300), 300, "300 requests and their interrupts");
	show(used_event(&disk, 0), disk.idx[0]);
	for (i = 0; i < 300 && !request(0, 0, 512); i++)
		;
	is_number(i, 300, "300 more");
	*disk.status = 0;
	virtio_serve(&disk.desc);	/* ends its thread */
	is_number(irqs[1], 301, "and an interrupt for the first of them");
	disk.idx[0] = 0;
	driver_ok(&disk, 0);
	ok(disk_goes_by_flags(), "a driver that does not accept them goes by flags");
	*disk.status = 0;
	virtio_serve(&disk.desc);
	disk.idx[0] = 0;
	driver_ok(&disk, INDICES);
	is_number(requests_heard(20), 20, "the next one may");
	tear_down();
	set_up(LGUEST_RELEASE(3, 11, 0));
	driver_ok(&disk, INDICES);
	ok(disk_goes_by_flags(), "so does one that accepts what is not offered");
	tear_down();
}

/* A queue without a thread wants to hear of every chain. */
static void test_indices_here(void)
{
	unsigned int i;

	set_up(LGUEST_RELEASE(6, 1, 0));
	driver_ok(&console, INDICES);
	set(&descs(&console, 1)[0], DATA, 0, 0, 0);
	for (i = 0; i < 70000; i++) {
		offer(&console, 1, 0);
		if (used(&console, 1)[1] != console.idx[1])
			break;
	}
	is_number(i, 70000, "70000 chains, of each of which it hears");
	is_number(irqs[4], 2, "the guest hears of the first, and again after 65536");
	tear_down();
}

/* While nobody looks at the ring. */
static void test_indices_held(void)
{
	unsigned int told;
	int i;

	set_up(LGUEST_RELEASE(6, 1, 0));
	driver_ok(&rng, INDICES);
	set(descs(&rng, 0), DATA, 64, VRING_DESC_WRITE, 0);
	offer(&rng, 0, 0);
	ok(wait_used(&rng, 0, 1), "a chain is used");
	virtio_hold(true);
	for (told = nr_told, i = 0; i < 100; i++)
		offer(&rng, 0, 0);
	ok(nr_told <= told + 1, "the guest tells once, at most, of the next hundred");
	virtio_hold(false);
	ok(wait_used(&rng, 0, 101), "which are used then");
	tear_down();
}

/* Until there is an interrupt beside these. */
static bool hear_of_rng(unsigned int before)
{
	const time_t end = time(NULL) + 20;

	while (atomic_load(&irqs[2]) == before) {
		if (time(NULL) > end)
			return false;
		sched_yield();
	}
	return true;
}

/* Both sides at once: none of them may sleep on what the other has not told it. */
static void test_indices_race(unsigned int chains)
{
	unsigned int taken = 0, heard;
	int i;

	set_up(LGUEST_RELEASE(6, 1, 0));
	driver_ok(&rng, INDICES);
	for (i = 0; i < 8; i++)
		set(&descs(&rng, 0)[i], DATA, i, VRING_DESC_WRITE, 0);
	for (i = 0; taken < chains; i++) {
		while ((__u16)(rng.idx[0] - taken) < 1 + i % 8)
			offer(&rng, 0, rng.idx[0] % 8);
		heard = atomic_load(&irqs[2]);
		show(used_event(&rng, 0), taken);
		if (look(&used(&rng, 0)[1]) == (__u16)taken && !hear_of_rng(heard))
			break;
		taken += (__u16)(look(&used(&rng, 0)[1]) - taken);
	}
	ok(taken >= chains, "nobody waits for what was not told");
	tear_down();
}

/* What it says of its own interrupts is its own loss. */
static void test_indices_hostile(void)
{
	unsigned int i;

	set_up(LGUEST_RELEASE(6, 1, 0));
	driver_ok(&disk, INDICES);
	for (i = 0; i < 300; i++) {
		show(used_event(&disk, 0), tap_random());
		if (request(0, 0, 512))
			break;
		show(avail_event(&disk, 0), tap_random());
		notify(disk.queue[0].pfn * PAGE_BYTES);
	}
	is_number(i, 300, "any index: 300 requests");
	show(&avail(&disk, 0)[1], disk.idx[0] + 300);
	notify(disk.queue[0].pfn * PAGE_BYTES);
	*disk.status = 0;
	virtio_serve(&disk.desc);
	disk.idx[0] = 0;
	driver_ok(&disk, INDICES);
	is_number(requests_heard(20), 20, "a ring that was broken is good after a reset");
	tear_down();
}

static void test_failing_disk(void)
{
	set_up(LGUEST_RELEASE(3, 11, 0));
	driver_ok(&disk, 0);
	sync_fails = true;
	is_number(request(4, 0, 0), 1, "a flush that fails is told");
	sync_fails = false;
	is_number(request(4, 0, 0), 1, "and the next one, too: nobody knows what is lost");
	is_number(request(0, 0, 512), 0, "reading goes on");
	tear_down();
}

/* A network that counts. */
static unsigned int frames_sent;

static int no_fd(struct net *net)
{
	(void)net;
	return -1;
}

static bool never_ready(struct net *net)
{
	(void)net;
	return false;
}

static size_t count_frame(struct net *net, const struct iovec *iov, int nr)
{
	(void)net;
	frames_sent++;
	return iov_bytes(iov, nr);
}

static void leave(struct model *model)
{
	(void)model;
}

static const struct net_ops counting = {
	.fd = no_fd, .ready = never_ready, .send = count_frame,
};

static struct net counter = { .model = { MODEL_NET, "counter", leave }, .ops = &counting };
static struct found net;

static void send_frame(void)
{
	set(&descs(&net, 1)[2], DATA, 100, 0, 0);
	offer(&net, 1, 2);
}

static bool tells(void)
{
	return !(used(&net, 1)[0] & VRING_NO_NOTIFY);
}

/* As the waker does, until the guest tells again. */
static bool look_until(bool (*done)(void))
{
	const struct timespec step = { 0, 100000 };
	unsigned int i;

	for (i = 0; i < 100000 && !done(); i++) {
		nanosleep(&step, NULL);
		virtio_input(true);
	}
	return done();
}

static unsigned int offered;

static bool all_sent(void)
{
	return frames_sent == offered;
}

/* A guest of the main loop that sends much is asked not to tell of each frame. */
static void test_patience(__u32 release)
{
	const struct timespec pause = { 0, 4000000 };
	unsigned int i;

	set_up(release);
	need(virtio_attach(era, &mem, &counter.model));
	memset(&net, 0, sizeof(net));
	net.desc = console.desc + (console.config + console.config_len - at(console.desc));
	find_paged(net.desc, &net);
	driver_ok(&net, 0);
	frames_sent = 0;
	for (i = 0; i < 20; i++) {
		nanosleep(&pause, NULL);
		send_frame();
	}
	ok(tells() && frames_sent == 20, "who sends little tells of each frame");
	for (offered = 20; tells() && offered < 100000; offered++)
		send_frame();
	ok(!tells(), "who sends much needs not");
	for (i = 0; i < 50; i++, offered++)
		send_frame();
	ok(frames_sent < offered, "for there is somebody who looks");
	ok(look_until(all_sent), "and sends all that came meanwhile");
	ok(look_until(tells), "until there is nothing more");
	send_frame();
	is_number(frames_sent, offered + 1, "then it is as at first");
	*net.status = 0;
	for (i = 0; tells() && i < 100000; i++)
		send_frame();
	virtio_serve(&net.desc);
	ok(tells() && !used(&net, 1)[1], "a reset ends it, too");
	offered = frames_sent;
	avail(&net, 1)[1] = 1;
	nanosleep(&pause, NULL);
	virtio_input(true);
	is_number(frames_sent, offered, "and nobody looks at what has not started");
	tear_down();
}

static const struct {
	const char *text;
	__u32 release;
} releases[] = {
	{ "2.6.32", LGUEST_RELEASE(2, 6, 32) }, { "3.11", LGUEST_RELEASE(3, 11, 0) },
	{ "2.6.24-19-generic (x@y)", LGUEST_RELEASE(2, 6, 24) },
	{ "4.1.0", LGUEST_RELEASE(4, 1, 0) },
	{ "", 0 }, { "3", 0 }, { "x.y", 0 }, { "3.999", 0 },
};

static void test_releases(void)
{
	__u32 release;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(releases); i++) {
		int ret = release_parse(releases[i].text, &release);

		ok(releases[i].release ? !ret && release == releases[i].release : ret < 0,
		   releases[i].text);
	}
	ok(!era_of(LGUEST_RELEASE(2, 6, 22)) && !era_of(LGUEST_RELEASE(4, 0, 0)) &&
	   !era_of(LGUEST_RELEASE(4, 13, 16)),
	   "there is nothing before 2.6.23 or from 4.0 to 4.13");
	ok(era_of(LGUEST_RELEASE(6, 1, 0))->layout == era_of(LGUEST_RELEASE(3, 11, 0))->layout,
	   "kernels that are newer have 3.11's devices");
	ok(era_of(LGUEST_RELEASE(2, 6, 23))->bus == BUS_CLASSIC &&
	   era_of(LGUEST_RELEASE(3, 19, 8))->bus == BUS_VIRTIO, "but between");
}

int main(void)
{
	static const __u32 all[] = {
		LGUEST_RELEASE(2, 6, 24), LGUEST_RELEASE(2, 6, 25), LGUEST_RELEASE(2, 6, 26),
		LGUEST_RELEASE(2, 6, 27), LGUEST_RELEASE(2, 6, 30), LGUEST_RELEASE(2, 6, 31),
		LGUEST_RELEASE(2, 6, 32), LGUEST_RELEASE(2, 6, 37), LGUEST_RELEASE(3, 11, 0),
	};
	int fd = mkstemp(image), fd2 = mkstemp(output);
	size_t i;

	if (fd < 0 || fd2 < 0)
		return 1;
	test_releases();
	for (i = 0; i < ARRAY_SIZE(all); i++)
		test_release(all[i]);
	test_indices();
	test_indices_here();
	test_indices_held();
	test_indices_race(20000);
	test_indices_hostile();
	test_failing_disk();
	test_patience(LGUEST_RELEASE(2, 6, 25));
	test_patience(LGUEST_RELEASE(2, 6, 30));
	test_drained(LGUEST_RELEASE(2, 6, 25), 0, 0);
	test_drained(LGUEST_RELEASE(2, 6, 26), 0, 1);
	test_drained(LGUEST_RELEASE(2, 6, 31), 0, 1);
	test_drained(LGUEST_RELEASE(2, 6, 32), 0, 0);
	test_drained(LGUEST_RELEASE(3, 0, 0), 1 << VIRTIO_F_NOTIFY_ON_EMPTY, 0);
	unlink(image);
	unlink(output);
	return tap_done();
}
