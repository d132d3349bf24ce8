/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The verbs of the command line: cmd_*.c; and words that are almost right: near.c.
 */
#ifndef VERBS_H
#define VERBS_H

#include "config.h"
#include "sockets.h"

int run_main(int argc, char **argv);
void run_usage(void);
void run_words(void);
bool run_knows(const char *word);
int run_parse(int argc, char **argv, struct config *config);
bool classic_knows(const char *word);
int classic_main(int argc, char **argv);
int classic_parse(int argc, char **argv, struct config *config);
void classic_usage(void);
int control_main(int argc, char **argv);
int stop_main(int argc, char **argv);
int list_main(int argc, char **argv);
int attach_main(int argc, char **argv);
int wait_main(int argc, char **argv);
int balloon_main(int argc, char **argv);
int dump_main(int argc, char **argv);
int shell_main(int argc, char **argv);
void control_usage(void);
bool control_verb(const char *word);
ssize_t control_hear(int fd, char reply[CONTROL_REPLY_MAX + 1], int patience);
bool control_is_ok(const char *reply);
int control_failed(const char *name);
bool control_is_help(const char *word);
int control_misused(const char *what);
int initrd_main(int argc, char **argv);
int help_main(int argc, char **argv);
int version_main(int argc, char **argv);

/* near.c: words that are almost right */
bool near_word(const char *word, const char *right);

#endif /* VERBS_H */
