/* SPDX-License-Identifier: GPL-2.0 */
/* Called from head.S. */
#ifndef UNPACK_H
#define UNPACK_H

typedef unsigned char u8;

void unpack(const u8 *from, u8 *to);

#endif /* UNPACK_H */
