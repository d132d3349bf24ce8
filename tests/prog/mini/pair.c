// SPDX-License-Identifier: GPL-2.0
/*
 * Several guests at once: see pair.h.
 */
#include "pair.h"

struct board *board;

void pair_board(void)
{
	int fd = memfd_create("board", 0);

	expect(fd >= 0 && !ftruncate(fd, PAGE), "memfd: %m");
	board = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	expect(board != MAP_FAILED, "mmap: %m");
	close(fd);
}

void pair_map_board(void)
{
	mini_map(BOARD_VADDR, (u32)board | P_ALL);
}

/**
 * pair_start() - run a guest in another process
 * @guest: what it does
 * @reason: how its death's reason must begin; or NULL: it is killed first
 *
 * Return: the process.
 */
pid_t pair_start(void (*guest)(void), const char *reason)
{
	pid_t pid = mini_fork();

	if (pid)
		return pid;
	mini_reset(guest);
	pair_map_board();
	if (!reason)
		mini_fail("a guest died of itself: %s", mini_run_again());
	expect_prefix(mini_run_again(), reason);
	_exit(0);
}

void pair_end(pid_t pid)
{
	int status = mini_wait(pid);

	if (WIFEXITED(status) && WEXITSTATUS(status))
		_exit(1);	/* it has said why */
	expect(!status, "a partner ended with status %#x", status);
}
