#include "base/cert_monitor.h"

#include <arpa/inet.h>
#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define ATOM LETTERS DIGITS "!#$%&'*+/=?^_`{|}~-"
#define LOCAL_MAX 64
#define LABEL_MAX 63
#define SHOWN_SIZE 80

/* n bytes that are runs of these characters with single dots between. */
static bool
is_dotted(const char *s, size_t n, const char *characters)
{
	size_t run = 0;

	for (size_t i = 0; i < n; i++) {
		if (s[i] == '.') {
			if (run == 0)
				return false;
			run = 0;
		} else if (strchr(characters, s[i]) == NULL) {
			return false;
		} else {
			run++;
		}
	}
	return run > 0;
}

/* Labels of letters, digits and inner hyphens. */
static bool
is_host(const char *s, size_t n)
{
	size_t label = 0;

	if (n >= CERT_MONITOR_HOST_SIZE || !is_dotted(s, n, LETTERS DIGITS "-"))
		return false;
	for (size_t i = 0; i < n; i++) {
		label = s[i] == '.' ? 0 : label + 1;
		if (label > LABEL_MAX ||
		    (s[i] == '-' &&
			(label == 1 || i + 1 == n || s[i + 1] == '.')))
			return false;
	}
	return true;
}

static bool
is_address(const char *s)
{
	const char *at = strchr(s, '@');
	size_t local;

	if (at == NULL)
		return false;
	local = (size_t)(at - s);
	return local <= LOCAL_MAX && is_dotted(s, local, ATOM) &&
	    is_host(at + 1, strlen(at + 1));
}

static int
refuse(const char *text, const char *what, struct err *e)
{
	char shown[SHOWN_SIZE];

	return err_set(e, ERR_USAGE, "\"%s\" is not %s.",
	    str_visible(shown, sizeof(shown), text, strlen(text)), what);
}

/* Split at commas; the pieces may be anything. */
static void
split(const char *text, struct strlist *list)
{
	for (;;) {
		size_t n = strcspn(text, ",");

		strlist_add_n(list, text, n);
		if (text[n] == '\0')
			return;
		text += n + 1;
	}
}

int
cert_monitor_addresses(const char *text, struct strlist *list, struct err *e)
{
	struct strlist own = STRLIST_INIT;
	int rc = 0;

	if (strlen(text) >= CERT_MONITOR_ADDRESS_SIZE)
		return err_set(e, ERR_USAGE,
		    "The addresses have %d characters at most.",
		    CERT_MONITOR_ADDRESS_SIZE - 1);
	split(text, &own);
	if (own.n > CERT_MONITOR_ADDRESSES_MAX)
		rc = err_set(e, ERR_USAGE, "There are %d addresses at most.",
		    CERT_MONITOR_ADDRESSES_MAX);
	for (size_t i = 0; rc == 0 && i < own.n; i++)
		if (!is_address(own.item[i]))
			rc = refuse(own.item[i], "an e-mail address", e);
	if (rc == 0 && list != NULL)
		*list = own;
	else
		strlist_release(&own);
	return rc;
}

/* "" or ":PORT". */
static bool
take_port(const char *s, uint16_t *port)
{
	uint64_t n = CERT_MONITOR_PORT;

	if (*s != '\0' && (*s != ':' || str_number(s + 1, 1, 65535, &n) == -1))
		return false;
	*port = (uint16_t)n;
	return true;
}

static bool
take_server(const char *text, char host[CERT_MONITOR_HOST_SIZE], uint16_t *port)
{
	struct in6_addr address;
	size_t n = strcspn(text, ":");

	if (text[0] != '[') {
		if (!is_host(text, n))
			return false;
		memcpy(host, text, n);
		host[n] = '\0';
		return take_port(text + n, port);
	}
	n = strcspn(++text, "]");
	if (text[n] == '\0' || n >= CERT_MONITOR_HOST_SIZE)
		return false;
	memcpy(host, text, n);
	host[n] = '\0';
	return inet_pton(AF_INET6, host, &address) == 1 &&
	    take_port(text + n + 1, port);
}

int
cert_monitor_server(const char *text, char host[CERT_MONITOR_HOST_SIZE],
    uint16_t *port, struct err *e)
{
	if (take_server(text, host, port))
		return 0;
	host[0] = '\0';
	return refuse(text,
	    "a server: HOST, HOST:PORT, ADDRESS:PORT or [IPV6]:PORT", e);
}

int
cert_monitor_days(const char *text, unsigned *days, struct err *e)
{
	uint64_t n;

	if (str_number(text, CERT_MONITOR_DAYS_MIN, CERT_MONITOR_DAYS_MAX,
		&n) == -1)
		return err_set(e, ERR_USAGE,
		    "The window is a number of days from %d to %d.",
		    CERT_MONITOR_DAYS_MIN, CERT_MONITOR_DAYS_MAX);
	*days = (unsigned)n;
	return 0;
}

/* Two digits. */
static bool
take_two(const char *s, unsigned max, unsigned *n)
{
	if (strspn(s, DIGITS) < 2)
		return false;
	*n = (unsigned)(s[0] - '0') * 10 + (unsigned)(s[1] - '0');
	return *n <= max;
}

int
cert_monitor_time(const char *text, unsigned *minute, struct err *e)
{
	unsigned h, m;

	if (strlen(text) != strlen("HH:MM") || text[2] != ':' ||
	    !take_two(text, 23, &h) || !take_two(text + 3, 59, &m))
		return refuse(text, "a time of day: HH:MM, 00:00 to 23:59", e);
	*minute = h * 60 + m;
	return 0;
}

char *
cert_monitor_server_text(char dst[CERT_MONITOR_SERVER_SIZE],
    const struct cert_monitor *m)
{
	const bool v6 = strchr(m->host, ':') != NULL;

	dst[0] = '\0';
	if (m->host[0] != '\0')
		(void)str_printf(dst, CERT_MONITOR_SERVER_SIZE, "%s%s%s:%u",
		    v6 ? "[" : "", m->host, v6 ? "]" : "", (unsigned)m->port);
	return dst;
}
