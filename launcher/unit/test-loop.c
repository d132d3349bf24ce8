// SPDX-License-Identifier: GPL-2.0
/*
 * The event loop: descriptors, times, what other threads and signal handlers say,
 * and ends of children; sources that come and go meanwhile.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"
#include "loop.h"
#include "tap.h"

#define SOON_MS		20

/* A source that tells of its calls. */
struct probe {
	struct loop_source source;
	sem_t called;
	int why;
	int fd;
	pthread_t thread;
};

static struct probe *to_probe(struct loop_source *source)
{
	return container_of(source, struct probe, source);
}

/* Takes what there is, so that it is called once for it. */
static void tell(struct loop_source *source, int why)
{
	struct probe *probe = to_probe(source);
	__u64 count;

	if (why & POLLIN && read(probe->fd, &count, sizeof(count)) < 0)
		why = 0;
	if (why & POLLOUT)
		loop_watch(source, -1, 0);
	probe->why = why;
	probe->thread = pthread_self();
	sem_post(&probe->called);
}

static void wait_for(struct probe *probe)
{
	while (sem_wait(&probe->called) < 0 && errno == EINTR)
		;
}

static bool was_called(struct probe *probe)
{
	return !sem_trywait(&probe->called);
}

static void make(struct probe *probe, void (*call)(struct loop_source *source, int why))
{
	*probe = (struct probe){ .source.call = call };
	sem_init(&probe->called, 0, 0);
	probe->fd = eventfd(0, EFD_NONBLOCK);
	loop_add(&probe->source);
}

static void forget(struct probe *probe)
{
	loop_remove(&probe->source);
	close(probe->fd);
}

static void put(int fd)
{
	const __u64 one = 1;

	if (write(fd, &one, sizeof(one)) < 0)
		exit(1);
}

/* The loop has gone round: what was there before has been called for. */
static void go_round(void)
{
	struct probe probe;

	make(&probe, tell);
	loop_raise(&probe.source);
	wait_for(&probe);
	forget(&probe);
}

static void test_descriptors(void)
{
	struct probe one, other;

	make(&one, tell);
	make(&other, tell);
	loop_watch(&one.source, one.fd, POLLIN);
	loop_watch(&other.source, other.fd, POLLIN);
	put(one.fd);
	wait_for(&one);
	ok(one.why == POLLIN, "a descriptor with input");
	ok(!pthread_equal(one.thread, pthread_self()), "it is another thread that says so");
	go_round();
	ok(!was_called(&one) && !was_called(&other), "there is no more, and none in another");

	loop_watch(&one.source, -1, 0);
	put(one.fd);
	go_round();
	go_round();
	ok(!was_called(&one), "a descriptor that nobody waits for any more");
	loop_watch(&one.source, one.fd, POLLIN);
	wait_for(&one);
	ok(one.why == POLLIN, "its input is still there");
	loop_watch(&other.source, other.fd, POLLIN | POLLOUT);
	wait_for(&other);
	ok(other.why == POLLOUT, "a descriptor with room");
	forget(&one);
	forget(&other);
}

static void test_unless(void)
{
	static atomic_bool busy = true;
	struct probe probe;

	make(&probe, tell);
	probe.source.unless = &busy;
	loop_watch(&probe.source, probe.fd, POLLIN);
	put(probe.fd);
	go_round();
	go_round();
	ok(!was_called(&probe), "a descriptor that is left alone for now");
	atomic_store(&busy, false);
	loop_again();
	wait_for(&probe);
	ok(probe.why == POLLIN, "and then is not");
	forget(&probe);
}

static void test_timers(void)
{
	struct probe soon, never, changed;
	const __u64 start = clock_ms();

	make(&soon, tell);
	make(&never, tell);
	make(&changed, tell);
	loop_timer(&never.source, 1000000);
	loop_timer(&changed.source, 1000000);
	loop_timer(&soon.source, SOON_MS);
	wait_for(&soon);
	ok(soon.why == LOOP_TIME && clock_ms() - start >= SOON_MS, "a time");
	loop_timer(&changed.source, 0);
	wait_for(&changed);
	ok(changed.why == LOOP_TIME, "a time that is now");
	loop_timer(&never.source, 0);
	loop_timer(&never.source, -1);
	loop_timer(&soon.source, SOON_MS);
	wait_for(&soon);
	go_round();
	ok(!was_called(&soon) && !was_called(&changed), "it comes once");
	while (was_called(&never))	/* it may have been faster */
		;
	go_round();
	ok(!was_called(&never), "a time that nobody waits for any more");
	forget(&soon);
	forget(&never);
	forget(&changed);
}

static struct probe by_signal;

static void handler(int sig)
{
	(void)sig;
	loop_raise(&by_signal.source);
}

static void test_signals(void)
{
	signal(SIGWINCH, handler);
	make(&by_signal, tell);
	raise(SIGWINCH);
	wait_for(&by_signal);
	ok(by_signal.why == LOOP_RAISED, "a signal");
	forget(&by_signal);
	raise(SIGWINCH);
	go_round();
	ok(!was_called(&by_signal), "a signal that nobody wants to hear of");
	loop_add(&by_signal.source);
	wait_for(&by_signal);
	ok(by_signal.why == LOOP_RAISED, "until somebody does");
	forget(&by_signal);
	signal(SIGWINCH, SIG_DFL);
}

static void collect(struct loop_source *source, int why)
{
	struct probe *probe = to_probe(source);
	int status;

	(void)why;
	probe->why = waitpid(-1, &status, WNOHANG) > 0 ? WEXITSTATUS(status) : -1;
	loop_watch(source, -1, 0);
	sem_post(&probe->called);
}

static void test_children(void)
{
	struct probe probe;
	int go[2], process;
	pid_t pid;
	char c;

	if (pipe(go) < 0)
		exit(1);
	pid = fork();
	if (!pid)
		_exit(read(go[0], &c, 1) == 1 ? 7 : 1);
	process = syscall(SYS_pidfd_open, pid, 0);
	if (process < 0) {
		printf("# this kernel has no pidfds\n");
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return;
	}
	make(&probe, collect);
	loop_watch(&probe.source, process, POLLIN);
	go_round();
	ok(!was_called(&probe), "a child that runs");
	if (write(go[1], "", 1) < 0)
		exit(1);
	wait_for(&probe);
	is_number(probe.why, 7, "its end");
	forget(&probe);
	close(process);
	close(go[0]);
	close(go[1]);
}

/* Callbacks that change what the loop waits for. */
static struct probe victim;

static void remove_both(struct loop_source *source, int why)
{
	loop_remove(&victim.source);
	loop_remove(source);
	to_probe(source)->why = why;
	sem_post(&to_probe(source)->called);
}

static void test_removal(void)
{
	struct probe killer;

	loop_stop();
	make(&victim, tell);
	make(&killer, remove_both);	/* it is before the other in the list */
	loop_watch(&victim.source, victim.fd, POLLIN);
	loop_raise(&killer.source);
	put(victim.fd);
	need(loop_start());
	wait_for(&killer);
	go_round();
	ok(!was_called(&victim), "one that another removes in the same round");
	loop_raise(&killer.source);
	go_round();
	ok(!was_called(&killer), "one that has removed itself");
	forget(&killer);
	forget(&victim);
}

static sem_t entered, leave;
static atomic_bool over;

static void stay(struct loop_source *source, int why)
{
	(void)source;
	(void)why;
	sem_post(&entered);
	while (sem_wait(&leave) < 0 && errno == EINTR)
		;
	atomic_store(&over, true);
}

static void *let_go(void *unused)
{
	usleep(1000 * SOON_MS);
	sem_post(&leave);
	return unused;
}

static void test_removal_waits(void)
{
	struct probe probe;
	pthread_t thread;

	sem_init(&entered, 0, 0);
	sem_init(&leave, 0, 0);
	make(&probe, stay);
	loop_raise(&probe.source);
	while (sem_wait(&entered) < 0)
		;
	pthread_create(&thread, NULL, let_go, NULL);
	loop_remove(&probe.source);
	ok(atomic_load(&over), "who removes a source waits for its callback's end");
	pthread_join(thread, NULL);
	forget(&probe);
}

/* Other threads add, raise and remove all the time. */
static void *busy_thread(void *unused)
{
	struct probe probe;
	unsigned int i;

	for (i = 0; i < 2000; i++) {
		make(&probe, tell);
		loop_watch(&probe.source, probe.fd, POLLIN);
		if (i % 2)
			put(probe.fd);
		else
			loop_raise(&probe.source);
		if (i % 3)
			wait_for(&probe);
		forget(&probe);
	}
	return unused;
}

static void test_threads(void)
{
	pthread_t threads[3];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_create(&threads[i], NULL, busy_thread, NULL);
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	ok(true, "several threads at once");
}

int main(void)
{
	need(loop_start());
	test_descriptors();
	test_unless();
	test_timers();
	test_signals();
	test_children();
	test_removal();
	test_removal_waits();
	test_threads();
	loop_stop();
	return tap_done();
}
