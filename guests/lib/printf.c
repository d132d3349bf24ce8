// SPDX-License-Identifier: GPL-2.0
/*
 * Formatted text: %c %s %d %i %u %x %X %p %%, a width, '0' and '-', and the
 * length ll.  No floating point, which a kernel has no business with.
 */
#include "guest.h"

struct out {
	char *buf;
	size_t size, len;
};

struct field {
	bool zero, left, wide;
	u32 width;
};

static void put(struct out *out, char c)
{
	if (out->len + 1 < out->size)
		out->buf[out->len] = c;
	out->len++;
}

static void pad(struct out *out, const struct field *f, size_t len, char c)
{
	for (; len < f->width; len++)
		put(out, c);
}

static void put_text(struct out *out, const struct field *f,
		     const char *s, size_t len)
{
	size_t i;

	if (!f->left)
		pad(out, f, len, ' ');
	for (i = 0; i < len; i++)
		put(out, s[i]);
	if (f->left)
		pad(out, f, len, ' ');
}

static void put_number(struct out *out, struct field *f, u64 n, u32 base,
		       bool negative, const char *digits)
{
	char text[24];
	u32 at = sizeof(text), digit;

	do {
		n = div64(n, base, &digit);
		text[--at] = digits[digit];
	} while (n);
	if (f->zero && !f->left) {
		if (negative) {
			put(out, '-');
			f->width -= f->width > 0;
		}
		pad(out, f, sizeof(text) - at, '0');
		f->width = 0;
	} else if (negative) {
		text[--at] = '-';
	}
	put_text(out, f, text + at, sizeof(text) - at);
}

static const char *parse_field(const char *fmt, struct field *f)
{
	*f = (struct field){ 0 };
	for (;; fmt++) {
		if (*fmt == '0')
			f->zero = true;
		else if (*fmt == '-')
			f->left = true;
		else
			break;
	}
	for (; *fmt >= '0' && *fmt <= '9'; fmt++)
		f->width = f->width * 10 + *fmt - '0';
	for (; *fmt == 'l'; fmt++)
		f->wide = fmt[1] == 'l' || f->wide;
	return fmt;
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	static const char lower[] = "0123456789abcdef";
	static const char upper[] = "0123456789ABCDEF";
	struct out out = { .buf = buf, .size = size };
	struct field f;
	const char *s;
	s64 n;

	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			put(&out, *fmt);
			continue;
		}
		fmt = parse_field(fmt + 1, &f);
		switch (*fmt) {
		case 's':
			s = va_arg(ap, const char *);
			s = s ? s : "(null)";
			put_text(&out, &f, s, strlen(s));
			break;
		case 'd':
		case 'i':
			n = f.wide ? va_arg(ap, s64) : va_arg(ap, int);
			put_number(&out, &f, n < 0 ? -n : n, 10, n < 0, lower);
			break;
		case 'u':
		case 'x':
		case 'X':
			put_number(&out, &f, f.wide ? va_arg(ap, u64)
						    : va_arg(ap, u32),
				   *fmt == 'u' ? 10 : 16, false,
				   *fmt == 'X' ? upper : lower);
			break;
		case 'p':
			put_number(&out, &f, va_arg(ap, u32), 16, false, lower);
			break;
		case 'c':
			put(&out, va_arg(ap, int));
			break;
		case '\0':
			fmt--;
			break;
		default:
			put(&out, *fmt);
		}
	}
	if (size)
		buf[min(out.len, size - 1)] = '\0';
	return out.len;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return len;
}
