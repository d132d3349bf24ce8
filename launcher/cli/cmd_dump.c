// SPDX-License-Identifier: GPL-2.0
/*
 * The verb "dump": a file with the memory and the registers of a guest that runs.  The
 * file is ours, whatever rights the guest's launcher has, and has its name when it is
 * complete.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "call.h"
#include "verbs.h"

#define DUMP_MS		(10 * 60 * 1000)	/* of disks, and of 2 GiB */

int dump_main(int argc, char **argv)
{
	char part[4096];
	struct call call = { .verb = argv[0], .nr_fds = 1, .patience = DUMP_MS };
	int fd, status;

	if (argc != 3 || argv[1][0] == '-')
		return control_misused("say which guest, and the file for its dump");
	if (snprintf(part, sizeof(part), "%s.%d.part", argv[2], getpid()) >= (int)sizeof(part))
		return control_misused("the file's name is too long");
	fd = open(part, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		complain("%s: %s", part, strerror(errno));
		return STATUS_CRASH;
	}
	call.fds = &fd;
	status = call_guest(argv[1], &call);
	if (!status && rename(part, argv[2]) < 0) {
		complain("%s: %s", argv[2], strerror(errno));
		status = STATUS_CRASH;
	}
	if (status)
		unlink(part);
	close(fd);
	return status;
}
