// SPDX-License-Identifier: GPL-2.0
/*
 * The early console of 4.0 on: the console is the device in slot 1 of the PCI bus,
 * whose configuration has a window into its registers.  A character is written
 * there through the two ports of PCI, each of whose uses is a trip to the launcher.
 */
#include "guest.h"

#define ADDRESS_PORT	0xcf8
#define DATA_PORT	0xcfc
#define SLOT(n)		(0x80000000 | (n) << 11)

#define CONSOLE_SLOT	1
#define CONSOLE_ID	0x10431af4
#define FIRST_CAP	0x34

/* Of a virtio capability: id, next, length, type; bar; offset; length; data. */
#define CAP_VENDOR	9
#define CAP_NEXT	1
#define CAP_TYPE	3
#define CAP_BAR		4
#define CAP_OFFSET	8
#define CAP_LENGTH	12
#define CAP_DATA	16
#define TYPE_DEVICE	4
#define TYPE_WINDOW	5

/* In the console's own registers: a character written here is printed. */
#define EMERGENCY	8

static enum { UNKNOWN, ABSENT, OPEN } state;
static u32 window;	/* the capability */

static u32 in32(u16 port)
{
	u32 value;

	asm volatile("inl %1, %0" : "=a" (value) : "d" (port));
	return value;
}

static void out32(u16 port, u32 value)
{
	asm volatile("outl %0, %1" : : "a" (value), "d" (port) : "memory");
}

static void out8(u16 port, u8 value)
{
	asm volatile("outb %0, %1" : : "a" (value), "d" (port) : "memory");
}

static void choose(u32 at)
{
	out32(ADDRESS_PORT, SLOT(CONSOLE_SLOT) | (at & 0xfc));
}

static u32 config32(u32 at)
{
	choose(at);
	return in32(DATA_PORT);
}

static u8 config8(u32 at)
{
	return config32(at) >> at % 4 * 8;
}

static void set_config32(u32 at, u32 value)
{
	choose(at);
	out32(DATA_PORT, value);
}

/* The capability of that type, or 0.  A list has an end, but a bad one may not. */
static u32 find_cap(u8 type)
{
	u32 at = config8(FIRST_CAP), tries;

	for (tries = 0; at && tries < 64; tries++, at = config8(at + CAP_NEXT))
		if (config8(at) == CAP_VENDOR && config8(at + CAP_TYPE) == type)
			return at;
	return 0;
}

static bool console_open(void)
{
	u32 device;

	if (state != UNKNOWN)
		return state == OPEN;
	state = ABSENT;
	if (config32(0) != CONSOLE_ID)
		return false;
	window = find_cap(TYPE_WINDOW);
	device = find_cap(TYPE_DEVICE);
	if (!window || !device || config32(device + CAP_LENGTH) < EMERGENCY + 4)
		return false;
	choose(window + CAP_BAR);
	out8(DATA_PORT, 0);
	set_config32(window + CAP_LENGTH, 4);
	set_config32(window + CAP_OFFSET, config32(device + CAP_OFFSET) + EMERGENCY);
	state = OPEN;
	return true;
}

/* Without a console of that kind, what is said is not heard. */
void console_write(const void *text, size_t len)
{
	const u8 *c = text;

	if (!console_open())
		return;
	choose(window + CAP_DATA);
	for (; len; len--)
		out32(DATA_PORT, *c++);
}

void console_flush(void)
{
}
