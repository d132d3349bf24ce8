// SPDX-License-Identifier: GPL-2.0
/*
 * What is printed for other programs.
 */
#include "json.h"
#include "tap.h"

static char text[1024];

static bool is_string(const char *from, const char *expected)
{
	FILE *out = fmemopen(text, sizeof(text), "w");

	json_string(out, from);
	fclose(out);
	return !strcmp(text, expected);
}

static bool is_guest(const char *state, const char *stat, bool all, const char *expected)
{
	FILE *out = fmemopen(text, sizeof(text), "w");

	json_guest(out, "me", "g", state, stat, all);
	fclose(out);
	if (!strcmp(text, expected))
		return true;
	printf("# %s\n", text);
	return false;
}

static void test_strings(void)
{
	ok(is_string("", "\"\""), "nothing");
	ok(is_string("a\"b\\c/", "\"a\\\"b\\\\c/\""), "what has a meaning");
	ok(is_string("\n\t\033\177", "\"\\u000a\\u0009\\u001b\\u007f\""), "what cannot be seen");
	ok(is_string("\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80",
		     "\"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80\""), "UTF-8");
	ok(is_string("\xe4", "\"\\ufffd\""), "Latin 1");
	ok(is_string("\xc3", "\"\\ufffd\""), "a character that is cut off");
	ok(is_string("\xf0\x9f", "\"\\ufffd\\ufffd\""), "likewise");
	ok(is_string("\xc0\xaf", "\"\\ufffd\\ufffd\""), "one that is too long");
	ok(is_string("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""), "half of a pair");
	ok(is_string("\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""), "none at all");
}

#define GUEST	"{\"name\": \"g\", \"user\": \"me\""
#define ABOUT	"name:\tother\npid:\t12\nstate:\trunning\nmemory:\t64K\nkernel:\t/a\"b\n"

#define LISTED	", \"pid\": 12, \"state\": \"running\", \"memory\": 65536, \"kernel\": \"/a\\\"b\"}"
#define STATED	", \"pid\": 12, \"state\": \"paused\", \"page_faults\": 7}"
#define STRINGS	", \"a\": \"007\", \"b\": \"-1\", \"c\": \"1K2\", \"d\": \"K\", \"e\": 0, " \
		"\"f\": \"" LONG "\"}"
#define LONG	"123456789012345678901"

static void test_guests(void)
{
	ok(is_guest(NULL, ABOUT "exits:\t7\npage faults:\t18446744073709551615\n", false,
		    GUEST LISTED), "a guest of a list");
	ok(is_guest(NULL, "pid:\t12\nstate:\tpaused\npage-faults: 7\n", true, GUEST STATED),
	   "all of one");
	ok(is_guest("silent", "", false, GUEST ", \"state\": \"silent\"}"), "a silent one");
	ok(is_guest(NULL, "no colon\n:\t1\n\n\nx:", true, GUEST ", \"x\": \"\"}"), "nonsense");
	ok(is_guest(NULL, "a:\t007\nb:\t-1\nc:\t1K2\nd:\tK\ne:\t0\nf:\t" LONG "\n", true,
		    GUEST STRINGS), "what looks like numbers");
}

int main(void)
{
	test_strings();
	test_guests();
	return tap_done();
}
