/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the guest's own page tables say: see guest_tables.c and first_tables.c.
 */
#ifndef LGUEST_GUEST_TABLES_H
#define LGUEST_GUEST_TABLES_H

#include <linux/bits.h>
#include <linux/types.h>
#include "abi.h"
#include "direct_faults.h"
#include "guest_memory.h"

struct lguest_vcpu;

/* guest_tables.c: reading the guest's own page tables */

#define GUEST_PAGE_NX		BIT(31)

/**
 * struct guest_page - what the guest's tables say of an address
 * @present: all levels are
 * @gpa: guest-physical address of the page
 * @rights: _PAGE_RW and _PAGE_USER, if all levels have it; _PAGE_DIRTY, if the entry has;
 *	GUEST_PAGE_NX, if any level forbids execution
 * @device: this is no memory, but a device that the launcher emulates
 * @place: guest-physical address of the entry, for guest_used_pages()
 * @dir_rights: what the levels above it allow and forbid, likewise
 */
struct guest_page {
	bool present;
	gpa_t gpa;
	u32 rights;
	bool device;
	gpa_t place;
	u32 dir_rights;
};

/* Pages that are looked at, and mapped, together: a power of two, at most 32. */
#define AROUND			16U

/**
 * struct used_page - a page that the guest has used before
 * @gfn: its number
 * @rights: as in struct guest_page
 */
struct used_page {
	u32 gfn;
	u32 rights;
};

bool guest_lets_write(struct lguest_vcpu *vcpu, u32 vaddr);
__must_check int guest_walk(struct lguest_vcpu *vcpu, u32 vaddr, u32 access,
			    struct guest_page *page);
bool guest_uses_next(struct lguest *lg, const struct guest_page *page);
u32 guest_used_pages(struct lguest *lg, const struct guest_page *page, int distance, u32 wanted,
		     struct used_page *used);
bool guest_find_place(struct lguest_vcpu *vcpu, u32 vaddr, struct guest_page *page);
u32 guest_denied(struct lguest_vcpu *vcpu, u32 vaddr);
__must_check int guest_check_pte(struct lguest *lg, gpa_t pgdir, u32 vaddr,
				 u64 pte, struct guest_page *page);
u64 guest_pte(const struct lguest *lg, u32 low, u32 high);
bool guest_has_tables(const struct lguest *lg);
bool guest_has_pae(const struct lguest *lg);
bool guest_dir_range(const struct lguest *lg, u32 index, u32 *start, u8 *shift);
bool guest_may_have_pmd(const struct lguest *lg);
u32 guest_errcode(const struct lguest *lg, u32 errcode, bool present);
void guest_first_format(struct lguest *lg, enum first_tables whose);
bool guest_choose_format(struct lguest *lg, gpa_t pgdir);

/* guest_virtual.c: copies to and from guest-virtual addresses */
__must_check int guest_read_virt(struct lguest_vcpu *vcpu, void *to, u32 from,
				 u32 len);
__must_check int guest_write_virt(struct lguest_vcpu *vcpu, u32 to, const void *from,
				  u32 len);

/* first_tables.c: what a guest runs on before it has page tables */
#define NO_PGDIR	(~0U)		/* no directory is there */

int give_first_tables(struct lguest_vcpu *vcpu, gpa_t pgdir);

#endif /* LGUEST_GUEST_TABLES_H */
