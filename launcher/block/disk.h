/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Disks: what disk.c (the model), disk_file.c (files and block devices of the
 * host), disk_format.c (whose bytes are no disk's), disk_server.c (what has these) and
 * overlay.c (changes that are kept apart) know of each other.
 */
#ifndef DISK_H
#define DISK_H

#include "iov.h"

/* disk.c, for whoever shows a disk to a guest */
#define SECTOR_BYTES		512u
#define DISK_SERIAL_MAX		20

__u32 disk_capacity(__u64 bytes);
bool disk_has(__u32 capacity, __u32 sector, __u32 bytes);
__u32 disk_sectors(struct model *model);
size_t disk_read(struct model *model, __u32 sector, struct iovec *iov, int nr);
size_t disk_write(struct model *model, __u32 sector, struct iovec *iov, int nr);
bool disk_is_read_only(struct model *model);
bool disk_flush(struct model *model);
bool disk_discard(struct model *model, __u32 sector, __u32 sectors);
bool disk_zero(struct model *model, __u32 sector, __u32 sectors, bool unmap);
bool disk_discards(struct model *model);
const char *disk_serial(struct model *model);
__u32 disk_sector_size(struct model *model);

struct nbd;

/* disk_file.c */
struct disk_file {
	int fd;
	struct nbd *nbd;	/* who has the disk's bytes, if it is not the file itself */
	bool ro;
	bool device;
	char *name;
	__u64 bytes;
	__s64 changed;		/* when, in seconds; 0 for a device */
	__u32 changed_ns;
};

typedef ssize_t (*disk_mover)(int fd, const struct iovec *iov, int nr, off64_t at);

bool __must_check disk_file_open(struct disk_file *file, const char *name, bool ro);
bool __must_check disk_file_lock(int fd, const char *name, bool shared, bool patient);
int __must_check disk_file_temporary(const char *name);
size_t disk_file_move(int fd, off64_t at, struct iovec *iov, int *nr, size_t bytes,
		      disk_mover move);
bool disk_file_get(int fd, void *to, size_t bytes, off64_t at);
bool disk_file_put(int fd, const void *from, size_t bytes, off64_t at);
bool disk_file_sync(int fd);
size_t disk_file_read(const struct disk_file *file, __u64 at, struct iovec *iov, int *nr,
		      size_t bytes);
size_t disk_file_write(const struct disk_file *file, __u64 at, struct iovec *iov, int nr);
bool disk_file_flush(const struct disk_file *file);
bool disk_file_discard(const struct disk_file *file, __u64 at, __u64 bytes);
bool disk_file_zero(const struct disk_file *file, __u64 at, __u64 bytes, bool unmap);
void disk_file_close(struct disk_file *file);

/* disk_format.c */
bool __must_check disk_format_find(const struct disk_file *file, const char **driver);
const char *disk_format_driver(const char *name);

/* disk_server.c */
#define DISK_SERVER		"qemu-nbd"

bool __must_check disk_server_start(struct disk_file *file, const char *driver);
void disk_server_close(struct nbd *nbd);

/* overlay.c */
struct overlay;

struct overlay *__must_check overlay_open(const struct disk_file *base, const char *name,
					  bool ro);
struct overlay *__must_check overlay_temporary(const struct disk_file *base, int fd);
bool overlay_recognise(int fd);
size_t overlay_read(struct overlay *overlay, __u64 at, struct iovec *iov, int *nr);
size_t overlay_write(struct overlay *overlay, __u64 at, struct iovec *iov, int nr);
bool overlay_flush(struct overlay *overlay);
void overlay_close(struct overlay *overlay);

#endif /* DISK_H */
