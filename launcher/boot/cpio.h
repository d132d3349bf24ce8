/* SPDX-License-Identifier: GPL-2.0 */
/* Archives of cpio, which the kernel takes for initial ramdisks: see cpio.c. */
#ifndef CPIO_H
#define CPIO_H

#include <stddef.h>

#define CPIO_FILE	0100644u
#define CPIO_PROGRAM	0100755u
#define CPIO_DIRECTORY	0040755u

size_t cpio_bytes(const char *name, size_t bytes);
char *cpio_put(char *to, const char *name, unsigned int mode, const char *from, size_t bytes);
size_t cpio_end_bytes(size_t before);
void cpio_end(char *to);

#endif /* CPIO_H */
