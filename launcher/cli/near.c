// SPDX-License-Identifier: GPL-2.0
/*
 * Words of a command line that are almost right: what did the user mean?
 */
#include <string.h>

#include "verbs.h"

#define WORD_MAX	32	/* no option or verb is so long */

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

static bool swapped(const char *a, size_t i, const char *b, size_t j)
{
	return i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
}

/* Letters to be put in, left out, exchanged, or swapped with the next one. */
static unsigned int distance(const char *a, size_t len_a, const char *b, size_t len_b)
{
	unsigned int cost[WORD_MAX + 1][WORD_MAX + 1];
	size_t i, j;

	for (j = 0; j <= len_b; j++)
		cost[0][j] = j;
	for (i = 1; i <= len_a; i++) {
		cost[i][0] = i;
		for (j = 1; j <= len_b; j++) {
			cost[i][j] = least(cost[i - 1][j], cost[i][j - 1]) + 1;
			cost[i][j] = least(cost[i][j],
					   cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (swapped(a, i, b, j))
				cost[i][j] = least(cost[i][j], cost[i - 2][j - 2] + 1);
		}
	}
	return cost[len_a][len_b];
}

/**
 * near_word() - may a word be meant for another?
 * @word: as the user wrote it
 * @right: one that would be right
 *
 * One mistake in three letters is none, or a word that goes on ("memory").
 */
bool near_word(const char *word, const char *right)
{
	size_t len = strlen(word), wanted = strlen(right);

	if (len < 2 || len > WORD_MAX || wanted > WORD_MAX)
		return false;
	if (wanted > 2 && !strncmp(word, right, wanted))
		return true;
	return distance(word, len, right, wanted) <= (wanted + 2) / 3;
}
