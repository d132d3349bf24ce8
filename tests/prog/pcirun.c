// SPDX-License-Identifier: GPL-2.0
/*
 * The least launcher that a guest of 4.1 can live with: memory, no devices but a
 * PCI bus with a console on it, and that only as far as text can be written
 * through the bus's configuration (the guests' early console).
 *
 *	pcirun KERNEL [WORDS]
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/lguest_launcher.h>

#define PAGE		4096
#define RAM		(32u << 20)
#define DEVICE_PAGES	257
#define CMDLINE		PAGE
#define POWER_OFF	"CRASH: Power down"

/* Offsets of registers, as GETREG and SETREG count them. */
#define REG_EDX		8
#define REG_EAX		24
#define REG_EIP		48
#define REG_CS		52

#define CONSOLE_SLOT	1
#define CONFIG_BYTES	152
#define LATCH_PORT	0xcf8
#define DATA_PORT	0xcfc

/* The window's dwords; and where in the console's registers text goes. */
#define WINDOW_BAR	136
#define WINDOW_OFFSET	140
#define WINDOW_LENGTH	144
#define WINDOW_DATA	148
#define EMERGENCY	68

static unsigned char *ram;
static int lguest;
static unsigned int latch, window_offset, window_length;

/* The console's configuration: who it is, and its list of capabilities. */
static unsigned int config[CONFIG_BYTES / 4] = {
	[0] = 0x10431af4, [4 / 4] = 0x00100000, [52 / 4] = 64,
	[64 / 4] = 0x01105009, [72 / 4] = 0, 56,
	[80 / 4] = 0x02146409, [88 / 4] = 56, 2,
	[100 / 4] = 0x03108409, [108 / 4] = 58, 1,
	[116 / 4] = 0x04100009, [124 / 4] = 60, 12,
	[132 / 4] = 0x05147409,
};

static void die(const char *what)
{
	fprintf(stderr, "pcirun: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void *file(const char *name)
{
	int fd = open(name, O_RDONLY);
	struct stat st;
	void *at;

	if (fd < 0 || fstat(fd, &st))
		die(name);
	at = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED)
		die(name);
	return at;
}

/* Returns the kernel's entry. */
static unsigned int load(const char *name)
{
	const unsigned char *image = file(name);
	const Elf32_Ehdr *eh = (const void *)image;
	const Elf32_Phdr *ph = (const void *)(image + eh->e_phoff);
	int i;

	for (i = 0; i < eh->e_phnum; i++) {
		if (ph[i].p_type == PT_LOAD)
			memcpy(ram + ph[i].p_paddr, image + ph[i].p_offset, ph[i].p_filesz);
	}
	return eh->e_entry;
}

static void put32(unsigned int at, unsigned int value)
{
	memcpy(ram + at, &value, sizeof(value));
}

static void boot_parameters(const char *words)
{
	ram[0x1e8] = 1;			/* one piece of memory */
	put32(0x2d0 + 8, RAM);
	put32(0x2d0 + 16, 1);		/* which is RAM */
	put32(0x228, CMDLINE);
	put32(0x23c, 1);		/* the machine is an lguest */
	strcpy((char *)ram + CMDLINE, words);
}

static unsigned int get_reg(unsigned int reg)
{
	unsigned int request[] = { LHREQ_GETREG, reg }, value;

	if (write(lguest, request, sizeof(request)) < 0 ||
	    read(lguest, &value, sizeof(value)) != sizeof(value))
		die("GETREG");
	return value;
}

static void set_reg(unsigned int reg, unsigned int value)
{
	unsigned int request[] = { LHREQ_SETREG, reg, value };

	if (write(lguest, request, sizeof(request)) < 0)
		die("SETREG");
}

static void trap(unsigned int vector)
{
	unsigned int request[] = { LHREQ_TRAP, vector };

	if (write(lguest, request, sizeof(request)) < 0)
		die("TRAP");
}

/* The configuration's dword that the latch names, if it is the console's. */
static unsigned int *chosen(void)
{
	unsigned int at = latch & 0xfc;

	if (latch >> 31 && (latch >> 8 & 0xffff) == CONSOLE_SLOT << 3 && at < CONFIG_BYTES)
		return &config[at / 4];
	return NULL;
}

static unsigned int in(unsigned int port)
{
	if (port == LATCH_PORT)
		return latch;
	if (port == DATA_PORT && chosen())
		return *chosen();
	return ~0u;
}

/* False if there is nothing that could be written. */
static bool out(unsigned int port, unsigned int value)
{
	if (port == LATCH_PORT)
		latch = value;
	if (port != DATA_PORT)
		return true;
	switch (chosen() ? latch & 0xfc : 0) {
	case WINDOW_BAR:
		return !value;
	case WINDOW_OFFSET:
		window_offset = value;
		return true;
	case WINDOW_LENGTH:
		window_length = value;
		return true;
	case WINDOW_DATA:
		if (window_offset != EMERGENCY || window_length != 4)
			return false;
		putchar(value);
		return true;
	default:
		return false;
	}
}

static unsigned int low_bits(unsigned int width)
{
	return width == 4 ? ~0u : (1u << 8 * width) - 1;
}

/* Is it IN or OUT, and could it be done?  Its length, or 0. */
static unsigned int port_io(const unsigned char *insn)
{
	unsigned int n = insn[0] == 0x66, op = insn[n], eax = get_reg(REG_EAX);
	unsigned int width = !(op & 1) ? 1 : n ? 2 : 4, mask = low_bits(width);
	unsigned int port = op & 8 ? get_reg(REG_EDX) & 0xffff : insn[n + 1];

	if (op < 0xe4 || (op > 0xe7 && op < 0xec) || op > 0xef)
		return 0;
	if (op & 2) {
		if (!out(port, eax & mask))
			return 0;
	} else {
		set_reg(REG_EAX, (eax & ~mask) | (in(port) & mask));
	}
	return n + (op & 8 ? 1 : 2);
}

static void serve(const struct lguest_pending *pending)
{
	unsigned int len = 0;

	if (pending->trap == 13 && (get_reg(REG_CS) & 3) == 1)
		len = pending->insn[0] == 0xfa ? 1 : port_io(pending->insn);
	if (len)
		set_reg(REG_EIP, get_reg(REG_EIP) + len);
	else
		trap(pending->trap);
}

static int epitaph(void)
{
	char reason[256];
	ssize_t n = read(lguest, reason, sizeof(reason) - 1);

	if (n < 0)
		die("the guest died");
	reason[n] = '\0';
	if (!strcmp(reason, POWER_OFF))
		return 0;
	fprintf(stderr, "pcirun: %s\n", reason);
	return 1;
}

int main(int argc, char **argv)
{
	unsigned int initialize[5] = { LHREQ_INITIALIZE };
	struct lguest_pending pending;

	if (argc < 2) {
		fputs("usage: pcirun KERNEL [WORDS]\n", stderr);
		return 2;
	}
	ram = mmap(NULL, RAM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	lguest = open("/dev/lguest", O_RDWR);
	if (ram == MAP_FAILED || lguest < 0)
		die("/dev/lguest");
	initialize[1] = (unsigned int)ram;
	initialize[2] = RAM / PAGE;
	initialize[3] = load(argv[1]);
	initialize[4] = RAM / PAGE + DEVICE_PAGES;
	boot_parameters(argc > 2 ? argv[2] : "");
	if (write(lguest, initialize, sizeof(initialize)) < 0)
		die("INITIALIZE");
	while (read(lguest, &pending, sizeof(pending)) == sizeof(pending))
		serve(&pending);
	if (errno != ENOENT)
		die("the guest cannot run");
	fflush(stdout);
	return epitaph();
}
