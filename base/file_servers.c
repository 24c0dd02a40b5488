#include "base/file_servers.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

#define SHOWN_MAX 80 /* of a wrong one in a message */
#define SEPARATORS " \t,"
#define HOST_BYTES                                             \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"0123456789.-_"

_Static_assert(FILE_SERVERS_TEXT_SIZE == FILE_SERVERS_MAX * FILE_SERVER_SIZE,
    "as many hosts as may be, with the longest names");

/* Read one HOST[:PORT] of len characters. */
static bool
parse_server(struct file_server *s, const char *text, size_t len)
{
	const size_t name = strspn(text, HOST_BYTES);
	uint64_t port = FILE_SERVERS_PORT;
	char word[FILE_SERVER_SIZE];

	if (len >= sizeof(word) || name == 0)
		return false;
	memcpy(word, text, len);
	word[len] = '\0';
	if (name < len &&
	    (word[name] != ':' ||
		str_number(word + name + 1, 1, UINT16_MAX, &port) == -1))
		return false;
	word[name] = '\0';
	(void)str_copy(s->name, sizeof(s->name), word);
	s->port = (uint16_t)port;
	return true;
}

static bool
has_server(const struct file_servers *l, const struct file_server *s)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (!strcasecmp(l->item[i].name, s->name) &&
		    l->item[i].port == s->port)
			return true;
	}
	return false;
}

int
file_servers_parse(struct file_servers *l, const char *text, struct err *e)
{
	char shown[SHOWN_MAX];

	l->n = 0;
	for (;;) {
		struct file_server s;
		size_t len;

		text += strspn(text, SEPARATORS);
		len = strcspn(text, SEPARATORS);
		if (len == 0)
			return 0;
		if (!parse_server(&s, text, len))
			return err_set(e, ERR_USAGE,
			    "\"%s\" is not a host name or IPv4 address, with "
			    ":PORT if that is not %d.",
			    str_visible(shown, sizeof(shown), text, len),
			    FILE_SERVERS_PORT);
		text += len;
		if (has_server(l, &s))
			continue;
		if (l->n == FILE_SERVERS_MAX)
			return err_set(e, ERR_USAGE, "At most %d hosts.",
			    FILE_SERVERS_MAX);
		l->item[l->n++] = s;
	}
}
