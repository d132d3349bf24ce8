// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercalls that a guest of its era may make, with arguments that are mostly such that it
 * lives on; by either instruction, or in the ring.
 */
#include "fuzz.h"

static u32 gdt_index(void)
{
	u32 index = rnd_below(GDT_ENTRIES);

	/* not those that it runs on */
	return index >= KERNEL_CS / 8 && index <= USER_DS / 8 && !fuzz_wild() ? 6 : index;
}

static void memory_call(struct fuzz_call *call)
{
	u64 entry;

	switch (call->nr) {
	case LHCALL_SET_PTE:
		entry = fuzz_entry();
		call->arg[0] = fuzz_root();
		call->arg[1] = rnd_one_in(2) ? FUZZ_WINDOW + rnd_below(1024) * PAGE : fuzz_vaddr();
		call->arg[2] = entry;
		call->arg[3] = entry >> 32;
		break;
	case LHCALL_SET_PMD:
		call->arg[0] = FUZZ_TABLES + rnd_below(plan.nr_tables) * PAGE;
		call->arg[1] = fuzz_wild() ? rnd_word() : rnd_below(512);
		break;
	case LHCALL_SET_PGD:
		call->arg[0] = fuzz_root();
		call->arg[1] = fuzz_wild() ? rnd_word() : rnd_below(era_pae ? 4 : 1024);
		break;
	case LHCALL_FLUSH_RANGE:
		call->arg[0] = fuzz_vaddr();
		call->arg[1] = rnd_one_in(2) ? fuzz_vaddr() : call->arg[0] + rnd_below(64) * PAGE;
		break;
	default:			/* NEW_PGTABLE, SWITCH_PGTABLE */
		call->arg[0] = fuzz_root();
		/* wherever else the argument is */
		call->arg[1] = call->arg[0];
	}
}

static void descriptor_call(struct fuzz_call *call)
{
	switch (call->nr) {
	case LHCALL_LOAD_GDT:
		call->arg[0] = fuzz_wild() ? fuzz_paddr(8) : FUZZ_GDT;
		call->arg[1] = fuzz_wild() ? rnd_word() : rnd_below(GDT_ENTRIES + 1);
		break;
	case LHCALL_LOAD_GDT_ENTRY:
		call->arg[0] = fuzz_wild() ? rnd_word() : gdt_index();
		call->arg[1] = fuzz_descriptor_low();
		call->arg[2] = fuzz_descriptor();
		break;
	case LHCALL_LOAD_IDT_ENTRY:
		call->arg[0] = fuzz_wild() ? rnd_word() : fuzz_vector();
		call->arg[1] = KERNEL_CS << 16 | ((plan.view + FUZZ_HANDLER) & 0xffff);
		if (fuzz_wild())
			call->arg[1] = rnd();
		call->arg[2] = fuzz_gate();
		break;
	case LHCALL_SET_STACK:
		call->arg[0] = fuzz_wild() ? fuzz_selector() : KERNEL_DS;
		call->arg[1] = fuzz_wild() ? 0xffc00000 + rnd_below(0x400000) : fuzz_stack();
		call->arg[2] = fuzz_wild() ? rnd_word() : 1 + rnd_below(2);
		break;
	default:			/* LOAD_TLS */
		call->arg[0] = fuzz_wild() ? fuzz_paddr(24) : FUZZ_GDT + 6 * 8;
	}
}

static void device_call(struct fuzz_call *call)
{
	switch (call->nr) {
	case LHCALL_BIND_DMA:
		call->arg[0] = FUZZ_SCRATCH + rnd_below(16) * 4;
		call->arg[1] = fuzz_wild() ? fuzz_paddr(100) : FUZZ_DMA;
		call->arg[2] = rnd_below(8) << 8 | rnd_below(40);
		break;
	case LHCALL_SEND_DMA:
		call->arg[0] = FUZZ_SCRATCH + rnd_below(16) * 4;
		call->arg[1] = fuzz_wild() ? fuzz_paddr(100) : FUZZ_DMA;
		break;
	default:			/* NOTIFY, GET_CLOCK */
		call->arg[0] = fuzz_wild() ? fuzz_paddr(8) :
			FUZZ_SCRATCH + rnd_below(16) * 4;
	}
}

static void choose_arguments(struct fuzz_call *call)
{
	switch (call->nr) {
	case LHCALL_NEW_PGTABLE:
	case LHCALL_SWITCH_PGTABLE:
	case LHCALL_SET_PTE:
	case LHCALL_SET_PGD:
	case LHCALL_FLUSH_RANGE:
		memory_call(call);
		break;
	case LHCALL_LOAD_GDT:
	case LHCALL_LOAD_GDT_ENTRY:
	case LHCALL_LOAD_IDT_ENTRY:
	case LHCALL_SET_STACK:
	case LHCALL_LOAD_TLS:
		descriptor_call(call);
		break;
	case LHCALL_SEND_DMA:		/* or SET_PMD */
		if (plan.classic)
			device_call(call);
		else
			memory_call(call);
		break;
	case LHCALL_BIND_DMA:
	case LHCALL_NOTIFY:
	case LHCALL_GET_CLOCK:
		device_call(call);
		break;
	case LHCALL_FLUSH_TLB:
		call->arg[0] = rnd_below(3);
		break;
	case LHCALL_TS:
		call->arg[0] = rnd_below(2);
		break;
	case LHCALL_SET_CLOCKEVENT:
		call->arg[0] = rnd_one_in(4) ? rnd_word() : rnd_below(100000);
		break;
	default:
		call->arg[0] = rnd_word();
	}
}

/* (A halt lasts until the launcher's next signal.) */
static bool is_wanted(u32 nr)
{
	return plan.calls & 1u << nr && (nr != LHCALL_HALT || rnd_one_in(16));
}

void fuzz_choose_call(struct fuzz_call *call)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(call->arg); i++)
		call->arg[i] = rnd_word();
	if (fuzz_wild()) {
		call->nr = rnd_one_in(2) ? rnd_below(32) : rnd_word();
		return;
	}
	do
		call->nr = rnd_below(32);
	while (!is_wanted(call->nr));
	choose_arguments(call);
}

void put_call(const struct fuzz_call *call, bool vmcall)
{
	static const u8 classic[] = { EDX, EBX, ECX, ESI }, later[] = { EBX, ECX, EDX, ESI };
	const u8 *regs = era_has(ERA_EBX) ? later : classic;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(call->arg); i++)
		put_move(regs[i], call->arg[i]);
	put_move(EAX, call->nr);
	if (vmcall) {
		put8(0x0f);
		put8(0x01);
		put8(0xc1);
	} else {
		put8(0xcd);
		put8(LGUEST_TRAP_ENTRY);
	}
}

void put_random_call(void)
{
	bool vmcall = era_has(ERA_VMCALL | ERA_VMCALL_TOO) && rnd_one_in(2);
	struct fuzz_call call;

	fuzz_choose_call(&call);
	put_call(&call, vmcall || fuzz_wild());
}

void fuzz_fill_slot(u32 slot)
{
	u8 *at = fuzz_seen(FUZZ_DATA + era->data->ring + slot * era->data->slot);
	bool plain = era_has(ERA_RING_PLAIN);
	struct fuzz_call call;
	u32 words[5];

	fuzz_choose_call(&call);
	words[0] = call.nr;
	words[1] = call.arg[plain ? 0 : 1];
	words[2] = call.arg[plain ? 1 : 2];
	words[3] = call.arg[plain ? 2 : 0];
	words[4] = call.arg[3];
	memcpy(at, words, era->data->slot);
}
