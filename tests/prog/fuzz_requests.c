// SPDX-License-Identifier: GPL-2.0
/*
 * Launchers that do anything with /dev/lguest, from several threads and processes at once,
 * while the memory below changes and signals come: whatever they do, they can be killed.
 *
 *	usage: fuzz_requests SEED SECONDS REQUESTS [FIRST [SESSIONS]]
 *
 * It ends after so many seconds, requests (writes and reads) or sessions, where that is
 * not 0.  What each thread does follows from the seed and the session's number; in which
 * order they do it, the host decides.
 */
#include <pthread.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <time.h>
#include "fuzz/requests.h"

#define THREADS		3
#define STEPS		300	/* of a thread */
#define STEPS_OF_CHILD	20
#define TICK_MS		3	/* signals, which end what would last longer */
#define MAX_MS		2000	/* a session that waits for itself */

struct session_counts *session_counts;

static u32 number;		/* of the session */

void session_fail(const char *fmt, ...)
{
	char text[300];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	run_failed(number, text, getpid());
	_exit(1);
}

static void tick(int sig __attribute__((unused)))
{
}

/* This thread's own, for it alone is to be interrupted. */
static void start_ticking(void)
{
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1,
		._sigev_un._tid = syscall(SYS_gettid),
	};
	struct itimerspec every = {
		.it_interval.tv_nsec = TICK_MS * 1000000, .it_value.tv_nsec = TICK_MS * 1000000,
	};
	timer_t timer;

	if (!timer_create(CLOCK_MONOTONIC, &event, &timer))
		timer_settime(timer, 0, &every, NULL);
}

static void step(void)
{
	if (rnd_one_in(4))
		session_memory_step();
	else
		session_file_step();
}

/* It has the parent's files, and of memory what the parent has left it. */
static void be_child(u32 seed)
{
	static char name[] = "fuzz_requests", does_nothing[] = "nothing";
	char * const args[] = { name, does_nothing, NULL }, *const none[] = { NULL };
	u32 i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	rnd_seed(seed);
	start_ticking();
	for (i = 0; i < STEPS_OF_CHILD; i++)
		step();
	switch (rnd_below(3)) {
	case 0:
		kill(getpid(), SIGKILL);
		break;
	case 1:
		execve("/proc/self/exe", args, none);
		break;
	}
	_exit(0);
}

static void make_child(void)
{
	u32 seed = rnd();
	pid_t pid = fork();

	if (!pid)
		be_child(seed);
	if (pid > 0 && rnd_one_in(2))
		kill(pid, SIGKILL);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

static void *be_thread(void *seed)
{
	u32 i, steps;

	rnd_seed((u32)seed);
	start_ticking();
	steps = rnd_below(STEPS);
	for (i = 0; i < steps; i++) {
		if (rnd_one_in(64))
			make_child();
		else
			step();
	}
	if (rnd_one_in(32))
		kill(getpid(), SIGKILL);
	return NULL;
}

static void be_session(void)
{
	struct sigaction action = { .sa_handler = tick };
	pthread_t thread[THREADS];
	u32 i, at;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigaction(SIGUSR1, &action, NULL);
	fuzz_plan(run_of.seed, number);
	session_make_memory();
	for (i = 0; i < SESSION_FDS; i++)
		session_fd[i] = open("/dev/lguest", O_RDWR | O_CLOEXEC);
	/* (its signals are for others) */
	if (!rnd_one_in(8) && pthread_create(&thread[0], NULL, session_wait_for_sticky, NULL))
		session_fail("pthread_create: %m");
	at = rnd_mix(plan.seed, 3);
	for (i = 0; i < THREADS; i++) {
		if (pthread_create(&thread[i], NULL, be_thread, (void *)rnd_mix(at, i)))
			session_fail("pthread_create: %m");
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	_exit(0);
}

/* All of its processes; they are this one's when their parents have gone. */
static void reap(pid_t pid)
{
	int status;
	pid_t got;

	kill(-pid, SIGKILL);
	do {
		got = waitpid(-1, &status, WNOHANG);
		if (!got && !run_child_ended(RUN_WATCHDOG_S * 1000)) {
			run_failed(number, "there is a process that cannot be killed", pid);
			return;
		}
		if (got == pid && WIFSIGNALED(status))
			session_count(WTERMSIG(status) == SIGKILL ? &session_counts->killed :
				      &session_counts->died);
	} while (got >= 0);
}

static void run_session(void)
{
	pid_t pid;

	printf("# session %u\n", number);
	fflush(stdout);
	pid = fork();
	if (pid < 0) {
		run_failed(number, "fork", errno);
		return;
	}
	if (!pid)
		be_session();
	/* it may have been killed before it had a group */
	setpgid(pid, pid);
	run_child_ended(rnd_one_in(4) ? 1 + rnd_below(300) : MAX_MS);
	reap(pid);
	run_check_log(number);
	session_count(&session_counts->sessions);
}

static void report(void)
{
	printf("# %u sessions, %u requests (%u writes, %u reads), %u other calls, %u guests\n",
	       session_counts->sessions, session_counts->writes + session_counts->reads,
	       session_counts->writes, session_counts->reads, session_counts->others,
	       session_counts->guests);
	printf("# %u replies, %u reads ended by signals; %u were killed, %u died, in %ld s\n",
	       session_counts->replies, session_counts->signals, session_counts->killed,
	       session_counts->died, (mini_ms() - run_of.start) / 1000);
}

int main(int argc, char **argv)
{
	if (!run_options(argc, argv))
		return 0;		/* a child of a session, which wants no more */
	run_watch_log();
	session_counts = mini_shared(sizeof(*session_counts));
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	run_as_nobody();
	run_block_sigchld();
	for (number = run_of.first;
	     !run_is_over(number, session_counts->writes + session_counts->reads); number++) {
		rnd_seed(rnd_mix(run_of.seed, ~number));
		run_session();
	}
	report();
	return *run_of.failed || !session_counts->sessions;
}
