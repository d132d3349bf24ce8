// SPDX-License-Identifier: GPL-2.0
/*
 * From the first C function to main(): what the host was told in start.S, what
 * the launcher left in the boot parameters, and our own descriptor tables.
 */
#include "guest.h"
#include "internal.h"

/* Offsets into the boot parameters, as a Linux kernel knows them. */
#define BOOT_E820_COUNT		0x1e8
#define BOOT_LOADER_TYPE	0x210
#define BOOT_INITRD_START	0x218
#define BOOT_INITRD_SIZE	0x21c
#define BOOT_CMDLINE		0x228
#define BOOT_E820		0x2d0
#define E820_SIZE		8	/* of entry 0: a 64-bit number of bytes */

/*
 * Shared with the host, which must not see it half made: every slot of the
 * ring is free, the clock is masked, and interrupts are off (irq_enabled 0).
 */
ERA_DATA lguest_data = {
	.blocked_interrupts = ~0U,
	.hcall_status = { [0 ... LHCALL_RING_SIZE - 1] = LHCALL_RING_FREE },
	ERA_DATA_START
};

/* The assembler's iret writes to the first word. */
_Static_assert(!offsetof(ERA_DATA, irq_enabled), "see entry.S");

/* start.S makes these calls, and reads the one field. */
_Static_assert(LGUEST_INIT == LHCALL_LGUEST_INIT, "see layout.h");
_Static_assert(NEW_PGTABLE == LHCALL_NEW_PGTABLE, "see layout.h");
#ifdef DATA_PGDIR
_Static_assert(offsetof(ERA_DATA, pgdir) == DATA_PGDIR, "see era.h");
#endif

struct boot_info boot_info;

static void boot_info_read(const u8 *params)
{
	u32 cmdline = *(u32 *)(params + BOOT_CMDLINE);

	if (params[BOOT_E820_COUNT])
		boot_info.mem_size = *(u32 *)(params + BOOT_E820 + E820_SIZE);
	if (params[BOOT_LOADER_TYPE]) {
		boot_info.initrd_start = *(u32 *)(params + BOOT_INITRD_START);
		boot_info.initrd_size = *(u32 *)(params + BOOT_INITRD_SIZE);
	}
	boot_info.command_line = cmdline ? virt(cmdline) : "";
}

/**
 * guest_start - the first C function
 * @boot_params: physical address of the boot parameters
 */
void guest_start(u32 boot_params)
{
	boot_info_read(virt(boot_params));
	gdt_load();
	traps_init();
	main();
	power_off();
}
