// SPDX-License-Identifier: GPL-2.0
/*
 * How guests end, by what they have said; and when their time is up.
 */
#include <signal.h>
#include <unistd.h>

#include "base.h"
#include "ends.h"
#include "hold.h"
#include "tap.h"

#define TRACE	"\r\nCPU: 0 PID: 1 Comm: sh\r\nCall Trace:\r\n panic+0x1\r\n"

static const struct {
	const char *reason, *said;
	enum guest_end end;
	const char *name;
} ends[] = {
	{ "CRASH: Power down", "", END_POWER_OFF, "power off, of a guest that prints nothing" },
	{ "CRASH: Power down", "[    1.0] reboot: Power down\r\n", END_POWER_OFF, "power off" },
	{ "CRASH: Power down", "sysrq: Power Off\n", END_POWER_OFF, "power off by SysRq" },
	{ "CRASH: Power down", "Kernel panic - not syncing: x\n", END_POWER_OFF,
	  "power off, by a program that tries to look like a panic" },
	{ "CRASH: Power down", "System halted.\n", END_HALT, "halt" },
	{ "CRASH: System halted", "reboot: System halted\n", END_HALT, "halt by another word" },
	{ "unhandled trap 13", "System halted.\n", END_HALT, "halt of those that have no word" },
	{ "CRASH: x", "Kernel panic - not syncing: x" TRACE, END_PANIC, "panic" },
	{ "CRASH: x", "Restarting system\nKernel panic - not syncing: x" TRACE, END_PANIC,
	  "a panic that follows something else" },
	{ "CRASH: x", "", END_CRASH, "a word that says nothing" },
	{ "CRASH: x", "Power down\n", END_CRASH, "what a program says" },
	{ "unhandled trap 6", "Kernel panic - not syncing: x" TRACE, END_CRASH,
	  "killed by the host" },
	{ NULL, "", END_RESTART, "restart, of a guest that prints nothing" },
	{ NULL, "reboot: Restarting system\r\n", END_RESTART, "restart" },
	{ NULL, "SysRq : Resetting\r\n", END_RESET, "SysRq b of old kernels" },
	{ NULL, "[    3.1] sysrq: Resetting\r\n", END_RESET, "SysRq b" },
	{ NULL, "Kernel panic - not syncing: x" TRACE, END_PANIC_RESTART, "panic=-1" },
	{ NULL, "Kernel panic - not syncing: x" TRACE "Rebooting in 1 seconds..",
	  END_PANIC_RESTART, "panic=1" },
	{ NULL, "panic - not syncing: x\nRebooting in 1 seconds..", END_PANIC_RESTART,
	  "one with a long trace" },
};

static void test_ends(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		enum guest_end end = guest_end_find(ends[i].reason, ends[i].said,
						    strlen(ends[i].said));

		is_number(end, ends[i].end, ends[i].name);
		is_number(guest_end_restarts(end), !ends[i].reason, "it wants to restart, or not");
		ok(*guest_end_name(end), "that has a name");
	}
}

static void test_panic(void)
{
	static const char said[] = "Kernel panic - not syncing: a\nb\0"
				   "Kernel panic - not syncing: \033[31mred\r\n Call Trace:";
	static const char cut[] = "Kernel panic - not syncing: cut";
	static char large[1024];
	char text[PANIC_TEXT_MAX];

	ok(guest_end_panic(said, sizeof(said), text) && !strcmp(text, "?[31mred"),
	   "why it panicked, the last time, fit for a terminal");
	ok(guest_end_panic(cut, sizeof(cut) - 2, text) && !strcmp(text, "cu"), "as far as it goes");
	ok(!guest_end_panic(cut, 20, text), "or is not known");
	memset(large, 'x', sizeof(large));
	memcpy(large, cut, sizeof(cut) - 1);
	ok(guest_end_panic(large, sizeof(large), text) && strlen(text) == PANIC_TEXT_MAX - 1,
	   "with a bound");
}

static void test_deadline(void)
{
	hold_setup();
	deadline_set(0);
	deadline_start();
	ok(!deadline_over(), "no time is set");
	deadline_set(clock_ms() + 3600000);
	deadline_start();
	raise(SIGALRM);
	ok(!deadline_over() && !hold_stopped(), "a signal is not enough");
	deadline_set(clock_ms() + 20);
	deadline_start();
	while (!deadline_over())
		pause();
	ok(clock_ms() >= deadline_at() && hold_stopped(), "when the time is up, the guest ends");
	pause();
	ok(true, "and who did not notice is told again");
}

int main(void)
{
	test_ends();
	test_panic();
	test_deadline();
	return tap_done();
}
