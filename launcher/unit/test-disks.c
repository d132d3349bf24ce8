// SPDX-License-Identifier: GPL-2.0
/* Disks in all formats that qemu-img makes, as qemu-nbd serves them. */
#include <signal.h>

#include "base.h"
#include "disk.h"
#include "pack.h"
#include "said.h"
#include "versions.h"

#define MEGABYTES	8
#define PLACES		(MEGABYTES * MIB / SECTOR_BYTES)
#define PIECE		64		/* sectors */

static const struct {
	const char *name;	/* as the user says it */
	const char *qemu;
	bool told;		/* it has to be */
} formats[] = {
	{ .name = "qcow2", .qemu = "qcow2" }, { .name = "qcow", .qemu = "qcow" },
	{ .name = "qed", .qemu = "qed" }, { .name = "vdi", .qemu = "vdi" },
	{ .name = "vhdx", .qemu = "vhdx" }, { .name = "vhd", .qemu = "vpc" },
	{ .name = "parallels", .qemu = "parallels" },
	{ .name = "vmdk", .qemu = "vmdk", .told = true },
};

static char line[1024];

/* In the directory of the test. */
static bool run(const char *command)
{
	snprintf(line, sizeof(line), "cd %s && { %s; } > /dev/null 2>&1", dir, command);
	return !system(line);
}

static void make(const char *format)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -f base && qemu-img create -f %s base %uM", format,
		 MEGABYTES);
	if (!run(command))
		exit(1);
}

static size_t move(struct model *disk, unsigned int place, char *data, bool to)
{
	struct iovec iov[3] = {
		{ data, 100 }, { data + 100, 20000 },
		{ data + 20100, PIECE * SECTOR_BYTES - 20100 },
	};

	return (to ? disk_write : disk_read)(disk, place, iov, 3);
}

static bool write_piece(struct model *disk, unsigned int place, char what)
{
	static char data[PIECE * SECTOR_BYTES];

	memset(data, what, sizeof(data));
	return move(disk, place, data, true) == sizeof(data);
}

static bool has_piece(struct model *disk, unsigned int place, char what)
{
	static char data[PIECE * SECTOR_BYTES];
	size_t i;

	memset(data, ~what, sizeof(data));
	if (move(disk, place, data, false) < sizeof(data))
		return false;
	for (i = 0; i < sizeof(data) && data[i] == what; i++)
		;
	return i == sizeof(data);
}

/* What others see of the disk. */
static bool is_there(const char *format, unsigned int place, char what)
{
	char command[256], convert[128];

	snprintf(command, sizeof(command),
		 "test \"$(dd if=raw bs=512 skip=%u count=%u | tr -d '%c' | wc -c)\" = 0",
		 place, PIECE, what);
	snprintf(convert, sizeof(convert), "qemu-img convert -f %s -O raw base raw", format);
	return run(convert) && run(command);
}

static void test_format(const char *name, const char *qemu, bool told)
{
	struct model *disk;
	char check[64];

	printf("# %s\n", name);
	make(qemu);
	snprintf(spec, sizeof(spec), "%s,format=%s", base, name);
	disk = create(spec);
	ok(disk_sectors(disk) >= PLACES, "it is as large as it should be");
	ok(has_piece(disk, 0, 0) && has_piece(disk, PLACES - PIECE, 0), "and empty");
	ok(write_piece(disk, 1, 'a') && write_piece(disk, PLACES - PIECE, 'b'), "it takes data");
	ok(has_piece(disk, 1, 'a') && has_piece(disk, PLACES - PIECE, 'b'), "and has it");
	ok(disk_flush(disk), "it flushes");
	ok(disk_zero(disk, 1, PIECE, true) && has_piece(disk, 1, 0) &&
	   has_piece(disk, PLACES - PIECE, 'b'), "zeroes come when they are asked for");
	ok(disk_discard(disk, 1, PIECE), "and what is not needed may be said");
	ok(write_piece(disk, 7, 'c'), "it goes on");
	is_wrong(refusal(spec), "in use by another guest", "while another guest has it, none can");
	disk->close(disk);
	ok(is_there(qemu, PLACES - PIECE, 'b') && is_there(qemu, 7, 'c'), "others see it, too");
	snprintf(check, sizeof(check), "qemu-img check -f %s base", qemu);
	/* (63: there is nothing to check in that format) */
	strcat(check, " || test $? = 63");
	ok(run(check), "the file is in order");

	snprintf(spec, sizeof(spec), "%s", base);
	if (told) {
		is_wrong(refusal(spec), "format=", "it has to be told");
	} else {
		disk = create(spec);
		ok(has_piece(disk, 7, 'c'), "the format need not be said");
		disk->close(disk);
	}
	snprintf(spec, sizeof(spec), "%s,ro,format=%s", base, name);
	disk = create(spec);
	ok(has_piece(disk, 7, 'c') && !write_piece(disk, 7, 'd'), "it may be read only");
	is_right(refusal(spec), "by several");
	disk->close(disk);
}

/* What is written is elsewhere, whoever has the base. */
static void test_changes(void)
{
	struct model *disk;

	make("qcow2");
	snprintf(spec, sizeof(spec), "%s", base);
	disk = create(spec);
	write_piece(disk, 100, 'a');
	disk->close(disk);
	snprintf(spec, sizeof(spec), "%s,snapshot", base);
	disk = create(spec);
	ok(has_piece(disk, 100, 'a') && write_piece(disk, 103, 'b') && has_piece(disk, 103, 'b'),
	   "a snapshot of qcow2");
	ok(disk_zero(disk, 200, PIECE, false) && has_piece(disk, 200, 0), "takes zeroes");
	disk->close(disk);
	snprintf(spec, sizeof(spec), "%s,overlay=%s", base, cow);
	disk = create(spec);
	ok(has_piece(disk, 100, 'a'), "leaves nothing");
	ok(write_piece(disk, 103, 'c'), "an overlay of it");
	disk->close(disk);
	disk = create(spec);
	ok(has_piece(disk, 103, 'c'), "keeps what was written");
	disk->close(disk);
	ok(is_there("qcow2", 100, 'a'), "and the base is as it was");
	unlink(cow);
}

/* The commands of the manual. */
static const char merge[] =
	"open C, '<:raw', shift; open D, '+<:raw', shift; $n = -s D;\n"
	"$m = 4096 * int(($n + 2**27 - 1) / 2**27);\n"
	"seek C, 4096, 0; read C, $map, $m;\n"
	"for $i (0 .. ($n - 1) / 4096) { next unless vec $map, $i, 1;\n"
	"seek C, 4096 + 2 * $m + 4096 * $i, 0; read C, $data, 4096;\n"
	"seek D, 4096 * $i, 0; print D $data }\n";

static void test_convert(void)
{
	struct model *disk;
	FILE *script;

	make_base();
	disk = new_disk("");
	write_at(disk, 5, 3);
	disk->close(disk);
	disk = create(spec);
	is_number(wrong_sectors(disk, known->version, true), 0, "an overlay of the launcher's own");
	disk->close(disk);
	snprintf(spec, sizeof(spec), "%s/merge", dir);
	script = fopen(spec, "w");
	fputs(merge, script);
	fclose(script);
	ok(run("cp base whole && perl merge cow whole"), "can be put into its base");
	ok(run("qemu-img convert -f raw -O qcow2 whole w.qcow2"), "and be made a qcow2");
	snprintf(spec, sizeof(spec), "%s/w.qcow2", dir);
	disk = create(spec);
	is_number(wrong_sectors(disk, known->version, true), 0, "of the same content");
	disk->close(disk);
	run("rm -f merge whole w.qcow2");
}

static void test_backing(void)
{
	struct model *disk;

	make("qcow2");
	ok(run("mv base old && qemu-img create -f qcow2 -b old -F qcow2 base"), "a backing file");
	snprintf(spec, sizeof(spec), "%s", base);
	is_wrong(refusal(spec), "other files of this host", "is not followed without a word");
	snprintf(spec, sizeof(spec), "%s,format=qcow2", base);
	disk = create(spec);
	ok(has_piece(disk, 0, 0) && write_piece(disk, 0, 'a'), "but with one");
	disk->close(disk);
	run("rm old");
}

static void test_names(void)
{
	struct model *disk;

	make("qcow2");
	ok(run("mv base 'a,b=c:d' && ln -s 'a,b=c:d' link"), "a name with commas");
	snprintf(spec, sizeof(spec), "%s/a,b=c:d,format=qcow2", dir);
	disk = create(spec);
	ok(write_piece(disk, 0, 'a'), "is a name");
	disk->close(disk);
	run("rm link a,*");
}

/* That is a child of this test's. */
static const char kill_server[] =
	"for p in /proc/[0-9]*; do\n"
	"grep -qx qemu-nbd $p/comm && grep -q \"^PPid:[^0-9]*$PPID$\" $p/status &&\n"
	"exec kill -s KILL ${p#/proc/}\n"
	"done\n"
	"false";

static void ask(void)
{
	if (!create(spec))
		_exit(report_failure());
}

static void test_trouble(void)
{
	struct model *disk;

	run("head -c 100000 /dev/urandom > base");
	snprintf(spec, sizeof(spec), "%s,format=qcow2", base);
	is_wrong(refusal(spec), "cannot open it as qcow2", "what is no qcow2");
	is_number(WEXITSTATUS(end_of(ask)), STATUS_SETUP, "is bad");
	is_wrong(said, "qemu-nbd: ", "has QEMU's word for it");
	make("qcow2");
	disk = create(spec);
	ok(write_piece(disk, 0, 'a'), "a disk");
	ok(run(kill_server), "may lose its server");
	ok(!has_piece(disk, 0, 'a') && !write_piece(disk, 0, 'a') && !disk_flush(disk),
	   "which is an error, and no more");
	disk->close(disk);
}

int main(void)
{
	size_t i;

	if (!shell("qemu-nbd --version", "> /dev/null 2>&1")) {
		ok(true, "disks of other formats # SKIP there is no qemu-nbd here");
		return tap_done();
	}
	signal(SIGPIPE, SIG_IGN);	/* as in the launcher */
	set_up();
	for (i = 0; i < ARRAY_SIZE(formats); i++)
		test_format(formats[i].name, formats[i].qemu, formats[i].told);
	test_changes();
	test_backing();
	test_names();
	test_convert();
	test_trouble();
	run("rm -f raw");
	return tear_down();
}
