// SPDX-License-Identifier: GPL-2.0
/*
 * Disks that are in a file of another program's format: qemu-nbd knows all of these,
 * and gives the bytes by the protocol NBD (nbd.c).  It accepts one connection, at a
 * socket that it is handed over as services are by systemd, and ends with it.  What it
 * has to say is on standard error.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"
#include "control.h"
#include "disk.h"
#include "nbd.h"
#include "server.h"

#define PROGRAM		DISK_SERVER
#define PACKAGE		"qemu-utils"
#define CONNECTED	"c"		/* comes with our end of the connection */

struct disk_server {
	struct nbd nbd;
	struct server server;
	const char *name;		/* of the file */
};

static bool send_fd(int to, int fd)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char text[] = CONNECTED;
	struct iovec iov = { .iov_base = text, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.bytes, .msg_controllen = sizeof(control.bytes),
	};

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	return sendmsg(to, &message, MSG_NOSIGNAL) == 1;
}

/*
 * The connection is there before anybody else could make one: the socket's name is in
 * a directory of its user's, and gone at once.
 */
static bool connect_pair(int *listener, int *connection)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "/tmp/lguest-XXXXXX" };
	char *end = name.sun_path + strlen(name.sun_path);
	bool good;

	*listener = socket(AF_UNIX, SOCK_STREAM, 0);
	*connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*listener < 0 || *connection < 0 || !mkdtemp(name.sun_path))
		return false;
	strcpy(end, "/nbd");
	good = !bind(*listener, (struct sockaddr *)&name, sizeof(name)) && !listen(*listener, 1) &&
	       !connect(*connection, (struct sockaddr *)&name, sizeof(name));
	unlink(name.sun_path);
	*end = '\0';
	rmdir(name.sun_path);
	return good;
}

/* In the process that is going to be the server. */
static bool prepare(void)
{
	int listener, connection;
	char self[16];

	if (!connect_pair(&listener, &connection) || !send_fd(SERVER_FD, connection) ||
	    dup2(listener, SERVER_FD) < 0)
		return false;
	close(listener);
	snprintf(self, sizeof(self), "%d", (int)getpid());
	signal(SIGXFSZ, SIG_IGN);	/* what is too large for a file is an error */
	return !setenv("LISTEN_FDS", "1", 1) && !setenv("LISTEN_PID", self, 1);
}

/* Its end of the pair of sockets is closed by now, but for what it has sent. */
static bool __must_check take_connection(struct disk_server *server)
{
	unsigned int nr = 1;
	char text[1];
	int fd;

	if (sock_receive_fds(server->server.socket, text, sizeof(text), 0, &fd, &nr) != 1 ||
	    nr != 1)
		return failure("%s: cannot talk to %s", server->name, PROGRAM);
	close(server->server.socket);
	server->server.socket = fd;
	server->nbd.fd = fd;
	return true;
}

/* A name may have commas, which are doubled in a list of options.  NULL: no memory. */
static char *describe(const char *driver, const char *name, bool device)
{
	static const char form[] = "driver=%s,file.driver=%s,file.filename=";
	const size_t room = sizeof(form) + strlen(driver) + 16 + 2 * strlen(name);
	char *text = malloc(room), *to;

	if (!text)
		return NULL;
	to = text + snprintf(text, room, form, driver, device ? "host_device" : "file");
	for (; *name; name++) {
		*to++ = *name;
		if (*name == ',')
			*to++ = ',';
	}
	*to = '\0';
	return text;
}

static void lost(struct nbd *nbd)
{
	struct disk_server *server = container_of(nbd, struct disk_server, nbd);
	char text[256];

	snprintf(text, sizeof(text), "%.200s is lost for the guest", server->name);
	server_lost(&server->server, text);
}

static bool __must_check launch(struct disk_server *server, const struct disk_file *file,
				const char *driver)
{
	char *image = describe(driver, file->name, file->device);
	char *argv[] = {
		PROGRAM, "--image-opts", "--discard=unmap", image, file->ro ? "-r" : NULL, NULL,
	};
	bool good;

	if (!image)
		return failure("%s: %s", file->name, strerror(errno));
	good = server_start_prepared(&server->server, file->name, PACKAGE, argv, prepare);
	free(image);
	return good;
}

static bool __must_check meet(struct disk_server *server, const char *driver)
{
	const char *wrong;
	int status;

	if (!take_connection(server))
		return false;
	wrong = nbd_start(&server->nbd);
	if (!wrong)
		return true;
	if (server_ended(&server->server, &status))
		return failure("%s: %s cannot open it as %s", server->name, PROGRAM, driver);
	return failure("%s: %s %s", server->name, PROGRAM, wrong);
}

/**
 * disk_server_start - have a file served as a disk
 * @file: open, and locked; gets the length of the disk that is in it
 * @driver: QEMU's name of the format
 *
 * Return: false if that cannot be, see failure(); there is no server then.
 */
bool disk_server_start(struct disk_file *file, const char *driver)
{
	struct disk_server *server = calloc(1, sizeof(*server));

	if (!server)
		return failure("%s: %s", file->name, strerror(errno));
	server->name = file->name;
	if (!launch(server, file, driver))
		goto free_server;
	if (!meet(server, driver))
		goto close_server;
	server->nbd.on_loss = lost;
	file->nbd = &server->nbd;
	file->bytes = server->nbd.bytes / SECTOR_BYTES * SECTOR_BYTES;
	return true;

close_server:
	server_close(&server->server);
free_server:
	free(server);
	return false;
}

/**
 * disk_server_close - the disk is not needed any more
 * @nbd: its connection
 */
void disk_server_close(struct nbd *nbd)
{
	struct disk_server *server = container_of(nbd, struct disk_server, nbd);

	nbd_end(nbd);
	server_close(&server->server);
	free(server);
}
