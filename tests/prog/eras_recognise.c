// SPDX-License-Identifier: GPL-2.0
/*
 * How the host knows whom it has to do with: launchers by what they write first,
 * with good and bad words, in good and bad sizes, or because they say so; and
 * guests by their first call.
 */
#include "era.h"

#define MIB	0x100000u

static void guest_does_nothing(void)
{
}

static void expect_form(int fd, u32 request, bool has)
{
	u32 words[] = { request, 1, -1 };
	long got = write(fd, words, sizeof(words));

	/* an eventfd's number is wrong on purpose */
	if (request == LHREQ_EVENTFD && has)
		expect(got == -1 && errno == EBADF, "EVENTFD gave %ld: %m", got);
	else if (request == LHREQ_GETREG && has)
		expect(got == -1 && errno == ENOENT, "GETREG gave %ld: %m", got);
	else if (request == LHREQ_GETDMA && has)
		expect(got == -1 && errno == ENOENT, "GETDMA gave %ld: %m", got);
	else if (has)
		expect(got == 0, "request %u gave %ld: %m", request, got);
	else
		expect(got == -1 && errno == EINVAL, "request %u gave %ld: %m", request, got);
}

enum form { CLASSIC, FIELDS, THREE_WORDS, PCI, NONE };

/* What a form answers to; three words may be of 2.6.29 or of 3.19. */
static void check_form(int fd, enum form form)
{
	u32 words[] = { LHREQ_BREAK, 0 };

	expect_form(fd, LHREQ_EVENTFD, form == THREE_WORDS);
	expect_form(fd, LHREQ_GETREG, form == PCI);
	if (form == PCI)
		expect_error(write(fd, words, sizeof(words)), EINVAL);
	else
		expect_value(write(fd, words, sizeof(words)), 0);
	/* an unusable key is the end of the guest, so this is last */
	expect_form(fd, LHREQ_GETDMA, form == CLASSIC);
}

/* Launchers of those times, as they are, and words that are nobody's. */
static const struct {
	u32 n, words[6];
	enum form form;
} launchers[] = {
	/* pfn_limit, pgdir, start, page_offset */
	{ 5, { 0, 0x2001, 0x1fff000, 0xc0100000, 0xc0000000 }, CLASSIC },
	{ 5, { 0, 0x10000 / 16, 0xff000, 0xc0000000, 0xc0000000 }, CLASSIC },
	{ 5, { 0, 0x8100, 0x7f00000, 0x81000000, 0x80000000 }, CLASSIC },
	/* base, pfn_limit, pgdir, start */
	{ 5, { 0, 0xb5c00000, 0x2100, 0x1ffe000, 0x100000 }, FIELDS },
	{ 5, { 0, 0x8000000, 0x4100, 0x3c00000, 0x1000000 }, FIELDS },
	{ 5, { 0, 0xb0000000, 0x40100, 0x3ffff000, 0x1009c0 }, FIELDS },
	/* base, pfn_limit, start, device_limit */
	{ 5, { 0, 0xb5c00000, 0x2000, 0x100000, 0x2101 }, PCI },
	{ 5, { 0, 0xa0000000, 0x20000, 0x1000000, 0x20101 }, PCI },
	{ 5, { 0, 0xb0000000, 0x2000, 0x1000123, 0x2000 }, PCI },
	{ 5, { 0, 0xb0000000, 0x2000, 0x100000, 0xfffff }, PCI },
	/* base, pfn_limit, start */
	{ 4, { 0, 0xb5c00000, 0x2100, 0x100000 }, THREE_WORDS },
	{ 4, { 0, 0x8000000, 0x4100, 0x1000000 }, THREE_WORDS },
};

/* The first page of the guest, and what it says of its memory. */
static void map_boot_params(u32 base)
{
	u32 *p = mmap((void *)base, 32 * MIB, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	expect(p == (void *)base, "mmap at %#x: %m", base);
	p[0x1e8 / 4] = 1;
	p[0x2d0 / 4 + 2] = 32 * MIB;
	p[0x2d0 / 4 + 4] = 1;
}

static void try_launcher(u32 i)
{
	int fd = mini_open();

	if (launchers[i].form == THREE_WORDS)
		map_boot_params(launchers[i].words[1]);
	expect_value(era_words(fd, launchers[i].words, launchers[i].n),
		     (launchers[i].n - 1) * 4);
	check_form(fd, launchers[i].form);
	close(fd);
}

static void launchers_are_recognised(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(launchers); i++)
		try_launcher(i);
}

/* Fewer bytes than any form has, or than the one it must be, and more. */
static void sizes(void)
{
	u32 words[16] = { 0 }, size;
	int fd;

	era = &eras[0];
	for (size = 0; size < 20; size++) {
		if (size == 16)
			continue;
		fd = mini_open();
		expect_error(write(fd, words, size), EINVAL);
		close(fd);
	}
	fd = mini_open();
	expect_error(write(fd, words, 24), EINVAL);
	expect_error(write(fd, words, 28), EINVAL);
	expect_error(write(fd, words, 64), EINVAL);
	/* which is no reason not to do better then */
	expect_value(era_words(fd, launchers[0].words, launchers[0].n), 16);
	check_form(fd, CLASSIC);
}

/* Who says it is believed, whatever the words look like. */
static void named_launchers(void)
{
	u32 words[5] = { LHREQ_INITIALIZE, 0x12345678, 0, 0xffffffff, 0x77777777 };
	int fd;

	fd = mini_open();
	expect_value(mini_request(fd, LHREQ_RELEASE, era->release), 0);
	/* again, while it is not too late */
	expect_value(mini_request(fd, LHREQ_RELEASE, LGUEST_RELEASE(4, 4, 0)), 0);
	expect_value(mini_request(fd, LHREQ_RELEASE, era->release), 0);
	words[1] = ERA_BASE;
	if (!era_has(ERA_HOST_DIR))
		expect_value(era_words(fd, words, era->words + 1), era->words * 4);
	else
		expect_error(era_words(fd, words, era->words + 1), EFAULT);
	close(fd);
}

static void wrong_releases(void)
{
	static const u32 wrong[] = {
		0, 1, LGUEST_RELEASE(2, 6, 22), LGUEST_RELEASE(2, 4, 37),
		LGUEST_RELEASE(4, 14, 0), LGUEST_RELEASE(5, 10, 0), -1
	};
	u32 words[2] = { LHREQ_RELEASE }, i;
	int fd = mini_open();

	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		expect_error(mini_request(fd, LHREQ_RELEASE, wrong[i]), EINVAL);
	expect_error(write(fd, words, 4), EINVAL);
	expect_error(write(fd, words, 7), EINVAL);
}

/* A guest lives with a launcher that names its release, and with one that does not. */
static void release_and_guest(void)
{
	era_prepare(guest_does_nothing);
	run.release = era->release;
	expect_reason(era_run_again(), "CRASH: done");
}

/* The other form of the launcher is not for this guest. */
static void wrong_release_for_words(void)
{
	u32 other = era->words == 3 ? LGUEST_RELEASE(4, 4, 0) : LGUEST_RELEASE(2, 6, 29);
	int fd;

	era_prepare(guest_does_nothing);
	run.release = other;
	fd = era_open();
	if (era->words == 3)
		expect_error(era_initialize(fd), EINVAL);
	else
		expect(era_initialize(fd) == 12 || errno == EINVAL, "%m");
}

/* -- Guests -- */

/* A 16-byte INITIALIZE is followed by any guest of those releases. */
static void guests_of_one_launcher(void)
{
	const struct era *launcher = era;

	for (era = eras; era < eras + nr_eras; era++) {
		if (era->words != 3)
			continue;
		era_prepare(guest_does_nothing);
		expect_reason(era_run_again(), "CRASH: done");
	}
	era = launcher;
}

/* The ring may already have something in it, and the mask be anything. */
static void guest_calls_at_once(void)
{
	guest_expect(*(volatile u8 *)guest_word(era->data->status) == LHCALL_RING_FREE);
}

static void other_words_do_not_matter(void)
{
	era_prepare(guest_calls_at_once);
	memset(seen(run.data), 0xff, 20);
	if (era->data->irq_pending)
		*seen_word(era->data->irq_pending) = 0;
	*seen_word(DATA_IRQ_ENABLED) = 0;
	memset(seen(run.data + era->data->ring), 0x80, 64 * era->data->slot);
	expect_reason(era_run_again(), "CRASH: done");
}

/* Arguments of one register in the other are no structure. */
static void guest_inits_wrongly(void)
{
	era_int(LHCALL_LGUEST_INIT, 0, run.data, run.data, run.data);
}

static void structure_in_no_register(void)
{
	era_prepare(guest_inits_wrongly);
	run.no_init = true;
	expect(strncmp(era_run_again(), "CRASH: done", 11) ||
	       !era_has(ERA_EBX), "it was found");
}

/* The registers that the call does not use hold anything. */
static void guest_inits_with_leftovers(void)
{
	u32 junk = 0xdeadbeef;

	era_call(LHCALL_LGUEST_INIT, run.data, junk, junk, junk);
	call0(LHCALL_FLUSH_ASYNC);
}

static void leftovers_do_not_matter(void)
{
	era_prepare(guest_inits_with_leftovers);
	run.no_init = true;
	expect_reason(era_run_again(), "CRASH: done");
}

static void ring_is_not_free(void)
{
	u32 slot;

	for (slot = 0; slot < LHCALL_RING_SIZE; slot += 21) {
		era_prepare(guest_does_nothing);
		*(u8 *)seen(run.data + era->data->status + slot) = LHCALL_RING_READY;
		expect(strncmp(era_run_again(), "CRASH", 5), "slot %u", slot);
	}
}

int main(void)
{
	era = &eras[0];
	mini_case("launchers_are_recognised", launchers_are_recognised);
	mini_case("sizes", sizes);
	mini_case("wrong_releases", wrong_releases);
	RUN_ERAS(named_launchers, 0, 0);
	RUN_ERAS(release_and_guest, 0, 0);
	RUN_ERAS(wrong_release_for_words, 0, 0);
	RUN_ERAS(guests_of_one_launcher, ERA_EVENTFD, ERA_LINEAR);
	RUN_ERAS(other_words_do_not_matter, 0, 0);
	RUN_ERAS(structure_in_no_register, 0, 0);
	RUN_ERAS(leftovers_do_not_matter, 0, 0);
	RUN_ERAS(ring_is_not_free, 0, 0);
	return mini_done();
}
