// SPDX-License-Identifier: GPL-2.0
/*
 * The launcher's side: the guest's memory, INITIALIZE in the era's form, and
 * cases that are run once for each era.
 */
#include <pthread.h>
#include "era.h"

/* Boot parameters: number of memory areas, the first one, the initrd's size. */
#define BOOT_E820_ENTRIES	0x1e8
#define BOOT_E820		0x2d0
#define BOOT_RAMDISK_SIZE	0x21c

struct era_run run;

static void (*current_case)(void);

static void *map_at(u32 at, u32 size, int flags, int fd)
{
	void *p = mmap((void *)at, size, PROT_READ | PROT_WRITE | PROT_EXEC,
		       flags | MAP_FIXED, fd, 0);

	expect(p == (void *)at, "mmap at %#x: %m", at);
	return p;
}

/*
 * The program's image goes to a file, which replaces it, and is where the guest
 * has it too.  (There may be pages between its segments that are not mapped.)
 */
static void share_image(void)
{
	u32 size = era_image_end() - IMAGE_BASE, at;
	int fd = memfd_create("image", MFD_CLOEXEC);

	expect(fd >= 0 && !ftruncate(fd, size), "memfd: %m");
	for (at = 0; at < size; at += PAGE) {
		if (pwrite(fd, (void *)(IMAGE_BASE + at), PAGE, at) != PAGE)
			expect(errno == EFAULT, "image: %m");
	}
	map_at(IMAGE_BASE, size, MAP_SHARED, fd);
	map_at(ERA_BASE + IMAGE_BASE, size, MAP_SHARED, fd);
	close(fd);
}

static void run_case(void)
{
	share_image();
	current_case();
}

static void fill_boot_params(void)
{
	u32 *area = seen(BOOT_E820);

	*(u8 *)seen(BOOT_E820_ENTRIES) = 1;
	*(u32 *)seen(BOOT_RAMDISK_SIZE) = ERA_RAM - PAGE - ERA_FIRST_DIR;
	area[2] = ERA_RAM;
	area[4] = 1;
}

static void fill_data(void)
{
	const struct era_layout *at = era->data;

	memset(seen(run.data + at->status), LHCALL_RING_FREE, LHCALL_RING_SIZE);
	*seen_word(DATA_BLOCKED) = 1;
	*seen_word(at->kernel_address) = run.kernel_address;
	*seen_word(at->syscall_vec) = SYSCALL_VECTOR;
}

/**
 * era_prepare() - make the memory of a guest
 * @main: what it will do
 */
void era_prepare(void (*main)(void))
{
	u32 device_pages = era_has(ERA_TRAPS) ? 0 : ERA_DEVICE_PAGES;

	map_at(ERA_BASE, ERA_LOW_SIZE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	memset(&run, 0, sizeof(run));
	memset(&mini, 0, sizeof(mini));
	run.main = main;
	run.base = ERA_BASE;
	run.pfn_limit = ERA_RAM / PAGE + device_pages;
	run.device_limit = ERA_RAM / PAGE + 2 * ERA_DEVICE_PAGES;
	run.start = (u32)era_entry;
	run.kernel_address = ERA_KERNEL;
	run.data = PHYS(data);
	run.root = era_new_root();
	run.pgdir = run.root;
	fill_boot_params();
	fill_data();
}

/**
 * era_last_page() - map the last page of the guest's memory, which is left out
 *
 * Return: the guest-physical address where that memory ends.
 */
u32 era_last_page(void)
{
	u32 limit = run.pfn_limit * PAGE;

	expect(mmap(seen(limit - PAGE), PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE |
		    MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == seen(limit - PAGE),
	       "mmap: %m");
	return limit;
}

int era_words(int fd, const u32 *words, u32 count)
{
	return write(fd, words, count * sizeof(*words));
}

/**
 * era_initialize() - INITIALIZE in the era's form, with the words of run
 * @fd: the device
 *
 * Return: what write() gave.
 */
int era_initialize(int fd)
{
	u32 words[5] = { LHREQ_INITIALIZE, run.base, run.pfn_limit }, n = 3;

	if (era_has(ERA_LAUNCHER_DIR))
		words[n++] = run.pgdir;
	words[n++] = run.start;
	if (era_has(ERA_TRAPS))
		words[n++] = run.device_limit;
	return era_words(fd, words, n);
}

int era_request(int fd, u32 request, u32 a, u32 b)
{
	u32 words[] = { request, a, b };

	return era_words(fd, words, ARRAY_SIZE(words));
}

int era_open(void)
{
	int fd = mini_open();

	if (run.release)
		expect_value(mini_request(fd, LHREQ_RELEASE, run.release), 0);
	return fd;
}

int era_start(void)
{
	int fd = era_open();

	expect_value(era_initialize(fd), era->words * 4);
	return fd;
}

int era_new(void (*main)(void))
{
	era_prepare(main);
	return era_start();
}

u32 era_reply_size(void)
{
	return era_has(ERA_TRAPS) ? sizeof(struct lguest_pending) : sizeof(u32);
}

const char *era_finish(int fd)
{
	struct lguest_pending reply = {};
	int got = read(fd, &reply, sizeof(reply));

	expect(got == -1, "read() gave %d: trap %u insn %02x%02x%02x addr %#x", got,
	       reply.trap, reply.insn[0], reply.insn[1], reply.insn[2], reply.addr);
	expect(errno == ENOENT, "read() failed: %m");
	return mini_reason(fd);
}

const char *era_run_again(void)
{
	int fd = era_start();
	const char *reason = era_finish(fd);

	expect_value(close(fd), 0);
	return reason;
}

const char *era_run(void (*main)(void))
{
	era_prepare(main);
	return era_run_again();
}

/**
 * era_notified() - run the guest until its next NOTIFY
 * @fd: the device
 *
 * Return: the address.
 */
u32 era_notified(int fd)
{
	u32 reply[3];
	int got = read(fd, reply, sizeof(reply));

	expect(got != -1, "no NOTIFY: %m; %s", errno == ENOENT ? mini_reason(fd) : "");
	expect_value(got, 4);
	return reply[0];
}

static void (*as_other)(void);

static void *thread_main(void *unused)
{
	as_other();
	return unused;
}

void era_from_others(void (*f)(void))
{
	pthread_t thread;
	pid_t pid = mini_fork();

	if (!pid) {
		f();
		_exit(0);
	}
	if (mini_wait(pid))
		_exit(1);	/* the child has said why */
	as_other = f;
	pthread_create(&thread, NULL, thread_main, NULL);
	pthread_join(thread, NULL);
}

static bool wanted(u32 with, u32 without)
{
	const char *only = getenv("ERA");

	if (only && strcmp(only, era->name))
		return false;
	return (era->has & with) == with && !(era->has & without);
}

static void each_era(const char *name, void (*f)(void), u32 with, u32 without,
		     const char *suffix)
{
	char full[100];

	current_case = f;
	for (era = eras; era < eras + nr_eras; era++) {
		if (!wanted(with, without))
			continue;
		snprintf(full, sizeof(full), "%s: %s%s", era->name, name, suffix);
		mini_case(full, run_case);
	}
}

void era_case(const char *name, void (*f)(void), u32 with, u32 without)
{
	era_pae = false;
	each_era(name, f, with, without, "");
}

void era_case_pae(const char *name, void (*f)(void), u32 with, u32 without)
{
	era_pae = true;
	each_era(name, f, with | ERA_PAE, without, " (PAE)");
	era_pae = false;
}

void era_case_both(const char *name, void (*f)(void), u32 with, u32 without)
{
	era_case(name, f, with, without);
	era_case_pae(name, f, with, without);
}
