// SPDX-License-Identifier: GPL-2.0
/*
 * The packets of gdb's remote protocol: "$", the payload, "#", two digits of a sum.
 * What comes may be anything, one byte after the other; what goes is what gdb_commands.c
 * says, which is always short enough.  (The gdb manual, "Remote Serial Protocol".)
 */
#include <string.h>

#include "debug.h"

#define ESCAPE		'}'
#define ESCAPE_BIT	0x20
#define CTRL_C		3
#define SUM_BYTES	3		/* with the '#' */

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static void begin(struct gdb_packet *packet)
{
	packet->state = GDB_DATA;
	packet->len = 0;
	packet->sum = 0;
	packet->bad = false;
}

static enum gdb_heard between(struct gdb_packet *packet, char byte)
{
	switch (byte) {
	case '$':
		begin(packet);
		return GDB_NOTHING;
	case CTRL_C:
		return GDB_INTERRUPT;
	case '+':
		return GDB_ACK;
	case '-':
		return GDB_NAK;
	default:
		return GDB_NOTHING;
	}
}

static void keep(struct gdb_packet *packet, char byte)
{
	if (packet->len == GDB_PACKET_MAX)
		packet->bad = true;
	else
		packet->data[packet->len++] = byte;
}

static void within(struct gdb_packet *packet, char byte)
{
	if (byte == '#') {
		packet->state = GDB_SUM_1;
		return;
	}
	if (byte == '$') {		/* the last one was cut off */
		begin(packet);
		return;
	}
	packet->sum += byte;
	if (byte == ESCAPE)
		packet->state = GDB_ESCAPED;
	else
		keep(packet, byte);
}

static enum gdb_heard finish(struct gdb_packet *packet, char byte)
{
	packet->state = GDB_IDLE;
	packet->data[packet->len] = '\0';
	if (digit(byte) < 0 || packet->bad)
		return GDB_BAD_PACKET;
	packet->told_sum |= digit(byte);
	return packet->told_sum == packet->sum ? GDB_PACKET : GDB_BAD_PACKET;
}

/**
 * gdb_packet_feed() - one more byte has come
 * @packet: what has come of a packet
 * @byte: the byte
 *
 * Return: what this makes of it.
 */
enum gdb_heard gdb_packet_feed(struct gdb_packet *packet, char byte)
{
	switch (packet->state) {
	case GDB_IDLE:
		return between(packet, byte);
	case GDB_DATA:
		within(packet, byte);
		return GDB_NOTHING;
	case GDB_ESCAPED:
		packet->sum += byte;
		packet->state = GDB_DATA;
		keep(packet, byte ^ ESCAPE_BIT);
		return GDB_NOTHING;
	case GDB_SUM_1:
		packet->bad |= digit(byte) < 0;
		packet->told_sum = (unsigned int)digit(byte) << 4;
		packet->state = GDB_SUM_2;
		return GDB_NOTHING;
	default:
		return finish(packet, byte);
	}
}

/**
 * gdb_hex() - read a number
 * @text: where it is; then, behind it
 * @value: the number
 *
 * Return: false if there is none, or it has more than 32 bits.
 */
bool gdb_hex(const char **text, __u32 *value)
{
	const char *at = *text;

	*value = 0;
	for (; digit(*at) >= 0; at++) {
		if (*value >> 28)
			return false;
		*value = *value << 4 | digit(*at);
	}
	if (at == *text)
		return false;
	*text = at;
	return true;
}

/**
 * gdb_bytes() - read bytes of two digits each
 * @text: the digits
 * @len: bytes
 * @to: where to
 *
 * Return: false if there are fewer.
 */
bool gdb_bytes(const char *text, size_t len, void *to)
{
	size_t i;

	for (i = 0; i < len; i++, text += 2) {
		if (digit(text[0]) < 0 || digit(text[1]) < 0)
			return false;
		((__u8 *)to)[i] = digit(text[0]) << 4 | digit(text[1]);
	}
	return true;
}

static void put(struct gdb_reply *reply, char byte)
{
	if (reply->len < sizeof(reply->data))
		reply->data[reply->len++] = byte;
}

/** gdb_say() - add text to a reply */
void gdb_say(struct gdb_reply *reply, const char *text)
{
	while (*text)
		put(reply, *text++);
}

/** gdb_say_binary() - add bytes to a reply, with those escaped that have a meaning */
void gdb_say_binary(struct gdb_reply *reply, const void *data, size_t len)
{
	const char *from = data;

	for (; len--; from++) {
		if (*from == ESCAPE || *from == '$' || *from == '#' || *from == '*') {
			put(reply, ESCAPE);
			put(reply, *from ^ ESCAPE_BIT);
		} else {
			put(reply, *from);
		}
	}
}

/** gdb_say_hex() - add bytes to a reply, as digits */
void gdb_say_hex(struct gdb_reply *reply, const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const __u8 *from = data;

	for (; len--; from++) {
		put(reply, digits[*from >> 4]);
		put(reply, digits[*from & 15]);
	}
}

/**
 * gdb_frame() - make a packet of a reply
 * @reply: it
 * @to: where to
 * @room: there
 *
 * Return: the packet's length; 0 if there is no room.
 */
size_t gdb_frame(const struct gdb_reply *reply, char *to, size_t room)
{
	static const char digits[] = "0123456789abcdef";
	size_t i, len = 0;
	__u8 sum = 0;

	if (room < reply->len + 1 + SUM_BYTES)
		return 0;
	to[len++] = '$';
	for (i = 0; i < reply->len; i++)
		sum += reply->data[i];
	memcpy(to + len, reply->data, reply->len);
	len += reply->len;
	to[len++] = '#';
	to[len++] = digits[sum >> 4];
	to[len++] = digits[sum & 15];
	return len;
}
