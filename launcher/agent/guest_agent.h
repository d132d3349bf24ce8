/* SPDX-License-Identifier: GPL-2.0 */
/* The agent in the guest, for the rest of the launcher: see agent.c. */
#ifndef GUEST_AGENT_H
#define GUEST_AGENT_H

#include "config.h"

/* agent.c */
bool __must_check agent_start(void);

/* command.c: the launcher's own command */
void command_wants(const struct config *config);
bool __must_check command_tell(const char *key, const char *value);
int command_outcome(int status, bool restarts);

extern const char agent_image[], agent_image_end[];

/* ramdisk.c: the agent's file, as an initial ramdisk */
size_t agent_ramdisk_bytes(void);
void agent_ramdisk_write(char *to);

/* spawn.c: from arguments to what the agent runs */
struct agent_size;
struct agent_status;

bool spawn_size(struct agent_size *size);
char *spawn_text(char *const argv[], const char *directory, bool all_variables, bool terminal,
		 const struct agent_size *size, size_t *len);

/* outcome.c */
int outcome_of(const char *name, const struct agent_status *status);

/* How a command may end that the agent does not tell of. */
#define AGENT_LOST	255u

#endif /* GUEST_AGENT_H */
