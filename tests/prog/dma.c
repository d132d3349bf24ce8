// SPDX-License-Identifier: GPL-2.0
/*
 * The classic DMA between a guest and its launcher: SEND_DMA to a private key,
 * BIND_DMA and LHREQ_GETDMA.
 */
#include "mini/mini.h"

#define MY_KEY		((u32)mini.scratch[0])
#define LIST(n)		(&lists[n])

static struct lguest_dma lists[70] __attribute__((aligned(4)));
static struct lguest_dma_notice notices[200];
static u32 nr_notices;
static u32 results[80];

static int note(int fd, const struct lguest_dma_notice *notice)
{
	struct lguest_dma *dma = (void *)notice->dma;

	(void)fd;
	notices[nr_notices++] = *notice;
	dma->used_len++;
	return 0;
}

/* The guest goes on after its launcher has served it. */
static void guest_sends(void)
{
	u32 i;

	for (i = 0; i < 20; i++) {
		hcall2(LHCALL_SEND_DMA, MY_KEY + 4 * i, LIST(i));
		guest_expect(lists[i].used_len == 1);
	}
}

static void send_to_launcher(void)
{
	u32 i;

	mini_on_notice = note;
	expect_reason(mini_run(guest_sends), "CRASH: done");
	expect_value(nr_notices, 20);
	for (i = 0; i < 20; i++) {
		expect_value(notices[i].dma, (u32)LIST(i));
		expect_value(notices[i].key, MY_KEY + 4 * i);
	}
}

/* Calls in the ring come first, in order, and the one that trapped last. */
static void guest_sends_by_ring(void)
{
	u32 i;

	for (i = 0; i < 64; i++)
		hcall_later(i, LHCALL_SEND_DMA, MY_KEY, (u32)LIST(i), 0);
	hcall2(LHCALL_SEND_DMA, MY_KEY, LIST(64));
	for (i = 0; i < 64; i++)
		guest_expect(mini.data.hcall_status[i] == LHCALL_RING_FREE);
	/* the cursor has come round */
	hcall_later(0, LHCALL_SEND_DMA, MY_KEY, (u32)LIST(65), 0);
	hcall_later(2, LHCALL_SEND_DMA, MY_KEY, (u32)LIST(69), 0);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
	guest_expect(mini.data.hcall_status[0] == LHCALL_RING_FREE);
	/* one beyond a free slot waits for it to be filled */
	guest_expect(mini.data.hcall_status[2] == LHCALL_RING_READY);
	hcall_later(1, LHCALL_SEND_DMA, MY_KEY, (u32)LIST(66), 0);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
	guest_expect(mini.data.hcall_status[2] == LHCALL_RING_FREE);
}

static void ring_before_call(void)
{
	static const u32 last[] = { 64, 65, 66, 69 };
	u32 i;

	mini_on_notice = note;
	expect_reason(mini_run(guest_sends_by_ring), "CRASH: done");
	expect_value(nr_notices, 68);
	for (i = 0; i < 68; i++)
		expect(notices[i].dma == (u32)LIST(i < 64 ? i : last[i - 64]),
		       "notice %u is for %#x", i, notices[i].dma);
}

/* The ring is also looked at when something else ends the run. */
static void guest_faults_with_ring(void)
{
	hcall_later(0, LHCALL_SEND_DMA, MY_KEY, (u32)LIST(0), 0);
	asm volatile("inb $0x80, %%al" : : : "eax");
	guest_expect(lists[0].used_len == 1);
}

static void ring_at_any_exit(void)
{
	mini_on_notice = note;
	expect_reason(mini_run(guest_faults_with_ring), "CRASH: done");
	expect_value(nr_notices, 1);
}

static u32 bind(u32 key, void *array, u32 count, u32 irq)
{
	return hcall(LHCALL_BIND_DMA, key, (u32)array, count << 8 | irq);
}

static void guest_binds(void)
{
	guest_expect(bind(MY_KEY, LIST(0), 3, 5) == 1);
	guest_expect(bind(MY_KEY + 4, LIST(10), 0, 6) == 1);
	guest_expect(bind(MY_KEY + 8, LIST(20), 1, 31) == 1);
	guest_expect(bind(MY_KEY + 12, LIST(20), 1, 32) == 0);
	guest_expect(bind(MY_KEY + 12, LIST(20), 1, 255) == 0);
	hcall2(LHCALL_SEND_DMA, MY_KEY, LIST(60));
	/* taken back only by key and array */
	guest_expect(bind(MY_KEY, LIST(1), 3, 0) == 0);
	guest_expect(bind(MY_KEY + 4, LIST(0), 3, 0) == 0);
	guest_expect(bind(MY_KEY, LIST(0), 77, 0) == 1);
	guest_expect(bind(MY_KEY, LIST(0), 3, 0) == 0);
	hcall2(LHCALL_SEND_DMA, MY_KEY, LIST(61));
}

static void getdma(void)
{
	int fd = mini_new(guest_binds);
	struct lguest_dma_notice notice;
	u32 i;

	expect_error(mini_request(fd, LHREQ_GETDMA, MY_KEY), ENOENT);
	expect_value(read(fd, &notice, 8), 8);
	for (i = 0; i < 3; i++) {
		expect_value(mini_request(fd, LHREQ_GETDMA, MY_KEY), (int)LIST(i));
		expect_value(lists[i].used_len, 5);
	}
	expect_error(mini_request(fd, LHREQ_GETDMA, MY_KEY), ENOENT);
	/* the next one in turn, not the first one that is free */
	lists[0].used_len = 0;
	lists[1].used_len = 0;
	expect_value(mini_request(fd, LHREQ_GETDMA, MY_KEY), (int)LIST(0));
	lists[0].used_len = 0;
	expect_value(mini_request(fd, LHREQ_GETDMA, MY_KEY), (int)LIST(1));
	expect_value(mini_request(fd, LHREQ_GETDMA, MY_KEY), (int)LIST(0));
	expect_error(mini_request(fd, LHREQ_GETDMA, MY_KEY), ENOENT);

	expect_error(mini_request(fd, LHREQ_GETDMA, MY_KEY + 4), ENOENT);
	expect_value(mini_request(fd, LHREQ_GETDMA, MY_KEY + 8), (int)LIST(20));
	expect_value(lists[20].used_len, 31);
	expect_error(mini_request(fd, LHREQ_GETDMA, MY_KEY + 12), ENOENT);

	lists[0].used_len = 0;
	expect_value(read(fd, &notice, 8), 8);
	expect_value(notice.dma, (u32)LIST(61));
	expect_error(mini_request(fd, LHREQ_GETDMA, MY_KEY), ENOENT);
	expect_reason(mini_finish(fd), "CRASH: done");
}

static void guest_binds_all(void)
{
	u32 i;

	for (i = 0; i < 40; i++)
		results[i] = bind(MY_KEY + 4 * i, LIST(i), 1, 1);
	/* one goes, one comes */
	results[40] = bind(MY_KEY + 4 * 7, LIST(7), 1, 0);
	results[41] = bind(MY_KEY + 4 * 50, LIST(50), 1, 1);
	results[42] = bind(MY_KEY + 4 * 51, LIST(51), 1, 1);
	/* results of calls in the ring are lost, and go nowhere else */
	hcall_later(0, LHCALL_BIND_DMA, MY_KEY + 4 * 50, (u32)LIST(50), 0);
	guest_expect(hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0) == LHCALL_FLUSH_ASYNC);
	results[43] = bind(MY_KEY + 4 * 51, LIST(51), 1, 1);
}

static void limit_of_arrays(void)
{
	static const u32 more[] = { 1, 1, 0, 1 };
	u32 i;

	expect_reason(mini_run(guest_binds_all), "CRASH: done");
	for (i = 0; i < 44; i++)
		expect_value(results[i], i < 40 ? i < 32 : more[i - 40]);
}

static u32 bad_array;

static void guest_binds_badly(void)
{
	bind(MY_KEY, (void *)bad_array, 3, 1);
	hcall2(LHCALL_SEND_DMA, MY_KEY, LIST(60));
}

/* It is the launcher's asking that kills: bad arrays may be bound. */
static void getdma_kills(void)
{
	static const u32 bad[] = {
		0x60000000, MINI_PFN_LIMIT * PAGE, MINI_PFN_LIMIT * PAGE - 2, -2, -100, -1
	};
	struct lguest_dma_notice notice;
	u32 i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		bad_array = bad[i];
		fd = mini_new(guest_binds_badly);
		expect_value(read(fd, &notice, 8), 8);
		expect_error(mini_request(fd, LHREQ_GETDMA, MY_KEY), ENOENT);
		expect_error(mini_request(fd, LHREQ_GETDMA, MY_KEY), ENOENT);
		expect_prefix(mini_reason(fd), "bad read address");
		close(fd);
	}
	for (i = 1; i < 4; i++) {
		fd = mini_new(guest_binds_badly);
		expect_error(mini_request(fd, LHREQ_GETDMA, MY_KEY + i), ENOENT);
		expect_prefix(mini_reason(fd), "bad DMA key ");
		close(fd);
	}
}

/* A list that begins in memory and ends beyond it. */
static void getdma_at_limit(void)
{
	struct lguest_dma_notice notice;
	u32 limit = ABOVE_HEAP, fits;
	char *p = mmap((void *)(limit - PAGE), 2 * PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	int fd;

	expect(p == (char *)limit - PAGE, "mmap: %m");
	for (fits = 0; fits < 2; fits++) {
		bad_array = limit - sizeof(struct lguest_dma) + !fits;
		fd = mini_open();
		mini_reset(guest_binds_badly);
		mini.pfn_limit = limit / PAGE;
		expect_value(mini_initialize(fd), 16);
		expect_value(read(fd, &notice, 8), 8);
		if (fits)
			expect_value(mini_request(fd, LHREQ_GETDMA, MY_KEY), (int)bad_array);
		else
			expect_error(mini_request(fd, LHREQ_GETDMA, MY_KEY), ENOENT);
		close(fd);
	}
}

int main(void)
{
	RUN(send_to_launcher);
	RUN(ring_before_call);
	RUN(ring_at_any_exit);
	RUN(getdma);
	RUN(limit_of_arrays);
	RUN(getdma_kills);
	RUN(getdma_at_limit);
	return mini_done();
}
