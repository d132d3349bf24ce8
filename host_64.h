/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The 64-bit host's structures, and the offsets into them that switcher_64.S
 * uses: see host.h.
 *
 * Guests run in compatibility mode, so that no address of theirs is above 4 GB.
 * All that the CPU needs while one runs is above, at the addresses where the host
 * has it anyway: the switcher's page in the module's text, and for each CPU of a
 * guest one block of pages in the direct map.  There is nothing for each CPU of
 * the host.
 */
#ifndef LGUEST_HOST_64_H
#define LGUEST_HOST_64_H

/*
 * A TSS descriptor takes two places, and the guest's GDT has those behind the ones
 * that the guest can name.
 */
#define GDT_ENTRY_GUEST_TSS	32
#define GUEST_TSS		(GDT_ENTRY_GUEST_TSS * 8)
#define GUEST_GDT_SIZE		((GDT_ENTRY_GUEST_TSS + 2) * 8)

/* The pages of a guest's CPU, in this order: struct lguest_world, struct lguest_tables. */
#define GDT_PAGE		1
#define IDT_PAGE		2
#define VCPU_PAGES		3

/* Offsets into struct lguest_regs; host_cpu_64.c checks them against the structure. */
#define REGS_ebx		0
#define REGS_ecx		8
#define REGS_edx		16
#define REGS_esi		24
#define REGS_edi		32
#define REGS_ebp		40
#define REGS_eax		48
#define REGS_gs			56
#define REGS_fs			64
#define REGS_es			72
#define REGS_ds			80
#define REGS_pad		88
#define REGS_trapnum		344
#define REGS_errcode		352
#define REGS_eip		360
#define REGS_cs			368
#define REGS_eflags		376
#define REGS_esp		384
#define REGS_ss			392
#define REGS_SIZE		400

/* Offsets into struct lguest_tables. */
#define TABLES_gdt		128
#define TABLES_direct		(TABLES_gdt + GUEST_GDT_SIZE)
#define TABLES_switches		1024

/* Offsets into struct lguest_world. */
#define WORLD_host_sp		0
#define WORLD_host_cr3		8
#define WORLD_host_cr4		16
#define WORLD_host_cr0		24
#define WORLD_guest_cr3		32
#define WORLD_guest_cr4		40
#define WORLD_guest_cr0		48
#define WORLD_host_fs_base	56
#define WORLD_host_gs_base	64
#define WORLD_host_segments	72
#define WORLD_host_idt		80
#define WORLD_host_gdt		96
#define WORLD_host_gdt_rw	112
#define WORLD_guest_idt		128
#define WORLD_guest_gdt		144
#define WORLD_ended		160
#define WORLD_fsgsbase		164
#define WORLD_restored_again	165
#define WORLD_pending		168
#define WORLD_forward_to	200
#define WORLD_fault_address	208
#define WORLD_direct_count	216
#define WORLD_switch_count	220
#define WORLD_switched_to	224
#define WORLD_forward		1024
#define WORLD_direct		2048
#define WORLD_regs		(4096 - REGS_SIZE)

#ifndef __ASSEMBLY__

/**
 * struct lguest_regs - a guest's registers while it does not run
 * @pad: what an NMI or a fault in the middle of a switch may overwrite
 * @trapnum: the vector that ended the run, SWITCHER_FAULT or SWITCHER_ABORT
 * @errcode: the CPU's error code, 0 for vectors that have none
 *
 * The end of struct lguest_world, whose page is the ring 0 stack: the CPU pushes
 * @ss to @eip, the switcher's stub @errcode and @trapnum; the switcher moves the
 * rest to its place.  Each has the width that the CPU pushes, of which the upper half
 * is nothing of a guest's.  @pad has room for an NMI within an exception, and a machine
 * check within that, with what their handlers push.
 */
struct lguest_regs {
	u32 ebx, ebx_high;
	u32 ecx, ecx_high;
	u32 edx, edx_high;
	u32 esi, esi_high;
	u32 edi, edi_high;
	u32 ebp, ebp_high;
	u32 eax, eax_high;
	u32 gs, gs_high;
	u32 fs, fs_high;
	u32 es, es_high;
	u32 ds, ds_high;
	u64 pad[32];
	u32 trapnum, trapnum_high;
	u32 errcode, errcode_high;
	u32 eip, eip_high;
	u32 cs, cs_high;
	u32 eflags, eflags_high;
	u32 esp, esp_high;
	u32 ss, ss_high;
};

/**
 * struct lguest_tables - what the CPU reads while the guest runs
 * @tss: the stack for ring 0, which is the registers above
 * @gdt: the guest's GDT, checked, and the TSS's descriptor
 * @direct: how page faults go to the guest
 * @switches: which page directories it can load
 * @idt: all gates lead to ring 0, which is the switcher
 *
 * Two pages of each guest, at addresses that it cannot name; read-only while it
 * runs.
 */
struct lguest_tables {
	struct x86_hw_tss tss;
	u8 unused[TABLES_gdt - sizeof(struct x86_hw_tss)];
	struct desc_struct gdt[GUEST_GDT_SIZE / 8];
	struct direct_faults direct;
	u8 room[TABLES_switches - TABLES_direct - sizeof(struct direct_faults)];
	struct direct_switch switches[DIRECT_SWITCHES];
	u8 rest[PAGE_SIZE - TABLES_switches - DIRECT_SWITCHES * sizeof(struct direct_switch)];
	gate_desc idt[IDT_VECTORS];
};

/* A table register, as LGDT and LIDT load it, padded to 16 bytes. */
struct table_register {
	u16 limit;
	u64 base;
	u16 unused[3];
} __packed;

/* What IRETQ takes. */
struct iret_frame {
	u64 eip, cs, eflags, esp, ss;
};

/* Data segments of the host's, which are the launcher's. */
struct host_segments {
	u16 ds, es, fs, gs;
};

/**
 * struct lguest_world - the page that both worlds have at one address
 * @host_sp: stack to return on
 * @host_cr3: the way back
 * @host_cr4: likewise
 * @host_cr0: likewise
 * @guest_cr3: values for the guest
 * @guest_cr4: likewise
 * @guest_cr0: likewise
 * @host_fs_base: as found when the run began, like all that follows
 * @host_gs_base: where the kernel has its variables of this CPU
 * @host_segments: selectors
 * @host_idt: table registers
 * @host_gdt: likewise
 * @host_gdt_rw: the same table at its writable address: LTR writes to it
 * @guest_idt: the guest's, for good
 * @guest_gdt: likewise
 * @ended: the vector that ended the run, perhaps with SWITCHER_FAULT or _ABORT
 * @fsgsbase: the CPU may use WRFSBASE and WRGSBASE
 * @restored_again: a fault in the restoring of the host has made it begin anew
 * @pending: vectors 2 and 18, if they came during the run
 * @forward_to: linear address of the frame that a system call leaves for the guest
 * @fault_address: CR2, while a page fault is on its way to the guest
 * @direct_count: those that have arrived there
 * @switch_count: page directories that it has loaded itself
 * @switched_to: the last of these
 * @forward: how a system call goes to the guest's handler
 * @direct: likewise a page fault
 * @regs: the guest's registers, at the end of the page
 *
 * Below @forward and @direct there is room for the frames of an NMI and of a fault, too.
 */
struct lguest_world {
	u64 host_sp;
	u64 host_cr3, host_cr4, host_cr0;
	u64 guest_cr3, guest_cr4, guest_cr0;
	u64 host_fs_base, host_gs_base;
	struct host_segments host_segments;
	struct table_register host_idt, host_gdt, host_gdt_rw;
	struct table_register guest_idt, guest_gdt;
	u32 ended;
	u8 fsgsbase;
	u8 restored_again;
	u8 unused[2];
	u8 pending[32];
	u64 forward_to;
	u64 fault_address;
	u32 direct_count;
	u32 switch_count;
	u32 switched_to;
	u8 room[WORLD_forward - WORLD_switched_to - sizeof(u32)];
	struct iret_frame forward;
	u8 more_room[WORLD_direct - WORLD_forward - sizeof(struct iret_frame)];
	struct iret_frame direct;
	u8 last_room[WORLD_regs - WORLD_direct - sizeof(struct iret_frame)];
	struct lguest_regs regs;
};

/**
 * struct host_dir - the root of a shadow directory
 * @root: the top level: the guest's 4 GB, and the switcher's pages
 * @level4: with five levels, the one below it
 * @level3: the four entries for 4 GB
 * @cr3: where @root is, for the CPU
 */
struct host_dir {
	pteval_t *root;
	pteval_t *level4;
	pteval_t *level3;
	u64 cr3;
};

/**
 * struct host_guest - what this host keeps for a guest
 * @root: a top level that has just the switcher's pages, to be copied
 */
struct host_guest {
	pteval_t *root;
};

/**
 * struct host_vcpu - what this host keeps for a guest's CPU
 * @world: the first of its pages
 * @may_forward: the guest's gate allows that system calls go to it without an exit
 */
struct host_vcpu {
	struct lguest_world *world;
	bool may_forward;
};

/* switcher_64.S */
extern const char switcher_text[PAGE_SIZE];
extern const u16 switcher_stubs[IDT_VECTORS];
extern const char switcher_forward[];
extern const char switcher_page_fault[];
extern const char switcher_call[];

void switcher_enter(struct lguest_world *world);
void call_host_handler(unsigned long entry);

#endif /* __ASSEMBLY__ */
#endif /* LGUEST_HOST_64_H */
