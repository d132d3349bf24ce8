// SPDX-License-Identifier: GPL-2.0
/*
 * A shared directory: its files are read, written and listed by 9P2000.L, and
 * what is around it cannot be reached.  The script that runs this has made the
 * file "given" there, and looks at the file "made" afterwards.
 */
#include "virtio.h"

#define MAX	8192		/* bytes of a message */
#define HEAD	7
#define BIG	5000		/* bytes of the file that is made */
#define NO_FID	0xffffffff
#define NR_MANY	20

enum {
	R_ERROR = 7, T_LOPEN = 12, T_LCREATE = 14, T_GETATTR = 24,
	T_READDIR = 40, T_VERSION = 100, T_ATTACH = 104, T_WALK = 110, T_READ = 116,
	T_WRITE = 118, T_CLUNK = 120, T_UNLINKAT = 76,
};

enum { ROOT_FID = 1, FILE_FID, NEW_FID, OTHER_FID };

#define ENOENT	2
#define EIO	5
#define EROFS	30

static struct p9 p9;
static struct p9_request request;
static u8 *out, *in;
static u32 len;			/* of what is in @out */

static void number(u64 value, u32 bytes)
{
	for (; bytes--; value >>= 8)
		out[len++] = value;
}

static void text(const char *s)
{
	number(strlen(s), 2);
	memcpy(out + len, s, strlen(s));
	len += strlen(s);
}

static void message(u8 type)
{
	len = 4;
	number(type, 1);
	number(type == T_VERSION ? 0xffff : 1, 2);
}

static u32 got32(u32 at)
{
	return in[at] | in[at + 1] << 8 | in[at + 2] << 16 | (u32)in[at + 3] << 24;
}

static void set_size(u8 *to, u32 size)
{
	u32 i;

	for (i = 0; i < 4; i++)
		to[i] = size >> 8 * i;
}

/* Sends what is in @out, and @more behind it; 0, or the error that comes back. */
static u32 call_with(const void *more, u32 bytes)
{
	u8 type = out[4];
	struct piece pieces[] = {
		{ out, len }, { more, bytes }, { in, HEAD + 4 }, { in + HEAD + 4, MAX - HEAD - 4 },
	};

	set_size(out, len);
	if (!bytes)
		pieces[1] = (struct piece){ out + --pieces[0].len, 1 };
	memset(in, 0, MAX);
	p9_submit(&p9, &request, pieces, 2, 2);
	vq_kick(&p9.queue);
	p9_wait(&request);
	if (request.got == HEAD + 4 && in[4] == R_ERROR)
		return got32(HEAD);
	return request.got >= HEAD && got32(0) == request.got && in[4] == type + 1 ? 0 : ~0U;
}

static u32 call(void)
{
	return call_with(NULL, 0);
}

static u32 version(void)
{
	message(T_VERSION);
	number(MAX, 4);
	text("9P2000.L");
	return call();
}

static u32 attach(void)
{
	message(T_ATTACH);
	number(ROOT_FID, 4);
	number(NO_FID, 4);
	text("root");
	text("");
	number(0, 4);
	return call();
}

/* By two names at most. */
static u32 walk(u32 fid, const char *first, const char *second)
{
	message(T_WALK);
	number(ROOT_FID, 4);
	number(fid, 4);
	number(!!first + !!second, 2);
	if (first)
		text(first);
	if (second)
		text(second);
	return call();
}

/* Did all names lead somewhere? */
static bool found(u32 fid, const char *first, const char *second)
{
	return !walk(fid, first, second) && in[HEAD] == !!first + !!second;
}

static u32 on_fid(u8 type, u32 fid)
{
	message(type);
	number(fid, 4);
	return type == T_CLUNK ? call() : 0;
}

static u32 lopen(u32 fid, u32 flags)
{
	on_fid(T_LOPEN, fid);
	number(flags, 4);
	return call();
}

/* Bytes, which are in @in behind the head and their number. */
static u32 read(u8 type, u32 fid, u64 offset)
{
	on_fid(type, fid);
	number(offset, 8);
	number(MAX - 24, 4);	/* as much as servers like */
	return call() ? 0 : got32(HEAD);
}

static u32 create(const char *name)
{
	walk(NEW_FID, NULL, NULL);
	on_fid(T_LCREATE, NEW_FID);
	text(name);
	number(2, 4);		/* read and write */
	number(0644, 4);
	number(0, 4);
	return call();
}

/* The data is in pages of its own, and not counted, as old drivers do that. */
static u32 write(u32 fid, const void *data, u32 bytes, bool count)
{
	on_fid(T_WRITE, fid);
	number(0, 8);
	number(bytes, 4);
	if (!count)
		return call_with(data, bytes);
	memcpy(out + len, data, bytes);
	len += bytes;
	return call();
}

static u64 size_of(u32 fid)
{
	u64 size = 0;
	u32 i;

	on_fid(T_GETATTR, fid);
	number(0x7ff, 8);
	if (call())
		return ~0ULL;
	for (i = 8; i--; )
		size = size << 8 | in[HEAD + 8 + 13 + 4 + 4 + 4 + 8 + 8 + i];
	return size;
}

static void read_given(void)
{
	char words[80] = "";
	u32 n;

	ok(found(FILE_FID, "given", NULL), "a file is found");
	is(lopen(FILE_FID, 0), 0, "it is opened");
	n = read(T_READ, FILE_FID, 0);
	memcpy(words, in + HEAD + 4, min(n, sizeof(words) - 1));
	diag("given: %s", words);
	is(n, size_of(FILE_FID), "it is read to its end");
	is(read(T_READ, FILE_FID, n), 0, "and there is no more");
	is(on_fid(T_CLUNK, FILE_FID), 0, "it is closed");
	is(walk(FILE_FID, "missing", NULL), ENOENT, "another is not there");
}

static void make_file(void)
{
	u8 *data = page_alloc_run(2);
	u32 i, bad = 0;

	for (i = 0; i < BIG; i++)
		data[i] = 'a' + i % 26;
	is(create("made"), 0, "a file is made");
	ok(!write(NEW_FID, data, BIG / 2, true) && got32(HEAD) == BIG / 2, "half of it is written");
	ok(!write(NEW_FID, data, BIG, false) && got32(HEAD) == BIG, "all of it, not counted");
	is(size_of(NEW_FID), BIG, "so long it is");
	is(read(T_READ, NEW_FID, 0), BIG, "and can be read");
	for (i = 0; i < BIG; i++)
		bad += in[HEAD + 4 + i] != data[i];
	is(bad, 0, "as it was written");
	is(on_fid(T_CLUNK, NEW_FID), 0, "it is closed");
}

/* Each entry: 13 bytes for the file, 8 for the next offset, a type, a name. */
static void list(void)
{
	char name[64];
	u64 offset = 0;
	u32 n, at, size;

	walk(FILE_FID, NULL, NULL);
	is(lopen(FILE_FID, 0), 0, "the directory is opened");
	while ((n = read(T_READDIR, FILE_FID, offset))) {
		for (at = HEAD + 4; at + 24 < HEAD + 4 + n; at += 24 + size) {
			offset = got32(at + 13) | (u64)got32(at + 17) << 32;
			size = in[at + 22] | in[at + 23] << 8;
			snprintf(name, min(sizeof(name), size + 1), "%s", (char *)in + at + 24);
			diag("entry %s.", name);
		}
	}
	is(on_fid(T_CLUNK, FILE_FID), 0, "and closed");
}

static void many(void)
{
	static struct p9_request requests[NR_MANY];
	u8 *messages = page_alloc(), *answers = page_alloc_run(NR_MANY * 256 / PAGE_SIZE + 1);
	u32 i, bad = 0;

	on_fid(T_GETATTR, ROOT_FID);
	number(0x7ff, 8);
	set_size(out, len);
	for (i = 0; i < NR_MANY; i++) {
		struct piece pieces[] = { { messages + 32 * i, len }, { answers + 256 * i, 256 } };

		memcpy(messages + 32 * i, out, len);
		messages[32 * i + 5] = 10 + i;
		bad += !p9_submit(&p9, &requests[i], pieces, 1, 1);
	}
	vq_kick(&p9.queue);
	for (i = 0; i < NR_MANY; i++) {
		p9_wait(&requests[i]);
		bad += answers[256 * i + 4] != T_GETATTR + 1 || answers[256 * i + 5] != 10 + i;
	}
	is(bad, 0, "many requests at a time are answered");
}

/* What is out there, the script has made. */
static void escape(void)
{
	ok(!found(OTHER_FID, "..", "outside"), "'..' does not lead out of the directory");
	ok(!found(OTHER_FID, "../outside", NULL), "nor in one word");
	ok(!found(OTHER_FID, "link", "outside"), "nor does a link");
	ok(!found(OTHER_FID, "../../../etc/passwd", NULL) && !found(OTHER_FID, "/etc/passwd", NULL),
	   "nor a path");
}

static void only_read(void)
{
	is(create("made"), EROFS, "nothing can be made there");
	ok(found(OTHER_FID, "given", NULL) && lopen(OTHER_FID, 2) == EROFS,
	   "nor be opened to be written");
	on_fid(T_UNLINKAT, ROOT_FID);
	text("given");
	number(0, 4);
	ok(call(), "nor removed");
}

static void wait_for_loss(void)
{
	u32 error = 0;

	diag("waiting for the end of the server");
	while (!error) {
		on_fid(T_GETATTR, ROOT_FID);
		number(0x7ff, 8);
		error = call();
	}
	is(error, EIO, "the server ends, and requests fail");
	is(version(), EIO, "all of them");
}

void share_tests(void)
{
	if (!p9_open(&p9, 0)) {
		skip("there is none", "a shared directory");
		return;
	}
	out = page_alloc_run(MAX / PAGE_SIZE);
	in = page_alloc_run(MAX / PAGE_SIZE);
	diag("share: %s", p9.tag);
	ok(!version() && got32(HEAD) == MAX && !memcmp(in + HEAD + 6, "9P2000.L", 8), "a version");
	is(attach(), 0, "a root");
	read_given();
	escape();
	many();
	if (asked_for("unwritable"))
		only_read();
	else
		make_file();
	list();
	if (asked_for("lost"))
		wait_for_loss();
	diag("%u kicks, %u interrupts", p9.queue.nr_kicks, p9.queue.nr_irqs);
}
