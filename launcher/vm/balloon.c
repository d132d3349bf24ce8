// SPDX-License-Identifier: GPL-2.0
/*
 * The balloon: memory that a guest does without, so that the host has it.  The user
 * says how much the guest is to keep; its driver takes pages from its kernel, and
 * tells which.  A guest that reports what is free (from 5.7 on) gives that back
 * without being asked.
 *
 * Whatever the guest names, it loses only what is in these pages: they read as zeroes,
 * and are the guest's again when it touches them.  So nothing depends on its telling
 * the truth, but what the user is told.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "balloon.h"
#include "base.h"
#include "device_option.h"
#include "era.h"
#include "guest_memory.h"
#include "waker.h"

#define AUTO		"auto"		/* if the guest reports, and nobody said a word */
#define OFF		"off"

/* What the user says of it. */
struct balloon_wish {
	bool always, never;	/* whatever the guest is */
	__u32 bytes;		/* that it is to keep at first; 0: all */
};

static struct balloon {
	struct model model;
	const struct memory *mem;
	__u8 *map;			/* a bit for each page of RAM: it is in the balloon */
	bool refused;			/* the host does not take pages; said once */
	atomic_bool used;		/* the guest has the device */
	atomic_bool news;		/* for the guest: what is wanted is another */
	atomic_uint wanted;		/* bytes that the guest is to keep; 0: all */
	atomic_uint given;		/* pages in the balloon */
	atomic_uint reported;		/* pages */
} balloon;

static __u32 ram_pages(void)
{
	return balloon.mem->ram / PAGE_BYTES;
}

/* What the guest is to keep: all if nobody said, or if it has not so much. */
static __u32 wanted(void)
{
	const __u32 bytes = atomic_load(&balloon.wanted), ram = balloon.mem->ram;

	return bytes && bytes < ram ? bytes : ram;
}

/**
 * balloon_fill - the device is being made
 * @model: the balloon
 * @mem: memory that it takes from
 *
 * Return: false, see failure(), if there is no memory for it.
 */
bool balloon_fill(struct model *model, const struct memory *mem)
{
	(void)model;
	balloon.mem = mem;
	balloon.map = calloc(1, ram_pages() / 8 + 1);
	if (!balloon.map)
		return failure("--balloon: not enough memory");
	atomic_store(&balloon.used, true);
	return true;
}

/** balloon_target - how many pages is the balloon to have? */
__u32 balloon_target(struct model *model)
{
	(void)model;
	return ram_pages() - wanted() / PAGE_BYTES;
}

/** balloon_news - is that another number than when this was asked last? */
bool balloon_news(struct model *model)
{
	(void)model;
	return atomic_exchange(&balloon.news, false);
}

/* Pages from @first up to @end are not needed. */
static void discard(__u32 first, __u32 end)
{
	if (memory_discard(balloon.mem, first * PAGE_BYTES, (end - first) * PAGE_BYTES))
		return;
	if (first_time(&balloon.refused))
		complain("balloon: the host does not take memory back");
}

/* What is told twice counts once. */
static void note_given(__u32 pfn, bool given)
{
	const __u8 bit = 1u << pfn % 8;

	if (!!(balloon.map[pfn / 8] & bit) == given)
		return;
	balloon.map[pfn / 8] ^= bit;
	atomic_fetch_add(&balloon.given, given ? 1 : -1);
}

/**
 * balloon_inflate - the guest does without some pages
 * @model: the balloon
 * @pfns: their numbers, as it says; they do not change any more
 * @nr: how many
 *
 * False if there are numbers among them that are no pages of its memory.
 */
bool balloon_inflate(struct model *model, const __u32 *pfns, unsigned int nr)
{
	__u32 first = 0, end = 0;	/* a run of pages */
	bool good = true;
	unsigned int i;

	(void)model;
	for (i = 0; i < nr; i++) {
		if (pfns[i] >= ram_pages()) {
			good = false;
			continue;
		}
		note_given(pfns[i], true);
		if (first < end && pfns[i] == end) {
			end++;
		} else if (first < end && pfns[i] + 1 == first) {
			first--;
		} else {
			discard(first, end);
			first = pfns[i];
			end = first + 1;
		}
	}
	discard(first, end);
	return good;
}

/**
 * balloon_deflate - the guest has taken some pages again
 * @model: the balloon
 * @pfns: their numbers, as it says; they do not change any more
 * @nr: how many
 *
 * The host gives pages when they are touched; this is only for those who want to know.
 */
bool balloon_deflate(struct model *model, const __u32 *pfns, unsigned int nr)
{
	bool good = true;
	unsigned int i;

	(void)model;
	for (i = 0; i < nr; i++) {
		if (pfns[i] < ram_pages())
			note_given(pfns[i], false);
		else
			good = false;
	}
	return good;
}

/**
 * balloon_report - the guest does not need what is in some memory
 * @model: the balloon
 * @addr: guest-physical
 * @len: of it; the guest may name all that, but what is no RAM stays
 */
void balloon_report(struct model *model, __u32 addr, __u32 len)
{
	(void)model;
	if (memory_discard(balloon.mem, addr, len))
		atomic_fetch_add(&balloon.reported, len / PAGE_BYTES);
}

/** balloon_forget - the guest's driver starts anew, and all pages are its kernel's */
void balloon_forget(struct model *model)
{
	(void)model;
	memset(balloon.map, 0, ram_pages() / 8 + 1);
	atomic_store(&balloon.given, 0);
}

static const char *parse_wanted(const char *size, __u32 *wanted)
{
	__u64 bytes;

	if (parse_size(size, &bytes) < 0)
		return "is no size of memory: say 64M, 1G, or 64 for 64M";
	if (bytes < MEMORY_MIN)
		return "is too little memory: a guest needs at least 1M";
	if (bytes > MEMORY_MAX)
		bytes = MEMORY_MAX;
	*wanted = bytes & ~(PAGE_BYTES - 1);
	return NULL;
}

/**
 * balloon_ask - how much memory is the guest to keep?
 * @size: as the user says it
 *
 * The guest is told soon, and takes its time.  Returns what is wrong, or NULL.
 */
const char *balloon_ask(const char *size)
{
	const char *wrong;
	__u32 bytes;

	if (!atomic_load(&balloon.used))
		return "this guest has no balloon: start it with --balloon SIZE";
	wrong = parse_wanted(size, &bytes);
	if (wrong)
		return wrong;
	atomic_store(&balloon.wanted, bytes);
	atomic_store(&balloon.news, true);
	waker_attention();
	return NULL;
}

/**
 * balloon_ask_numbers - what is in the balloon?
 * @numbers: filled in
 *
 * False if the guest has none.
 */
bool balloon_ask_numbers(struct balloon_numbers *numbers)
{
	if (!atomic_load(&balloon.used))
		return false;
	numbers->wanted = wanted();
	numbers->given = (__u64)atomic_load(&balloon.given) * PAGE_BYTES;
	numbers->reported = (__u64)atomic_load(&balloon.reported) * PAGE_BYTES;
	return true;
}

static void balloon_close(struct model *model)
{
	(void)model;
	atomic_store(&balloon.used, false);
	free(balloon.map);
	balloon.map = NULL;
}

static void *balloon_parse(char *spec, const char **wrong)
{
	struct balloon_wish *wish = calloc(1, sizeof(*wish));

	if (!wish) {
		*wrong = strerror(errno);
		return NULL;
	}
	wish->always = strcmp(spec, AUTO);
	wish->never = !strcmp(spec, OFF);
	if (wish->always && !wish->never)
		*wrong = parse_wanted(spec, &wish->bytes);
	if (!*wrong)
		return wish;
	free(wish);
	return NULL;
}

/* Guests that report have a balloon, unless the user does not want it. */
static bool balloon_wanted(const struct era *era, const void *config)
{
	const struct balloon_wish *wish = config;

	return wish->always ? !wish->never : era->balloon_reports;
}

static struct model *balloon_create(const void *config)
{
	const struct balloon_wish *wish = config;

	atomic_store(&balloon.wanted, wish->bytes);
	atomic_store(&balloon.given, 0);
	atomic_store(&balloon.reported, 0);
	balloon.model = (struct model){ MODEL_BALLOON, "balloon", balloon_close };
	return &balloon.model;
}

static const struct device_option balloon_option = {
	.name = "balloon",
	.argument = "SIZE|off",
	.help = "memory that the guest is to do with at first, of that of\n"
		"                          --mem; lguest balloon changes it; off: no such device",
	.standard = AUTO,
	.spare = true,
	.single = true,
	.parse = balloon_parse,
	.wanted = balloon_wanted,
	.create = balloon_create,
};

DEVICE_OPTION(balloon_option);
