// SPDX-License-Identifier: GPL-2.0
/*
 * devices: what the launcher's devices do for a guest that keeps the rules,
 * and for one that does not.  The command line says which part to play; the
 * parts are in the other files.  A broken launcher loses or mixes up data,
 * reaches beyond its guest's memory, or dies.
 */
#include "devices.h"

static const struct {
	const char *name;
	void (*play)(void);
} parts[] = {
	{ "initrd", play_initrd },
	{ "echo", play_echo },
	{ "slow", play_slow },
	{ "disk", play_disk },
	{ "mad", play_mad },
	{ "pong", play_pong },
	{ "receive", play_receive },
	{ "send", play_send },
};

int main(void)
{
	int i;

	pages_init();
	paging_init();
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		if (!strcmp(boot_info.command_line, parts[i].name)) {
			parts[i].play();
			power_off();
		}
	}
	panic("devices: no such part: %s", boot_info.command_line);
}
