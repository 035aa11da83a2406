/* SPDX-License-Identifier: ISC */

/*
 * What a line of the deny list may be, and whom it means.
 */

#include <sys/wait.h>
#include <stdlib.h>
#include <unistd.h>

#include "chatserv/common/deny.h"
#include "ipc/common/text.h"
#include "tests/unit/tap.h"

static char why[DENY_WHY_MAX];

static const char *
add(const char *line)
{
	return deny_add(why, line, strlen(line));
}

/* Whether a list of this line alone has the address, or else the name. */
static bool
has(const char *line, const char *who)
{
	struct address	a;
	bool		is_address = address_parse(&a, who);

	deny_begin();
	if (add(line) != NULL)
		return false;
	(void)deny_publish();
	return deny_has(&a, is_address ? "" : who);
}

static void
test_networks(void)
{
	ok(has("192.0.2.1", "192.0.2.1") && !has("192.0.2.1", "192.0.2.2"),
	    "an address is one address");
	ok(has("192.0.2.0/25", "192.0.2.127") &&
	    !has("192.0.2.0/25", "192.0.2.128"), "a network has its bits");
	ok(has("192.0.2.77/24", "192.0.2.1"), "the others do not matter");
	ok(has("0.0.0.0/0", "8.8.8.8") && !has("0.0.0.0/0", "::1") &&
	    has("::/0", "::1") && !has("::/0", "8.8.8.8"),
	    "no bits are all of that version of IP");
	ok(has("2001:db8::/33", "2001:db8:7fff::1") &&
	    !has("2001:db8::/33", "2001:db8:8000::1"), "the same for IPv6");
	ok(has("2001:DB8:0::1/128", "2001:db8::1"), "in any spelling");
}

static void
test_mapped(void)
{
	ok(has("192.0.2.1", "::ffff:192.0.2.1"), "a mapped address is IPv4's");
	ok(has("::ffff:192.0.2.1", "192.0.2.1"), "also in the list");
	ok(has("::ffff:192.0.2.0/120", "192.0.2.9") &&
	    !has("::ffff:192.0.2.0/120", "192.0.3.9"), "with its bits");
	ok(add("::ffff:192.0.2.0/24") != NULL, "which cannot be fewer than 96");
	ok(!has("::/8", "192.0.2.1"), "nor is IPv4 in a network of IPv6");
}

static void
test_names(void)
{
	struct address	none;
	char		longest[TEXT_NAME_MAX + 1];

	memset(&none, 0, sizeof(none));
	ok(has("mallory", "mallory") && !has("mallory", "mallor") &&
	    !has("mallory", "mallory2"), "a name is that name");
	ok(!deny_has(&none, ""), "and no client without one");
	memset(longest, 'x', TEXT_NAME_MAX);
	longest[TEXT_NAME_MAX] = '\0';
	ok(has(longest, longest), "it may be as long as names are");
	ok(has("a#b", "a#b"), "and have a # in it");
}

static void
test_lines(void)
{
	static const char *const good[] = { "", "  ", "# words of any kind",
	    "\t#", "\r", "  bob  ", "bob # who else", "bob\t#",
	    "10.0.0.0/8\r" };
	static const char *const bad[] = { "10.0.0.1 10.0.0.2", "bob alice",
	    "10.0.0", "10.0.0.256", "10.0.0.0/33", "10.0.0.0/-1",
	    "10.0.0.0/", "10.0.0.0/8/8", "10.0.0.0/255.0.0.0", "::1/129",
	    "::g", "fe80::1%eth0", "bob/2", "/8", "1000", "a:b", "a<b", "-a",
	    "*", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" };
	char	name[64];
	size_t	i;

	deny_begin();
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		(void)snprintf(name, sizeof(name), "\"%s\" is fine", good[i]);
		name[strcspn(name, "\r")] = '.';
		ok(add(good[i]) == NULL, name);
	}
	ok(deny_publish() == 4, "of these, four are entries");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(name, sizeof(name), "\"%s\" is not", bad[i]);
		ok(add(bad[i]) != NULL, name);
	}
	ok(deny_add(why, "a\0b", 3) != NULL, "nor is a NUL");
	ok(add("\033[2J") != NULL && strchr(why, '\033') == NULL,
	    "what is wrong is harmless to show");
}

static void
test_most(void)
{
	unsigned int	i;
	const char	*error = NULL;
	char		line[32];

	deny_begin();
	for (i = 0; i < DENY_MAX && error == NULL; i++) {
		(void)snprintf(line, sizeof(line), "10.1.%u.%u", i / 256,
		    i % 256);
		error = add(line);
	}
	ok(error == NULL, "a list may be long");
	ok(add("10.2.0.1") != NULL, "but not endless");
	ok(deny_publish() == DENY_MAX, "and what fits is kept");
}

/* A child sees each list as it is, and can write to none. */
static void
test_child(void)
{
	struct address	a;
	int		go[2], status;
	char		c;
	pid_t		pid;

	(void)address_parse(&a, "10.9.9.9");
	deny_begin();
	(void)deny_publish();
	if (pipe(go) == -1 || (pid = fork()) == -1)
		exit(1);
	if (pid == 0) {
		deny_seal();
		(void)close(go[1]);
		_exit(read(go[0], &c, 1) == 0 && deny_has(&a, "") ? 0 : 1);
	}
	(void)add("10.9.9.9");
	(void)deny_publish();
	(void)close(go[1]);
	ok(waitpid(pid, &status, 0) == pid && status == 0,
	    "a child sees a list that came after its birth");
	(void)fflush(stdout);
	if ((pid = fork()) == 0) {
		deny_seal();
		deny_begin();
		(void)deny_publish();
		_exit(0);
	}
	ok(waitpid(pid, &status, 0) == pid && status != 0 &&
	    deny_has(&a, ""), "and cannot change it");
}

int
main(void)
{
	struct address a;

	(void)address_parse(&a, "10.0.0.1");
	ok(!deny_has(&a, ""), "without a list nobody is on it");
	if (deny_init() == -1)
		return 1;
	test_networks();
	test_mapped();
	test_names();
	test_lines();
	test_most();
	test_child();
	return done();
}
