/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's one internal header: the structures first, then the prototypes,
 * grouped by the file that defines them.  host.h has what differs between hosts.
 */
#ifndef LG_H
#define LG_H

/* The segments that a guest kernel starts with, in ring 1. */
#define GUEST_PL		1
#define GUEST_KERNEL_CS		(12 * 8 + GUEST_PL)
#define GUEST_KERNEL_DS		(13 * 8 + GUEST_PL)

#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/mmu_notifier.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/wait.h>
#include <linux/xarray.h>
#include <asm/pgtable_types.h>
#include <asm/trapnr.h>

#include <linux/lguest.h>
#include <linux/lguest_launcher.h>
#include "compat.h"
#include "abi.h"
#include "host.h"

/* A guest-physical address. */
typedef u32 gpa_t;
#define MAX_GUEST_PAGES		BIT(32 - PAGE_SHIFT)

#define SYSCALL_VECTOR		0x80
#define FIRST_IRQ_VECTOR	32

/* Descriptors for all 4 GB: present, accessed, DPL 0. */
#define FLAT_LOW		0x0000ffff
#define FLAT_CODE		0x00cf9b00
#define FLAT_DATA		0x00cf9300

static inline void set_descriptor(struct desc_struct *desc, u32 low, u32 high)
{
	u32 *words = (u32 *)desc;

	words[0] = low;
	words[1] = high;
}

/* Counters, named as KVM names its own. */
enum lguest_stat {
	STAT_EXITS,
	STAT_HYPERCALLS,
	STAT_ASYNC_HYPERCALLS,
	STAT_PF_FIXED,
	STAT_PF_GUEST,
	STAT_TRAPS_REFLECTED,
	STAT_IO_EXITS,
	STAT_IRQ_EXITS,
	STAT_NMI_EXITS,
	STAT_MCE_EXITS,
	STAT_IRQ_INJECTIONS,
	STAT_HALT_EXITS,
	STAT_SIGNAL_EXITS,
	STAT_TLB_FLUSH,
	STAT_PGTABLE_SWITCHES,
	STAT_PGTABLE_MISSES,
	STAT_CPU_MOVES,
	STAT_INVALIDATIONS,
	STAT_NOTIFIES,
	STAT_DEVICE_EXITS,
	NR_LGUEST_STATS
};

/* Bytes at the top of a guest's address space that are the host's. */
#define RESERVE_MEM		SZ_4M

/* Slots of a shadow directory, and those of the host's part. */
#define SHADOW_SLOTS		BIT(32 - PMD_SHIFT)
#define SHADOW_SLOTS_PER_PAGE	(PAGE_SIZE / sizeof(pteval_t))
#define SHADOW_DIR_PAGES	(SHADOW_SLOTS / SHADOW_SLOTS_PER_PAGE)
#define RESERVED_SLOTS		(RESERVE_MEM >> PMD_SHIFT)

/**
 * struct shadow_dir - a shadow page directory
 * @pages: its slots
 * @host: how the CPU gets there
 */
struct shadow_dir {
	pteval_t *pages[SHADOW_DIR_PAGES];
	struct host_dir host;
};

/**
 * struct shadow_table - a shadow page table
 * @entries: the page that the CPU reads
 * @links: for each entry that is present, its place in the list of the
 *	mappings of its page
 * @present: how many are
 */
struct shadow_table {
	pteval_t *entries;
	struct hlist_node *links;
	u32 present;
};

/**
 * struct shadow_set - one cached page directory
 * @lru: in lguest.sets, the current one first
 * @gpgdir: guest-physical address of the directory that it shadows
 * @dir: the shadow directory
 */
struct shadow_set {
	struct list_head lru;
	gpa_t gpgdir;
	struct shadow_dir dir;
};

/**
 * struct guest_gate - how a guest handles a trap or an interrupt
 * @offset: of its handler, in its kernel's code segment
 * @present: it does
 * @type: GATE_TRAP, or GATE_INTERRUPT, which turns interrupts off
 * @dpl: the highest ring that may use it with "int n"
 */
struct guest_gate {
	u32 offset;
	bool present;
	u8 type;
	u8 dpl;
};

/**
 * struct lguest - a guest
 *
 * Everything belongs to the owner, the one task that may run the guest, but
 * for what is marked: [any] may be touched from any context.
 */
struct lguest {
	refcount_t refs;			/* [any] the file's, and DMA arrays' */
	kuid_t user;				/* for users.c */

	/* The launcher. */
	struct task_struct *owner;
	struct mm_struct *mm;
	char *dead;				/* [any] why it ended, or NULL */

	const struct launcher_abi *launcher;

	/* Its memory: guest-physical P is at mem_base + P in the launcher. */
	unsigned long mem_base;
	u32 pfn_limit;				/* guest_range_ok() */
	u32 device_start, device_limit;		/* pages of no memory */
	u32 page_offset;			/* where all directories agree */

	/* The shared structure, once the guest has registered it. */
	const struct lguest_abi *abi;
	u32 calls;				/* a bit for each that it may make */
	gpa_t data;				/* valid if abi is set */
	u32 noirq_start, noirq_end;
	u32 noirq_iret;				/* 0: none */
	u16 guestid;

	/* Pages for the switcher. */
	struct lguest_regs *regs;
	struct lguest_tables *tables;
	struct host_guest host;

	/* Traps and interrupts. */
	struct guest_gate idt[IDT_VECTORS];
	u32 kernel_esp;				/* for what comes from ring 3 */
	u16 kernel_ss;
	unsigned long irqs_pending;		/* [any] one bit each */
	bool irq_raised;			/* [any] look at them again */
	bool irq_waits;				/* and the guest was told so */
	struct hrtimer timer;			/* [any] */
	bool halted;
	bool ts;
	u32 cr2;

	/* Hypercalls. */
	bool hcall_waiting;
	bool by_vmcall;				/* the last one was */
	u32 next_hcall;

	/* Its page tables, and their shadows. */
	const struct guest_format *format;
	bool format_chosen;			/* by the guest */
	gpa_t first_pgdir;			/* NO_PGDIR: none */
	struct list_head sets;
	u32 nr_sets;
	u32 nr_tables;				/* in all sets */
	struct shadow_set *set;			/* the current one */
	spinlock_t mmu_lock;			/* for entries and mappings */
	u32 nr_entries;				/* present, in all sets */
	struct hlist_head **mappings;		/* entries by page of memory */
	u32 stack_top;
	u32 stack_pages;

	/* The launcher's address space as it changes. */
	struct mmu_interval_notifier notifier;
	struct mmu_notifier aging;
	struct mm_struct *followed;		/* aging is in use */
	u32 keep_out;				/* [any] who is changing tables */
	bool pages_lost;			/* [any] the stack may be */
	int running_cpu;			/* [any] or -1 */

	/* For the next read(); what it is depends on the launcher. */
	union {
		struct lguest_dma_notice dma;
		u32 notify;
		struct lguest_pending pending;
	} reply;
	bool reply_waiting;
	u32 *reg_wanted;			/* LHREQ_GETREG */

	struct list_head dma_arrays;
	struct xarray eventfds;			/* [any] by NOTIFY's address */
	atomic_t nr_eventfds;			/* [any] */

	/* LHREQ_BREAK. */
	bool break_out;				/* [any] */
	wait_queue_head_t break_wait;
	wait_queue_head_t halt_wait;

	struct compat_fpu fpu;
	u64 stats[NR_LGUEST_STATS];
};

static inline void lguest_count(struct lguest *lg, enum lguest_stat stat)
{
	lg->stats[stat]++;
}

static inline bool guest_is_dead(const struct lguest *lg)
{
	return READ_ONCE(lg->dead);
}

/* core.c: the run loop */
int run_guest(struct lguest *lg, void __user *reply);

/* lifetime.c: how a guest ends */
__must_check int kill_guest(struct lguest *lg, const char *fmt, ...)
	__printf(2, 3);
__must_check int restart_guest(struct lguest *lg);
bool guest_wants_restart(const struct lguest *lg);
ssize_t tell_death(const struct lguest *lg, char __user *user, size_t size);
void wake_guest(struct lguest *lg);
struct lguest *get_guest(struct lguest *lg);
void put_guest(struct lguest *lg);

/* guest.c: how it is made */

/* What LHREQ_INITIALIZE says, in whatever form. */
struct initialize_args {
	u32 base;
	u32 pfn_limit;
	u32 pgdir;
	u32 start;
	u32 page_offset;
	u32 device_limit;
};

struct lguest *create_guest(const struct launcher_abi *launcher,
			    const struct initialize_args *args, const struct cred *opener);
void free_guest(struct lguest *lg);

/* guest_memory.c: the launcher's memory that is the guest's */
bool guest_range_ok(const struct lguest *lg, gpa_t addr, u32 len);
void __user *guest_uaddr(const struct lguest *lg, gpa_t addr, u32 len);
unsigned long guest_mem_size(const struct lguest *lg);
bool guest_peek(const struct lguest *lg, void *to, gpa_t from, u32 len);
bool guest_peek_word(const struct lguest *lg, u32 *word, gpa_t from);
bool guest_poke(const struct lguest *lg, gpa_t to, const void *from, u32 len);
__must_check int guest_read(struct lguest *lg, void *to, gpa_t from, u32 len);
__must_check int guest_write(struct lguest *lg, gpa_t to, const void *from, u32 len);
__must_check int guest_read_word(struct lguest *lg, u32 *word, gpa_t from);
__must_check int guest_write_word(struct lguest *lg, gpa_t to, u32 word);

/* host_cpu.c: a run of a guest */
bool launcher_is_wanted(void);
bool enter_guest_world(struct lguest *lg);

/* sysenter.c: SYSENTER is not for guests */
__must_check int sysenter_init(void);
void sysenter_exit(void);
void sysenter_off(void);

/* debug_store.c: the processor writes no trace while a guest runs */

/**
 * struct debug_store_state - what was on
 * @pebs: MSR_IA32_PEBS_ENABLE
 * @debugctl: MSR_IA32_DEBUGCTLMSR
 */
struct debug_store_state {
	u64 pebs;
	u64 debugctl;
};

bool debug_store_off(struct debug_store_state *was);
void debug_store_on(const struct debug_store_state *was);

/* guest_tables.c: reading the guest's own page tables */

/**
 * struct guest_page - what the guest's tables say of an address
 * @present: all levels are
 * @gpa: guest-physical address of the page
 * @writable: all levels allow writing
 * @user: all levels allow ring 3
 * @dirty: the guest's entry says so
 * @nx: some level forbids execution
 * @device: this is no memory, but a device that the launcher emulates
 * @place: guest-physical address of the entry, for guest_open_window()
 * @dir_flags: what the levels above it allow and forbid, likewise
 */
struct guest_page {
	bool present;
	gpa_t gpa;
	bool writable;
	bool user;
	bool dirty;
	bool nx;
	bool device;
	gpa_t place;
	u64 dir_flags;
};

/* Pages that are looked at, and mapped, together: a power of two, at most 32. */
#define AROUND			16U

/**
 * struct guest_window - entries of the guest's for pages beside each other
 * @entries: as they are, of one word or two
 */
struct guest_window {
	u32 entries[AROUND * 2];
};

/* The bits of a page fault's error code. */
#define PF_PRESENT		BIT(0)
#define PF_WRITE		BIT(1)
#define PF_USER			BIT(2)
#define PF_RESERVED		BIT(3)
#define PF_INSTR		BIT(4)

__must_check int guest_walk(struct lguest *lg, u32 vaddr, u32 access,
			    struct guest_page *page);
u32 guest_open_window(struct lguest *lg, const struct guest_page *page,
		      struct guest_window *window);
bool guest_window_page(const struct lguest *lg, const struct guest_window *window, u32 i,
		       struct guest_page *page);
__must_check int guest_check_pte(struct lguest *lg, gpa_t pgdir, u32 vaddr,
				 u64 pte, struct guest_page *page);
u64 guest_pte(const struct lguest *lg, u32 low, u32 high);
bool guest_dir_range(const struct lguest *lg, u32 index, u32 *start, u8 *shift);
bool guest_may_have_pmd(const struct lguest *lg);
u32 guest_errcode(const struct lguest *lg, u32 errcode, bool present);
void guest_first_format(struct lguest *lg, enum first_tables whose);
bool guest_choose_format(struct lguest *lg, gpa_t pgdir);
__must_check int guest_read_virt(struct lguest *lg, void *to, u32 from,
				 u32 len);
__must_check int guest_write_virt(struct lguest *lg, u32 to, const void *from,
				  u32 len);

/* first_tables.c: what a guest runs on before it has page tables */
#define NO_PGDIR	(~0U)		/* no directory is there */

int give_first_tables(struct lguest *lg, gpa_t pgdir);

/* page_tables.c: shadow paging */

/* What a page fault in the guest was about. */
enum page_fault {
	FAULT_OF_GUEST,		/* its own tables do not allow the access */
	FAULT_MENDED,		/* it may try again */
	FAULT_OF_DEVICE,	/* the access is to no memory */
};

int init_shadow(struct lguest *lg);
void set_first_pgdir(struct lguest *lg, gpa_t pgdir);
void free_shadow(struct lguest *lg);
__must_check int demand_page(struct lguest *lg, u32 vaddr, u32 *errcode,
			     gpa_t *device);
__must_check int pin_guest_stack(struct lguest *lg);
__must_check int restore_lost_pages(struct lguest *lg);
__must_check int guest_new_pgtable(struct lguest *lg, gpa_t pgdir);
__must_check int guest_set_pte(struct lguest *lg, gpa_t pgdir, u32 vaddr,
			       u64 pte);
__must_check int guest_set_pgd(struct lguest *lg, gpa_t pgdir, u32 index);
__must_check int guest_set_pmd(struct lguest *lg);
__must_check int guest_flush_all(struct lguest *lg);
__must_check int guest_set_kernel_address(struct lguest *lg, u32 vaddr);
void guest_flush_user(struct lguest *lg);
void guest_protect_user(struct lguest *lg);

/* fault_around.c: mapping more than was asked for */
void map_around(struct lguest *lg, struct shadow_table *table, u32 index,
		const struct guest_page *page);

/* shadow_tables.c: the shadow page tables in memory */
__must_check int shadow_dir_alloc(struct shadow_dir *dir);
void shadow_dir_free(struct shadow_dir *dir);
pteval_t *shadow_slot(struct shadow_dir *dir, u32 slot);
struct shadow_table *shadow_table_alloc(void);
void shadow_table_free(struct lguest *lg, struct shadow_table *table);
void shadow_table_protect(struct lguest *lg, struct shadow_table *table);
struct shadow_table *shadow_slot_table(pteval_t slot);
pteval_t shadow_slot_value(const pteval_t *entries);
pteval_t shadow_nx(void);
bool may_be_writable(const struct guest_page *guest);
pteval_t entry_flags(const struct guest_page *guest, bool writable);
pteval_t shadow_entry(phys_addr_t frame, pteval_t flags);
void shadow_clear(struct lguest *lg, struct shadow_table *table, u32 index);
void shadow_set(struct lguest *lg, struct shadow_table *table, u32 index,
		pteval_t entry, u32 gfn);
__must_check int shadow_prepare(struct lguest *lg, u32 gfn);
u32 shadow_find_mapped(const struct lguest *lg, u32 gfn, u32 end);
void shadow_unmap_one(struct lguest *lg, u32 gfn);
bool shadow_page_used(struct lguest *lg, u32 gfn, bool clear);
__must_check int shadow_lists_alloc(struct lguest *lg);
void shadow_lists_free(struct lguest *lg);

/* mmu_notifier.c: following the launcher's address space */
__must_check int follow_launcher(struct lguest *lg);
void stop_following(struct lguest *lg);
bool guest_may_enter(struct lguest *lg, int cpu);
void guest_has_left(struct lguest *lg);
unsigned long launcher_pages_begin(struct lguest *lg);
struct page *peek_launcher_page(struct lguest *lg, gpa_t gpa, bool write);
struct page *take_launcher_page(struct lguest *lg, gpa_t gpa, bool write,
				unsigned long *seq);
bool launcher_page_changed(struct lguest *lg, unsigned long seq);

/* interrupts_and_traps.c */
void init_idt(struct lguest *lg);
__must_check int load_idt_entry(struct lguest *lg, u32 vector, u32 low,
				u32 high);
__must_check int reflect_trap(struct lguest *lg, u32 vector);
__must_check int reflect_page_fault(struct lguest *lg);
__must_check int write_guest_time(struct lguest *lg);
bool guest_handles_trap(const struct lguest *lg, u32 vector);
__must_check int deliver_interrupt(struct lguest *lg);
u32 acceptable_irqs(struct lguest *lg);
__must_check int set_guest_stack(struct lguest *lg, u32 seg, u32 esp,
				 u32 pages);
int raise_irq(struct lguest *lg, u32 irq);
void init_clock(struct lguest *lg);
void set_clock(struct lguest *lg, u32 ns);
void stop_clock(struct lguest *lg);

/* segments.c */
void init_gdt(struct lguest *lg);
__must_check int load_guest_gdt(struct lguest *lg, gpa_t table, u32 count);
__must_check int load_guest_gdt_entry(struct lguest *lg, u32 index, u32 low,
				      u32 high);
__must_check int load_guest_tls(struct lguest *lg, gpa_t table);
bool guest_segment(const struct lguest *lg, u16 sel, u32 *base, bool *is_32bit);

/* hypercalls.c */
__must_check int do_hypercalls(struct lguest *lg);

/* io.c: the classic DMA */
__must_check int bind_dma(struct lguest *lg, gpa_t key, gpa_t array, u32 count,
			  u32 irq);
__must_check int send_dma(struct lguest *lg, gpa_t key, gpa_t dma);
long get_dma(struct lguest *lg, gpa_t key);
void release_dma(struct lguest *lg);

/* abi.c: the forms of the ABI */
const struct launcher_abi *launcher_of_release(u32 release);
const struct launcher_abi *launcher_of_form(enum launcher_form form);
void guest_call_args(const struct lguest *lg, struct hypercall *hcall);
void guest_slot_args(const struct lguest *lg, const u32 *slot,
		     struct hypercall *hcall);
__must_check int recognise_guest(struct lguest *lg);

/* notify.c: what a guest says to its launcher, or to a thread of it */
__must_check int notify_launcher(struct lguest *lg, u32 addr);
int add_eventfd(struct lguest *lg, u32 addr, int fd);
void release_eventfds(struct lguest *lg);

/* emulation.c: instructions that trap */
__must_check int emulate_invalid_opcode(struct lguest *lg);
__must_check int emulate_general_protection(struct lguest *lg);
__must_check int tell_device_access(struct lguest *lg, gpa_t addr);
u32 *launcher_register(struct lguest *lg, u32 offset, bool write);
int launcher_trap(struct lguest *lg, u32 vector);

/* stats.c: what can be seen of a guest from outside */
struct seq_file;
void show_stats(struct seq_file *m, const struct lguest *lg);

/* users.c: how many guests a user may have */
__must_check int user_gets_guest(const struct cred *cred, kuid_t *uid);
void user_loses_guest(kuid_t uid);

/* lguest_user.c: requests and reads */
int lguest_device_init(void);
void lguest_device_exit(void);

#endif /* LG_H */
