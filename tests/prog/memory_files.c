// SPDX-License-Identifier: GPL-2.0
/*
 * Guests whose memory is a file's: what they write is in the file, for other
 * processes and after the file has been written back; what happens to the file
 * happens to them.
 *
 *	usage: memory_files DIRECTORY
 *
 * The directory is on a disk, of which pages are written back.
 */
#include "mini/arena.h"

#define PAGES		16
#define ROUNDS		10

static const char *directory;

static u32 word_in_file(int fd, u32 page)
{
	u32 word;

	expect(pread(fd, &word, sizeof(word), page * PAGE) == sizeof(word), "pread: %m");
	return word;
}

static void put_word_in_file(int fd, u32 page, u32 word)
{
	expect(pwrite(fd, &word, sizeof(word), page * PAGE) == sizeof(word), "pwrite: %m");
}

/* Two launchers map the same file: each guest sees what the other one writes. */
static void two_guests(void)
{
	volatile u32 *stage = mini_shared(PAGE);
	int fd = arena_file(PAGES);
	pid_t pid;
	u32 i;

	arena_map_file(fd, 0, PAGES);
	pid = mini_fork();
	arena_start();
	for (i = 0; i < ROUNDS; i++) {
		u32 own = 2 * i + !pid, others = 2 * i + !!pid;

		arena_write(own % PAGES, 500 + own);
		expect_value(word_in_file(fd, own % PAGES), 500 + own);
		stage[!pid] = i + 1;
		wait_until(stage[!!pid] >= i + 1);
		expect_value(arena_read(others % PAGES), 500 + others);
		stage[2 + !pid] = i + 1;
		wait_until(stage[2 + !!pid] >= i + 1);
	}
	arena_stop();
	if (!pid)
		_exit(0);
	if (mini_wait(pid))
		_exit(1);	/* it has said why */
}

static int file_on_disk(void)
{
	int fd;

	expect(!chdir(directory), "%s: %m", directory);
	fd = open("file", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	expect(fd >= 0 && !ftruncate(fd, PAGES * PAGE), "%s/file: %m", directory);
	return fd;
}

static void write_back(void)
{
	expect(!msync(arena_page(0), PAGES * PAGE, MS_SYNC), "msync: %m");
}

/*
 * A page that was written back is clean; what the guest writes to it after that
 * must make it dirty again, or it is lost when memory gets short.
 */
static void written_back(void)
{
	int fd = file_on_disk();
	u32 i;

	arena_map_file(fd, 0, PAGES);
	arena_start();
	for (i = 0; i < ROUNDS; i++) {
		arena_fill(PAGES, 1000 * i);
		arena_spin(0, SPIN_WRITE);
		write_back();
		arena_moves(arena_word(0));
		arena_write(5, 77 + i);
		arena_spin(0, SPIN_NOT);
		expect_value(word_in_file(fd, 5), 77 + i);
	}
	write_back();
	arena_write(6, 123456);
	arena_stop();
	munmap(arena_page(0), PAGES * PAGE);
	sync();
	mini_write("/proc/sys/vm/drop_caches", "1");
	expect_value(word_in_file(fd, 5), 77 + ROUNDS - 1);
	expect_value(word_in_file(fd, 6), 123456);
	expect_value(word_in_file(fd, 7), 1000 * (ROUNDS - 1) + 7);
}

/* Nobody but the guest has written: the kernel must know all the same. */
static void clean_memory_file(void)
{
	int fd = arena_file(PAGES);
	u32 i, page;

	mini_pin(0);
	arena_map_file(fd, 0, PAGES);
	arena_start();
	for (i = 0; i < ROUNDS; i++) {
		for (page = 0; page < PAGES; page++)
			expect_value(*arena_word(page), i ? i - 1 + page : 0);
		arena_fill(PAGES, i);
		arena_swap_out(0, PAGES);
		arena_check(PAGES, i);
	}
	arena_stop();
}

static void truncated(void)
{
	int fd = arena_file(PAGES);

	arena_map_file(fd, 0, PAGES);
	arena_start();
	arena_fill(PAGES, 1);
	arena_spin(3, SPIN_WRITE);
	expect(!ftruncate(fd, 2 * PAGE), "ftruncate: %m");
	expect_formatted(arena_reason(), "no memory at %#x", ARENA + 3 * PAGE);
	expect_value(*arena_word(1), 2);
}

/* The page goes and comes back empty: the guest has the new one. */
static void hole_punched(void)
{
	int fd = arena_file(PAGES);
	volatile u32 *view = arena_view(fd, PAGES) + 3 * PAGE / 4;
	u32 i;

	arena_map_file(fd, 0, PAGES);
	arena_start();
	arena_fill(PAGES, 1);
	arena_spin(3, SPIN_WRITE);
	for (i = 0; i < ROUNDS; i++) {
		view[1] = 1;
		expect(!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 3 * PAGE, PAGE),
		       "fallocate: %m");
		expect_value(view[1], 0);
		arena_moves(view);
		arena_advise(3, 1, MADV_REMOVE);
		arena_moves(arena_word(3));
	}
	arena_spin(3, SPIN_NOT);
	expect_value(arena_read(3), *view);
	expect_value(arena_read(4), 1 + 4);
	arena_stop();
}

static void map_privately(int fd)
{
	arena_mapped(mmap(arena_page(0), PAGES * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_FIXED, fd, 0));
}

/* The file's page until the guest writes, and then its own. */
static void private_mapping(void)
{
	int fd = arena_file(PAGES);
	u32 i;

	map_privately(fd);
	arena_start();
	for (i = 0; i < PAGES; i++) {
		put_word_in_file(fd, i, 10 + i);
		expect_value(arena_read(i), 10 + i);
		put_word_in_file(fd, i, 20 + i);
		expect_value(arena_read(i), 20 + i);
		arena_write(i, 30 + i);
		expect_value(*arena_word(i), 30 + i);
		expect_value(word_in_file(fd, i), 20 + i);
		put_word_in_file(fd, i, 40 + i);
		expect_value(arena_read(i), 30 + i);
	}
	arena_stop();
}

/* The launcher's first write makes its own copy, of a page that the guest has. */
static void private_written_by_launcher(void)
{
	int fd = arena_file(PAGES);
	u32 i;

	map_privately(fd);
	arena_start();
	for (i = 0; i < PAGES; i++) {
		put_word_in_file(fd, i, 10 + i);
		arena_spin(i, SPIN_READ);
		*arena_word(i) = 50 + i;
		expect_value(arena_read(i), 50 + i);
		expect_value(word_in_file(fd, i), 10 + i);
	}
	arena_stop();
}

static void read_only_file(void)
{
	int fd = arena_file(PAGES);

	put_word_in_file(fd, 2, 11);
	arena_mapped(mmap(arena_page(0), PAGES * PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0));
	arena_start();
	expect_value(arena_read(2), 11);
	put_word_in_file(fd, 2, 12);
	expect_value(arena_read(2), 12);
	arena_ask_write(2);
	expect_formatted(arena_reason(), "read-only memory at %#x", ARENA + 2 * PAGE);
	expect_value(word_in_file(fd, 2), 12);
}

int main(int argc, char **argv)
{
	mini_case_seconds = 180;
	RUN(two_guests);
	directory = argc > 1 ? argv[1] : NULL;
	if (directory)
		RUN(written_back);
	else
		mini_skip("written_back", "no directory on a disk was given");
	if (mini_number_in("/proc/meminfo", "SwapTotal") > 0)
		RUN(clean_memory_file);
	else
		mini_skip("clean_memory_file", "there is no swap");
	RUN(truncated);
	RUN(hole_punched);
	RUN(private_mapping);
	RUN(private_written_by_launcher);
	RUN(read_only_file);
	return mini_done();
}
