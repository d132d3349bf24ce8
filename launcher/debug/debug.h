/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Debuggers of a guest: gdb's remote protocol (gdb*.c), what they see of the guest's
 * memory (view.c), breakpoints in it (breakpoints.c), and dumps of it (dump.c).
 */
#ifndef DEBUG_H
#define DEBUG_H

#include "config.h"
#include "guest_memory.h"
#include "sockets.h"

struct pollfd;

/* view.c: the guest's memory by its own page tables */
struct view {
	const struct memory *mem;
	__u32 cr0, cr3, cr4;
};

bool view_translate(const struct view *view, __u32 vaddr, __u32 *paddr);
size_t view_read(const struct view *view, __u32 vaddr, void *to, size_t len);
size_t view_write(const struct view *view, __u32 vaddr, const void *from, size_t len);

/* breakpoints.c */
#define BREAKPOINTS_MAX	1024u

bool breakpoint_set(const struct view *view, __u32 vaddr);
bool breakpoint_clear(const struct view *view, __u32 vaddr);
bool breakpoint_is(__u32 vaddr);
void breakpoints_clear_all(const struct memory *mem);
size_t breakpoints_read(const struct view *view, __u32 vaddr, void *to, size_t len);
size_t breakpoints_write(const struct view *view, __u32 vaddr, const void *from, size_t len);

/* gdb_packet.c: its packets, of bytes that may be anything */
#define GDB_PACKET_MAX	16384u		/* of a packet's payload */

enum gdb_heard {
	GDB_NOTHING,		/* yet */
	GDB_PACKET,		/* in packet->data */
	GDB_BAD_PACKET,		/* its sum is wrong, or it is too long */
	GDB_INTERRUPT,		/* Ctrl-C */
	GDB_ACK,
	GDB_NAK,
};

struct gdb_packet {
	char data[GDB_PACKET_MAX + 1];	/* ends with NUL, beside those that it may have */
	size_t len;
	enum { GDB_IDLE, GDB_DATA, GDB_ESCAPED, GDB_SUM_1, GDB_SUM_2 } state;
	__u8 sum, told_sum;
	bool bad;
};

struct gdb_reply {
	char data[2 * GDB_PACKET_MAX];
	size_t len;
};

enum gdb_heard gdb_packet_feed(struct gdb_packet *packet, char byte);
bool gdb_hex(const char **text, __u32 *value);
bool gdb_bytes(const char *text, size_t len, void *to);
void gdb_say(struct gdb_reply *reply, const char *text);
void gdb_say_binary(struct gdb_reply *reply, const void *data, size_t len);
void gdb_say_hex(struct gdb_reply *reply, const void *data, size_t len);
size_t gdb_frame(const struct gdb_reply *reply, char *to, size_t room);

/* gdb_registers.c: what gdb calls the registers */
#define GDB_REGISTERS	38u

extern const char gdb_description[];

void gdb_say_registers(struct gdb_reply *reply, const struct lguest_debug_regs *regs);
bool gdb_say_register(struct gdb_reply *reply, const struct lguest_debug_regs *regs, __u32 nr);
bool gdb_set_registers(struct lguest_debug_regs *regs, const char *text);
bool gdb_set_register(struct lguest_debug_regs *regs, __u32 nr, const char *text);

/* gdb_commands.c: what gdb asks of a guest that is at rest */
enum gdb_next {
	GDB_STAYS,		/* it stays at rest */
	GDB_CONTINUE,
	GDB_STEP,
	GDB_DETACH,
	GDB_KILL,
};

/* Whom it asks. */
struct gdb_target {
	bool (*get_registers)(struct lguest_debug_regs *regs);
	bool (*set_registers)(const struct lguest_debug_regs *regs);
	size_t (*read)(__u32 addr, void *to, size_t len);
	size_t (*write)(__u32 addr, const void *from, size_t len);
	bool (*set_break)(__u32 addr);
	bool (*clear_break)(__u32 addr);
	bool (*set_watch)(__u32 addr, __u32 len);
	bool (*clear_watch)(__u32 addr, __u32 len);
};

struct gdb_session {
	bool no_acks;		/* it does not want them any more */
	bool ends_acks;		/* from the next packet on */
	bool knows_swbreak;
	char stop[64];		/* what it is told of the guest's last stop */
};

enum gdb_next gdb_command(struct gdb_session *session, const struct gdb_target *target,
			  const struct gdb_packet *packet, struct gdb_reply *reply);

/* gdb_guest.c */
extern const struct gdb_target gdb_guest;

void gdb_guest_is(const struct memory *mem);
bool gdb_guest_watched(void);
bool gdb_guest_changed(__u32 *addr);
void gdb_guest_forget(void);

/* gdb_listen.c: where gdb finds the guest */
struct gdb_address {
	bool wait;		/* for gdb, before the guest starts */
	bool public;		/* others than this machine's may come */
	char kind;		/* 'd' for the default, 'u', 't' */
	uid_t owner;		/* who may come, beside root */
	char place[SOCKETS_PATH_MAX];
};

const char *gdb_parse(const char *text, struct gdb_address *address);
int gdb_listen(struct gdb_address *address, const char **wrong);
bool gdb_may_come(const struct gdb_address *address, int fd);

/* gdb.c: one that is connected */
bool __must_check gdb_open(const struct config *config);
void gdb_start(const struct memory *mem);
bool gdb_takes(const void *reply, size_t len);
void gdb_end(int status);

#endif /* DEBUG_H */
