// SPDX-License-Identifier: GPL-2.0
/*
 * The option for network devices, and which kind it means: tap.c, a cable to the host
 * or to a bridge of it; passt.c, what the host's user can reach; share.c, a cable
 * between classic guests.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "device_option.h"
#include "net.h"
#include "suboptions.h"

/* The value of --net. */
struct net_config {
	const char *share;	/* the file of such a network; NULL: it is another */
	net_creator create;
	struct net_spec spec;
};

/* Six bytes in hexadecimal, colons between them; no group's, and not nobody's. */
static bool parse_mac(const char *text, __u8 mac[MAC_BYTES])
{
	static const __u8 nobody[MAC_BYTES];
	unsigned int i;
	char *end;

	for (i = 0; i < MAC_BYTES; i++, text = end + 1) {
		size_t digits = strspn(text, "0123456789abcdefABCDEF");

		mac[i] = strtoul(text, &end, 16);
		if (digits < 1 || digits > 2 || *end != (i < MAC_BYTES - 1 ? ':' : '\0'))
			return false;
	}
	return !(mac[0] & NET_MAC_MULTICAST) && memcmp(mac, nobody, MAC_BYTES);
}

static const char *add_forward(struct net_spec *spec, const char *protocol, const char *ports)
{
	if (spec->nr_forwards == NET_FORWARDS_MAX)
		return "has too many ports to be forwarded";
	spec->forward[spec->nr_forwards].protocol = protocol;
	spec->forward[spec->nr_forwards++].ports = ports;
	return *ports ? NULL : "tcp= and udp= want ports: 2222:22, for the host's and the guest's";
}

static const char *take_mac(void *to, char *mac)
{
	struct net_spec *spec = to;

	spec->has_mac = true;
	return parse_mac(mac, spec->mac) ? NULL :
		"mac= wants an address of one machine, such as 02:00:00:00:00:01";
}

static const char *take_tcp(void *to, char *ports)
{
	return add_forward(to, "tcp", ports);
}

static const char *take_udp(void *to, char *ports)
{
	return add_forward(to, "udp", ports);
}

static const struct suboption of_cables[] = {
	SUBOPTION_TAKE("mac=", take_mac),
	{ 0 },
};

static const struct suboption of_user[] = {
	SUBOPTION_TAKE("mac=", take_mac),
	SUBOPTION_TAKE("tcp=", take_tcp),
	SUBOPTION_TAKE("udp=", take_udp),
	SUBOPTION_FLAG("host", struct net_spec, host, true),
	{ 0 },
};

#define CABLE	of_cables, "such a network has no other option than mac="

/* What kinds of networks there are, and what may be said of them. */
enum { TAKES_VALUE = 1, NEEDS_VALUE = 2 };

static const struct kind {
	const char *name;
	unsigned int takes;
	const char *(*parse)(struct net_spec *spec);	/* its value; NULL: any will do */
	net_creator create;
	const struct suboption *suboptions;
	const char *otherwise;
} kinds[] = {
	{ "tap", TAKES_VALUE, tap_parse, tap_create, CABLE },
	{ "bridge", TAKES_VALUE | NEEDS_VALUE, NULL, tap_create_bridged, CABLE },
	{ "user", 0, NULL, passt_create, of_user,
	  "such a network has the options tcp=, udp=, host and mac=" },
};

static const struct kind *find_kind(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	}
	return NULL;
}

/**
 * net_parse - read KIND[=VALUE][,OPTION]...
 * @text: it; is cut into pieces, which @spec then has
 * @spec: filled in
 * @create: set to what makes such a network
 *
 * Returns what is wrong, or NULL.
 */
const char *net_parse(char *text, struct net_spec *spec, net_creator *create)
{
	char *value = strsep(&text, ",");
	const struct kind *kind = find_kind(strsep(&value, "="));
	const char *wrong;

	*spec = (struct net_spec){ .value = value ? value : "" };
	if (!kind)
		return "say tap, bridge=NAME, user or share=FILE";
	*create = kind->create;
	if (value && !(kind->takes & TAKES_VALUE))
		return "has no value: its options follow after a comma";
	if (!*spec->value && kind->takes & NEEDS_VALUE)
		return "say which: bridge=NAME";
	wrong = kind->parse ? kind->parse(spec) : NULL;
	return wrong ? wrong : suboptions_all(kind->suboptions, text, spec, kind->otherwise);
}

static const char *understand(struct net_config *config, char *text)
{
	if (!strncmp(text, "share=", 6) && text[6]) {
		config->share = text + 6;
		return NULL;
	}
	return net_parse(text, &config->spec, &config->create);
}

static void *net_option_parse(char *text, const char **wrong)
{
	struct net_config *config = calloc(1, sizeof(*config));

	if (!config) {
		*wrong = strerror(errno);
		return NULL;
	}
	*wrong = understand(config, text);
	if (!*wrong)
		return config;
	free(config);
	return NULL;
}

static struct model *net_option_create(const void *value)
{
	const struct net_config *config = value;

	return config->share ? share_create(config->share) : config->create(&config->spec);
}

static const struct device_option net_option = {
	.name = "net",
	.letter = 'n',
	.argument = "user | tap | bridge=NAME | share=FILE",
	.help = "a network; see lguest(1) for what may follow",
	.parse = net_option_parse,
	.create = net_option_create,
	.classic = {
		{ "sharenet", NULL, "share=", false },
		{ "tunnet", "bridge:", "bridge=", true },
		{ "tunnet", NULL, "tap=", true },
	},
};

DEVICE_OPTION(net_option);
