// SPDX-License-Identifier: GPL-2.0
/*
 * Guests that mean ill by their segments: every access byte in every segment
 * register, live ones changed, system descriptors, jumps into them, and frames
 * for iret with all manner of selectors.  They may die with a reason or live;
 * the host must not care.
 */
#include "mini/mini.h"

#define TEST_ENTRY	6u
#define TEST_SEL	(TEST_ENTRY * 8)

static u32 reg, sel, low, high;

/* A reason that is one of those that this program may lead to. */
static void expect_harmless(const char *reason)
{
	static const char * const fine[] = {
		"CRASH: ", "bad GDT entry", "removed live GDT entry", "bad segments",
		"bad stack segment", "unhandled trap", "stack at",
		"attempt to use the host's addresses", "bad gate", "bad stack page",
		"bad write address", "bad read address",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fine); i++) {
		if (!strncmp(reason, fine[i], strlen(fine[i])))
			return;
	}
	mini_fail("register %u sel %#x entry %#x:%#x: %s", reg, sel, high, low, reason);
}

static void set_entry(u32 index, u32 entry_low, u32 entry_high)
{
	mini.gdt[index][0] = entry_low;
	mini.gdt[index][1] = entry_high;
	hcall2(LHCALL_LOAD_GDT, mini.gdt, GDT_ENTRIES);
}

/* Load a register, let the host save and load it again, and trap with it. */
static void load_and_exit(void)
{
	u32 old;

	switch (reg) {
	case 0:
		asm volatile("movl %0, %%es\n\tint $0x1f\n\tinb $0x80, %%al"
			     : : "r" (sel), "a" (0), "d" (0) : "memory");
		break;
	case 1:
		asm volatile("movl %0, %%fs\n\tint $0x1f\n\tinb $0x80, %%al"
			     : : "r" (sel), "a" (0), "d" (0) : "memory");
		break;
	case 2:
		asm volatile("movl %0, %%gs\n\tint $0x1f\n\tinb $0x80, %%al"
			     : : "r" (sel), "a" (0), "d" (0) : "memory");
		break;
	case 3:
		asm volatile("movl %%ds, %0\n\tmovl %1, %%ds\n\tint $0x1f\n\t"
			     "inb $0x80, %%al\n\tmovl %0, %%ds"
			     : "=&r" (old) : "r" (sel), "a" (0), "d" (0) : "memory");
		break;
	case 4:
		asm volatile("movl %%ss, %0\n\tmovl %%esp, %%edi\n\tmovl %1, %%ss\n\t"
			     "int $0x1f\n\tinb $0x80, %%al\n\t"
			     "movl %0, %%ss\n\tmovl %%edi, %%esp"
			     : "=&r" (old) : "r" (sel), "a" (0), "d" (0) : "edi", "memory");
		break;
	}
}

/* All code and data segments that are allowed, with any RPL. */
static void guest_sweeps(void)
{
	static const u32 flags[] = { 0x00cf0000, 0x008f0000, 0x00400000, 0x00100000 };
	u32 type, dpl, f;

	mini_load_gdt();
	for (f = 0; f < ARRAY_SIZE(flags); f++) {
		for (type = 0; type < 16; type++) {
			for (dpl = 0; dpl < 4; dpl++) {
				high = flags[f] | 0x9000 | dpl << 13 | type << 8;
				set_entry(TEST_ENTRY, 0xffff, high);
				for (reg = 0; reg < 4; reg++) {
					for (sel = TEST_SEL; sel < TEST_SEL + 4; sel++)
						mini_try(load_and_exit);
				}
				/* the next change would meet them live */
				asm volatile("movl %0, %%es\n\tmovl %1, %%fs\n\tmovl %1, %%gs"
					     : : "r" (KERNEL_DS), "r" (0));
			}
		}
	}
}

static void sweep_of_data_registers(void)
{
	expect_reason(mini_run(guest_sweeps), "CRASH: done");
}

static u32 old_high;

/* A stack of its own kind may be the death of it. */
static void guest_holds(void)
{
	mini_load_gdt();
	set_entry(TEST_ENTRY, 0xffff, old_high);
	if (reg < 5) {
		mini.gdt[TEST_ENTRY][1] = high;
		mini.gdt[TEST_ENTRY][0] = low;
		/* load, then LOAD_GDT with the register live */
		asm volatile("cmpl $0, %0\n\tjne 1f\n\tmovl %1, %%es\n\t1:\n\t"
			     "cmpl $1, %0\n\tjne 1f\n\tmovl %1, %%fs\n\t1:\n\t"
			     "cmpl $2, %0\n\tjne 1f\n\tmovl %1, %%gs\n\t1:\n\t"
			     "cmpl $3, %0\n\tjne 1f\n\tmovl %1, %%ds\n\t1:\n\t"
			     "cmpl $4, %0\n\tjne 1f\n\tmovl %1, %%ss\n\t1:\n\t"
			     "int $0x1f\n\t"
			     "inb $0x80, %%al\n\t"
			     "ud2"
			     : : "r" (reg), "r" (sel), "a" (LHCALL_LOAD_GDT), "d" (mini.gdt),
			     "b" (GDT_ENTRIES) : "memory");
	} else {
		mini.gdt[TEST_ENTRY][1] = high;
		mini.gdt[TEST_ENTRY][0] = low;
		asm volatile("pushl %0\n\tpushl $1f\n\tlret\n\t1:\n\t"
			     "movl $3, %%eax\n\t"
			     "int $0x1f\n\t"
			     "inb $0x80, %%al\n\t"
			     "ud2"
			     : : "r" (sel), "d" (mini.gdt), "b" (GDT_ENTRIES)
			     : "eax", "memory");
	}
}

static void ud2_is_the_end(struct frame *f)
{
	crash("vector %u errcode %x", f->vector, f->errcode);
}

static void guest_holds_and_tells(void)
{
	mini.on_trap = ud2_is_the_end;
	guest_holds();
}

/* The entry of each register is changed to everything while it is loaded. */
static void live_entries_change(void)
{
	u32 access;

	for (reg = 0; reg <= 5; reg++) {
		old_high = reg == 5 ? KERNEL_CODE : KERNEL_DATA;
		sel = TEST_SEL + 1;
		low = 0xffff;
		for (access = 0; access < 256; access += access < 0x80 ? 13 : 1) {
			high = 0x00cf0000 | access << 8;
			mini_reset(guest_holds_and_tells);
			mini.no_traps = access & 1;
			expect_harmless(mini_run_again());
		}
	}
}

static void entries_change_to_small(void)
{
	static const u32 highs[] = {
		0x0000b300, 0x0040b300, 0x00cff300, 0xffcfb3ff, 0x00cfb700, 0x0040b700,
		0x00000000, 0x0000fb00, 0x0040bb00, 0x00cf9f00
	};
	u32 i;

	for (reg = 0; reg <= 5; reg++) {
		old_high = reg == 5 ? KERNEL_CODE : KERNEL_DATA;
		sel = TEST_SEL + 1;
		for (i = 0; i < ARRAY_SIZE(highs); i++) {
			for (low = 0; low < 2; low++) {
				high = highs[i];
				mini_reset(guest_holds_and_tells);
				expect_harmless(mini_run_again());
			}
		}
	}
}

/* Every system type at every slot: refused, or ignored in the host's slots. */
static u32 slot;

static void guest_loads_system(void)
{
	mini_load_gdt();
	set_entry(slot, low, high);
}

static void system_descriptors(void)
{
	u32 type, dpl;

	for (slot = 0; slot < GDT_ENTRIES; slot++) {
		for (type = 0; type < 16; type++) {
			bool hosts = slot == 10 || slot == 11 || slot == 16 || slot == 31;

			dpl = (type + slot) & 3;
			low = KERNEL_CS << 16 | 0x1234;
			high = 0x8000 | type << 8 | dpl << 13;
			mini_reset(guest_loads_system);
			mini.no_traps = true;
			expect_prefix(mini_run_again(), hosts ? "CRASH: done" : "bad GDT entry");
		}
	}
}

#define TLS_SLOT	6u	/* the first of three */

static u32 slots_call;

/* LOAD_TLS takes its three alone. */
static void load_slots(void)
{
	if (slots_call == LHCALL_LOAD_TLS)
		hcall1(LHCALL_LOAD_TLS, mini.gdt[TLS_SLOT]);
	else
		hcall2(LHCALL_LOAD_GDT, mini.gdt, GDT_ENTRIES);
}

static u32 rights_of(u32 selector)
{
	u32 rights = 0;

	asm volatile("larl %1, %0" : "+r" (rights) : "r" (selector));
	return rights & 0xff00;
}

/* Rings 1 to 3 only, and accessed, whichever call it was. */
static void guest_loads_ring_0(void)
{
	u32 type, dpl, want;

	mini_load_gdt();
	slot = TLS_SLOT + 1;
	for (type = 0x10; type < 0x20; type++) {
		for (dpl = 0; dpl < 4; dpl++) {
			mini.gdt[slot][0] = FLAT_LOW;
			mini.gdt[slot][1] = 0x00cf8000 | type << 8 | dpl << 13;
			load_slots();
			want = 0x8000 | (type | 1) << 8 | (dpl ? dpl : 1) << 13;
			/* seen from a ring that may see it */
			if (rights_of(slot * 8 + 1) != want)
				crash("type %x dpl %u became %x", type, dpl,
				      rights_of(slot * 8 + 1));
		}
	}
}

static void no_segment_is_ring_0s(void)
{
	slots_call = LHCALL_LOAD_GDT;
	expect_reason(mini_run(guest_loads_ring_0), "CRASH: done");
	slots_call = LHCALL_LOAD_TLS;
	expect_reason(mini_run(guest_loads_ring_0), "CRASH: done");
}

static struct {
	u32 eip;
	u16 cs;
} far_target;

static void far_call(void)
{
	asm volatile("lcall *%0" : : "m" (far_target));
}

static void far_jump(void)
{
	asm volatile("ljmp *%0" : : "m" (far_target));
}

static void far_return(void)
{
	asm volatile("pushl %0\n\tpushl %1\n\tlret" : : "r" ((u32)far_target.cs), "r" (0));
}

static void iret_to(void)
{
	asm volatile("pushfl\n\tpushl %0\n\tpushl %1\n\tiret"
		     : : "r" ((u32)far_target.cs), "r" (0));
}

static void iret_as_task(void)
{
	asm volatile("pushfl\n\torl $0x4000, (%%esp)\n\tpopfl\n\t"
		     "pushfl\n\tpushl %0\n\tpushl %1\n\tiret"
		     : : "r" ((u32)far_target.cs), "r" (0));
}

static void clear_nt(void)
{
	asm volatile("pushl $2\n\tpopfl");
}

/* Into all slots but those that hold the guest's own code. */
static void guest_jumps(void)
{
	static void (* const ways[])(void) = {
		far_call, far_jump, far_return, iret_to, iret_as_task
	};
	u32 i, s;
	int vector;

	for (i = 0; i < GDT_ENTRIES; i++) {
		/* what the host must ignore in its own slots: gates and tasks */
		mini.gdt[i][0] = KERNEL_CS << 16;
		mini.gdt[i][1] = 0;
	}
	mini.gdt[10][1] = 0x0000ec00;
	mini.gdt[11][1] = 0x0000e500;
	mini.gdt[16][1] = 0x0000e900;
	mini.gdt[31][1] = 0x0000e900;
	mini_load_gdt();
	for (s = 0; s < 0x200; s++) {
		if ((s >> 3) == 12 || (s >> 3) == 14)
			continue;
		far_target.cs = s;
		for (i = 0; i < ARRAY_SIZE(ways); i++) {
			vector = mini_try(ways[i]);
			clear_nt();
			if (vector != 13 && vector != 11 && vector != 10)
				crash("way %u to %x: vector %d", i, s, vector);
		}
	}
}

static void jumps_into_system_descriptors(void)
{
	expect_reason(mini_run(guest_jumps), "CRASH: done");
}

static u32 frame[8], old_esp;

/* The frame that is tried; if it is good, what follows is ring 3's or ours. */
static void iret_frame(void)
{
	asm volatile("movl %%esp, %0\n\t"
		     "pushl %1\n\tpushl %2\n\tpushl %3\n\tpushl %4\n\tpushl %5\n\t"
		     "iret"
		     : "=m" (old_esp)
		     : "m" (frame[4]), "m" (frame[3]), "m" (frame[2]), "m" (frame[1]),
		     "m" (frame[0]) : "memory");
}

static void guest_irets(void)
{
	u32 cs, ss, vector;

	mini_load_gdt();
	for (cs = 0; cs < 0x110; cs++) {
		/* CS of ring 1 makes it a short frame */
		if ((cs & 3) == 1 && cs / 8 == 12)
			continue;
		for (ss = 0; ss < 0x110; ss += ss < 0x58 || ss > 0x80 ? 7 : 1) {
			if (cs == USER_CS && ss == USER_DS)
				continue;
			frame[0] = 0;
			frame[1] = cs;
			frame[2] = 0x202;
			frame[3] = USTACK_TOP;
			frame[4] = ss;
			vector = mini_try(iret_frame);
			if (vector < 10 || vector > 13)
				crash("cs %x ss %x: vector %d", cs, ss, vector);
		}
	}
}

static void iret_to_all_selectors(void)
{
	expect_reason(mini_run(guest_irets), "CRASH: done");
}

static u32 esp_value, event;

static void guest_with_esp(void)
{
	mini_set_gate(3, GATE_TRAP | GATE_DPL3);
	if (event == 0)
		asm volatile("movl %0, %%esp\n\tint $0x1f\n\tmovl %1, %%esp"
			     : : "r" (esp_value), "i" (mini.stack[2]), "a" (0) : "memory");
	else if (event == 1)
		asm volatile("movl %0, %%esp\n\tud2" : : "r" (esp_value));
	else if (event == 2)
		asm volatile("movl %0, %%esp\n\tint3" : : "r" (esp_value));
	else
		asm volatile("movl %0, %%esp\n\tint $0x80" : : "r" (esp_value));
	crash("done");
}

static void stacks_at_all_places(void)
{
	static const u32 esps[] = {
		0, 1, 2, 4, 11, 12, 16, 0xfff, 0x1000, 0x1001, 0xffbfffff, 0xffc00000,
		0xffc00001, 0xffc01000, 0xffc01004, 0xffc02000, 0xffc02ffc, 0xffc03000, 0xffc04000,
		0xffffffff, 0xfffffffc, 0xfffff000, 0x80000000, 0xbffffffc, IMAGE_BASE
	};
	u32 i;

	for (event = 0; event < 4; event++) {
		for (i = 0; i < ARRAY_SIZE(esps); i++) {
			mini_reset(guest_with_esp);
			esp_value = esps[i];
			if (event)
				expect_harmless(mini_run_again());
			else
				expect_reason(mini_run_again(), "CRASH: done");
		}
	}
}

/* Selectors of an LDT, while the launcher has one, lead nowhere. */
static void guest_uses_ldt(void)
{
	for (reg = 0; reg < 5; reg++) {
		for (sel = 4; sel < 0x10000; sel += 8 + (sel > 0x200 ? 0x777 : 0)) {
			sel = (sel & ~7u) | 4 | ((sel >> 3) & 3);
			if (mini_try(load_and_exit) != 13 ||
			    mini.trap_errcode != (sel & 0xfffc))
				crash("register %u sel %x: vector %d errcode %x", reg, sel,
				      mini.trapped, mini.trap_errcode);
		}
	}
}

static u32 ldt_word = 0x12345678;

/* What modify_ldt() and set_thread_area() take. */
struct user_segment {
	u32 entry, base, limit, flags;
};

#define SEGMENT_32BIT		1u
#define SEGMENT_FLAT		0x11u		/* and its limit is in pages */
#define LDT_SELECTOR(entry)	((entry) << 3 | 7)

static void set_ldt(const struct user_segment *desc)
{
	expect_value(syscall(SYS_modify_ldt, 1, desc, sizeof(*desc)), 0);
}

static void launcher_with_ldt(void)
{
	struct user_segment desc = {
		.base = (u32)&ldt_word, .limit = 3, .flags = SEGMENT_32BIT
	};
	u32 got;

	for (desc.entry = 0; desc.entry < 8192; desc.entry += 91)
		set_ldt(&desc);
	desc.entry = 0;
	set_ldt(&desc);
	asm volatile("movl %0, %%fs" : : "r" (LDT_SELECTOR(0)));
	expect_reason(mini_run(guest_uses_ldt), "CRASH: done");
	asm volatile("movl %%fs:0, %0" : "=r" (got));
	expect_value(got, 0x12345678);
}

static void guest_calls_often(void)
{
	u32 i;

	for (i = 0; i < 300; i++) {
		asm volatile("movl %0, %%fs\n\tmovl %0, %%es\n\tint $0x1f\n\t"
			     "inb $0x80, %%al" : : "r" (KERNEL_DS), "a" (0) : "memory");
		if (i % 50 == 0)
			hcall2(LHCALL_SEND_DMA, mini.scratch, mini.scratch);
	}
}

/* (A 32-bit kernel ends SYSENTER with a DS and ES of its own, whoever's they were.) */
static bool has_segments_of_ldt(u32 ds, u32 es, u32 fs)
{
	if (host_is_64bit() && (ds != LDT_SELECTOR(3) || es != ds))
		return false;
	return fs == LDT_SELECTOR(3);
}

/* All that the launcher's own code needs comes from its LDT. */
static void launcher_runs_on_ldt(void)
{
	struct user_segment desc = { .entry = 3, .limit = 0xfffff, .flags = SEGMENT_FLAT };
	u32 rounds = 0, ds, es, fs, sum, notice[2];
	int fd;

	set_ldt(&desc);
	fd = mini_new(guest_calls_often);
	asm volatile("movl %0, %%ds\n\tmovl %0, %%es\n\tmovl %0, %%fs"
		     : : "r" (LDT_SELECTOR(3)));
	while (read(fd, notice, sizeof(notice)) == sizeof(notice)) {
		asm volatile("movl %%ds, %0\n\tmovl %%es, %1\n\tmovl %%fs, %2\n\tmovl %%fs:%4, %3"
			     : "=r" (ds), "=r" (es), "=r" (fs), "=r" (sum) : "m" (ldt_word));
		expect(has_segments_of_ldt(ds, es, fs) && sum == ldt_word,
		       "ds %x es %x fs %x, which leads to %x", ds, es, fs, sum);
		rounds++;
	}
	expect_value(rounds, 6);
	expect_reason(mini_reason(fd), "CRASH: done");
}

/* gs is the C library's own. */
static void launcher_with_tls(void)
{
	struct user_segment desc = {
		.entry = -1u, .base = (u32)&ldt_word, .limit = 3, .flags = SEGMENT_32BIT
	};
	u32 rounds = 0, word, notice[2];
	int fd = mini_new(guest_calls_often);

	expect_value(syscall(SYS_set_thread_area, &desc), 0);
	asm volatile("movl %0, %%fs" : : "r" (desc.entry << 3 | 3));
	while (read(fd, notice, sizeof(notice)) == sizeof(notice)) {
		asm volatile("movl %%fs:0, %0" : "=r" (word));
		expect_value(word, ldt_word);
		errno = rounds++;
		expect_value(errno, rounds - 1);
	}
	expect_value(rounds, 6);
	expect_reason(mini_reason(fd), "CRASH: done");
}

int main(void)
{
	RUN(sweep_of_data_registers);
	RUN(live_entries_change);
	RUN(entries_change_to_small);
	RUN(system_descriptors);
	RUN(no_segment_is_ring_0s);
	RUN(jumps_into_system_descriptors);
	RUN(iret_to_all_selectors);
	RUN(stacks_at_all_places);
	RUN(launcher_with_ldt);
	RUN(launcher_runs_on_ldt);
	RUN(launcher_with_tls);
	return mini_done();
}
