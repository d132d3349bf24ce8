// SPDX-License-Identifier: GPL-2.0
/*
 * The protocol NBD (fixed newstyle, with simple replies), as its client: one request
 * at a time, and its answer.  Data from the server goes to the guest's memory as it
 * comes; data to it is copied once.
 *
 * An answer that is not what it must be, and one that does not come while the launcher
 * ends, make the server one that is lost.
 */
#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base.h"
#include "disk.h"
#include "hold.h"
#include "iov.h"
#include "nbd.h"
#include "sock.h"

#define HELLO		0x4e42444d41474943ull	/* "NBDMAGIC" */
#define OPTION		0x49484156454f5054ull	/* "IHAVEOPT" */
#define OPTION_REPLY	0x3e889045565a9ull
#define REQUEST		0x25609513u
#define REPLY		0x67446698u

#define FIXED_NEWSTYLE	1		/* in the first flags, of both sides */
#define NO_ZEROES	2
#define OPT_GO		7
#define ANSWER_ACK	1
#define ANSWER_INFO	3
#define ANSWER_ERROR	0x80000000u
#define INFO_EXPORT	0
#define INFO_SIZES	3
#define ANSWER_MAX	4096		/* bytes; what is longer is nonsense */
#define ANSWERS_MAX	64

enum command { NBD_READ, NBD_WRITE, NBD_END, NBD_FLUSH, NBD_TRIM, NBD_ZERO = 6 };

#define HAS_FLAGS	1		/* of the export */
#define CAN_FLUSH	4
#define CAN_TRIM	0x20
#define CAN_ZERO	0x40
#define NO_HOLE		2		/* flag of NBD_ZERO */

#define REQUEST_MAX	(1u << 20)	/* every server takes 32 MiB */
#define BLOCK_MAX	SECTOR_BYTES	/* the largest smallest block */
#define EXTENT_MAX	(1u << 30)	/* of what has no data */
#define PART		16384u		/* that is copied at once */
#define LOOK_MS		500
#define END_LOOKS	20		/* 10 s; then the launcher ends without it */

struct request {
	__u32 magic;
	__u16 flags, command;
	__u64 cookie, at;
	__u32 bytes;
} __attribute__((packed));

struct reply {
	__u32 magic, error;
	__u64 cookie;
} __attribute__((packed));

_Static_assert(sizeof(struct request) == 28 && sizeof(struct reply) == 16, "as on the wire");

static bool lose(struct nbd *nbd)
{
	if (first_time(&nbd->lost) && nbd->on_loss)
		nbd->on_loss(nbd);
	errno = EIO;
	return false;
}

/* Until there is something to read, or room.  False if the launcher waited enough. */
static bool wait_for(struct nbd *nbd, short events)
{
	struct pollfd socket = { .fd = nbd->fd, .events = events };
	unsigned int looks = 0;

	while (poll(&socket, 1, LOOK_MS) <= 0) {
		if (hold_ending() && ++looks > END_LOOKS)
			return false;
	}
	return true;
}

static bool send_all(struct nbd *nbd, const void *data, size_t len)
{
	const char *from = data;

	while (len) {
		ssize_t n;

		if (!wait_for(nbd, POLLOUT))
			return lose(nbd);
		n = sock_send(nbd->fd, from, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			return lose(nbd);
		from += n;
		len -= n;
	}
	return true;
}

static bool receive_all(struct nbd *nbd, void *data, size_t len)
{
	char *to = data;

	while (len) {
		ssize_t n;

		if (!wait_for(nbd, POLLIN))
			return lose(nbd);
		n = sock_receive(nbd->fd, to, len, MSG_DONTWAIT);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			return lose(nbd);
		to += n;
		len -= n;
	}
	return true;
}

/* The same to a list, of which it takes a part. */
static bool receive_list(struct nbd *nbd, struct iovec *iov, int *nr, size_t bytes)
{
	size_t rest;
	ssize_t n;
	int some;

	while (bytes) {
		if (!wait_for(nbd, POLLIN))
			return lose(nbd);
		some = iov_cut(iov, bytes, &rest);
		n = readv(nbd->fd, iov, some);
		iov[some - 1].iov_len += rest;
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			return lose(nbd);
		bytes -= n;
		*nr = iov_skip(iov, *nr, n);
	}
	return true;
}

/* The protocol's numbers are Linux's; of others nobody knows anything. */
static int error_of(__u32 error)
{
	static const int known[] = { EPERM, ENOMEM, EINVAL, ENOSPC, EOPNOTSUPP };
	size_t i;
	int found = EIO;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (error == (__u32)known[i])
			found = known[i];
	}
	return found;
}

static bool ask(struct nbd *nbd, enum command command, __u16 flags, __u64 at, __u32 bytes)
{
	const struct request request = {
		.magic = htobe32(REQUEST), .flags = htobe16(flags), .command = htobe16(command),
		.cookie = htobe64(++nbd->cookie), .at = htobe64(at), .bytes = htobe32(bytes),
	};

	if (nbd->lost) {
		errno = EIO;
		return false;
	}
	return send_all(nbd, &request, sizeof(request));
}

/* Is it done?  If not, errno tells why. */
static bool answered(struct nbd *nbd)
{
	struct reply reply;

	if (!receive_all(nbd, &reply, sizeof(reply)))
		return false;
	if (reply.magic != htobe32(REPLY) || reply.cookie != htobe64(nbd->cookie))
		return lose(nbd);
	if (reply.error) {
		errno = error_of(be32toh(reply.error));
		return false;
	}
	return true;
}

static bool in_disk(const struct nbd *nbd, __u64 at, __u64 bytes)
{
	return at <= nbd->bytes && bytes <= nbd->bytes - at;
}

static bool outside(void)
{
	errno = EINVAL;
	return false;
}

/**
 * nbd_read - read from the disk
 * @nbd: started
 * @at: where, in bytes
 * @iov: where to; becomes what is left
 * @nr: the length of the list
 * @bytes: how much of it; all inside of the disk
 *
 * Returns how much was read; if that is not all, errno tells why.
 */
size_t nbd_read(struct nbd *nbd, __u64 at, struct iovec *iov, int *nr, size_t bytes)
{
	size_t done, part;

	if (!in_disk(nbd, at, bytes))
		return outside();
	for (done = 0; done < bytes; done += part) {
		part = bytes - done < nbd->request_max ? bytes - done : nbd->request_max;
		if (!ask(nbd, NBD_READ, 0, at + done, part) || !answered(nbd) ||
		    !receive_list(nbd, iov, nr, part))
			break;
	}
	return done;
}

/* Guest memory may be another when it is looked at again; this does so once. */
static bool send_list(struct nbd *nbd, const struct iovec *iov, int nr, size_t skip, size_t bytes)
{
	char part[PART];
	size_t len;

	for (; bytes; bytes -= len, skip += len) {
		len = bytes < PART ? bytes : PART;
		iov_copy_from(part, iov, nr, skip, len);
		if (!send_all(nbd, part, len))
			return false;
	}
	return true;
}

/**
 * nbd_write - write to the disk
 * @nbd: started
 * @at: where, in bytes
 * @iov: what; all inside of the disk
 * @nr: the length of the list
 *
 * Returns how much was written; if that is not all, errno tells why.
 */
size_t nbd_write(struct nbd *nbd, __u64 at, const struct iovec *iov, int nr)
{
	const size_t bytes = iov_bytes(iov, nr);
	size_t done, part;

	if (!in_disk(nbd, at, bytes))
		return outside();
	for (done = 0; done < bytes; done += part) {
		part = bytes - done < nbd->request_max ? bytes - done : nbd->request_max;
		if (!ask(nbd, NBD_WRITE, 0, at + done, part) ||
		    !send_list(nbd, iov, nr, done, part) || !answered(nbd))
			break;
	}
	return done;
}

/**
 * nbd_flush - what was written is to be on the host's disk
 * @nbd: started
 */
bool nbd_flush(struct nbd *nbd)
{
	if (!(nbd->flags & CAN_FLUSH))
		return true;
	return ask(nbd, NBD_FLUSH, 0, 0, 0) && answered(nbd);
}

static bool extents(struct nbd *nbd, enum command command, __u16 flags, __u64 at, __u64 bytes)
{
	__u32 part;

	if (!in_disk(nbd, at, bytes))
		return outside();
	for (; bytes; bytes -= part, at += part) {
		part = bytes < EXTENT_MAX ? bytes : EXTENT_MAX;
		if (!ask(nbd, command, flags, at, part) || !answered(nbd))
			return false;
	}
	return true;
}

/**
 * nbd_discard - nobody needs what is there
 * @nbd: started
 * @at: where, in bytes
 * @bytes: how much
 */
bool nbd_discard(struct nbd *nbd, __u64 at, __u64 bytes)
{
	return !(nbd->flags & CAN_TRIM) || extents(nbd, NBD_TRIM, 0, at, bytes);
}

/**
 * nbd_zero - write zeroes
 * @nbd: started
 * @at: where, in bytes
 * @bytes: how much
 * @unmap: there may be a hole then
 *
 * False, with EOPNOTSUPP, if the server has no such request.
 */
bool nbd_zero(struct nbd *nbd, __u64 at, __u64 bytes, bool unmap)
{
	if (nbd->flags & CAN_ZERO)
		return extents(nbd, NBD_ZERO, unmap ? 0 : NO_HOLE, at, bytes);
	errno = EOPNOTSUPP;
	return false;
}

/* What an answer to the option says of the export. */
static const char *take_info(struct nbd *nbd, const char *data, __u32 len)
{
	__u32 smallest, largest;
	__u16 type;

	if (len < sizeof(type))
		return "sent what is no information";
	memcpy(&type, data, sizeof(type));
	if (be16toh(type) == INFO_EXPORT && len == 12) {
		memcpy(&nbd->bytes, data + 2, sizeof(nbd->bytes));
		memcpy(&nbd->flags, data + 10, sizeof(nbd->flags));
		nbd->bytes = be64toh(nbd->bytes);
		nbd->flags = be16toh(nbd->flags);
	} else if (be16toh(type) == INFO_SIZES && len == 14) {
		memcpy(&smallest, data + 2, sizeof(smallest));
		memcpy(&largest, data + 10, sizeof(largest));
		if (be32toh(smallest) > BLOCK_MAX)
			return "wants blocks that are larger than a sector";
		if (be32toh(largest) < nbd->request_max)
			nbd->request_max = be32toh(largest) & -BLOCK_MAX;
	}
	return NULL;
}

/* One answer to the option: 1: there will be others, 0: it was the last. */
static int take_answer(struct nbd *nbd, const char **wrong)
{
	struct {
		__u64 magic;
		__u32 option, type, len;
	} __attribute__((packed)) head;
	char data[ANSWER_MAX];
	__u32 len, type;

	*wrong = "is no server of disks";
	if (!receive_all(nbd, &head, sizeof(head)))
		return 0;
	len = be32toh(head.len);
	type = be32toh(head.type);
	if (head.magic != htobe64(OPTION_REPLY) || head.option != htobe32(OPT_GO) ||
	    len > ANSWER_MAX || !receive_all(nbd, data, len))
		return 0;
	*wrong = type & ANSWER_ERROR ? "does not serve the disk" : NULL;
	if (type == ANSWER_INFO)
		*wrong = take_info(nbd, data, len);
	return type != ANSWER_ACK && !*wrong;
}

static bool greet(struct nbd *nbd)
{
	struct {
		__u64 magic, option;
		__u16 flags;
	} __attribute__((packed)) hello;
	struct {
		__u32 flags;
		__u64 option;
		__u32 number, len, name_len;
		__u16 infos, info;
	} __attribute__((packed)) go = {
		.option = htobe64(OPTION), .number = htobe32(OPT_GO), .len = htobe32(8),
		.infos = htobe16(1), .info = htobe16(INFO_SIZES),
	};
	__u16 flags;

	if (!receive_all(nbd, &hello, sizeof(hello)))
		return false;
	flags = be16toh(hello.flags);
	if (hello.magic != htobe64(HELLO) || hello.option != htobe64(OPTION) ||
	    !(flags & FIXED_NEWSTYLE))
		return false;
	go.flags = htobe32(flags & (FIXED_NEWSTYLE | NO_ZEROES));
	return send_all(nbd, &go, sizeof(go));
}

/**
 * nbd_start - come to terms with a server, about the disk that it has
 * @nbd: zero but for fd and on_loss; filled in
 *
 * Returns what is wrong, as "is ..." or "does ...", or NULL.
 */
const char *nbd_start(struct nbd *nbd)
{
	const char *wrong = "is no server of disks";
	unsigned int answers = 0;

	nbd->request_max = REQUEST_MAX;
	if (!greet(nbd))
		return wrong;
	while (take_answer(nbd, &wrong)) {
		if (++answers == ANSWERS_MAX)
			return "has too much to say";
	}
	if (wrong)
		return wrong;
	if (!(nbd->flags & HAS_FLAGS) || nbd->bytes < SECTOR_BYTES || nbd->bytes >> 62)
		return "has no disk";
	if (!nbd->request_max)
		return "takes no requests";
	return NULL;
}

/**
 * nbd_end - tell the server that there will be no more
 * @nbd: started
 */
void nbd_end(struct nbd *nbd)
{
	nbd->on_loss = NULL;
	ask(nbd, NBD_END, 0, 0, 0);
}
