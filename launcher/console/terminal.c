// SPDX-License-Identifier: GPL-2.0
/*
 * The user's terminal, which is standard input: raw while a guest has it, as it
 * was whenever the launcher ends or is stopped, however that comes about.
 *
 * A guest has it while its launcher is in the foreground.  In the background
 * (after '&', or in the group that timeout(1) makes) the terminal is somebody
 * else's: it is neither set nor read, and the guest runs without keys until the
 * launcher comes to the foreground.  Shells tell one that was stopped (SIGCONT),
 * but not all of them one that runs, so the event loop looks now and then.
 *
 * What signals.c calls from its handlers uses nothing that a handler may not.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base.h"
#include "loop.h"
#include "newline.h"
#include "terminal.h"

#define TERMINAL	STDIN_FILENO
#define LOOK_MS		500	/* until one in the background sees that it is not any more */

/* What has to be undone.  The supervisor sees it, too. */
struct state {
	struct termios before;
	atomic_bool taken;
};

static struct state own, *state = &own;
static atomic_bool wanted;	/* by a guest */
static atomic_flag busy = ATOMIC_FLAG_INIT;
static pid_t group;		/* of processes: ours; asked for while that may be asked */
static bool shown[STDERR_FILENO + 1];	/* there: what goes to that stream */
static int keys_fd = -1;	/* epoll's: readable if something is typed for us */

static bool is_lost(void)
{
	return atomic_load(&wanted) && !atomic_load(&state->taken);
}

/* In the event loop. */
static void look_again(struct loop_source *source, int why)
{
	if (why & LOOP_TIME && is_lost())
		terminal_look();
	loop_timer(source, is_lost() ? LOOK_MS : -1);
}

static struct loop_source looker = { .call = look_again };

/* A terminal that is not that of our session has no foreground for us. */
static bool is_ours(void)
{
	pid_t foreground = tcgetpgrp(TERMINAL);

	return foreground < 0 ? errno == ENOTTY : foreground == group;
}

static void listen_to_keys(bool on)
{
	struct epoll_event event = { .events = EPOLLIN };

	epoll_ctl(keys_fd, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, TERMINAL, &event);
}

static bool adds_cr(const struct termios *settings)
{
	return settings->c_oflag & OPOST && settings->c_oflag & ONLCR;
}

/*
 * Every key goes to the guest, which does its own echo and line editing, and ends
 * its lines itself, so that the terminal must not; terminal_newlines() is for those
 * who do not.
 */
static void set_raw(void)
{
	struct termios raw = state->before;

	raw.c_oflag &= ~ONLCR;
	raw.c_iflag &= ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
	raw.c_lflag &= ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	raw.c_cflag = (raw.c_cflag & ~(CSIZE | PARENB)) | CS8;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	tcsetattr(TERMINAL, TCSANOW, &raw);
}

static void take(void)
{
	if (tcgetattr(TERMINAL, &state->before) < 0)
		return;
	atomic_store(&state->taken, true);
	set_raw();
	listen_to_keys(true);
}

/* Whoever has the terminal now has set it as they want it. */
static void lose(void)
{
	atomic_store(&state->taken, false);
	listen_to_keys(false);
	loop_raise(&looker);
}

static void give_back(void)
{
	if (!atomic_load(&state->taken))
		return;
	if (is_ours())
		tcsetattr(TERMINAL, TCSANOW, &state->before);
	lose();
}

/**
 * terminal_look() - take the terminal if it is ours now, leave it if it is not
 *
 * Good in a signal handler, and in any thread.
 *
 * Return: whether it may be read.
 */
bool terminal_look(void)
{
	const int saved = errno;
	bool ours = atomic_load(&wanted) && is_ours();

	if (ours != atomic_load(&state->taken) && !atomic_flag_test_and_set(&busy)) {
		if (ours)
			take();
		else
			lose();
		atomic_flag_clear(&busy);
		if (!atomic_load(&wanted))
			give_back();	/* the launcher has been stopped meanwhile */
	}
	errno = saved;
	return ours;
}

/** terminal_keys_fd() - what to wait on for keys */
int terminal_keys_fd(void)
{
	return keys_fd;
}

/**
 * terminal_size() - how large is standard input, a terminal?
 * @rows: is set
 * @columns: is set
 *
 * Return: false if that is not known.
 */
bool terminal_size(__u16 *rows, __u16 *columns)
{
	struct winsize window;

	if (ioctl(TERMINAL, TIOCGWINSZ, &window) < 0)
		return false;
	*rows = window.ws_row;
	*columns = window.ws_col;
	return window.ws_row && window.ws_col;
}

/**
 * terminal_newlines() - what has to be done to ends of lines
 * @fd: where the text goes
 */
enum newline terminal_newlines(int fd)
{
	struct termios now;

	if (tcgetattr(fd, &now) < 0)
		return NEWLINE_AS_IS;
	if (adds_cr(&now))
		return NEWLINE_DROP_CR;
	if (fd <= STDERR_FILENO && shown[fd] && atomic_load(&state->taken) &&
	    adds_cr(&state->before))
		return NEWLINE_ADD_CR;
	return NEWLINE_AS_IS;
}

static bool lacks_cr(int fd)
{
	return terminal_newlines(fd) == NEWLINE_ADD_CR;
}

/* By another name, or another open file. */
static void find_streams(void)
{
	struct stat terminal, st;
	int fd;

	if (fstat(TERMINAL, &terminal) < 0)
		return;
	for (fd = 0; fd <= STDERR_FILENO; fd++)
		shown[fd] = !fstat(fd, &st) && S_ISCHR(st.st_mode) &&
			    st.st_rdev == terminal.st_rdev;
}

/**
 * terminal_use() - standard input is a terminal: let the guest have it
 *
 * Return: false if that cannot be, see failure(); the terminal is as it was, then.
 */
bool terminal_use(void)
{
	keys_fd = epoll_create1(EPOLL_CLOEXEC);
	if (keys_fd < 0)
		return failure("cannot wait for keys: %s", strerror(errno));
	group = getpgrp();
	find_streams();
	report_to_terminal(lacks_cr);
	atexit(terminal_restore);
	loop_add(&looker);
	loop_raise(&looker);
	atomic_store(&wanted, true);
	if (!terminal_look())
		complain("not in the foreground of this terminal: the guest gets no keys yet");
	return true;
}

/** terminal_again() - the launcher was stopped, and goes on */
void terminal_again(void)
{
	const int saved = errno;

	if (keys_fd < 0)
		return;
	atomic_store(&wanted, true);
	loop_raise(&looker);
	if (terminal_look())
		set_raw();		/* what was there before is known, or has not changed */
	errno = saved;
}

/** terminal_restore() - undo all, until terminal_again() */
void terminal_restore(void)
{
	const int saved = errno;

	atomic_store(&wanted, false);
	give_back();
	errno = saved;
}

/**
 * terminal_share() - let the parent of the launcher undo what that has done
 *
 * Before the fork; then terminal_restore() is good in the parent.
 */
void terminal_share(void)
{
	void *page = mmap(NULL, sizeof(*state), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (page != MAP_FAILED)
		state = page;
	group = getpgrp();
}
