// SPDX-License-Identifier: GPL-2.0
/*
 * virtio: an exerciser of the devices of 2.6.24 to 3.19, which reports in TAP on
 * the first of them, the console.  It has what the launcher gives it: words of its
 * command line say what more is expected.
 *
 *	restart		restart first, once; the disk remembers that it was
 *	storm		restart, whenever it starts
 *	echo		repeat a line that is typed
 *	net=N		answers to so many pings from 10.77.0.1, the host
 *	tcp=PORT	what is sent to that port of the host comes back
 *	offloaded	checksums and segments are for the other side to make
 *	unmerged	then each frame takes one buffer
 *	silent		without much text on the console
 *	readonly	the second disk cannot be written
 *	unwritable	nor can the shared directory
 *	lost		whose server will end
 *	rounds		write to the disk, flush, say so, and again, for ever
 *	round=N		no more than: what it wrote up to then is on the disk
 */
#include "virtio.h"

bool asked_for(const char *word)
{
	return strstr(boot_info.command_line, word);
}

/* "word=123" */
u32 asked_number(const char *word, u32 otherwise)
{
	const char *s = strstr(boot_info.command_line, word);
	u32 n = 0;

	if (!s || s[strlen(word)] != '=')
		return otherwise;
	for (s += strlen(word) + 1; *s >= '0' && *s <= '9'; s++)
		n = n * 10 + *s - '0';
	return n;
}

int main(void)
{
	paging_init();
	diag("devices as of %s, page tables %s", ERA_RELEASE, FORMAT_NAME);
	if (asked_for("storm"))
		restart();
	disk_tests();
	net_tests();
	rng_tests();
	share_tests();
	console_tests();
	done();
}
