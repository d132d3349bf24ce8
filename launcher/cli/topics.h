/* SPDX-License-Identifier: GPL-2.0 */
/* Help by topic, and the words that there are: topics.c. */
#ifndef TOPICS_H
#define TOPICS_H

#include <stdbool.h>

bool topic_print(const char *word);
void words_print(const char *verb);

#endif /* TOPICS_H */
