// SPDX-License-Identifier: GPL-2.0
/*
 * What gdb says to a guest's launcher, without gdb: stops in a function of the guest's
 * kernel, looks around, steps, watches a variable, interrupts it, sets more breakpoints
 * than anybody needs, and leaves; and clients that are broken.
 *
 *	usage: gdbclient SOCKET FUNCTION VARIABLE TEXT
 *
 * FUNCTION is called again and again, VARIABLE is a word that changes; from TEXT on are
 * 4 KB of code that is not run meanwhile.  All are addresses, in hexadecimal.
 */
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/un.h>
#include "mini.h"

#define ROOM		40000
#define INTERRUPT	"\3"
#define EIP		8u
#define EFLAGS		9u
#define CS		10u
#define CR0		32u
#define MANY		500u
#define PIECE		1024u

static const char *socket_name;
static u32 function, variable, text;
static int fd = -1;
static char heard[ROOM];

static void connect_to(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", socket_name);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	wait_until(!connect(fd, (struct sockaddr *)&sun, sizeof(sun)));
}

static void send_all(const char *bytes, size_t len)
{
	expect_value(write(fd, bytes, len), len);
}

static char next_byte(void)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char byte = 0;

	expect(poll(&p, 1, 60000) > 0, "no answer");
	expect(read(fd, &byte, 1) == 1, "the launcher has hung up");
	return byte;
}

/* The next packet, whatever is before it. */
static const char *hear(void)
{
	size_t len = 0;

	while (next_byte() != '$')
		;
	while (len < sizeof(heard) && (heard[len] = next_byte()) != '#')
		len++;
	expect(len < sizeof(heard), "a very long packet");
	heard[len] = '\0';
	next_byte();
	next_byte();
	return heard;
}

static void say(const char *fmt, ...)
{
	char packet[ROOM], *at;
	va_list args;
	u8 sum = 0;
	int len;

	va_start(args, fmt);
	len = vsnprintf(packet + 1, sizeof(packet) - 8, fmt, args);
	va_end(args);
	packet[0] = '$';
	for (at = packet + 1; at < packet + 1 + len; at++)
		sum += *at;
	sprintf(at, "#%02x", sum);
	send_all(packet, len + 4);
}

#define ask(...)	(say(__VA_ARGS__), hear())

static void expect_text(const char *got, const char *wanted)
{
	expect(!strcmp(got, wanted), "\"%.60s\", not \"%s\"", got, wanted);
}

static u32 number(const char *digits)
{
	u32 value = 0, i;

	for (i = 0; i < 4; i++) {
		unsigned int byte = 0;

		expect(sscanf(digits + 2 * i, "%2x", &byte) == 1, "no register: %.20s", digits);
		value |= byte << 8 * i;
	}
	return value;
}

static u32 reg(u32 nr)
{
	return number(ask("p%x", nr));
}

static void begin(void)
{
	connect_to();
	expect(strstr(ask("qSupported:swbreak+"), "PacketSize="), "%s", heard);
	expect_text(ask("QStartNoAckMode"), "OK");
	send_all("+", 1);
	expect(ask("?")[0] == 'T', "%s", heard);
}

static void expect_stop(const char *got, const char *how)
{
	expect(!strncmp(got, how, strlen(how)), "stopped by \"%.60s\", not %s", got, how);
}

static void leave(void)
{
	expect_text(ask("D"), "OK");
	close(fd);
	fd = -1;
}

/* -- a person's way -- */

static void registers_and_description(void)
{
	begin();
	expect_value(strlen(ask("g")), 16 * 8 + 8 * 20 + 8 * 8 + 6 * 8);
	expect(reg(CR0) & 1, "cr0 %#x", reg(CR0));
	expect(reg(CS) & 1, "cs %#x", reg(CS));
	expect(strstr(ask("qXfer:features:read:target.xml:0,2000"), "</target>"), "%s", heard);
	expect_text(ask("qfThreadInfo"), "m1");
	expect_text(ask("qsThreadInfo"), "l");
	expect_text(ask("Hg0"), "OK");
	expect_text(ask("vMustReplyEmpty"), "");
	expect_text(ask("qNobodyKnowsThis"), "");
	leave();
}

static void stops_in_a_function(void)
{
	char before[8];
	u32 eip;

	begin();
	strcpy(before, ask("m%x,1", function));
	expect(strlen(before) == 2, "%s", before);
	expect_text(ask("Z0,%x,1", function), "OK");
	expect_text(ask("m%x,1", function), before);
	expect_stop(ask("c"), "T05swbreak:;");
	expect_value(reg(EIP), function);
	expect_value(reg(CS) & 3, 1);
	expect_text(ask("z0,%x,1", function), "OK");
	expect_text(ask("m%x,1", function), before);
	expect_stop(ask("vCont;s:1"), "T05thread");
	eip = reg(EIP);
	expect(eip != function && eip - function < 16, "eip %#x", eip);
	expect_value(reg(EFLAGS) & 0x100, 0);
	expect_text(ask("Z0,%x,1", function), "OK");
	expect_stop(ask("vCont;c"), "T05swbreak:;");
	expect_value(reg(EIP), function);
	leave();
}

static void sets_registers(void)
{
	u32 eax;

	begin();
	eax = reg(0);
	expect_text(ask("P0=78563412"), "OK");
	expect_value(reg(0), 0x12345678);
	/* No way into ring 0, nor to a segment that is none. */
	expect_text(ask("Pa=60000000"), "E22");
	expect_text(ask("Pa=ffff0000"), "E22");
	expect_text(ask("P20=00000000"), "E22");
	expect_text(ask("P63=00000000"), "E22");
	expect_text(ask("P0=%02x%02x%02x%02x", eax & 255, eax >> 8 & 255, eax >> 16 & 255,
			eax >> 24), "OK");
	expect_value(reg(0), eax);
	leave();
}

static void watches(void)
{
	char before[16];

	begin();
	strcpy(before, ask("m%x,4", variable));
	expect_text(ask("Z2,%x,4", variable), "OK");
	expect_stop(ask("c"), "T05watch:");
	expect(strcmp(ask("m%x,4", variable), before), "it is what it was: %s", before);
	expect_text(ask("z2,%x,4", variable), "OK");
	leave();
}

static void interrupts(void)
{
	u32 i;

	begin();
	for (i = 0; i < 20; i++) {
		say("c");
		send_all(INTERRUPT, 1);
		expect_stop(hear(), "T02");
		expect(reg(EIP), "no eip");
	}
	leave();
}

static void memory_of(char *to)
{
	u32 at;

	for (at = 0; at < 4096; at += PIECE) {
		expect_value(strlen(ask("m%x,%x", text + at, PIECE)), 2 * PIECE);
		strcpy(to + 2 * at, heard);
	}
}

static void many_breakpoints(void)
{
	static char before[8193], after[8193];
	u32 i;

	begin();
	memory_of(before);
	for (i = 0; i < MANY; i++)
		expect_text(ask("Z0,%x,1", text + 8 * i), "OK");
	memory_of(after);
	expect(!strcmp(before, after), "breakpoints are seen");
	for (i = 0; i < MANY; i++)
		expect_text(ask("z0,%x,1", text + 8 * i), "OK");
	expect_text(ask("z0,%x,1", text), "E14");
	memory_of(after);
	expect(!strcmp(before, after), "breakpoints were left");
	leave();
}

static void memory_is_written(void)
{
	char before[40];

	begin();
	strcpy(before, ask("m%x,8", text));
	expect_text(ask("M%x,4:01020304", text), "OK");
	expect_text(ask("X%x,4:}\003}\004ab", text + 4), "OK");
	expect_text(ask("m%x,8", text), "0102030423246162");
	expect_text(ask("M%x,8:%s", text, before), "OK");
	expect_text(ask("mfffff000,10"), "E14");
	expect_text(ask("Mfffff000,1:00"), "E14");
	expect_text(ask("Z0,fffff000,1"), "E14");
	leave();
}

/* -- and none at all -- */

static void hangs_up_anywhere(void)
{
	static const char *const broken[] = {
		"", "+", "-", "$", "$#", "$#0", "$#00", "$c", "$m0,ffffffff#", "}}}}", "$}#",
		"\3\3\3", "$Z0,#00", "-----", "$g#67$g#67$g#67", "$vCont;c#a8",
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(broken); i++) {
		connect_to();
		send_all(broken[i], strlen(broken[i]));
		close(fd);
	}
	/* Its breakpoint goes with it. */
	begin();
	expect_text(ask("Z0,%x,1", function), "OK");
	close(fd);
	begin();
	expect_text(ask("z0,%x,1", function), "E14");
	leave();
}

static void says_anything(void)
{
	/* (It is not to change or to end the guest, if a sum is right by chance.) */
	static const char letters[] = "$$$$##}+-mgpZzcsvqQT?0123456789abcdef,:;\xff\x80";
	u32 i, state = 1;
	char bytes[256];

	connect_to();
	for (i = 0; i < 100 * sizeof(bytes); i++) {
		state = state * 1664525 + 1013904223;
		bytes[i % sizeof(bytes)] = letters[(state >> 24) % sizeof(letters)];
		if (i % sizeof(bytes) == sizeof(bytes) - 1)
			send(fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_NOSIGNAL);
	}
	close(fd);
	begin();
	leave();
}

/* Nobody waits for it to read. */
static void never_listens(void)
{
	u32 i;

	connect_to();
	for (i = 0; i < 1000; i++)
		send(fd, "$m0,2000#01$g#67", 16, MSG_DONTWAIT | MSG_NOSIGNAL);
	close(fd);
	begin();
	leave();
}

static u32 address(const char *digits)
{
	return strtoul(digits, NULL, 16);
}

int main(int argc, char **argv)
{
	if (argc != 5)
		return 2;
	socket_name = argv[1];
	function = address(argv[2]);
	variable = address(argv[3]);
	text = address(argv[4]);
	RUN(registers_and_description);
	RUN(stops_in_a_function);
	RUN(sets_registers);
	RUN(watches);
	RUN(interrupts);
	RUN(many_breakpoints);
	RUN(memory_is_written);
	RUN(hangs_up_anywhere);
	RUN(says_anything);
	RUN(never_listens);
	return mini_done();
}
