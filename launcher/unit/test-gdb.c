// SPDX-License-Identifier: GPL-2.0
/*
 * What a gdb may say, and one that is none; the guest's memory by its page tables,
 * whatever these are; breakpoints; and dumps.
 */
#include <elf.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base.h"
#include "control.h"
#include "debug.h"
#include "dump.h"
#include "fds.h"
#include "guest_memory.h"
#include "tap.h"

#define RAM	(32 * PAGE_BYTES)
#define LIMIT	(RAM + PAGE_BYTES)
#define PG	0x80000000u
#define PAE	0x20u
#define ROOT	0x1000u
#define TABLE	0x2000u
#define MIDDLE	0x3000u
#define PAGE	0x5000u
#define VADDR	0xc0105000u
#define INT3	0xcc

static struct memory mem = { .ram = RAM, .limit = LIMIT };
static struct view view = { .mem = &mem, .cr0 = PG, .cr3 = ROOT };

static void put(__u32 at, __u32 value)
{
	memcpy(memory_at(&mem, at), &value, sizeof(value));
}

/* -- packets -- */

static struct gdb_packet packet;

/* What the last of these bytes makes. */
static enum gdb_heard feed(const char *bytes, size_t len)
{
	enum gdb_heard heard = GDB_NOTHING;

	while (len--)
		heard = gdb_packet_feed(&packet, *bytes++);
	return heard;
}

#define FEED(bytes)	feed(bytes, sizeof(bytes) - 1)

static void test_packets(void)
{
	is_number(FEED("$g#67"), GDB_PACKET, "a packet");
	is_number(packet.len, 1, "its length");
	is_number(FEED("+"), GDB_ACK, "an acknowledgment");
	is_number(FEED("-"), GDB_NAK, "the opposite");
	is_number(FEED("\3"), GDB_INTERRUPT, "Ctrl-C");
	is_number(FEED("noise $g#67"), GDB_PACKET, "noise before one");
	is_number(FEED("$g#68"), GDB_BAD_PACKET, "a wrong sum");
	is_number(FEED("$g#6x"), GDB_BAD_PACKET, "no sum");
	is_number(FEED("$g#x7"), GDB_BAD_PACKET, "no sum, either");
	is_number(FEED("$#00"), GDB_PACKET, "an empty one");
	is_number(packet.len, 0, "is empty");
	is_number(FEED("$mangled$g#67"), GDB_PACKET, "one that was cut off before another");
	is_number(FEED("$}\3#80"), GDB_PACKET, "an escaped byte");
	ok(packet.len == 1 && packet.data[0] == '#', "is what it was");
	is_number(FEED("$\3#03"), GDB_PACKET, "Ctrl-C within a packet is none");
}

static void test_long_packets(void)
{
	char sum[4];
	size_t i;
	__u8 all = 0;

	gdb_packet_feed(&packet, '$');
	for (i = 0; i < GDB_PACKET_MAX; i++, all += 'a')
		gdb_packet_feed(&packet, 'a');
	snprintf(sum, sizeof(sum), "#%02x", all);
	is_number(feed(sum, 3), GDB_PACKET, "as long as one may be");
	is_number(packet.len, GDB_PACKET_MAX, "nothing is lost");
	gdb_packet_feed(&packet, '$');
	for (i = 0; i < 3 * GDB_PACKET_MAX; i++)
		gdb_packet_feed(&packet, 'a');
	is_number(FEED("#00"), GDB_BAD_PACKET, "longer than that");
	is_number(FEED("$g#67"), GDB_PACKET, "and the next is heard again");
}

static void test_numbers(void)
{
	const char *text = "c0100000,4", *long_one = "123456789", *none = ",";
	__u32 value;
	__u8 bytes[2];

	ok(gdb_hex(&text, &value) && value == 0xc0100000u && *text == ',', "a number");
	ok(!gdb_hex(&long_one, &value), "of more than 32 bits");
	ok(!gdb_hex(&none, &value), "none");
	ok(gdb_bytes("1fAb", 2, bytes) && bytes[0] == 0x1f && bytes[1] == 0xab, "bytes");
	ok(!gdb_bytes("1fA", 2, bytes), "half of one is missing");
}

/* -- a guest for the commands -- */

static struct lguest_debug_regs regs;
static bool refuse_registers;
static __u32 broken_at, watched_at;

static bool get_registers(struct lguest_debug_regs *to)
{
	*to = regs;
	return true;
}

static bool set_registers(const struct lguest_debug_regs *from)
{
	if (!refuse_registers)
		regs = *from;
	return !refuse_registers;
}

static size_t read_memory(__u32 addr, void *to, size_t len)
{
	return breakpoints_read(&view, addr, to, len);
}

static size_t write_memory(__u32 addr, const void *from, size_t len)
{
	return breakpoints_write(&view, addr, from, len);
}

static bool set_break(__u32 addr)
{
	broken_at = addr;
	return addr;
}

static bool clear_break(__u32 addr)
{
	return addr == broken_at;
}

static bool set_watch(__u32 addr, __u32 len)
{
	watched_at = addr + len;
	return true;
}

static const struct gdb_target target = {
	get_registers, set_registers, read_memory, write_memory, set_break, clear_break,
	set_watch, set_watch,
};

static struct gdb_session session = { .stop = "T05" };
static struct gdb_reply reply;

static enum gdb_next command(const char *text, size_t len)
{
	memset(&packet, 0, sizeof(packet));
	memcpy(packet.data, text, len);
	packet.len = len;
	memset(&reply, 0, sizeof(reply));
	return gdb_command(&session, &target, &packet, &reply);
}

/* What @text is answered. */
static bool says(const char *text, const char *answer)
{
	const enum gdb_next next = command(text, strlen(text));
	char name[80];

	snprintf(name, sizeof(name), "%.40s is answered by %.20s", text, answer);
	if (ok(next == GDB_STAYS && !strcmp(reply.data, answer), name))
		return true;
	printf("# %d, '%.60s'\n", next, reply.data);
	return false;
}

static void goes(const char *text, enum gdb_next how)
{
	char name[80];

	snprintf(name, sizeof(name), "%.40s", text);
	is_number(command(text, strlen(text)), how, name);
}

static void test_commands(void)
{
	says("?", "T05");
	says("", "");
	says("!", "");
	says("vMustReplyEmpty", "");
	says("qC", "QC1");
	says("qfThreadInfo", "m1");
	says("qXfer:features:read:other.xml:0,10", "E00");
	says("qXfer:features:read:", "E00");
	says("qXfer:features:read:target.xml:99999,10", "l");
	says("qXfer:features:read:target.xml:0,5", "m<?xml");
	goes("c", GDB_CONTINUE);
	goes("s", GDB_STEP);
	goes("C05", GDB_CONTINUE);
	goes("S05", GDB_STEP);
	goes("vCont;c", GDB_CONTINUE);
	goes("vCont;s:1;c", GDB_STEP);
	goes("D", GDB_DETACH);
	goes("k", GDB_KILL);
	goes("vKill;1", GDB_KILL);
	says("vCont;", "E01");
	says("Czz", "E01");
	goes("cc0100000", GDB_CONTINUE);
	is_number(regs.eip, 0xc0100000u, "from where it says");
	goes("C05;c0100004", GDB_CONTINUE);
	is_number(regs.eip, 0xc0100004u, "with a signal, too");
	says("cxyz", "E22");
	says("Z0,c0100000,1", "OK");
	says("Z0,0,1", "E14");
	says("z0,c0100001,1", "E14");
	says("Z1,c0100000,1", "");
	says("Z3,c0100000,1", "");
	says("Z2,10,4", "OK");
	is_number(watched_at, 0x14, "a watchpoint's place and length");
	says("Z", "");
	says("Z0", "E01");
	says("Z0,", "E01");
	says("Z0,10", "E01");
	says("Z0,10,", "E01");
	says("QStartNoAckMode", "OK");
	ok(session.ends_acks, "and it is noted");
	says("Qother", "");
}

static void test_registers(void)
{
	memset(&regs, 0, sizeof(regs));
	regs.eip = 0x12345678;
	regs.cr3 = 0xabcd;
	says("p8", "78563412");
	says("p10", "xxxxxxxxxxxxxxxxxxxx");
	says("p18", "xxxxxxxx");
	says("p22", "cdab0000");
	says("p26", "E22");
	says("pffffffff", "E22");
	says("p", "E22");
	says("P0=01020304", "OK");
	is_number(regs.eax, 0x04030201, "eax is set");
	says("P0=010203", "E22");
	says("P10=01020304", "E22");
	says("P20=01020304", "E22");
	says("P0", "E22");
	command("g", 1);
	is_number(reply.len, 16 * 8 + 8 * 20 + 8 * 8 + 6 * 8, "all of them");
	memmove(reply.data + 1, reply.data, reply.len);
	reply.data[0] = 'G';
	memcpy(reply.data + 1, "11111111xxxxxxxx", 16);
	packet.len = reply.len + 1;
	memcpy(packet.data, reply.data, packet.len);
	regs.ecx = 7;
	reply.len = 0;
	gdb_command(&session, &target, &packet, &reply);
	ok(regs.eax == 0x11111111 && regs.ecx == 7, "all are set, but what is unknown");
	says("G1234", "E22");
	refuse_registers = true;
	says("P0=01020304", "E22");
	refuse_registers = false;
}

static void test_memory_commands(void)
{
	char text[64] = "X5000,3:";

	view.cr0 = 0;
	says("M5000,4:00112233", "OK");
	says("m5000,4", "00112233");
	says("m5000,0", "");
	says("m5000", "E01");
	says("m5000,", "E01");
	says("m5000,4x", "E01");
	says("M5000,4:0011", "E01");
	says("M5000,4", "E01");
	says("M5000,ffffffff:00", "E01");
	says("mffffffff,1", "E14");
	says("m20fff,10", "00");
	memcpy(text + 8, "\0$\xff", 3);
	is_number(command(text, 11), GDB_STAYS, "bytes of any kind");
	says("m5000,4", "0024ff33");
	command(text, 10);
	ok(!strcmp(reply.data, "E01"), "fewer than it says");
	command("m0,ffffffff", 11);
	is_number(reply.len, GDB_PACKET_MAX, "more than a reply has room for");
	view.cr0 = PG;
}

static void test_anything(void)
{
	static const char letters[] = "?gGpPmMXZzcsCSvqQDkHT,:;=0123456789abcdef}#\0\xff";
	unsigned int i, j;

	for (i = 0; i < 20000; i++) {
		char text[64];
		const size_t len = tap_random() % sizeof(text);

		for (j = 0; j < len; j++)
			text[j] = letters[tap_random() % sizeof(letters)];
		command(text, len);
	}
	ok(true, "anything is answered somehow");
	for (i = 0; i < 200000; i++)
		gdb_packet_feed(&packet, "$#}}aaaa\3"[tap_random() % 9]);
	ok(packet.len <= GDB_PACKET_MAX, "whatever the bytes are");
}

/* -- the view -- */

static void two_levels(void)
{
	memset(memory_at(&mem, 0), 0, LIMIT);
	put(ROOT + (VADDR >> 22) * 4, TABLE | 7);
	put(TABLE + (VADDR >> 12 & 1023) * 4, PAGE | 7);
	view = (struct view){ &mem, PG, ROOT, 0 };
}

static void test_two_levels(void)
{
	__u32 paddr = 0;

	two_levels();
	ok(view_translate(&view, VADDR + 5, &paddr) && paddr == PAGE + 5, "two levels");
	ok(!view_translate(&view, VADDR + PAGE_BYTES, &paddr), "no page");
	ok(!view_translate(&view, 0, &paddr), "no table");
	put(TABLE + (VADDR >> 12 & 1023) * 4, LIMIT | 7);
	ok(!view_translate(&view, VADDR, &paddr), "a page beyond the memory");
	put(TABLE + (VADDR >> 12 & 1023) * 4, 0xfffff007);
	ok(!view_translate(&view, VADDR, &paddr), "... at the end of addresses");
	put(ROOT + (VADDR >> 22) * 4, 0xfffff007);
	ok(!view_translate(&view, VADDR, &paddr), "a table there");
	view.cr3 = 0xffffffff;
	ok(!view_translate(&view, VADDR, &paddr), "a root there");
	view.cr3 = LIMIT;
	ok(!view_translate(&view, VADDR, &paddr), "a root behind the memory");
}

static void test_pae(void)
{
	__u32 paddr = 0;

	memset(memory_at(&mem, 0), 0, LIMIT);
	put(ROOT + (VADDR >> 30) * 8, MIDDLE | 1);
	put(MIDDLE + (VADDR >> 21 & 511) * 8, TABLE | 7);
	put(TABLE + (VADDR >> 12 & 511) * 8, PAGE | 7);
	view = (struct view){ &mem, PG, ROOT, PAE };
	ok(view_translate(&view, VADDR + 5, &paddr) && paddr == PAGE + 5, "three levels");
	put(TABLE + (VADDR >> 12 & 511) * 8 + 4, 0x80000000);
	ok(view_translate(&view, VADDR, &paddr), "a page that is not executed");
	put(TABLE + (VADDR >> 12 & 511) * 8 + 4, 1);
	ok(!view_translate(&view, VADDR, &paddr), "a page beyond 4 GB");
	put(TABLE + (VADDR >> 12 & 511) * 8, 0);
	ok(!view_translate(&view, VADDR, &paddr), "no page");
	view.cr3 = LIMIT - 8;
	ok(!view_translate(&view, VADDR, &paddr), "a root that sticks out");
}

static void test_early(void)
{
	__u32 paddr;

	view = (struct view){ &mem, 0, 0, 0 };
	ok(view_translate(&view, 0x1234, &paddr) && paddr == 0x1234, "no tables yet");
	ok(view_translate(&view, 0xc0001234, &paddr) && paddr == 0x1234, "the kernel's part");
	ok(!view_translate(&view, LIMIT, &paddr), "the end");
	ok(!view_translate(&view, 0xc0000000 + LIMIT, &paddr), "the kernel's end");
}

static void test_copies(void)
{
	char bytes[2 * PAGE_BYTES];

	two_levels();
	put(TABLE + (VADDR >> 12 & 1023) * 4 + 4, (PAGE + 2 * PAGE_BYTES) | 7);
	put(PAGE + PAGE_BYTES - 4, 0x11223344);
	put(PAGE + 2 * PAGE_BYTES, 0x55667788);
	is_number(view_read(&view, VADDR + PAGE_BYTES - 4, bytes, 8), 8, "across pages");
	ok(!memcmp(bytes, "\x44\x33\x22\x11\x88\x77\x66\x55", 8), "that are apart");
	is_number(view_read(&view, VADDR + 2 * PAGE_BYTES - 4, bytes, 8), 4, "up to the end");
	is_number(view_write(&view, VADDR + 2 * PAGE_BYTES - 4, bytes, 8), 4, "written as well");
	is_number(view_read(&view, 0xffffffff, bytes, 8), 0, "the last address");
}

/* -- breakpoints -- */

static __u8 byte(__u32 paddr)
{
	return *(__u8 *)memory_at(&mem, paddr);
}

static void test_breakpoints(void)
{
	__u8 bytes[4];
	__u32 i;

	two_levels();
	put(PAGE, 0x44332211);
	ok(breakpoint_set(&view, VADDR + 1), "a breakpoint");
	is_number(byte(PAGE + 1), INT3, "is in the guest");
	ok(breakpoint_set(&view, VADDR + 1), "it can be set again");
	ok(breakpoint_is(VADDR + 1) && !breakpoint_is(VADDR), "it is where it is");
	is_number(breakpoints_read(&view, VADDR, bytes, 4), 4, "memory can be read");
	ok(!memcmp(bytes, "\x11\x22\x33\x44", 4), "without it");
	is_number(breakpoints_write(&view, VADDR, "abcd", 4), 4, "and written");
	is_number(byte(PAGE + 1), INT3, "it is there still");
	ok(!breakpoint_clear(&view, VADDR), "what is none cannot be taken out");
	ok(breakpoint_clear(&view, VADDR + 1), "it can");
	is_number(byte(PAGE + 1), 'b', "what was written is there");
	ok(!breakpoint_set(&view, VADDR + PAGE_BYTES), "not where there is nothing");
	breakpoint_set(&view, VADDR + 2);
	put(PAGE, 0);
	breakpoint_clear(&view, VADDR + 2);
	is_number(byte(PAGE + 2), 0, "the guest's own change stays");
	/* the same memory at two addresses */
	put(TABLE + (VADDR >> 12 & 1023) * 4 + 4, PAGE | 7);
	put(PAGE, 0x44332211);
	breakpoint_set(&view, VADDR);
	breakpoint_set(&view, VADDR + PAGE_BYTES);
	breakpoint_clear(&view, VADDR);
	is_number(byte(PAGE), INT3, "of two in one place one is left");
	breakpoint_clear(&view, VADDR + PAGE_BYTES);
	is_number(byte(PAGE), 0x11, "and then none");
	for (i = 0; i < BREAKPOINTS_MAX; i++)
		breakpoint_set(&view, VADDR + i);
	ok(!breakpoint_set(&view, VADDR + i), "no more than there may be");
	breakpoints_clear_all(&mem);
	ok(byte(PAGE) == 0x11 && !byte(PAGE + 100), "all are taken out");
	ok(!breakpoint_is(VADDR), "and forgotten");
}

/* -- the option -- */

static void test_addresses(void)
{
	struct gdb_address address;
	char path[300] = "unix:/";

	is_right(gdb_parse("", &address), "the default");
	is_number(address.kind, 'd', "is the default");
	ok(!gdb_parse("wait", &address) && address.wait, "wait");
	ok(!gdb_parse("unix:/tmp/s,wait", &address) && address.wait && address.kind == 'u' &&
	   !strcmp(address.place, "/tmp/s"), "a path");
	ok(!gdb_parse("tcp:1234", &address) && address.kind == 't', "a port");
	is_right(gdb_parse("tcp:127.0.0.1:1234", &address), "an address");
	is_right(gdb_parse("tcp:[::1]:1234", &address), "of either kind");
	is_wrong(gdb_parse("tcp:0.0.0.0:1234", &address), "anybody", "everybody's");
	is_wrong(gdb_parse("tcp:[::]:1234", &address), "anybody", "likewise");
	ok(!gdb_parse("tcp:0.0.0.0:1234,public", &address) && address.public, "if that is meant");
	is_wrong(gdb_parse("tcp:", &address), "no address", "nothing");
	is_wrong(gdb_parse("tcp:0", &address), "no address", "port 0");
	is_wrong(gdb_parse("tcp:65536", &address), "no address", "a large port");
	is_wrong(gdb_parse("tcp:localhost:1234", &address), "no address", "a name");
	is_wrong(gdb_parse("tcp:127.0.0.1:", &address), "no address", "no port");
	is_wrong(gdb_parse("unix:", &address), "no path", "no path");
	is_wrong(gdb_parse("1234", &address), "unknown word", "neither");
	is_wrong(gdb_parse("unix:/s,now", &address), "unknown word", "another word");
	memset(path + 6, 'a', sizeof(path) - 7);
	ok(gdb_parse(path, &address), "a long path");
}

/* -- what cannot be had at the start -- */

static void test_nowhere(void)
{
	const unsigned int fds = open_fds();

	ok(!gdb_open(&(struct config){ .gdb = "wait" }), "a socket for gdb with no directory");
	is_wrong(failure_reason(), "--gdb: there is no directory for its socket", "is refused");
	ok(!gdb_open(&(struct config){ .gdb = "unix:/none/gdb" }), "a socket that cannot be");
	is_wrong(failure_reason(), "--gdb /none/gdb: No such file or directory", "likewise");
	ok(!gdb_open(&(struct config){ .gdb = "nowhere" }), "no place");
	is_wrong(failure_reason(), "--gdb nowhere: has an unknown word", "likewise");
	ok(!dump_open(&(struct config){ .dump = "/none/dump" }), "a dump that cannot be made");
	is_wrong(failure_reason(), "--dump /none/dump.", "is named");
	is_wrong(failure_reason(), ".part: No such file or directory", "with the reason");
	is_number(open_fds(), fds, "nothing is left open");
}

static void nothing(void)
{
}

static bool is_empty(const char *directory)
{
	return !rmdir(directory) && !mkdir(directory, 0700);
}

/* Nobody would remove what they make. */
static void test_end(void)
{
	char place[] = "/tmp/lguest-unit-XXXXXX", gdb[64], dump[64];
	unsigned int fds;

	if (!mkdtemp(place))
		return;
	while (control_at_end(nothing))
		;
	is_wrong(failure_reason(), "too much is left at the end", "too much is left at the end");
	snprintf(gdb, sizeof(gdb), "unix:%s/gdb", place);
	snprintf(dump, sizeof(dump), "%s/dump", place);
	fds = open_fds();
	ok(!gdb_open(&(struct config){ .gdb = gdb }), "so gdb has no socket");
	ok(!dump_open(&(struct config){ .dump = dump }), "and there is no dump");
	ok(open_fds() == fds && is_empty(place), "and nothing is there of them");
	rmdir(place);
}

/* -- dumps -- */

static bool never(void)
{
	return false;
}

static bool at_once(void)
{
	return true;
}

static void *read_back(int fd, size_t *len)
{
	char *all = malloc(RAM + 16 * PAGE_BYTES);

	*len = pread(fd, all, RAM + 16 * PAGE_BYTES, 0);
	return all;
}

static bool has(const char *in, size_t len, const char *text)
{
	return memmem(in, len, text, strlen(text));
}

static void test_dump(void)
{
	struct dump_subject subject = {
		.mem = &mem, .page_offset = 0xc0000000, .regs = { .eip = 0xdeadbeef },
		.too_late = never,
	};
	char name[] = "/tmp/test-gdb-XXXXXX";
	const int fd = mkstemp(name);
	const Elf32_Ehdr *elf;
	const Elf32_Phdr *load;
	const char *all;
	size_t len;

	unlink(name);
	memset(memory_at(&mem, 0), 0, LIMIT);
	strcpy(memory_at(&mem, 3 * PAGE_BYTES), "OSRELEASE=not this\n");
	strcpy(memory_at(&mem, 7 * PAGE_BYTES), "OSRELEASE=6.1\nPAGESIZE=4096\n");
	strcpy(memory_at(&mem, RAM - 10), "the end");
	ok(dump_write(fd, &subject), "a dump");
	all = read_back(fd, &len);
	elf = (const void *)all;
	load = (const void *)(all + elf->e_phoff + sizeof(*load));
	ok(!memcmp(elf->e_ident, ELFMAG, SELFMAG) && elf->e_type == ET_CORE &&
	   elf->e_machine == EM_386 && elf->e_phnum == 2, "is an ELF core");
	is_number(load->p_vaddr, 0xc0000000, "where the kernel has it");
	is_number(load->p_filesz, RAM, "all of it");
	is_number(len, load->p_offset + RAM, "as long as that");
	ok(!memcmp(all + load->p_offset, memory_at(&mem, 0), RAM), "with what was there");
	ok(has(all, load->p_offset, "VMCOREINFO") && has(all, load->p_offset, "OSRELEASE=6.1"),
	   "and what the kernel says of itself");
	ok(has(all, load->p_offset, "\xef\xbe\xad\xde"), "and registers");
	free((void *)all);
	memset(memory_at(&mem, 7 * PAGE_BYTES), 'x', 25 * PAGE_BYTES);
	memcpy(memory_at(&mem, RAM - PAGE_BYTES), "OSRELEASE=", 10);
	ok(dump_write(fd, &subject), "again, of a guest that has no such page");
	all = read_back(fd, &len);
	ok(!has(all, len - RAM, "VMCOREINFO"), "without it, then");
	free((void *)all);
	subject.too_late = at_once;
	ok(!dump_write(fd, &subject), "there is no time for one");
	close(fd);
	subject.too_late = never;
	ok(!dump_write(fd, &subject), "nowhere to write to");
}

int main(void)
{
	mem.base = calloc(1, LIMIT);
	test_packets();
	test_long_packets();
	test_numbers();
	test_commands();
	test_registers();
	test_memory_commands();
	test_two_levels();
	test_pae();
	test_early();
	test_copies();
	test_anything();
	test_breakpoints();
	test_addresses();
	test_dump();
	test_nowhere();
	test_end();
	free(mem.base);
	return tap_done();
}
