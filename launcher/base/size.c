// SPDX-License-Identifier: GPL-2.0
/* Sizes, as users write them. */
#include <errno.h>
#include <stdlib.h>

#include "base.h"

static const struct {
	char letter;
	unsigned int shift;
} units[] = {
	{ 'K', 10 }, { 'k', 10 }, { 'M', 20 }, { 'm', 20 }, { 'G', 30 }, { 'g', 30 },
	{ '\0', 20 },		/* a plain number means MiB */
};

/* "64", "64M", "65536K", "1G"; -1 for anything else. */
int parse_size(const char *text, __u64 *bytes)
{
	unsigned long long value;
	unsigned int i;
	char *end;

	if (*text < '0' || *text > '9')
		return -1;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || (*end && end[1]))
		return -1;
	for (i = 0; i < ARRAY_SIZE(units); i++) {
		if (*end != units[i].letter)
			continue;
		if (value > ~0ull >> units[i].shift)
			return -1;
		*bytes = value << units[i].shift;
		return 0;
	}
	return -1;
}
