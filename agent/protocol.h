/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the launcher and its agent in the guest tell each other, over one channel of
 * bytes: frames, each a header and up to AGENT_FRAME_MAX bytes.  Numbers are
 * little-endian.
 *
 * The agent says HELLO first.  If it is the guest's first process it then waits for
 * SETUP, and answers with READY or FAILED.  After that there are sessions, whose
 * numbers the launcher chooses: one is a command with its three streams, or with a
 * terminal, which has streams 0 and 1 only.  Sessions and streams do not wait for each
 * other: of each stream no more is sent than its reader has granted (CREDIT), from
 * AGENT_WINDOW bytes on.
 */
#ifndef LGUEST_AGENT_PROTOCOL_H
#define LGUEST_AGENT_PROTOCOL_H

#include <linux/types.h>

#define AGENT_PORT	"lguest.agent"	/* the virtio console's port */
#define AGENT_PATH	"lguest-agent"	/* in the root of the initial ramdisk */
#define AGENT_VERSION	1

#define AGENT_FRAME_MAX	8192u		/* bytes behind a header */
#define AGENT_WINDOW	65536u		/* of a stream, until there is CREDIT */
#define AGENT_SPAWN_MAX	(4u << 20)	/* all of a command's SPAWN frames */
#define AGENT_SETUP_MAX	16384u		/* all of the SETUP frames */
#define AGENT_SESSIONS	8u
#define AGENT_STREAMS	3u		/* of a session: what it reads, says, complains */

struct agent_frame {
	__u8 type;
	__u8 stream;
	__u16 session;
	__u32 length;			/* of what follows */
};

enum agent_type {
	/* agent to launcher */
	AGENT_HELLO = 1,		/* struct agent_hello */
	AGENT_READY,			/* nothing: SETUP is done */
	AGENT_FAILED,			/* text: what of SETUP cannot be, and why */
	AGENT_STATUS,			/* struct agent_status: the end of a session */

	/* launcher to agent */
	AGENT_SETUP = 16,		/* lines "key=value"; see below */
	AGENT_SETUP_END,		/* nothing: that was all of it */
	AGENT_SPAWN,			/* a piece of struct agent_spawn and its strings */
	AGENT_SPAWN_END,		/* nothing: that was all of it */
	AGENT_SIZE,			/* struct agent_size: of the session's terminal */
	AGENT_SIGNAL,			/* __u32: for the command and its children */
	AGENT_POWER_OFF,		/* nothing: no session will follow */

	/* both */
	AGENT_DATA = 32,		/* bytes of a stream */
	AGENT_EOF,			/* nothing: the stream has no more */
	AGENT_CREDIT,			/* __u32: so many more bytes of it may be sent */
	AGENT_SHUT,			/* nothing: its reader is gone, do not send more */
};

#define AGENT_HELLO_INIT	1u	/* the agent is the guest's first process */

struct agent_hello {
	__u32 version;
	__u32 flags;
};

struct agent_size {
	__u16 rows, columns;
};

#define AGENT_SPAWN_TERMINAL	1u	/* the command gets a terminal, of that size */

/*
 * Behind it are strings, each with its NUL: the directory ("" for /), the arguments,
 * the environment.
 */
struct agent_spawn {
	__u32 flags;
	__u32 arguments, variables;	/* how many */
	struct agent_size size;
};

enum agent_ending {
	AGENT_EXITED,			/* with that status */
	AGENT_KILLED,			/* by that signal */
	AGENT_NOT_RUN,			/* an errno: what execve() or the like said */
};

struct agent_status {
	__u32 ending;
	__u32 number;
};

/*
 * Lines of SETUP, in this order; what an agent does not know it answers with FAILED.
 *
 *	module=PATH	load this kernel module, a file of the ramdisk
 *	hostname=NAME
 *	keep=DIRECTORY	of that root: it is to be seen although it is in /tmp or /run, which
 *			are the guest's own
 *	root=TYPE TAG [ro|overlay|rw] [OPTIONS]
 *			mount it (TYPE is 9p or virtiofs) and make it the root
 *	mount=TYPE TAG DIRECTORY [OPTIONS]
 *			after that
 */

#endif /* LGUEST_AGENT_PROTOCOL_H */
