// SPDX-License-Identifier: GPL-2.0
/*
 * A guest that changes its page tables as fast as it can, by calls and in the
 * ring, while threads of its launcher change the memory below: whatever comes
 * together, the host must not stumble over it.  With SEED in the environment,
 * the same requests come again.
 */
#include <pthread.h>
#include "mini/arena.h"

#define PAGES		256
#define ROOTS		20
#define GUEST_ROUNDS	1000
#define FEW_ROUNDS	100
#define DEADLY_GUESTS	8
#define KILLED_GUESTS	8
#define THREADS		2

#define TABLES		2	/* of the user's; which is where changes */

static struct mini_root roots[ROOTS] page_aligned;
static pte_t storm_tables[TABLES][TABLE_ENTRIES] page_aligned;
static volatile bool over;
static volatile u32 *progress;		/* of the guest, for all processes */
#define PROGRESS	0x1000u		/* and where the guest has it */
static u32 seed = 1;

static u32 next_random(u32 *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static pte_t random_pte(u32 *state)
{
	static const u32 flags[] = {
		0, P_ALL, P_ALL | P_ACCESSED, P_ALL | P_ACCESSED | P_DIRTY,
		P_PRESENT | P_ACCESSED, P_PRESENT | P_RW | P_ACCESSED | P_DIRTY,
	};
	u32 page = next_random(state) % PAGES;

	return (ARENA + page * PAGE) | flags[next_random(state) % ARRAY_SIZE(flags)];
}

static void set_table(pte_t *root, u32 nr, u32 table)
{
	*mini_pde_of(root, ARENA_USER + nr * TABLE_SPAN) = (u32)storm_tables[table] | P_ALL;
}

/* Kernel tables are one for all roots; the user part has two to choose from. */
static void guest_changes_table(u32 *state, pte_t *root)
{
	u32 table = next_random(state) % TABLES, index = next_random(state) % TABLE_ENTRIES;
	u32 vaddr = ARENA_USER + table * TABLE_SPAN + index * PAGE;
	pte_t pte = random_pte(state);
	static u32 later;

	switch (next_random(state) % 4) {
	case 0:
		set_table(root, table, next_random(state) % TABLES);
		hcall_pde_changed(root, vaddr);
		break;
	case 1:
		hcall2(LHCALL_SET_PGD, root, next_random(state) % 1024);
		break;
	case 2:
		storm_tables[table][index] = pte;
		hcall_set_pte(root, vaddr, pte);
		break;
	default:
		storm_tables[table][index] = pte;
		hcall_later(later++ % LHCALL_RING_SIZE, LHCALL_SET_PTE, (u32)root, vaddr, pte);
		break;
	}
}

static void touch(void)
{
	static u32 turn;

	if (++turn & 1)
		++*arena_word(turn % PAGES);
	else
		++*(volatile u32 *)(ARENA_USER + turn % (TABLES * TABLE_ENTRIES) * PAGE);
}

static void guest_storms(void)
{
	u32 state = seed, i, nr;
	pte_t *root = roots[0].dir;

	for (i = 0; i < ROOTS; i++) {
		mini_copy_root(&roots[i]);
		for (nr = 0; nr < TABLES; nr++)
			set_table(roots[i].dir, nr, nr);
	}
	hcall1(LHCALL_NEW_PGTABLE, root);
	for (;;) {
		switch (next_random(&state) % 16) {
		case 0:
			hcall1(LHCALL_FLUSH_TLB, next_random(&state) % 2);
			break;
		case 1:
			root = roots[next_random(&state) % ROOTS].dir;
			hcall1(LHCALL_NEW_PGTABLE, root);
			break;
		case 2 ... 7:
			guest_changes_table(&state, root);
			break;
		default:
			mini_try(touch);
		}
		++*(volatile u32 *)PROGRESS;
	}
}

/* What takes a page away for good, and the guest's life with it. */
static void deadly_change(u32 page, u32 how)
{
	static const int protections[] = { PROT_NONE, PROT_READ };

	if (how % 3 == 2)
		munmap(arena_page(page), PAGE);
	else
		mprotect(arena_page(page), PAGE, protections[how % 3]);
}

/* What leaves something there at any moment; some fail on holes, which is fine. */
static void harmless_change(u32 page, u32 how, int fd)
{
	static const int advice[] = {
		MADV_DONTNEED, MADV_PAGEOUT, MADV_COLD, MADV_FREE, MADV_MERGEABLE,
	};
	void *from;

	switch (how % 8) {
	case 0:
		arena_mapped(mmap(arena_page(page), PAGE, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
		break;
	case 1:
		arena_map_file(fd, page, 1);
		break;
	case 2:
		from = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
		arena_mapped(from);
		arena_move(from, page);
		break;
	default:
		madvise(arena_page(page), 4 * PAGE, advice[how % ARRAY_SIZE(advice)]);
	}
}

static void fork_and_write(u32 page)
{
	pid_t pid = fork();

	if (pid < 0)
		return;		/* memory is short */
	if (!pid) {
		++*arena_word(page);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void *stormy_thread(void *number)
{
	u32 state = seed + (u32)number, page, how, n;
	int fd = arena_file(4);

	for (n = 0; !over; n++) {
		page = next_random(&state) % (PAGES - 4);
		how = next_random(&state);
		if (n % 64 == 63)
			fork_and_write(page);
		else
			harmless_change(page, how, fd);
	}
	close(fd);
	return NULL;
}

static void start_storm(pthread_t *threads)
{
	u32 i;

	over = false;
	arena_map(PAGES);
	arena_prepare(guest_storms);
	mini_map(PROGRESS, (u32)progress | P_ALL);
	arena_go();
	for (i = 0; i < THREADS; i++)
		expect(!pthread_create(&threads[i], NULL, stormy_thread, (void *)i),
		       "pthread_create: %m");
}

static void end_storm(pthread_t *threads)
{
	u32 i;

	over = true;
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

/* Nothing of this may hurt the guest, or stop it. */
static void guest_survives(void)
{
	pthread_t threads[THREADS];

	*progress = 0;
	start_storm(threads);
	while (*progress < GUEST_ROUNDS) {
		expect(!arena_ended(), "the guest died: %s", arena_reason());
		usleep(1000);
	}
	end_storm(threads);
}

/* For one of the two good reasons. */
static bool is_of_arena(const char *reason)
{
	const char *at = strstr(reason, "memory at ");

	return at && strtoul(at + strlen("memory at "), NULL, 0) - ARENA < PAGES * PAGE;
}

/* It dies in the end. */
static void guest_dies(void)
{
	pthread_t threads[THREADS];
	const char *reason;
	u32 i, state = seed, when;

	for (i = 0; i < DEADLY_GUESTS; i++) {
		*progress = 0;
		when = next_random(&state) % FEW_ROUNDS;
		start_storm(threads);
		while (*progress < when && !arena_ended())
			usleep(100);
		expect(!arena_ended(), "the guest died: %s", arena_reason());
		end_storm(threads);
		while (!arena_ended())
			deadly_change(next_random(&state) % PAGES, next_random(&state));
		reason = arena_reason();
		expect(is_of_arena(reason), "the guest died: %s", reason);
		munmap((void *)ARENA, PAGES * PAGE);
	}
}

/* The launcher is killed in the middle, threads, children and all. */
static void launcher_is_killed(void)
{
	pthread_t threads[THREADS];
	u32 i, state = seed, when;
	pid_t pid;

	for (i = 0; i < KILLED_GUESTS; i++) {
		*progress = 0;
		when = next_random(&state) % FEW_ROUNDS;
		seed++;
		pid = mini_fork();
		if (!pid) {
			start_storm(threads);
			while (!arena_ended())
				usleep(1000);
			mini_fail("the guest died: %s", arena_reason());
		}
		while (*progress < when && !waitpid(pid, NULL, WNOHANG))
			usleep(100);
		kill(pid, SIGKILL);
		expect_value(mini_wait(pid), SIGKILL);
	}
}

int main(void)
{
	if (getenv("SEED"))
		seed = atoi(getenv("SEED"));
	printf("# SEED=%u\n", seed);
	progress = mini_shared(PAGE);
	mini_case_seconds = 100;
	RUN(guest_survives);
	RUN(guest_dies);
	RUN(launcher_is_killed);
	return mini_done();
}
