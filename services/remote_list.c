#include "services/remote_list.h"

#include <sys/socket.h>

#include <netdb.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

#define SEPARATORS " \t,"
#define HOST_BYTES                                             \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"0123456789.-_"

/* Read one HOST[:PORT] of len characters. */
static int
parse_host(struct remote_host *h, const char *text, size_t len, struct err *e)
{
	size_t name = strcspn(text, ":" SEPARATORS);
	uint64_t port = REMOTE_PORT;
	char word[REMOTE_HOST_SIZE];

	if (len >= sizeof(word))
		return err_set(e, ERR_FORMAT, "a host name is too long");
	(void)str_copy(word, len + 1, text);
	word[len] = '\0';
	if (name == 0 || name > len || strspn(word, HOST_BYTES) != name ||
	    (name < len &&
		str_number(word + name + 1, 1, UINT16_MAX, &port) == -1)) {
		char shown[2 * REMOTE_HOST_SIZE];

		return err_set(e, ERR_FORMAT, "\"%s\" is no HOST[:PORT]",
		    str_visible(shown, sizeof(shown), word, len));
	}
	(void)str_copy(h->name, name + 1, word);
	h->port = (uint16_t)port;
	return 0;
}

static bool
has_host(const struct remote_list *l, const struct remote_host *h)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (!strcasecmp(l->host[i].name, h->name) &&
		    l->host[i].port == h->port)
			return true;
	}
	return false;
}

int
remote_list_parse(struct remote_list *l, const char *text, struct err *e)
{
	l->n = 0;
	for (;;) {
		struct remote_host h = { .name = "" };
		size_t len;

		text += strspn(text, SEPARATORS);
		len = strcspn(text, SEPARATORS);
		if (len == 0)
			return 0;
		if (parse_host(&h, text, len, e) == -1)
			return -1;
		text += len;
		if (has_host(l, &h))
			continue;
		if (l->n == REMOTE_CLUSTERS_MAX)
			return err_set(e, ERR_TOO_BIG, "more than %d hosts",
			    REMOTE_CLUSTERS_MAX);
		l->host[l->n++] = h;
	}
}

int
remote_host_resolve(const struct remote_host *host, struct sockaddr_in *address,
    struct err *e)
{
	const struct addrinfo hints = { .ai_family = AF_INET,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	int rc = getaddrinfo(host->name, NULL, &hints, &found);

	if (rc != 0)
		return err_set(e, ERR_NOT_FOUND, "%s: %s", host->name,
		    gai_strerror(rc));
	memcpy(address, found->ai_addr, sizeof(*address));
	address->sin_port = htons(host->port);
	freeaddrinfo(found);
	return 0;
}
