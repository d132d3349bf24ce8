// SPDX-License-Identifier: GPL-2.0
/*
 * Where gdb finds a guest: the option's text, and the socket that it means.  Whoever
 * reaches it has the guest in his hand, so that a local socket is for its owner and
 * root, and one of TCP's is on this machine alone if nobody says otherwise.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "debug.h"
#include "local.h"
#include "sock.h"
#include "sockets.h"

#define LOOPBACK	"127.0.0.1"
#define LOOPBACK_NET	0x7f000000u

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* The words behind the place. */
static const char *take_flags(char *text, struct gdb_address *address)
{
	char *comma;

	while ((comma = strrchr(text, ','))) {
		if (!strcmp(comma, ",wait"))
			address->wait = true;
		else if (!strcmp(comma, ",public"))
			address->public = true;
		else
			return "has an unknown word behind a comma: wait and public are known";
		*comma = '\0';
	}
	return NULL;
}

/* "PORT", "ADDRESS:PORT", "[ADDRESS]:PORT" */
static socklen_t tcp_address(const char *place, union address *to)
{
	const char *colon = strrchr(place, ':'), *port = colon ? colon + 1 : place;
	char host[INET6_ADDRSTRLEN + 2] = LOOPBACK, *end;
	const unsigned long number = strtoul(port, &end, 10);
	size_t len = colon ? colon - place : 0;

	memset(to, 0, sizeof(*to));
	if (*port < '0' || *port > '9' || *end || !number || number > 0xffff)
		return 0;
	if (len && place[0] == '[' && place[len - 1] == ']') {
		place++;
		len -= 2;
	}
	if (len >= sizeof(host))
		return 0;
	if (len)
		snprintf(host, sizeof(host), "%.*s", (int)len, place);
	if (inet_pton(AF_INET, host, &to->in.sin_addr) == 1) {
		to->in.sin_family = AF_INET;
		to->in.sin_port = htons(number);
		return sizeof(to->in);
	}
	if (inet_pton(AF_INET6, host, &to->in6.sin6_addr) != 1)
		return 0;
	to->in6.sin6_family = AF_INET6;
	to->in6.sin6_port = htons(number);
	return sizeof(to->in6);
}

static bool is_loopback(const union address *address)
{
	if (address->any.sa_family == AF_INET)
		return (ntohl(address->in.sin_addr.s_addr) & 0xff000000u) == LOOPBACK_NET;
	return IN6_IS_ADDR_LOOPBACK(&address->in6.sin6_addr);
}

static bool copy_place(struct gdb_address *address, const char *place)
{
	const size_t len = strlen(place);

	if (!len || len >= sizeof(address->place))
		return false;
	memcpy(address->place, place, len + 1);
	return true;
}

/**
 * gdb_parse() - what the option's value means
 * @text: [unix:PATH|tcp:[ADDRESS:]PORT][,wait][,public]
 * @address: it
 *
 * Return: what is wrong with it, or NULL.
 */
const char *gdb_parse(const char *text, struct gdb_address *address)
{
	char place[SOCKETS_PATH_MAX + 16];
	union address tcp;
	const char *wrong;

	memset(address, 0, sizeof(*address));
	address->kind = 'd';
	/* Without a place there is no comma before the first word. */
	if (snprintf(place, sizeof(place), "%s%s", !strncmp(text, "unix:", 5) ||
		     !strncmp(text, "tcp:", 4) || !*text ? "" : ",", text) >=
	    (int)sizeof(place))
		return "is too long";
	wrong = take_flags(place, address);
	if (wrong || !*place)
		return wrong;
	if (!strncmp(place, "unix:", 5)) {
		address->kind = 'u';
		return copy_place(address, place + 5) ? NULL : "has no path of a socket's length";
	}
	if (strncmp(place, "tcp:", 4))
		return "is neither unix:PATH nor tcp:[ADDRESS:]PORT";
	address->kind = 't';
	if (!copy_place(address, place + 4) || !tcp_address(address->place, &tcp))
		return "has no address and port: say tcp:127.0.0.1:1234, or tcp:1234";
	if (!is_loopback(&tcp) && !address->public)
		return "would let anybody have the guest: say ,public behind it if that is meant";
	return NULL;
}

static int listen_tcp(const char *place, const char **wrong)
{
	const int one = 1;
	union address address;
	socklen_t len = tcp_address(place, &address);
	int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	*wrong = strerror(errno);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	/* Connections have it from here. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (!bind(fd, &address.any, len) && !listen(fd, 1))
		return fd;
	*wrong = strerror(errno);
	close(fd);
	return -1;
}

/**
 * gdb_listen() - have the socket
 * @address: what gdb_parse() has found, with a path if it is the default
 * @wrong: is set to what went wrong, if it did
 *
 * Return: a descriptor, or -1.
 */
int gdb_listen(struct gdb_address *address, const char **wrong)
{
	address->owner = geteuid();
	return address->kind == 't' ? listen_tcp(address->place, wrong) :
				      local_listen(address->place, wrong);
}

/**
 * gdb_may_come() - is this somebody who may debug the guest?
 * @address: of the socket
 * @fd: the connection
 */
bool gdb_may_come(const struct gdb_address *address, int fd)
{
	struct ucred peer;

	if (address->kind == 't')
		return true;
	return sock_peer(fd, &peer) && (!peer.uid || peer.uid == address->owner);
}
