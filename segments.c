// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest may put in its GDT.  The table is the one that the CPU uses, so
 * each entry is checked before it gets there: code and data segments of rings
 * 1 to 3, already accessed (the guest's view of the table is read-only, and the
 * CPU would have to write that bit), and nothing else.  descriptor.h has the
 * rules; the host's own entries stay as init_gdt() made them.
 */
#include <linux/kernel.h>
#include <asm/desc.h>
#include "descriptor.h"
#include "lg.h"

#define TLS_FIRST		6
#define TLS_ENTRIES		3

/* Is an entry for what traps of ring 3 get: the kernel's code, and its stack? */
static bool is_of_gates(const struct lguest_vcpu *vcpu, u32 index)
{
	return index == selector_index(GUEST_KERNEL_CS) ||
	       index == selector_index(vcpu->traps.kernel_ss);
}

static void set_entry(struct lguest_vcpu *vcpu, u32 index, u32 low, u32 high)
{
	set_descriptor(&vcpu->tables->gdt[index], low, high);
	if (is_of_gates(vcpu, index))
		vcpu->traps.gates_stale = true;
}

static u32 entry_low(const struct lguest_vcpu *vcpu, u32 index)
{
	return *(const u32 *)&vcpu->tables->gdt[index];
}

static u32 entry_high(const struct lguest_vcpu *vcpu, u32 index)
{
	return *((const u32 *)&vcpu->tables->gdt[index] + 1);
}

static bool selects(u32 selector, u32 index)
{
	return selector_index(selector) == index;
}

/*
 * An entry is about to vanish.  A data segment that the guest still has in one
 * of these registers becomes null, as it would be found out on the next load;
 * without the others it could not go on.
 */
static int unuse_entry(struct lguest_vcpu *vcpu, u32 index)
{
	struct lguest *lg = vcpu->lg;
	struct lguest_regs *regs = vcpu->regs;

	if (selects(regs->gs, index))
		regs->gs = 0;
	if (selects(regs->fs, index))
		regs->fs = 0;
	if (selects(regs->es, index))
		regs->es = 0;
	if (selects(regs->ds, index) || selects(regs->cs, index) ||
	    selects(regs->ss, index))
		return kill_guest(lg, "removed live GDT entry %u", index);
	return 0;
}

/* As it is in the table: the host's bit in it, too, which guests set that know of it. */
static bool is_loaded(const struct lguest_vcpu *vcpu, u32 index, u32 low, u32 high)
{
	return entry_low(vcpu, index) == low && entry_high(vcpu, index) == high;
}

static int load_entry(struct lguest_vcpu *vcpu, u32 index, u32 low, u32 high)
{
	struct lguest *lg = vcpu->lg;

	if (descriptor_is_hosts(index) || is_loaded(vcpu, index, low, high))
		return 0;
	if (!descriptor_is_present(high)) {
		set_entry(vcpu, index, 0, 0);
		return unuse_entry(vcpu, index);
	}
	if (!descriptor_is_legal(high))
		return kill_guest(lg, "bad GDT entry %u: %#x:%#x", index, high,
				  low);
	set_entry(vcpu, index, low, descriptor_fix(high));
	return 0;
}

/* As a guest has it in memory: copied before it is checked, and used from the copy. */
struct guest_entry {
	u32 low, high;
};

static int load_entries(struct lguest_vcpu *vcpu, const struct guest_entry *entries, u32 first,
			u32 count)
{
	u32 i;
	int err = 0;

	for (i = 0; !err && i < count; i++)
		err = load_entry(vcpu, first + i, entries[i].low, entries[i].high);
	return err;
}

/**
 * load_guest_gdt() - LHCALL_LOAD_GDT
 * @vcpu: the guest's CPU; the caller is its owner
 * @table: guest-physical address of the entries
 * @count: how many, from entry 0
 *
 * Return: 0, or negative if the guest was killed.
 */
int load_guest_gdt(struct lguest_vcpu *vcpu, gpa_t table, u32 count)
{
	struct guest_entry entries[GUEST_GDT_ENTRIES];
	struct lguest *lg = vcpu->lg;

	if (count > GUEST_GDT_ENTRIES)
		return kill_guest(lg, "too many GDT entries: %u", count);
	return guest_read(lg, entries, table, count * sizeof(entries[0])) ?:
	       load_entries(vcpu, entries, 0, count);
}

/**
 * load_guest_gdt_entry() - LHCALL_LOAD_GDT_ENTRY
 * @vcpu: the guest's CPU; the caller is its owner
 * @index: the entry, whatever the guest said
 * @low: its low word
 * @high: its high word
 *
 * Return: 0, or negative if the guest was killed.
 */
int load_guest_gdt_entry(struct lguest_vcpu *vcpu, u32 index, u32 low, u32 high)
{
	struct lguest *lg = vcpu->lg;

	if (index >= GUEST_GDT_ENTRIES)
		return kill_guest(lg, "bad GDT index %u", index);
	return load_entry(vcpu, index, low, high);
}

/**
 * load_guest_tls() - LHCALL_LOAD_TLS: entries 6 to 8
 * @vcpu: the guest's CPU; the caller is its owner
 * @table: guest-physical address of the three entries
 *
 * Return: 0, or negative if the guest was killed.
 */
int load_guest_tls(struct lguest_vcpu *vcpu, gpa_t table)
{
	struct guest_entry entries[TLS_ENTRIES];

	return guest_read(vcpu->lg, entries, table, sizeof(entries)) ?:
	       load_entries(vcpu, entries, TLS_FIRST, TLS_ENTRIES);
}

/**
 * guest_segment() - what the host needs to know of one of the guest's segments
 * @vcpu: the guest's CPU
 * @sel: a selector
 * @base: linear address of its start
 * @is_32bit: its default operand or stack size
 *
 * Return: false if there is no such segment.
 */
bool guest_segment(const struct lguest_vcpu *vcpu, u16 sel, u32 *base, bool *is_32bit)
{
	u32 index = selector_index(sel);

	if (index >= GUEST_GDT_ENTRIES || descriptor_is_hosts(index) ||
	    !descriptor_is_present(entry_high(vcpu, index)))
		return false;
	*base = descriptor_base(entry_low(vcpu, index), entry_high(vcpu, index));
	*is_32bit = descriptor_is_32bit(entry_high(vcpu, index));
	return true;
}

/**
 * guest_stack_is_plain() - may a frame be written to the kernel's stack as it stands?
 * @vcpu: the guest's CPU
 *
 * That is, without a look at the segment's base and limit, and of 32-bit words.  Where that
 * is not what the CPU would do, the host must push it.
 *
 * Return: true if it may.
 */
bool guest_stack_is_plain(const struct lguest_vcpu *vcpu)
{
	bool is_32bit;
	u32 base;

	return guest_segment(vcpu, vcpu->traps.kernel_ss, &base, &is_32bit) && is_32bit && !base;
}

static bool has_segment(const struct lguest_vcpu *vcpu, u32 sel, u32 *high)
{
	u32 index = selector_index(sel);

	if (sel > U16_MAX || index >= GUEST_GDT_ENTRIES || descriptor_is_hosts(index))
		return false;
	*high = entry_high(vcpu, index);
	return descriptor_is_present(*high);
}

/**
 * guest_may_run() - are these segments that a guest can run with?
 * @vcpu: the guest's CPU
 * @cs: selector of its code, whose RPL is the ring
 * @ss: selector of its stack
 *
 * Return: false if the CPU would refuse to load them, or they are no guest's.
 */
bool guest_may_run(const struct lguest_vcpu *vcpu, u32 cs, u32 ss)
{
	u32 cpl = cs & SEGMENT_RPL_MASK, code, stack;

	if ((cpl != GUEST_PL && cpl != USER_RPL) || (ss & SEGMENT_RPL_MASK) != cpl)
		return false;
	return has_segment(vcpu, cs, &code) && descriptor_is_code_of(code, cpl) &&
	       has_segment(vcpu, ss, &stack) && descriptor_is_stack_of(stack, cpl);
}

/**
 * guest_may_use() - is this a segment that a guest can have for its data?
 * @vcpu: the guest's CPU
 * @cs: selector of its code
 * @sel: selector; it may be null
 *
 * Return: false if the CPU would refuse to load it, or it is no guest's.
 */
bool guest_may_use(const struct lguest_vcpu *vcpu, u32 cs, u32 sel)
{
	u32 high;

	if (sel <= SEGMENT_RPL_MASK)
		return true;
	return has_segment(vcpu, sel, &high) &&
	       descriptor_is_data_of(high, cs & SEGMENT_RPL_MASK, sel & SEGMENT_RPL_MASK);
}

/**
 * init_gdt() - the table that a guest starts with
 * @vcpu: a new guest's CPU
 */
void init_gdt(struct lguest_vcpu *vcpu)
{
	set_entry(vcpu, selector_index(GUEST_KERNEL_CS), FLAT_LOW,
		  descriptor_fix(FLAT_CODE));
	set_entry(vcpu, selector_index(GUEST_KERNEL_DS), FLAT_LOW,
		  descriptor_fix(FLAT_DATA));
}
