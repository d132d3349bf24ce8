// SPDX-License-Identifier: GPL-2.0
/*
 * A share that virtiofsd serves: it reads the guest's requests, of FUSE, from the rings
 * in the guest's memory, and the launcher has no part in it but to begin (vhost_user.c).
 *
 * There are two programs of this name: that of QEMU up to 7.2 is written in C, and the
 * other in Rust.  The latter still takes the former's options, after -o, but for some.
 */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"

#define NAME		"virtiofsd"
#define ELF_32		ELFMAG "\1"	/* how such a file begins */
#define FD		"--fd=3"	/* SERVER_FD */
#define NO_SUBMOUNTS	"--no-announce-submounts"
#define SQUASH(id)	"--translate-" id "=squash-guest:0:0:4294967295"

struct virtiofsd {
	struct model model;
	struct files files;
	struct vhost_user vhost;
	bool lost;
};

static struct virtiofsd *to_virtiofsd(struct model *model)
{
	return container_of(model, struct virtiofsd, model);
}

/** virtiofsd_tag - what the guest calls it */
const char *virtiofsd_tag(struct model *model)
{
	return to_virtiofsd(model)->files.spec->tag;
}

/** virtiofsd_vhost - who serves the queues */
struct vhost_user *virtiofsd_vhost(struct model *model)
{
	return &to_virtiofsd(model)->vhost;
}

/**
 * virtiofsd_lost - it does not serve the queues any more
 * @model: its own
 *
 * Good in any thread, but in one at a time.  The guest waits for answers in vain.
 */
void virtiofsd_lost(struct model *model)
{
	struct virtiofsd *virtiofsd = to_virtiofsd(model);

	if (first_time(&virtiofsd->lost))
		files_lost(&virtiofsd->files);
}

static void virtiofsd_close(struct model *model)
{
	struct virtiofsd *virtiofsd = to_virtiofsd(model);

	server_close(&virtiofsd->files.server);
	vhost_user_close(&virtiofsd->vhost);
	files_forget(&virtiofsd->files);
	free(virtiofsd);
}

/* Is it the one in Rust, of which this is not the first? */
static bool is_new(void)
{
	return server_mentions(NAME, "translate-uid") &&
	       server_mentions(NAME, "no-announce-submounts");
}

/* The other one's filter of system calls has those of 64 bits only. */
static bool virtiofsd_is_there(void)
{
	return server_is_there(NAME) && (is_new() || !server_mentions(NAME, ELF_32));
}

static char *const *arguments(void)
{
	static char *c[] = {
		NAME, "-f", FD, "-o", "source=" CONFINED_DIRECTORY,
		"-o", "sandbox=chroot,xattr,cache=auto,log_level=err", NULL,
	};
	static char *rust[] = {
		NAME, FD, "--shared-dir=" CONFINED_DIRECTORY, "--sandbox=none", "--xattr",
		"--log-level=error", NO_SUBMOUNTS, SQUASH("uid"), SQUASH("gid"), NULL,
	};

	if (!is_new())
		return c;
	if (!sandbox_user())
		rust[ARRAY_SIZE(rust) - 3] = NULL;
	return rust;
}

/*
 * It is kept in the directory by us, and needs not do so itself.  All of a guest's users
 * are one where it is not really root; the one in C cannot do that, so there only a
 * guest's root can make files then.
 */
static bool __must_check start(struct server *server, const struct files_spec *spec,
			       const char *option)
{
	const struct confinement confinement = {
		.directory = spec->directory, .read_only = spec->read_only, .whole = spec->whole,
		.proc = true, .root = true, .listens = true,
	};

	return server_start_in(server, option, virtiofsd_server.package, arguments(),
			       &confinement);
}

/* Does the server answer? */
static bool __must_check greet(struct virtiofsd *virtiofsd, const char *option)
{
	struct vhost_user *vhost = &virtiofsd->vhost;
	struct files *files = &virtiofsd->files;

	vhost->socket = files->server.socket;
	files->works = vhost_user_greet(vhost, FILES_START_MS);
	if (files->works)
		return true;
	files_lost(files);
	return failure("%s: " NAME " does not work: %s", option, vhost->wrong);
}

static struct model *virtiofsd_open(const struct files_spec *spec, const char *option)
{
	struct virtiofsd *virtiofsd = calloc(1, sizeof(*virtiofsd));

	if (!virtiofsd) {
		failure("%s: %s", option, strerror(errno));
		return NULL;
	}
	virtiofsd->model = (struct model){ MODEL_VIRTIOFS, "share", virtiofsd_close };
	virtiofsd->files.kind = &virtiofsd_server;
	virtiofsd->files.spec = spec;
	if (!start(&virtiofsd->files.server, spec, option))
		goto free;
	if (!greet(virtiofsd, option))
		goto close;
	files_remember(&virtiofsd->files);
	return &virtiofsd->model;
close:
	server_close(&virtiofsd->files.server);
free:
	free(virtiofsd);
	return NULL;
}

const struct file_server virtiofsd_server = {
	.name = NAME,
	.package = NAME,
	.type = "virtiofs",
	.shares = true,
	.submounts = true,
	.is_there = virtiofsd_is_there,
	.open = virtiofsd_open,
};
