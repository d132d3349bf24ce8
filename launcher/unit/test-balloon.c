// SPDX-License-Identifier: GPL-2.0
/* The balloon, with guests that know what they do, and others. */
#include <errno.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define RAM		(4 * MIB)

#include "balloon.h"
#include "base.h"
#include "device.h"
#include "era.h"
#include "guest.h"
#include "tap.h"
#include "virtio.h"
#include "vring.h"

#define OLD		LGUEST_RELEASE(3, 11, 0)	/* has no interrupt for configurations */
#define NEW		LGUEST_RELEASE(6, 1, 0)
#define PAGES		(RAM / PAGE_BYTES)
#define LIST		0x1000		/* where the guest has its list of pages */
#define FIRST		16		/* a page to play with */

enum { INFLATE, DEFLATE, THIRD };

static struct found balloon;
static unsigned int called;		/* the launcher's first thread */
static bool host_refuses;
static unsigned int calls;		/* of madvise() */

void __wrap_waker_attention(void)
{
	called++;
}

int __wrap_madvise(void *at, size_t len, int advice)
{
	calls += advice == MADV_DONTNEED;
	if (!host_refuses)
		return __real_madvise(at, len, advice);
	errno = EINVAL;
	return -1;
}

static void set_up(__u32 release, const char *spec)
{
	make_guest(release);
	attach("balloon", spec);
	memset(&balloon, 0, sizeof(balloon));
	find_paged(balloon.desc = RAM, &balloon);
	memset(at(0), 'g', RAM);
	host_refuses = false;
}

static __u32 target(void)
{
	__u32 pages;

	memcpy(&pages, balloon.config, sizeof(pages));
	return pages;
}

static __u32 offered(void)
{
	__u32 features;

	memcpy(&features, balloon.offered, sizeof(features));
	return features;
}

static __u64 given(void)
{
	struct balloon_numbers numbers = { 0 };

	balloon_ask_numbers(&numbers);
	return numbers.given / PAGE_BYTES;
}

/* All of a page is this. */
static bool is_full_of(__u32 pfn, __u8 byte)
{
	const __u8 *page = at(pfn * PAGE_BYTES);
	unsigned int i;

	for (i = 0; i < PAGE_BYTES && page[i] == byte; i++)
		;
	return i == PAGE_BYTES;
}

/* The guest tells of pages. */
static bool tell(int queue, const __u32 *pfns, unsigned int nr)
{
	memcpy(at(LIST), pfns, nr * sizeof(*pfns));
	set(&descs(&balloon, queue)[0], LIST, nr * sizeof(*pfns), 0, 0);
	offer(&balloon, queue, 0);
	return wait_used(&balloon, queue, balloon.idx[queue]);
}

static void test_page(void)
{
	set_up(NEW, "3");
	ok(balloon.type == VIRTIO_ID_BALLOON && balloon.nr_queues == 3, "a balloon");
	is_number(balloon.config_len, 8, "with two numbers for a configuration");
	is_number(target(), 256, "of 4M the guest is to keep 3M");
	is_number(offered(), BIT(VIRTIO_BALLOON_F_REPORTING) |
		  BIT(VIRTIO_BALLOON_F_DEFLATE_ON_OOM) | BIT(VIRTIO_F_EVENT_IDX),
		  "and may report what is free");
	end_guest();
	set_up(NEW, "auto");
	is_number(target(), 0, "by itself it keeps all");
	end_guest();
	set_up(NEW, "1G");
	is_number(target(), 0, "more than all is all");
	end_guest();
}

static void test_pages(void)
{
	static const __u32 up[] = { FIRST, FIRST + 1, FIRST + 2 };
	static const __u32 down[] = { FIRST + 12, FIRST + 11, FIRST + 10 };
	static const __u32 mixed[] = { PAGES - 1, FIRST + 4, FIRST + 6, FIRST + 7, FIRST + 4 };

	set_up(NEW, "3");
	driver_ok(&balloon, 0);
	calls = 0;
	ok(tell(INFLATE, up, 3), "pages are taken");
	ok(wait_irqs(balloon.queue[INFLATE].irq, 1), "which the guest hears");
	ok(is_full_of(FIRST, 0) && is_full_of(FIRST + 2, 0), "nothing is in them any more");
	ok(is_full_of(FIRST - 1, 'g') && is_full_of(FIRST + 3, 'g'), "the others are as they were");
	is_number(calls, 1, "all at once");
	tell(INFLATE, down, 3);
	ok(is_full_of(FIRST + 10, 0) && is_full_of(FIRST + 12, 0) &&
	   is_full_of(FIRST + 9, 'g') && is_full_of(FIRST + 13, 'g'), "so are some that go down");
	is_number(calls, 2, "all at once");
	tell(INFLATE, mixed, 5);
	ok(is_full_of(PAGES - 1, 0) && is_full_of(FIRST + 4, 0) && is_full_of(FIRST + 6, 0) &&
	   is_full_of(FIRST + 7, 0) && is_full_of(FIRST + 5, 'g') && is_full_of(FIRST + 8, 'g'),
	   "and some here and there, up to the last");
	is_number(given(), 10, "each counts once");
	*at(FIRST * PAGE_BYTES) = 'g';
	ok(*at(FIRST * PAGE_BYTES) == 'g', "the guest may use one without a word");
	tell(DEFLATE, up, 3);
	is_number(given(), 7, "it takes some again");
	tell(DEFLATE, up, 3);
	is_number(given(), 7, "and what it has it cannot take");
	end_guest();
}

static void test_reset(void)
{
	static const __u32 pages[] = { FIRST };

	set_up(NEW, "3");
	driver_ok(&balloon, 0);
	tell(INFLATE, pages, 1);
	*balloon.status = 0;
	virtio_serve(&balloon.desc);
	is_number(given(), 0, "a guest that starts anew has given nothing");
	end_guest();
}

static void test_hostile(void)
{
	static const __u32 bad[] = { PAGES, 0xffffffff, 0x80000000, FIRST, PAGES + 1, 0x00100000 };
	static const __u32 list[] = { LIST / PAGE_BYTES, LIST / PAGE_BYTES, FIRST };
	const __u32 ring = balloon.queue[INFLATE].pfn;
	__u32 many[300];
	unsigned int i;

	set_up(NEW, "3");
	driver_ok(&balloon, 0);
	ok(tell(INFLATE, bad, 6), "a list with what is no memory is taken");
	ok(is_full_of(FIRST, 0) && given() == 1, "what is in it that is memory counts");
	is_number(target(), 256, "no page of devices was touched");
	ok(tell(DEFLATE, bad, 6) && !given(), "also backwards");
	ok(tell(INFLATE, list, 3) && is_full_of(LIST / PAGE_BYTES, 0) && given() == 2,
	   "the list itself can go");
	ok(tell(INFLATE, &ring, 1) && given() == 2, "a ring cannot");
	tell(DEFLATE, list, 3);
	for (i = 0; i < 300; i++)
		many[i] = FIRST + i;
	ok(tell(INFLATE, many, 300) && given() == 256, "a list may be too long");
	set(&descs(&balloon, INFLATE)[0], LIST, 0, 0, 0);
	offer(&balloon, INFLATE, 0);
	set(&descs(&balloon, INFLATE)[1], LIST, 3, 0, 0);
	offer(&balloon, INFLATE, 1);
	set(&descs(&balloon, INFLATE)[2], LIST, 4, VRING_DESC_WRITE, 0);
	offer(&balloon, INFLATE, 2);
	ok(wait_used(&balloon, INFLATE, balloon.idx[INFLATE]) && given() == 256,
	   "one that is none has no pages");
	end_guest();
}

static void report(__u32 addr, __u32 len, __u16 flags)
{
	set(&descs(&balloon, THIRD)[0], addr, len, flags, 0);
	offer(&balloon, THIRD, 0);
	wait_used(&balloon, THIRD, balloon.idx[THIRD]);
}

static void test_reports(void)
{
	struct balloon_numbers numbers;

	set_up(NEW, "auto");
	driver_ok(&balloon, BIT(VIRTIO_BALLOON_F_REPORTING));
	set(&descs(&balloon, THIRD)[1], (FIRST + 9) * PAGE_BYTES, PAGE_BYTES, VRING_DESC_WRITE, 0);
	set(&descs(&balloon, THIRD)[0], FIRST * PAGE_BYTES, 2 * PAGE_BYTES,
	    VRING_DESC_WRITE | VRING_DESC_NEXT, 1);
	offer(&balloon, THIRD, 0);
	ok(wait_used(&balloon, THIRD, 1) && is_full_of(FIRST, 0) && is_full_of(FIRST + 1, 0) &&
	   is_full_of(FIRST + 9, 0), "what the guest reports is gone");
	ok(is_full_of(FIRST - 1, 'g') && is_full_of(FIRST + 2, 'g'), "and nothing else");
	ok(balloon_ask_numbers(&numbers) && numbers.reported == 3 * PAGE_BYTES && !numbers.given,
	   "that counts, but not as the balloon's");
	report((FIRST + 20) * PAGE_BYTES + 1, 2 * PAGE_BYTES, VRING_DESC_WRITE);
	ok(*at((FIRST + 20) * PAGE_BYTES + 1) == 'g' && is_full_of(FIRST + 21, 0) &&
	   *at((FIRST + 22) * PAGE_BYTES) == 'g', "of parts of pages nothing is");
	report((FIRST + 30) * PAGE_BYTES + 8, PAGE_BYTES - 16, VRING_DESC_WRITE);
	ok(is_full_of(FIRST + 30, 'g'), "not even of one");
	report((FIRST + 40) * PAGE_BYTES, PAGE_BYTES, 0);
	ok(is_full_of(FIRST + 40, 'g'), "nor of what it cannot write to");
	report((PAGES - 1) * PAGE_BYTES, 2 * PAGE_BYTES, VRING_DESC_WRITE);
	ok(is_full_of(PAGES - 1, 0) && balloon.type == *at(RAM), "and devices stay");
	report(0, RAM + PAGE_BYTES, VRING_DESC_WRITE);
	ok(is_full_of(0, 0) && is_full_of(PAGES / 2, 0) && balloon.type == *at(RAM),
	   "all of it may go");
	end_guest();

	set_up(NEW, "auto");
	driver_ok(&balloon, 0);
	report(FIRST * PAGE_BYTES, PAGE_BYTES, VRING_DESC_WRITE);
	ok(is_full_of(FIRST, 'g'), "who has not accepted that reports nothing");
	end_guest();
}

static void test_news(void)
{
	set_up(NEW, "auto");
	is_right(balloon_ask("2M"), "the user asks for memory");
	is_number(called, 1, "and the launcher's first thread is called");
	virtio_input(true);
	is_number(target(), 512, "the guest finds that when it starts");
	driver_ok(&balloon, 0);
	is_number(atomic_load(&irqs[balloon.queue[INFLATE].irq]), 0, "without an interrupt");
	virtio_input(true);
	is_number(atomic_load(&irqs[balloon.queue[INFLATE].irq]), 0, "no news, no interrupt");
	is_right(balloon_ask("4"), "it may have all again");
	virtio_input(true);
	ok(!target() && atomic_load(&irqs[balloon.queue[INFLATE].irq]) == 1, "which it hears");
	is_wrong(balloon_ask("some"), "is no size", "what is no size");
	is_wrong(balloon_ask("0"), "too little", "and nothing at all");
	is_wrong(balloon_ask("1023K"), "too little", "or too little, are refused");
	virtio_input(true);
	is_number(atomic_load(&irqs[balloon.queue[INFLATE].irq]), 1,
		  "which the guest does not hear");
	end_guest();
	is_wrong(balloon_ask("2M"), "--balloon", "without a balloon nobody can be asked");
}

static void test_old(void)
{
	set_up(OLD, "3");
	is_number(offered(), BIT(VIRTIO_BALLOON_F_STATS_VQ),
		  "an older guest may tell numbers");
	driver_ok(&balloon, BIT(VIRTIO_BALLOON_F_STATS_VQ));
	set(&descs(&balloon, THIRD)[0], LIST, 50, 0, 0);
	offer(&balloon, THIRD, 0);
	is_number(look(&used(&balloon, THIRD)[1]), 0, "which are kept");
	balloon_ask("2M");
	virtio_input(true);
	ok(wait_used(&balloon, THIRD, 1) && target() == 512, "until there is news");
	ok(wait_irqs(balloon.queue[THIRD].irq, 1), "of which it hears");
	offer(&balloon, THIRD, 0);
	set(&descs(&balloon, THIRD)[1], LIST, 50, 0, 0);
	offer(&balloon, THIRD, 1);
	ok(wait_used(&balloon, THIRD, 2), "they are kept once only");
	balloon_ask("3M");
	virtio_input(true);
	ok(wait_used(&balloon, THIRD, 3), "and come back once");
	end_guest();

	set_up(OLD, "3");
	driver_ok(&balloon, 0);
	balloon_ask("2M");
	virtio_input(true);
	offer(&balloon, THIRD, 0);
	ok(wait_used(&balloon, THIRD, 1), "nothing is kept of a guest that tells no numbers");
	end_guest();
}

static void test_refusal(void)
{
	static const __u32 pages[] = { FIRST };

	set_up(NEW, "3");
	driver_ok(&balloon, 0);
	host_refuses = true;
	ok(tell(INFLATE, pages, 1) && given() == 1, "the host may refuse");
	end_guest();
}

static bool wants(__u32 release, const char *spec)
{
	const char *wrong;

	return option_of("balloon")->wanted(era_of(release), value_of("balloon", spec, &wrong));
}

static void test_who(void)
{
	const struct device_option *opt = option_of("balloon");

	ok(wants(NEW, opt->standard), "guests that report have one");
	ok(!wants(OLD, opt->standard), "others do not");
	ok(wants(OLD, "2M"), "but can");
	ok(!wants(NEW, "off"), "nobody must");
	ok(!can_have(LGUEST_RELEASE(2, 6, 24), "balloon", "3M"), "guests of 2.6.24 cannot");
	is_wrong(failure_reason(), "from 2.6.25 on", "which is said");
	is_wrong(wrong_with("balloon", "much"), "is no size", "a size is wanted");
}

int main(void)
{
	test_page();
	test_pages();
	test_reset();
	test_hostile();
	test_reports();
	test_news();
	test_old();
	test_refusal();
	test_who();
	return tap_done();
}
