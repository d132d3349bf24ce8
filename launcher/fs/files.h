/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Directories of the host's that a guest shares: what files.c and the kinds of servers
 * know of each other.
 */
#ifndef FILES_H
#define FILES_H

#include "base.h"
#include "confine.h"
#include "p9.h"
#include "sandbox.h"
#include "server.h"
#include "vhost_user.h"

#define FILES_TAG_MAX		32
#define FILES_START_MS		60000	/* for a server to answer, on the slowest machine */

/* What an option's value says; the share uses it as long as there is one. */
struct files_spec {
	const char *option;	/* for messages */
	char *directory;	/* with the rest behind its end */
	char *tag;
	char *server;		/* NULL: choose one */
	bool ro, rw, submounts;	/* if it says so; the last takes a server that can do it */
	bool read_only;
	bool whole;		/* with what is mounted in there, if the server can do it */
};

struct files {
	struct files *next;
	struct server server;
	const struct file_server *kind;
	const struct files_spec *spec;
	bool works;		/* it has answered */
};

/* A program that serves files. */
struct file_server {
	const char *name;
	const char *package;
	const char *type;	/* of what the guest mounts */
	bool shares;		/* it maps the guest's memory */
	bool submounts;		/* it serves what is mounted in a directory, too */
	bool (*is_there)(void);	/* one that works */
	/* The model of a share, which is remembered; NULL if it does not work (failure()). */
	struct model *(*open)(const struct files_spec *spec, const char *option);
};

extern const struct file_server diod_server;
extern const struct file_server virtiofsd_server;

/* root.c: where the command of a guest runs whose root is such a directory */
struct config;
bool root_directory(const struct config *config, char *here);

/* files.c */
struct era;

struct files_spec *files_parse(const char *option, char *text, const char **wrong);
bool __must_check files_shares(const struct files_spec *spec, const struct era *era,
			       bool *shared);
struct model * __must_check files_open(const struct files_spec *spec);

/* shares.c */
struct files *files_find(const char *tag);
void files_remember(struct files *files);
void files_forget(struct files *files);
void files_lost(struct files *files);

/* diod.c, virtiofsd.c: for the devices */
const char *diod_tag(struct model *model);
struct p9 *diod_p9(struct model *model);
const char *virtiofsd_tag(struct model *model);
struct vhost_user *virtiofsd_vhost(struct model *model);
void virtiofsd_lost(struct model *model);

#endif /* FILES_H */
