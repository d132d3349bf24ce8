// SPDX-License-Identifier: GPL-2.0
/*
 * What gdb asks of a guest that is at rest, and what it is told.  A packet is whatever
 * the client has sent; what is not understood has an empty reply, as the protocol wants
 * it.  One guest is one process with one thread.
 */
#include <stdio.h>
#include <string.h>

#include "base.h"
#include "debug.h"

#define THREAD		"1"
#define BAD		"E01"		/* is no command */
#define NO_MEMORY	"E14"
#define NO_WAY		"E22"

/* As many bytes of memory as a reply has room for. */
#define PIECE_MAX	(GDB_PACKET_MAX / 2)

/* One command, whatever it is. */
struct command {
	struct gdb_session *session;
	const struct gdb_target *target;
	const struct gdb_packet *packet;
	struct gdb_reply *reply;
};

static enum gdb_next say(struct command *cmd, const char *text)
{
	gdb_say(cmd->reply, text);
	return GDB_STAYS;
}

static enum gdb_next done(struct command *cmd, bool well, const char *otherwise)
{
	return say(cmd, well ? "OK" : otherwise);
}

static enum gdb_next say_stop(struct command *cmd)
{
	return say(cmd, cmd->session->stop);
}

static enum gdb_next get_registers(struct command *cmd)
{
	struct lguest_debug_regs regs;

	if (!cmd->target->get_registers(&regs))
		return say(cmd, NO_WAY);
	gdb_say_registers(cmd->reply, &regs);
	return GDB_STAYS;
}

static enum gdb_next set_registers(struct command *cmd)
{
	struct lguest_debug_regs regs;

	return done(cmd, cmd->target->get_registers(&regs) &&
		    gdb_set_registers(&regs, cmd->packet->data + 1) &&
		    cmd->target->set_registers(&regs), NO_WAY);
}

static enum gdb_next get_register(struct command *cmd)
{
	const char *at = cmd->packet->data + 1;
	struct lguest_debug_regs regs;
	__u32 nr;

	if (!gdb_hex(&at, &nr) || !cmd->target->get_registers(&regs) ||
	    !gdb_say_register(cmd->reply, &regs, nr))
		return say(cmd, NO_WAY);
	return GDB_STAYS;
}

static enum gdb_next set_register(struct command *cmd)
{
	const char *at = cmd->packet->data + 1;
	struct lguest_debug_regs regs;
	__u32 nr;

	return done(cmd, gdb_hex(&at, &nr) && *at++ == '=' &&
		    cmd->target->get_registers(&regs) && gdb_set_register(&regs, nr, at) &&
		    cmd->target->set_registers(&regs), NO_WAY);
}

/* "ADDRESS,LENGTH", and what is behind it. */
static bool range(const char **at, char end, __u32 *addr, __u32 *len)
{
	return gdb_hex(at, addr) && *(*at)++ == ',' && gdb_hex(at, len) && **at == end;
}

/* What is there of it, if it begins. */
static enum gdb_next read_memory(struct command *cmd)
{
	const char *at = cmd->packet->data + 1;
	char memory[PIECE_MAX];
	__u32 addr, len;
	size_t n;

	if (!range(&at, '\0', &addr, &len))
		return say(cmd, BAD);
	n = cmd->target->read(addr, memory, len < sizeof(memory) ? len : sizeof(memory));
	if (len && !n)
		return say(cmd, NO_MEMORY);
	gdb_say_hex(cmd->reply, memory, n);
	return GDB_STAYS;
}

static enum gdb_next write_memory(struct command *cmd)
{
	const char *at = cmd->packet->data + 1;
	char memory[PIECE_MAX];
	__u32 addr, len;

	if (!range(&at, ':', &addr, &len) || len > sizeof(memory) ||
	    !gdb_bytes(at + 1, len, memory))
		return say(cmd, BAD);
	return done(cmd, cmd->target->write(addr, memory, len) == len, NO_MEMORY);
}

static enum gdb_next write_binary(struct command *cmd)
{
	const struct gdb_packet *packet = cmd->packet;
	const char *at = packet->data + 1;
	__u32 addr, len;

	if (!range(&at, ':', &addr, &len) || len != packet->len - (at + 1 - packet->data))
		return say(cmd, BAD);
	return done(cmd, cmd->target->write(addr, at + 1, len) == len, NO_MEMORY);
}

/* "Z0,ADDRESS,KIND"; conditions may follow, which are gdb's business. */
static enum gdb_next change_point(struct command *cmd)
{
	const struct gdb_target *target = cmd->target;
	const bool set = cmd->packet->data[0] == 'Z';
	const char *at = cmd->packet->data + 1;
	const char kind = *at;
	__u32 addr, len;

	if (kind != '0' && kind != '2')
		return GDB_STAYS;	/* there is none of this kind */
	at++;
	if (*at++ != ',' || !gdb_hex(&at, &addr) || *at++ != ',' || !gdb_hex(&at, &len))
		return say(cmd, BAD);
	if (kind == '2')
		return done(cmd, set ? target->set_watch(addr, len) :
			    target->clear_watch(addr, len), NO_WAY);
	return done(cmd, set ? target->set_break(addr) : target->clear_break(addr), NO_MEMORY);
}

/* "c" or "s", and perhaps from where; with a signal, which a guest has none of. */
static enum gdb_next go_on(struct command *cmd)
{
	const char *at = cmd->packet->data;
	const bool steps = *at == 's' || *at == 'S';
	struct lguest_debug_regs regs;
	__u32 signal;

	if (*at == 'C' || *at == 'S') {
		at++;
		if (!gdb_hex(&at, &signal) || (*at && *at != ';'))
			return say(cmd, BAD);
		at -= !*at;
	}
	if (*++at) {
		if (!cmd->target->get_registers(&regs) || !gdb_hex(&at, &regs.eip) ||
		    !cmd->target->set_registers(&regs))
			return say(cmd, NO_WAY);
	}
	return steps ? GDB_STEP : GDB_CONTINUE;
}

static enum gdb_next verbose_command(struct command *cmd)
{
	const char *text = cmd->packet->data;

	if (!strcmp(text, "vCont?"))
		return say(cmd, "vCont;c;C;s;S");
	if (!strncmp(text, "vCont;", 6)) {
		if (text[6] == 'c' || text[6] == 'C')
			return GDB_CONTINUE;
		if (text[6] == 's' || text[6] == 'S')
			return GDB_STEP;
		return say(cmd, BAD);
	}
	if (!strncmp(text, "vKill", 5)) {
		say(cmd, "OK");
		return GDB_KILL;
	}
	return GDB_STAYS;
}

static bool begins(const struct command *cmd, const char *word)
{
	return !strncmp(cmd->packet->data, word, strlen(word));
}

static enum gdb_next say_supported(struct command *cmd)
{
	char text[160];

	cmd->session->knows_swbreak = strstr(cmd->packet->data, "swbreak+");
	snprintf(text, sizeof(text), "PacketSize=%x;QStartNoAckMode+;qXfer:features:read+%s",
		 GDB_PACKET_MAX, cmd->session->knows_swbreak ? ";swbreak+" : "");
	return say(cmd, text);
}

/* "qXfer:features:read:target.xml:OFFSET,LENGTH" */
static enum gdb_next say_description(struct command *cmd)
{
	const char *at = strrchr(cmd->packet->data, ':') + 1;
	const size_t all = strlen(gdb_description);
	__u32 offset, len;

	if (!begins(cmd, "qXfer:features:read:target.xml:") || !range(&at, '\0', &offset, &len))
		return say(cmd, "E00");
	if (len > PIECE_MAX)
		len = PIECE_MAX;
	if (offset >= all)
		return say(cmd, "l");
	say(cmd, len < all - offset ? "m" : "l");
	gdb_say_binary(cmd->reply, gdb_description + offset,
		       len < all - offset ? len : all - offset);
	return GDB_STAYS;
}

static enum gdb_next query(struct command *cmd)
{
	if (begins(cmd, "qSupported"))
		return say_supported(cmd);
	if (begins(cmd, "qXfer:features:read:"))
		return say_description(cmd);
	if (begins(cmd, "qfThreadInfo"))
		return say(cmd, "m" THREAD);
	if (begins(cmd, "qsThreadInfo"))
		return say(cmd, "l");
	if (!strcmp(cmd->packet->data, "qC"))
		return say(cmd, "QC" THREAD);
	if (begins(cmd, "qAttached"))
		return say(cmd, "1");
	if (begins(cmd, "qSymbol"))
		return say(cmd, "OK");
	return GDB_STAYS;
}

static enum gdb_next set_mode(struct command *cmd)
{
	if (strcmp(cmd->packet->data, "QStartNoAckMode"))
		return GDB_STAYS;
	cmd->session->ends_acks = true;
	return say(cmd, "OK");
}

static enum gdb_next detach(struct command *cmd)
{
	say(cmd, "OK");
	return GDB_DETACH;
}

static enum gdb_next kill_guest(struct command *cmd)
{
	(void)cmd;
	return GDB_KILL;
}

static enum gdb_next choose_thread(struct command *cmd)
{
	return say(cmd, "OK");
}

static const struct {
	char letter;
	enum gdb_next (*run)(struct command *cmd);
} commands[] = {
	{ '?', say_stop }, { 'g', get_registers }, { 'G', set_registers }, { 'p', get_register },
	{ 'P', set_register }, { 'm', read_memory }, { 'M', write_memory }, { 'X', write_binary },
	{ 'Z', change_point }, { 'z', change_point }, { 'c', go_on }, { 's', go_on },
	{ 'C', go_on }, { 'S', go_on }, { 'v', verbose_command }, { 'q', query }, { 'Q', set_mode },
	{ 'D', detach }, { 'k', kill_guest }, { 'H', choose_thread }, { 'T', choose_thread },
};

/**
 * gdb_command() - do what gdb wants
 * @session: what is known of it
 * @target: of whom
 * @packet: what it wants
 * @reply: what it is told, if the guest stays at rest; it is empty before
 *
 * Return: what the guest is to do next.
 */
enum gdb_next gdb_command(struct gdb_session *session, const struct gdb_target *target,
			  const struct gdb_packet *packet, struct gdb_reply *reply)
{
	struct command cmd = { session, target, packet, reply };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (commands[i].letter == packet->data[0])
			return commands[i].run(&cmd);
	}
	return GDB_STAYS;
}
