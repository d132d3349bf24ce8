// SPDX-License-Identifier: GPL-2.0
/*
 * The words behind commas in the values of options, and that what is wrong with them
 * is said before anything is opened.
 */
#include <stdlib.h>

#include "base.h"
#include "config.h"
#include "device_option.h"
#include "suboptions.h"
#include "tap.h"

struct values {
	bool flag;
	char *text;
	char *taken;
};

static const char *take(void *to, char *value)
{
	struct values *values = to;

	values->taken = value;
	return *value ? NULL : "no value";
}

static const struct suboption all[] = {
	SUBOPTION_FLAG("flag", struct values, flag, true),
	SUBOPTION_FLAG("off", struct values, flag, false),
	SUBOPTION_TEXT("text=", struct values, text),
	SUBOPTION_TAKE("take=", take),
	{ 0 },
};

static void test_at_end(void)
{
	char good[] = "a,b=c,flag,text=x y,take=1", bad[] = "name,take=,flag";
	char twice[] = "name,text=1,text=2", none[] = ",flag", later[] = "name,flag,off";
	struct values values = { 0 };

	is_right(suboptions_at_end(all, good, &values), "words behind a name");
	ok(!strcmp(good, "a,b=c") && values.flag, "the name may have commas");
	ok(!strcmp(values.text, "x y") && !strcmp(values.taken, "1"), "their values");
	is_wrong(suboptions_at_end(all, bad, &values), "no value", "a wrong value");
	values = (struct values){ 0 };
	is_right(suboptions_at_end(all, twice, &values), "a text");
	ok(!strcmp(values.text, "2") && !strcmp(twice, "name,text=1"), "is taken once");
	is_right(suboptions_at_end(all, none, &values), "no name");
	ok(!strcmp(none, ",flag") && !values.flag, "is a name as well");
	is_right(suboptions_at_end(all, later, &values), "a word and its opposite");
	ok(values.flag, "the first one is what counts");
}

static void test_all(void)
{
	char good[] = "text=a=b,flag", bad[] = "flag,flags", empty[] = "";
	struct values values = { 0 };

	is_right(suboptions_all(all, good, &values, "unknown"), "nothing but words");
	ok(values.flag && !strcmp(values.text, "a=b"), "their values");
	is_wrong(suboptions_all(all, bad, &values, "unknown"), "unknown", "another word");
	is_wrong(suboptions_all(all, empty, &values, "unknown"), "unknown", "an empty one");
	is_right(suboptions_all(all, NULL, &values, "unknown"), "none at all");
}

static const char *checked(const char *name, const char *value)
{
	static struct config config;
	const struct device_option *option;
	const char *wrong = "no such option";
	unsigned int i;

	for (i = 0; (option = device_option(i)); i++) {
		if (!strcmp(option->name, name))
			wrong = config_device(&config, option, "", value);
	}
	config_release(&config);
	return wrong;
}

/* Of files that are not there, and networks that nobody may have. */
static void test_checks(void)
{
	is_right(checked("disk", "/none/a,b,ro,sync,serial=1,sector=4096"), "a good disk");
	is_wrong(checked("disk", "/none/a,format=ext4"), "say raw", "of no format");
	is_wrong(checked("disk", "/none/a,serial="), "1 to 20", "without its number");
	is_wrong(checked("disk", "/none/a,serial=123456789012345678901"), "1 to 20", "too long");
	is_wrong(checked("disk", "/none/a,sector=1024"), "512 or 4096", "no sector");
	is_wrong(checked("disk", "/none/a,overlay="), "needs a name", "no overlay");
	is_wrong(checked("disk", "/none/a,ro,snapshot"), "with 'ro'", "to write, or not");
	is_right(checked("net", "user,tcp=2222:22,host"), "a good network");
	is_right(checked("net", "share=/none/a"), "another");
	is_wrong(checked("net", "user,tcp="), "want ports", "no ports");
	is_wrong(checked("net", "bridge"), "say which", "no bridge");
	is_wrong(checked("net", "token-ring"), "say tap", "no network");
	is_right(checked("share", "/none,a,ro,tag=a,submounts"), "a good share");
	is_wrong(checked("share", "/none/a,tag="), "1 to 32", "one without a name");
}

int main(void)
{
	test_at_end();
	test_all();
	test_checks();
	return tap_done();
}
