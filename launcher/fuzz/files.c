// SPDX-License-Identifier: GPL-2.0
/*
 * A fuzzer for files that somebody else may have made: kernels, which are loaded if they
 * are any, and overlays of disks.  The input is such a file.
 */
#include <asm/bootparam.h>
#include <unistd.h>

#include "bzimage.h"
#include "config.h"
#include "disk.h"
#include "era.h"
#include "fuzz.h"
#include "guest_memory.h"
#include "image.h"
#include "kernel.h"
#include "kernel_image.h"

#define GUEST_BYTES	(64 * MIB)
#define DISK_BYTES	(100 * SECTOR_BYTES)

/* All that is loaded is in the file, and in the guest's memory. */
static void check_image(const struct kernel_file *kernel)
{
	const struct kernel_image *image = &kernel->image;
	unsigned int i;

	must(image->nr && image->nr <= KERNEL_SEGMENTS_MAX);
	must(image->low < image->high);
	for (i = 0; i < image->nr; i++) {
		const struct kernel_segment *seg = &image->segment[i];

		must((__u64)seg->offset + seg->filesz <= kernel->size);
		must(seg->filesz <= seg->memsz);
		must(seg->paddr >= image->low);
		must((__u64)seg->paddr + seg->memsz <= image->high);
		must(image->high <= MEMORY_TOP);
	}
}

static void load(struct kernel_file *kernel, struct config *config)
{
	struct memory mem = { .file = -1 };
	struct boot boot;

	config->memory = GUEST_BYTES;
	if (!boot_plan(kernel, config, &boot)) {
		close(kernel->fd);
		return;
	}
	must(boot.ram <= GUEST_BYTES && boot.top <= boot.ram);
	mem.ram = boot.ram;
	mem.limit = boot.ram + PAGE_BYTES;
	mem.base = calloc(1, mem.limit);
	must(mem.base);
	if (boot_load(&mem, kernel, config, &boot))
		must(boot.top <= boot.ram);
	free(mem.base);
}

/* What is in kernels, and how they are recognised. */
static const char *const marks[] = {
	"GenuineLguest", "lguest", "Linux version 2.6.23 ", "Linux version 6.1.0 ",
	"ignoring highmem size", "on non-highmem kernel", "\xa1\x04\x03\x02\xc0", "\x1f\x8b\x08",
};

static void put_marks(struct input *in, __u8 *file)
{
	unsigned int i, nr;

	for (nr = take(in, 1) % ARRAY_SIZE(marks); nr; nr--) {
		i = take(in, 1) % ARRAY_SIZE(marks);
		memcpy(file + 4096 + take(in, 2) % 4096, marks[i], strlen(marks[i]));
	}
}

/* Segments of most kinds, some of which are in the file. */
static void make_elf(struct input *in, __u8 *file)
{
	Elf32_Ehdr head = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB },
		.e_type = ET_EXEC, .e_machine = EM_386, .e_phentsize = sizeof(Elf32_Phdr),
		.e_phoff = sizeof(head), .e_phnum = 1 + take(in, 1) % 4,
		.e_entry = 0x100000 + take(in, 2),
	};
	unsigned int i;

	memcpy(file, &head, sizeof(head));
	for (i = 0; i < head.e_phnum; i++) {
		const __u32 high = take(in, 1) % 8 ? 0 : take(in, 4);
		Elf32_Phdr segment = {
			.p_type = PT_LOAD, .p_offset = take(in, 2), .p_filesz = take(in, 2),
			.p_paddr = 0x100000 + take(in, 2) + high,
		};

		segment.p_memsz = (take(in, 1) % 8 ? segment.p_filesz : 0) + take(in, 2);
		segment.p_vaddr = segment.p_paddr + 0xc0000000u + (take(in, 1) % 8 ? 0 : high);
		memcpy(file + sizeof(head) + i * sizeof(segment), &segment, sizeof(segment));
	}
}

static void make_bzimage(struct input *in, __u8 *file)
{
	struct setup_header head = {
		.setup_sects = take(in, 1) % 16, .header = 0x53726448,
		.version = 0x200 + take(in, 1),
		.jump = 0xeb | take(in, 1) << 8, .loadflags = take(in, 1),
		.kernel_version = take(in, 2), .code32_start = 0x100000 + take(in, 2),
		.payload_offset = take(in, 2), .payload_length = take(in, 2),
		.pref_address = take(in, 4), .init_size = take(in, 4),
		.kernel_alignment = take(in, 4), .initrd_addr_max = take(in, 4),
	};

	memcpy(file + 0x1f1, &head, sizeof(head));
}

/* A header that is nearly right, and what is in kernels; or anything. */
static int make_kernel(struct input *in)
{
	static __u8 file[3 * 4096];
	const __u8 kind = take(in, 1);

	if (kind % 4 == 0)
		return fuzz_file("kernel", in->at, input_left(in));
	memset(file, 0, sizeof(file));
	put_marks(in, file);
	(kind % 2 ? make_elf : make_bzimage)(in, file);
	return fuzz_file("kernel", file, sizeof(file) - take(in, 2) % sizeof(file));
}

/* What is seen of a bzImage without the program that unpacks it. */
static void look(int fd)
{
	static char head[BZIMAGE_HEAD_BYTES];
	const __u64 size = lseek(fd, 0, SEEK_END);
	const size_t len = pread(fd, head, sizeof(head), 0);
	struct bzimage_kernel packed;
	struct kernel_image image = { 0 };
	struct bzimage bzimage;

	if (!image_check_raw(fd, size, &image))
		must(image.nr == 1 && image.segment[0].filesz == size);
	if (!bzimage_is(head, len))
		return;
	if (!bzimage_check(head, len, size, &bzimage))
		must(bzimage.payload < size && bzimage.header_end <= len);
	if (!bzimage_find_kernel(head, size, &packed))
		must(packed.at + packed.len <= size || !packed.len);
	bzimage_initrd_end(head);
	bzimage_output(head, image.high, MIB);
	bzimage_room(head, size);
}

static void kernel(struct input *in)
{
	static char place[64];
	struct config config = { .kernel = place };
	struct kernel_file kernel;
	int fd;

	config.release = take(in, 1) & 1 ? LGUEST_RELEASE(2, 6, 23) : 0;
	fd = make_kernel(in);
	fuzz_place(place, sizeof(place), fd);
	look(fd);
	if (kernel_open(&config, &kernel)) {
		check_image(&kernel);
		load(&kernel, &config);
	}
	close(fd);
}

/* Whatever the file says, reads are as long as the disk, and what is written is read. */
static void use(struct overlay *overlay, struct input *in)
{
	char was[SECTOR_BYTES], is[SECTOR_BYTES];
	const __u64 at = take(in, 1) % 99 * SECTOR_BYTES + take(in, 1);
	struct iovec iov = { was, sizeof(was) };
	int nr = 1;

	must(overlay_read(overlay, at, &iov, &nr) == sizeof(was));
	memset(was, take(in, 1), sizeof(was));
	iov = (struct iovec){ was, sizeof(was) };
	must(overlay_write(overlay, at, &iov, 1) == sizeof(was));
	iov = (struct iovec){ is, sizeof(is) };
	nr = 1;
	must(overlay_read(overlay, at, &iov, &nr) == sizeof(is));
	must(!memcmp(was, is, sizeof(is)));
	overlay_flush(overlay);
}

/* One of ours that somebody has written to, or anything. */
static void overlay(struct input *in)
{
	static char base_place[64], place[64];
	struct disk_file base = { .bytes = DISK_BYTES, .fd = -1, .name = base_place };
	const bool good = take(in, 1) & 1;
	struct overlay *overlay;
	struct input uses = *in;
	int fd, base_fd;

	take(in, 3);
	base_fd = fuzz_file("base", NULL, DISK_BYTES);
	fuzz_place(base_place, sizeof(base_place), base_fd);
	base.fd = base_fd;
	fd = fuzz_file("overlay", in->at, input_left(in));
	fuzz_place(place, sizeof(place), fd);
	if (good) {
		close(fd);
		fd = fuzz_file("overlay", NULL, 0);
		fuzz_place(place, sizeof(place), fd);
		overlay = overlay_open(&base, place, false);
		must(overlay);
		overlay_close(overlay);
		must(pwrite(fd, in->at, input_left(in) % 4096, take(&uses, 2) % 8192) >= 0);
	}
	overlay = overlay_open(&base, place, false);
	if (overlay) {
		use(overlay, &uses);
		overlay_close(overlay);
	}
	close(fd);
	close(base_fd);
}

/* What its beginning and its end say of it. */
static void format(struct input *in)
{
	static char place[64];
	struct disk_file file = { .bytes = input_left(in), .name = place };
	const char *driver = NULL;

	file.fd = fuzz_file("disk", in->at, input_left(in));
	fuzz_place(place, sizeof(place), file.fd);
	if (disk_format_find(&file, &driver) && driver)
		must(*driver);
	close(file.fd);
}

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	struct input in = { data, data + size };

	switch (take(&in, 1) % 3) {
	case 0:
		kernel(&in);
		break;
	case 1:
		overlay(&in);
		break;
	case 2:
		format(&in);
		break;
	}
	return 0;
}
