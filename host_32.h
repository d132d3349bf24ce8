/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The 32-bit host's structures, and the offsets into them that switcher_32.S
 * uses: see host.h.
 */
#ifndef LGUEST_HOST_32_H
#define LGUEST_HOST_32_H

/* Beside its code segment the switcher has one for data, flat and DPL 0, too. */
#define GDT_ENTRY_LGUEST_DS	11
#define LGUEST_DS		(GDT_ENTRY_LGUEST_DS * 8)

/*
 * The switcher's address space: one page of text, then for each CPU the three
 * pages named below.  The guest that runs on the CPU sees the first two.
 */
#define SWITCHER_REGS		0	/* its registers: the ring 0 stack */
#define SWITCHER_TABLES		1	/* its TSS, GDT and IDT */
#define SWITCHER_CPU		2	/* the host's own: struct switcher_cpu */
#define SWITCHER_CPU_PAGES	3

/* Offsets into struct lguest_regs; host_cpu_32.c checks them against the structure. */
#define REGS_ebx		0
#define REGS_ecx		4
#define REGS_edx		8
#define REGS_esi		12
#define REGS_edi		16
#define REGS_ebp		20
#define REGS_eax		24
#define REGS_gs			28
#define REGS_fs			32
#define REGS_es			36
#define REGS_ds			40
#define REGS_pad		44
#define REGS_trapnum		68
#define REGS_errcode		72
#define REGS_eip		76
#define REGS_cs			80
#define REGS_eflags		84
#define REGS_esp		88
#define REGS_ss			92
#define REGS_SIZE		96

/* Offsets into struct lguest_tables. */
#define TABLES_host_cr3		104
#define TABLES_gdt		112
#define TABLES_direct		2416
#define TABLES_switches		3072

/* Offsets into struct direct_notes, at the start of the register page. */
#define NOTES_faults		0
#define NOTES_switches		4
#define NOTES_pgdir		8

/* Offsets into struct switcher_cpu. */
#define CPU_host_sp		0
#define CPU_guest_sp		8
#define CPU_host_idt		16
#define CPU_host_gdt		24
#define CPU_host_gdt_rw		32
#define CPU_guest_idt		40
#define CPU_guest_gdt		48
#define CPU_host_cr4		56
#define CPU_guest_cr4		60
#define CPU_host_cr0		64
#define CPU_guest_cr0		68
#define CPU_ended		72
#define CPU_pending		76

#ifndef __ASSEMBLY__

#include <linux/cpumask.h>

/* Slots of a shadow directory that are the switcher's. */
#define SWITCHER_SLOTS		BIT(22 - PMD_SHIFT)

/* Like a kernel page's, but gone from a CPU's TLB with the next change of CR3. */
#define switcher_prot(prot)	__pgprot(pgprot_val(prot) & ~_PAGE_GLOBAL)

/**
 * struct lguest_regs - a guest's registers while it does not run
 * @pad: what an NMI in the middle of an entry may overwrite
 * @trapnum: the vector that ended the run, SWITCHER_FAULT or SWITCHER_ABORT
 * @errcode: the CPU's error code, 0 for vectors that have none
 *
 * The end of the guest's register page, which is its ring 0 stack: the CPU
 * pushes @ss to @eip, the switcher's stub @errcode and @trapnum, its common
 * part the rest.
 */
struct lguest_regs {
	u32 ebx, ecx, edx, esi, edi, ebp, eax;
	u32 gs, fs, es, ds;
	u32 pad[6];
	u32 trapnum, errcode;
	u32 eip, cs, eflags, esp, ss;
};

/**
 * struct lguest_tables - what the CPU reads while the guest runs
 * @tss: stacks for ring 0 (the registers above) and ring 1 (the guest's)
 * @host_cr3: the way back; the one thing here that is not the guest's own
 * @gdt: the guest's GDT, checked
 * @idt: direct gates to the guest, and stubs
 * @direct: how page faults go to the guest
 * @switches: which page directories it can load
 *
 * One page of each guest, read-only to it.
 */
struct lguest_tables {
	struct x86_hw_tss tss;
	u32 host_cr3;
	u32 unused;
	struct desc_struct gdt[GUEST_GDT_ENTRIES];
	gate_desc idt[IDT_VECTORS];
	struct direct_faults direct;
	u8 room[TABLES_switches - TABLES_direct - sizeof(struct direct_faults)];
	struct direct_switch switches[DIRECT_SWITCHES];
};

/**
 * struct direct_notes - what the switcher has done without an exit
 * @faults: page faults that went to the guest
 * @switches: page directories that it has loaded
 * @pgdir: the last of these
 *
 * Below whatever the CPU pushes there.  The guest's kernel can write to that page, too.
 */
struct direct_notes {
	u32 faults;
	u32 switches;
	u32 pgdir;
};

/* A stack, as the LSS instruction loads it. */
struct far_stack {
	u32 esp;
	u16 ss;
	u16 unused;
} __packed;

/* A table register, as LGDT and LIDT load it, padded to 8 bytes. */
struct table_register {
	u16 limit;
	u32 base;
	u16 unused;
} __packed;

/**
 * struct switcher_cpu - one CPU's page of the switcher, seen by the host alone
 * @host_sp: stack to return on
 * @guest_sp: the place of the guest's eip in its struct lguest_regs
 * @host_idt: as found when the run began
 * @host_gdt: likewise
 * @host_gdt_rw: the same table at its writable address: LTR writes to it
 * @guest_idt: this CPU's view of the tables page
 * @guest_gdt: likewise
 * @host_cr4: value to restore, if @guest_cr4 is used
 * @guest_cr4: value for the guest, or 0 to leave CR4 alone
 * @host_cr0: likewise for CR0
 * @guest_cr0: likewise
 * @ended: the vector that ended the run, perhaps with SWITCHER_FAULT or _ABORT
 * @pending: vectors 2 and 18, if they came while the switcher left a guest
 * @current_vcpu: whose pages are mapped on this CPU
 */
struct switcher_cpu {
	struct far_stack host_sp;
	struct far_stack guest_sp;
	struct table_register host_idt;
	struct table_register host_gdt;
	struct table_register host_gdt_rw;
	struct table_register guest_idt;
	struct table_register guest_gdt;
	u32 host_cr4;
	u32 guest_cr4;
	u32 host_cr0;
	u32 guest_cr0;
	u32 ended;
	u8 pending[32];
	struct lguest_vcpu *current_vcpu;
};

/**
 * struct host_dir - the root of a shadow directory
 * @root: above its pages, with PAE
 * @cr3: where it is, for the CPU
 */
struct host_dir {
	pteval_t *root;
	u32 cr3;
};

/**
 * struct host_guest - what this host keeps for a guest
 * @switcher_ptes: the page tables for the top 4 MiB of its address space
 */
struct host_guest {
	pteval_t *switcher_ptes[SWITCHER_SLOTS];
};

/**
 * struct host_vcpu - what this host keeps for a guest's CPU
 * @mapped_cpu: at whose places in the guest's tables its own pages are, or -1
 * @ran_on: CPUs that may show these pages to the host
 */
struct host_vcpu {
	int mapped_cpu;
	struct cpumask ran_on;
};

/* host_map_32.c */
extern unsigned long switcher_base;

unsigned long switcher_page(int cpu, int which);
pte_t *host_pte(unsigned long addr);
void map_switcher_pages(struct lguest_vcpu *vcpu, int cpu);

/* switcher_32.S */
extern const char switcher_text[PAGE_SIZE];
extern const u16 switcher_stubs[IDT_VECTORS];
extern const char switcher_page_fault[];
extern const char switcher_call[];

#endif /* __ASSEMBLY__ */
#endif /* LGUEST_HOST_32_H */
