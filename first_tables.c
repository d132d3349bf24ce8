// SPDX-License-Identifier: GPL-2.0
/*
 * The page tables that a guest starts on, where the host makes them.  Guests of
 * 2.6.29 to 2.6.37 expect all of memory at its physical addresses and again from
 * PAGE_OFFSET up, for user and kernel alike, and a page directory in memory to
 * which they may add an entry of their own before they load tables of theirs.
 *
 * Whether they are 2-level or PAE guests nobody has said yet.  So what all of
 * them expect is no matter of entries at all (guest_tables.c knows it), and the
 * directory is both: the four entries of a PAE root lie where 2-level entries
 * for the lowest 32 MB would be, which nobody needs to write.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <asm/pgtable.h>
#include "lg.h"

/* Offsets in the boot parameters, which are at the start of memory. */
#define BOOT_RAMDISK_SIZE	0x21c
#define BOOT_E820_SIZE		(0x2d0 + 8)	/* low word, of entry 0 */

/* Entries of a PAE root: for the lowest gigabyte, and for PAGE_OFFSET's. */
#define PAE_ROOT_LOW		0
#define PAE_ROOT_KERNEL		3

static bool read_boot_word(const struct lguest *lg, u32 offset, u32 *word)
{
	return guest_peek(lg, word, offset, sizeof(*word));
}

static bool clear_page_of(const struct lguest *lg, gpa_t addr)
{
	return guest_poke(lg, addr, page_address(ZERO_PAGE(0)), PAGE_SIZE);
}

static bool set_root_entry(const struct lguest *lg, gpa_t pgdir, u32 index,
			   gpa_t pmd)
{
	u64 entry = pmd | _PAGE_PRESENT;

	return guest_poke(lg, pgdir + index * sizeof(entry), &entry, sizeof(entry));
}

/* The directory is the last page below the initial ramdisk. */
static bool find_place(const struct lguest *lg, gpa_t *pgdir)
{
	u32 mem, ramdisk;

	if (!read_boot_word(lg, BOOT_E820_SIZE, &mem) ||
	    !read_boot_word(lg, BOOT_RAMDISK_SIZE, &ramdisk))
		return false;
	if (ramdisk >= mem || mem - ramdisk < 4 * PAGE_SIZE)
		return false;
	*pgdir = ((mem - ramdisk) & PAGE_MASK) - PAGE_SIZE;
	return true;
}

static bool make_tables(const struct lguest *lg, gpa_t *pgdir)
{
	gpa_t pmd;

	if (!find_place(lg, pgdir))
		return false;
	pmd = *pgdir - PAGE_SIZE;
	return clear_page_of(lg, *pgdir) && clear_page_of(lg, pmd) &&
	       set_root_entry(lg, *pgdir, PAE_ROOT_LOW, pmd) &&
	       set_root_entry(lg, *pgdir, PAE_ROOT_KERNEL, pmd);
}

/**
 * give_first_tables() - what a guest runs on before it loads tables of its own
 * @vcpu: a new guest's CPU; the caller is its owner
 * @pgdir: guest-physical address of the launcher's page directory, if it makes one
 *
 * Source: ABI, "before the guest has its own tables".
 *
 * Return: 0, or -EFAULT if there is no memory where the tables belong.
 */
int give_first_tables(struct lguest_vcpu *vcpu, gpa_t pgdir)
{
	struct lguest *lg = vcpu->lg;
	enum first_tables whose = lg->launcher->first_tables;

	if (whose == TABLES_OF_HOST || whose == TABLES_OF_HOST_OR_NONE) {
		bool made = make_tables(lg, &pgdir);

		if (!made && whose == TABLES_OF_HOST)
			return -EFAULT;
		whose = made ? TABLES_OF_HOST : TABLES_NONE;
	}
	set_first_pgdir(vcpu, whose == TABLES_NONE ? NO_PGDIR : pgdir);
	guest_first_format(lg, whose);
	return 0;
}
