// SPDX-License-Identifier: GPL-2.0
/*
 * Direct page faults: those that are the guest's own, of ring 3 or of its kernel about the
 * addresses of ring 3, go to its handler by the switcher, as by a gate, without an exit.
 *
 * What the guest's tables denied when the host looked at them last is noted here, for
 * windows of some pages, and the switcher believes it.  That is a guess, for a guest tells
 * nobody when an entry becomes present or writable.  So a guest must want this
 * (LGUEST_HAS_DIRECT_FAULTS): its handler announces what it finds, right or changed, by
 * LHCALL_SET_PTE, which also mends the guess.  What the host does with an address never
 * depends on it: a guest that breaks its word gets faults which it did not expect, and
 * harms nobody else.
 */
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/stddef.h>
#include <asm/desc_defs.h>
#include <asm/processor-flags.h>
#include "lg.h"

static_assert(offsetof(struct direct_faults, data) == DIRECT_data);
static_assert(offsetof(struct direct_faults, errcode) == DIRECT_errcode);
static_assert(offsetof(struct direct_faults, eip) == DIRECT_eip);
static_assert(offsetof(struct direct_faults, cs) == DIRECT_cs);
static_assert(offsetof(struct direct_faults, esp) == DIRECT_esp);
static_assert(offsetof(struct direct_faults, ss) == DIRECT_ss);
static_assert(offsetof(struct direct_faults, windows) == DIRECT_windows);
static_assert(offsetof(struct direct_window, number) == WINDOW_number);
static_assert(offsetof(struct direct_window, denied) == WINDOW_denied);
static_assert(sizeof(struct direct_window) == 8);
static_assert(BIT_ULL(32) - RESERVE_MEM == HOST_ADDRESSES);
static_assert(AROUND == WINDOW_PAGES);
static_assert(BIT(WINDOW_SHIFT) == WINDOW_PAGES * PAGE_SIZE);

/* Do @len bytes from an address on end below what is the host's? */
static bool is_guest_range(u64 addr, u32 len)
{
	return addr + len <= HOST_ADDRESSES;
}

/* (An interrupt gate, which turns off the guest's interrupts: the switcher does.) */
static bool handler_is_plain(const struct lguest_vcpu *vcpu)
{
	const struct guest_gate *gate = &vcpu->traps.gates[X86_TRAP_PF];

	return gate->present && gate->type == GATE_INTERRUPT &&
	       !debug_sees_traps(&vcpu->debug);
}

/**
 * prepare_direct_faults() - the guest's gate, its stack or a segment may have changed
 * @vcpu: the guest's CPU; the caller is its owner
 *
 * Whatever the switcher writes to is looked at here, for it writes as ring 0: to no
 * address of the host's, and as paging allows the guest's kernel.
 *
 * Return: true if page faults may go to the switcher's switcher_page_fault.
 */
bool prepare_direct_faults(struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;
	struct direct_faults *direct = &vcpu->tables->direct;
	u64 data = (u64)lg->paging.page_offset + lg->kernel.data;
	u32 esp = vcpu->traps.kernel_esp - FAULT_FRAME_SIZE;

	if (!lg->kernel.direct_faults || !handler_is_plain(vcpu) ||
	    !guest_may_run(vcpu, GUEST_KERNEL_CS, vcpu->traps.kernel_ss) ||
	    !guest_stack_is_plain(vcpu) ||
	    !is_guest_range(data, LGUEST_DATA_CR2 + sizeof(u32)) ||
	    !is_guest_range(esp, FAULT_FRAME_SIZE))
		return false;
	direct->data = data;
	direct->errcode = guest_errcode(lg, ~0U, true);
	direct->eip = vcpu->traps.gates[X86_TRAP_PF].offset;
	direct->cs = GUEST_KERNEL_CS;
	direct->esp = esp;
	direct->ss = vcpu->traps.kernel_ss;
	return true;
}

static struct direct_window *window_at(struct lguest_vcpu *vcpu, u32 number)
{
	u32 place = number ^ number >> DIRECT_WINDOWS_MIX;

	return &vcpu->tables->direct.windows[place % DIRECT_WINDOWS];
}

/* (What a kernel does about its own addresses is another thing.) */
static bool has_direct_faults(const struct lguest *lg, u32 vaddr)
{
	return lg->kernel.direct_faults && vaddr < lg->paging.page_offset;
}

/**
 * learn_direct_faults() - the guest has a page fault of its own
 * @vcpu: the guest's CPU; the caller is its owner
 * @vaddr: guest-virtual address
 *
 * The next ones, there or beside it, need no exit.
 */
void learn_direct_faults(struct lguest_vcpu *vcpu, u32 vaddr)
{
	u32 number = vaddr >> WINDOW_SHIFT;
	struct direct_window *window = window_at(vcpu, number);

	if (!has_direct_faults(vcpu->lg, vaddr))
		return;
	window->number = number;
	window->denied = guest_denied(vcpu, vaddr);
}

/**
 * learn_direct_fault() - the guest has announced an entry of its current tables
 * @vcpu: the guest's CPU; the caller is its owner
 * @vaddr: guest-virtual address
 * @pte: the entry
 * @shadow: what the host has made of it
 *
 * Where that allows the access, it does not matter what is known, which stays as it was:
 * for the next process that has something there, as its parent had or the last program.
 * Where it does not, though the guest would, the next fault must be an exit, or it would
 * come again for ever.
 */
void learn_direct_fault(struct lguest_vcpu *vcpu, u32 vaddr, u64 pte, pteval_t shadow)
{
	u32 number = vaddr >> WINDOW_SHIFT;
	u32 page = (vaddr >> PAGE_SHIFT) % WINDOW_PAGES;
	struct direct_window *window = window_at(vcpu, number);
	u32 absent = (u32)DENIED_ABSENT << page, write = (u32)DENIED_WRITE << page;

	if (!has_direct_faults(vcpu->lg, vaddr) || window->number != number)
		return;
	if (!(pte & _PAGE_PRESENT))
		window->denied |= absent;
	else if (!(shadow & _PAGE_PRESENT))
		window->denied &= ~absent;
	if (!(pte & _PAGE_RW))
		window->denied |= write;
	else if (!(shadow & _PAGE_RW))
		window->denied &= ~write;
}

/**
 * learn_direct_range() - the guest has changed a range of its current tables
 * @vcpu: the guest's CPU; the caller is its owner
 * @start: guest-virtual address
 * @end: one that follows the last
 *
 * Windows that are known are looked at again.
 */
void learn_direct_range(struct lguest_vcpu *vcpu, u32 start, u32 end)
{
	struct direct_window *windows = vcpu->tables->direct.windows;
	u32 i;

	for (i = 0; i < DIRECT_WINDOWS; i++) {
		u32 number = windows[i].number;

		if (number >= start >> WINDOW_SHIFT && number <= (end - 1) >> WINDOW_SHIFT)
			learn_direct_faults(vcpu, number << WINDOW_SHIFT);
	}
}

/**
 * expect_write_faults() - all that the guest could write to has become read-only
 * @vcpu: the guest's CPU; the caller is its owner
 */
void expect_write_faults(struct lguest_vcpu *vcpu)
{
	struct direct_window *windows = vcpu->tables->direct.windows;
	u32 i;

	for (i = 0; i < DIRECT_WINDOWS; i++)
		windows[i].denied |= ~windows[i].denied << WINDOW_PAGES;
}
