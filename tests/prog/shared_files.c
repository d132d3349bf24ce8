// SPDX-License-Identifier: GPL-2.0
/*
 * A program that runs inside of Linux as a guest, in a directory of its host's: which of
 * the things that programs do with files on a local file system can be done there?
 * Prints "NAME yes" or "NAME no".  The argument says how many files are opened at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define TEXT	"as it was"
#define LARGE	(1 << 20)

static int make(const char *name)
{
	return open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);
}

static bool has_text(int fd)
{
	char text[sizeof(TEXT)] = "";

	return pread(fd, text, sizeof(text), 0) == sizeof(text) && !strcmp(text, TEXT);
}

static bool mapped(void)
{
	int fd = make("mapped");
	char *at;

	if (ftruncate(fd, 4096))
		return false;
	at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return false;
	strcpy(at, TEXT);
	msync(at, 4096, MS_SYNC);
	munmap(at, 4096);
	close(fd);
	return has_text(open("mapped", O_RDONLY));
}

static bool deleted(void)
{
	int fd = make("deleted");

	return write(fd, TEXT, sizeof(TEXT)) == sizeof(TEXT) && !unlink("deleted") &&
	       has_text(fd) && write(fd, TEXT, 1) == 1 && !ftruncate(fd, LARGE);
}

static bool deleted_stat(void)
{
	struct stat st;
	int fd = make("deleted");

	return write(fd, TEXT, sizeof(TEXT)) == sizeof(TEXT) && !unlink("deleted") &&
	       !fstat(fd, &st) && st.st_size == sizeof(TEXT) && !st.st_nlink;
}

/* Nobody but the other process has it. */
static bool locks(void)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = make("lock"), status;
	pid_t pid;

	if (fcntl(fd, F_SETLK, &lock))
		return false;
	pid = fork();
	if (!pid) {
		lock.l_type = F_WRLCK;
		_exit(!fcntl(open("lock", O_RDWR), F_SETLK, &lock));
	}
	waitpid(pid, &status, 0);
	lock.l_type = F_UNLCK;
	return !status && !fcntl(fd, F_SETLK, &lock);
}

static bool times(void)
{
	const struct timespec set[2] = { { 1000000000, 123456789 }, { 1000000001, 987654321 } };
	struct stat st;

	close(make("times"));
	return !utimensat(AT_FDCWD, "times", set, 0) && !stat("times", &st) &&
	       st.st_mtim.tv_nsec == set[1].tv_nsec && st.st_atim.tv_nsec == set[0].tv_nsec;
}

static bool allocated(void)
{
	struct stat st;
	int fd = make("allocated");

	return !fallocate(fd, 0, 0, LARGE) && !fstat(fd, &st) && st.st_size == LARGE;
}

static bool tmpfile_there(void)
{
	return open(".", O_TMPFILE | O_RDWR, 0600) >= 0;
}

static bool attributes(void)
{
	char text[sizeof(TEXT)] = "";

	close(make("attributes"));
	return !setxattr("attributes", "user.test", TEXT, sizeof(TEXT), 0) &&
	       getxattr("attributes", "user.test", text, sizeof(text)) == sizeof(text) &&
	       !strcmp(text, TEXT);
}

static bool many(int count)
{
	const struct rlimit limit = { count + 100, count + 100 };
	char name[32];
	int i;

	if (setrlimit(RLIMIT_NOFILE, &limit) || mkdir("many", 0755))
		return false;
	for (i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "many/%d", i);
		if (make(name) < 0)
			return false;
	}
	return true;
}

static void say(const char *name, bool can)
{
	printf("%s %s\n", name, can ? "yes" : "no");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	say("mapped", mapped());
	say("deleted", deleted());
	say("deleted-stat", deleted_stat());
	say("locks", locks());
	say("times", times());
	say("fallocate", allocated());
	say("tmpfile", tmpfile_there());
	say("attributes", attributes());
	say("many", many(argc > 1 ? atoi(argv[1]) : 5000));
	return 0;
}
