// SPDX-License-Identifier: GPL-2.0
/*
 * What the host fetches of a guest's memory it fetches once.  Here a word changes as
 * soon as it has been read (the module flip), from something harmless to what would
 * be refused: so a second fetch is either noticed by the host, which kills the guest,
 * or comes after the check, and the guest has what it must not have.
 */
#include "mini/pair.h"

#define FLIP		"/proc/flip"
#define TLS_SLOT	6u
#define CALL_GATE	0x0000ec00u	/* to ring 0, for ring 3 */
#define BAD_CALL	99u
#define NOWHERE		0xfffff000u

static struct lguest_dma list page_aligned;
static u32 the_call;

static long flips(void)
{
	return mini_number_in(FLIP, "flips");
}

/* The next one who reads the word is the last to find what is there now. */
static void flip(const volatile void *word, u32 to)
{
	char request[40];

	snprintf(request, sizeof(request), "%lx %x", (unsigned long)word, to);
	mini_write(FLIP, request);
}

/* Run the guest that was prepared, while that word flips. */
static void survives_flip(const volatile void *word, u32 to, const char *reason)
{
	long before = flips();

	flip(word, to);
	expect_reason(mini_run_again(), reason);
	mini_write(FLIP, "OFF");
	/* it was fetched, or this would be no test */
	expect_value(flips() - before, 1);
}

static void guest_loads_descriptors(void)
{
	u32 rights = 0;

	if (the_call == LHCALL_LOAD_TLS)
		hcall1(LHCALL_LOAD_TLS, mini.gdt[TLS_SLOT]);
	else
		hcall2(LHCALL_LOAD_GDT, mini.gdt, GDT_ENTRIES);
	asm volatile("larl %1, %0" : "+r" (rights) : "r" (TLS_SLOT * 8 + 3));
	crash("rights %x", rights & 0xff00);
}

static void load_while_it_flips(u32 call)
{
	the_call = call;
	mini_reset(guest_loads_descriptors);
	mini.gdt[KERNEL_CS / 8][0] = FLAT_LOW;
	mini.gdt[KERNEL_CS / 8][1] = KERNEL_CODE;
	mini.gdt[KERNEL_DS / 8][0] = FLAT_LOW;
	mini.gdt[KERNEL_DS / 8][1] = KERNEL_DATA;
	mini.gdt[TLS_SLOT][0] = FLAT_LOW;
	mini.gdt[TLS_SLOT][1] = USER_DATA;
	survives_flip(&mini.gdt[TLS_SLOT][1], CALL_GATE, "CRASH: rights f300");
	expect_value(mini.gdt[TLS_SLOT][1], CALL_GATE);
}

static void descriptors(void)
{
	load_while_it_flips(LHCALL_LOAD_GDT);
	load_while_it_flips(LHCALL_LOAD_TLS);
}

static void guest_uses_ring(void)
{
	hcall_later(0, LHCALL_FLUSH_ASYNC, 0, 0, 0);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
	guest_expect(mini.data.hcall_status[0] == LHCALL_RING_FREE);
}

static void calls_in_the_ring(void)
{
	mini_reset(guest_uses_ring);
	survives_flip(&mini.data.hcalls[0].call, BAD_CALL, "CRASH: done");
}

/* IN is a word's last byte, so that what follows stays as it is. */
#define IN_AT_THE_END	0xec909090u
#define HLT_AT_THE_END	0xf4909090u
#define RET		0xc3u

static u32 code[2] page_aligned;

static void guest_reads_port(void)
{
	u32 eax = 0;

	asm volatile("call *%1" : "+a" (eax) : "r" ((u32)code + 3), "d" (0x80) : "memory");
	crash("al %x", eax);
}

static void instructions(void)
{
	mini_reset(guest_reads_port);
	code[0] = IN_AT_THE_END;
	code[1] = RET;
	survives_flip(&code[0], HLT_AT_THE_END, "CRASH: al ff");
}

static void guest_sends(void)
{
	hcall2(LHCALL_SEND_DMA, KEY(0), &list);
}

/* To another guest, if one were there. */
static void lists_of_dma(void)
{
	pair_board();
	mini_reset(guest_sends);
	pair_map_board();
	list = (struct lguest_dma) { .addr = { (u32)mini.scratch[0] }, .len = { 64 } };
	survives_flip(&list.addr[0], NOWHERE, "CRASH: done");
}

/* Two of INITIALIZE's words, which limit each other. */
static void words_of_initialize(void)
{
	u32 words[] = { LHREQ_INITIALIZE, MINI_PFN_LIMIT, 0, 0, MINI_PAGE_OFFSET };
	int fd = mini_open();

	mini_reset(guest_sends);
	words[2] = mini.root;
	words[3] = mini.start;
	flip(&words[4], NOWHERE);
	expect_value(write(fd, words, sizeof(words)), 16);
	mini_write(FLIP, "OFF");
	expect_value(words[4], NOWHERE);
	close(fd);
}

int main(void)
{
	RUN(descriptors);
	RUN(calls_in_the_ring);
	RUN(instructions);
	RUN(lists_of_dma);
	RUN(words_of_initialize);
	return mini_done();
}
