// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest has of the switcher: its tables, to be read by its kernel alone; the
 * page of its registers, to be executed by nobody; both on the CPU where it runs, and
 * nowhere else.  And what may be in these tables, whatever call has put it there.
 */
#include "mini/mini.h"

#define LGUEST_CS	0x50u
#define OUT_OF_REACH	"the switcher of a 64-bit host is above 4 GB"
#define TLS_ENTRY	6u
#define TLS_ENTRIES	3u

/* Of all entries that system calls might lead into, GDT and IDT included. */
static u32 at;

static void guest_writes_tables(void)
{
	*(volatile u32 *)(mini_tables_page() + at) = 0xffffffff;
}

static void tables_are_read_only(void)
{
	for (at = 0; at < PAGE; at += 508)
		expect_prefix(mini_run(guest_writes_tables),
			      "attempt to use the host's addresses at 0xffc");
}

/* The page can be written by ring 1: it is the guest's own. */
static void guest_executes_registers(void)
{
	u8 *code = (u8 *)(mini_tables_page() - PAGE);

	*code = 0xc3;
	((void (*)(void))code)();
}

static void registers_are_not_executed(void)
{
	expect_prefix(mini_run(guest_executes_registers),
		      "attempt to use the host's addresses at 0xffc");
}

/* The number of a page that the guest had on another CPU. */
static u32 pages_back;

static void guest_moves(void)
{
	u32 before = mini_tables_page(), there;

	hcall2(LHCALL_SEND_DMA, mini.scratch, mini.scratch);
	guest_expect(mini_tables_page() != before);
	there = *(volatile u32 *)(before - pages_back * PAGE);
	crash("there is %x", there);
}

static int move(int fd __attribute__((unused)),
		const struct lguest_dma_notice *notice __attribute__((unused)))
{
	mini_pin(1);
	return 0;
}

static void nothing_where_it_was(void)
{
	mini_on_notice = move;
	for (pages_back = 0; pages_back < 2; pages_back++) {
		mini_pin(0);
		expect_prefix(mini_run(guest_moves),
			      "attempt to use the host's addresses at 0xffc");
	}
}

static u32 gate_selector(u32 vector)
{
	return ((const volatile u32 *)mini_idt())[vector * 2] >> 16;
}

/* The host's own, those that it must see, and those whose delivery may raise them. */
static bool is_never_direct(u32 vector)
{
	static const u8 vectors[] = { 1, 2, 7, 8, 13, 14, 15, 17, 18, 31 };

	return memchr(vectors, vector, sizeof(vectors)) ||
	       (vector >= 32 && vector != SYSCALL_VECTOR);
}

static void guest_wants_direct_gates(void)
{
	u32 vector, dpl, want;

	for (dpl = 0; dpl < 4; dpl++) {
		for (vector = 0; vector < 256; vector++) {
			hcall(LHCALL_LOAD_IDT_ENTRY, vector, KERNEL_CS << 16 | 0x1234,
			      (u32)mini_trap_stubs | GATE_TRAP | dpl << 13);
			want = is_never_direct(vector) ? LGUEST_CS : KERNEL_CS;
			if (gate_selector(vector) != want)
				crash("vector %u leads to %x", vector, gate_selector(vector));
		}
	}
}

static void some_gates_are_never_direct(void)
{
	expect_reason(mini_run(guest_wants_direct_gates), "CRASH: done");
}

/* Of a step, too, the host hears, if there is a trap gate. */
static u32 steps;

static void count_step(struct frame *f)
{
	guest_expect(f->vector == 1);
	steps++;
}

static void guest_steps_by_trap_gate(void)
{
	mini.on_trap = count_step;
	mini_set_gate(1, GATE_TRAP);
	asm volatile("pushl $0x302\n\tpopfl\n\tnop\n\tpushl $0x202\n\tpopfl" : : : "memory", "cc");
	guest_expect(steps == 3);
}

static void steps_are_exits(void)
{
	int fd = mini_new(guest_steps_by_trap_gate);

	expect_reason(mini_finish(fd), "CRASH: done");
	expect_value(mini_counter(fd, "traps_reflected"), 3);
}

static u32 slot, access_byte;

static void guest_loads_tls(void)
{
	u32 tls[TLS_ENTRIES][2] = { 0 };

	tls[slot][0] = KERNEL_CS << 16;
	tls[slot][1] = access_byte << 8;
	hcall1(LHCALL_LOAD_TLS, tls);
}

/* Every gate, TSS and LDT, and segments of 64-bit code, as of thread-local storage. */
static void system_descriptors_for_tls(void)
{
	u32 dpl, type;

	for (slot = 0; slot < TLS_ENTRIES; slot++) {
		for (type = 0; type < 16; type++) {
			for (dpl = 0; dpl < 4; dpl++) {
				access_byte = 0x80 | dpl << 5 | type;
				expect_formatted(mini_run(guest_loads_tls),
						 "bad GDT entry %u: %#x:%#x", TLS_ENTRY + slot,
						 access_byte << 8, KERNEL_CS << 16);
			}
		}
	}
}

/* A host with PAE's tables and a processor that has NX. */
static bool host_has_nx(void)
{
	char line[2000];
	bool nx = false;
	FILE *f = popen("dmesg | grep 'NX (Execute Disable) protection: active'", "r");

	while (f && fgets(line, sizeof(line), f))
		nx = true;
	if (f)
		pclose(f);
	return nx;
}

int main(void)
{
	RUN_ON_32BIT(tables_are_read_only, OUT_OF_REACH);
	if (host_has_nx())
		RUN_ON_32BIT(registers_are_not_executed, OUT_OF_REACH);
	else
		mini_skip("registers_are_not_executed", "the host has no NX");
	if (sysconf(_SC_NPROCESSORS_ONLN) > 1)
		RUN_ON_32BIT(nothing_where_it_was, OUT_OF_REACH);
	else
		mini_skip("nothing_where_it_was", "it needs a second CPU");
	RUN_ON_32BIT(some_gates_are_never_direct, "no gate is direct on a 64-bit host");
	RUN(steps_are_exits);
	RUN(system_descriptors_for_tls);
	return mini_done();
}
