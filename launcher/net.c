// SPDX-License-Identifier: GPL-2.0
/*
 * The option for network devices, and which of the two kinds it means: tap.c,
 * a cable to the host, or share.c, a cable between guests.
 */
#include <string.h>

#include "launcher.h"

static struct model *net_create(const char *spec)
{
	if (!strcmp(spec, "tap"))
		return tap_create("");
	if (!strncmp(spec, "tap=", 4))
		return tap_create(spec + 4);
	if (!strncmp(spec, "share=", 6) && spec[6])
		return share_create(spec + 6);
	give_up("--net %s: say tap, tap=IP, tap=IP/PREFIX, tap=INTERFACE or share=FILE", spec);
}

static const struct device_option net_option = {
	.name = "net",
	.letter = 'n',
	.argument = "share=FILE | tap[=IP[/PREFIX] | =INTERFACE]",
	.help = "a network with other guests, or with the host",
	.create = net_create,
	.classic = {
		{ "sharenet", NULL, "share=", false },
		{ "tunnet", "bridge:", "bridge=", true },
		{ "tunnet", NULL, "tap=", true },
	},
};

DEVICE_OPTION(net_option);
