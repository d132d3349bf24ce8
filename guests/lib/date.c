// SPDX-License-Identifier: GPL-2.0
/*
 * Dates for people, from the seconds that the clock counts.
 */
#include "guest.h"

#define SECS_PER_DAY	86400U

static bool leap_year(u32 year)
{
	return year % 4 == 0 && (year % 100 || year % 400 == 0);
}

/* Writes seconds since 1970 as YYYY-MM-DD HH:MM:SS. */
void format_date(char *buf, size_t size, u32 sec)
{
	static const u8 days_of[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};
	u32 day = sec / SECS_PER_DAY, year = 1970, month = 0, days;

	sec %= SECS_PER_DAY;
	while (day >= (days = 365 + leap_year(year))) {
		day -= days;
		year++;
	}
	while (day >= (days = days_of[month] +
			      (month == 1 && leap_year(year)))) {
		day -= days;
		month++;
	}
	snprintf(buf, size, "%04u-%02u-%02u %02u:%02u:%02u", year, month + 1,
		 day + 1, sec / 3600, sec / 60 % 60, sec % 60);
}
