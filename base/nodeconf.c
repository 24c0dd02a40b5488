#include "base/nodeconf.h"

#include <arpa/inet.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/paths.h"
#include "base/str.h"

#define CONF_MAX 65536
#define LINE_MAX_LENGTH 1023
#define YEARS_20 (20LL * 366 * 86400)

enum kind {
	KIND_NAME, /* a host name; the least and most do not apply */
	KIND_DOMAIN,
	KIND_ADDRESS,
	KIND_ROLE,
	KIND_TLS, /* a version */
	KIND_DN, /* least..most characters */
	KIND_PORT,
	KIND_UNSIGNED, /* least..most */
	KIND_SECONDS /* int64_t, least..most */
};

struct key {
	const char *name;
	enum kind kind;
	size_t off; /* of the field in struct nodeconf */
	size_t size; /* of the field */
	int64_t least;
	int64_t most;
};

#define FIELD(f) offsetof(struct nodeconf, f), sizeof(((struct nodeconf *)0)->f)

static const struct key keys[] = {
	{ "name", KIND_NAME, FIELD(name), 0, 0 },
	{ "domain", KIND_DOMAIN, FIELD(domain), 0, 0 },
	{ "address", KIND_ADDRESS, FIELD(address), 0, 0 },
	{ "role", KIND_ROLE, FIELD(role), 0, 0 },
	{ "publisher_name", KIND_NAME, FIELD(publisher_name), 0, 0 },
	{ "publisher_address", KIND_ADDRESS, FIELD(publisher_address), 0, 0 },
	{ "ssh_port", KIND_PORT, FIELD(ssh_port), 1, 65535 },
	{ "tftp_port", KIND_PORT, FIELD(tftp_port), 1, 65535 },
	{ "http_port", KIND_PORT, FIELD(http_port), 1, 65535 },
	{ "tvs_port", KIND_PORT, FIELD(tvs_port), 1, 65535 },
	{ "tvs_min_tls", KIND_TLS, FIELD(tvs_min_tls), 0, 0 },
	{ "sip_port", KIND_PORT, FIELD(sip_port), 1, 65535 },
	{ "db_port", KIND_PORT, FIELD(db_port), 1, 65535 },
	{ "country", KIND_DN, FIELD(country), 2, 2 },
	{ "state", KIND_DN, FIELD(state), 0, NODE_DN_SIZE - 1 },
	{ "locality", KIND_DN, FIELD(locality), 0, NODE_DN_SIZE - 1 },
	{ "organization", KIND_DN, FIELD(organization), 0, NODE_DN_SIZE - 1 },
	{ "unit", KIND_DN, FIELD(unit), 0, NODE_DN_SIZE - 1 },
	{ "startup_delay", KIND_UNSIGNED, FIELD(startup_delay), 0, 600 },
	{ "hold_seconds", KIND_UNSIGNED, FIELD(hold_seconds), 0, 86400 },
	{ "key_bits", KIND_UNSIGNED, FIELD(key_bits), 1024, 4096 },
	{ "clock_offset", KIND_SECONDS, FIELD(clock_offset), -YEARS_20,
	    YEARS_20 },
	{ "age_offset", KIND_SECONDS, FIELD(age_offset), 0, YEARS_20 },
};

#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))

/* Where a parser is: for its messages, and for keys given twice. */
struct place {
	const char *path;
	unsigned line;
	bool seen[KEY_COUNT];
};

void
nodeconf_defaults(struct nodeconf *c)
{
	memset(c, 0, sizeof(*c));
	c->role = NODE_PUBLISHER;
	c->ssh_port = 22;
	c->tftp_port = 69;
	c->http_port = 6970;
	c->tvs_port = 2445;
	c->tvs_min_tls = NODE_TLS_1_2;
	c->sip_port = 5060;
	c->db_port = 5432;
	c->hold_seconds = 300;
	c->key_bits = 2048;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* n characters that may stand between two dots of a domain. */
static bool
valid_label(const char *s, size_t n)
{
	if (n == 0 || n >= NODE_NAME_SIZE || s[0] == '-' || s[n - 1] == '-')
		return false;
	for (size_t i = 0; i < n; i++)
		if (!is_letter(s[i]) && !is_digit(s[i]) && s[i] != '-')
			return false;
	return true;
}

bool
nodeconf_valid_name(const char *name)
{
	return is_letter(name[0]) && valid_label(name, strlen(name));
}

static bool
valid_domain(const char *s)
{
	for (;;) {
		size_t n = strcspn(s, ".");

		if (!valid_label(s, n))
			return false;
		if (s[n] == '\0')
			return true;
		s += n + 1;
	}
}

static bool
valid_address(const char *s)
{
	struct in_addr a;

	return inet_pton(AF_INET, s, &a) == 1;
}

/* Text without control bytes, as str_visible() would leave it. */
static bool
valid_dn(const char *s, const struct key *k)
{
	char *visible = str_visible_dup(s, strlen(s));
	bool same = str_equal(visible, s);
	size_t n = strlen(s);

	free(visible);
	if (k->size == sizeof(((struct nodeconf *)0)->country) && n > 0 &&
	    (!is_letter(s[0]) || !is_letter(s[1])))
		return false;
	return same && (n == 0 || n >= (size_t)k->least) &&
	    n <= (size_t)k->most;
}

static int
parse_signed(const char *s, const struct key *k, int64_t *out)
{
	bool minus = s[0] == '-';
	uint64_t n;
	int64_t v;

	if (str_number(minus ? s + 1 : s, 0, (uint64_t)k->most, &n) == -1)
		return -1;
	v = minus ? -(int64_t)n : (int64_t)n;
	if (v < k->least)
		return -1;
	*out = v;
	return 0;
}

/* 0, or -1 when the text is none for this key. */
static int
set_text(char *field, const char *s, const struct key *k)
{
	bool ok = false;

	if (k->kind == KIND_NAME)
		ok = nodeconf_valid_name(s);
	else if (k->kind == KIND_DOMAIN)
		ok = s[0] == '\0' || valid_domain(s);
	else if (k->kind == KIND_ADDRESS)
		ok = valid_address(s);
	else
		ok = valid_dn(s, k);
	return ok ? str_copy(field, k->size, s) : -1;
}

static int
set_number(void *field, const char *s, const struct key *k)
{
	uint16_t port;
	unsigned plain;
	int64_t v;

	if (parse_signed(s, k, &v) == -1)
		return -1;
	port = (uint16_t)v;
	plain = (unsigned)v;
	if (k->kind == KIND_PORT)
		memcpy(field, &port, sizeof(port));
	else if (k->kind == KIND_UNSIGNED)
		memcpy(field, &plain, sizeof(plain));
	else
		memcpy(field, &v, sizeof(v));
	return 0;
}

static int
set_role(void *field, const char *s)
{
	enum node_role role = NODE_PUBLISHER;

	if (str_equal(s, "subscriber"))
		role = NODE_SUBSCRIBER;
	else if (!str_equal(s, "publisher"))
		return -1;
	memcpy(field, &role, sizeof(role));
	return 0;
}

static int
set_tls(void *field, const char *s)
{
	enum node_tls version = NODE_TLS_1_2;

	if (str_equal(s, "1.0"))
		version = NODE_TLS_1_0;
	else if (!str_equal(s, "1.2"))
		return -1;
	memcpy(field, &version, sizeof(version));
	return 0;
}

static int
set_field(struct nodeconf *c, const struct key *k, const char *value)
{
	char *field = (char *)c + k->off;

	switch (k->kind) {
	case KIND_NAME:
	case KIND_DOMAIN:
	case KIND_ADDRESS:
	case KIND_DN:
		return set_text(field, value, k);
	case KIND_PORT:
	case KIND_UNSIGNED:
	case KIND_SECONDS:
		return set_number(field, value, k);
	case KIND_ROLE:
		return set_role(field, value);
	case KIND_TLS:
		return set_tls(field, value);
	}
	BUG("kind %d", (int)k->kind);
}

/* The rest of s without blanks at both ends; s is changed. */
static char *
trim(char *s)
{
	size_t n;

	s += strspn(s, " \t\r");
	n = strlen(s);
	while (n > 0 && strchr(" \t\r", s[n - 1]) != NULL)
		n--;
	s[n] = '\0';
	return s;
}

static const struct key *
find_key(const char *name)
{
	for (size_t i = 0; i < KEY_COUNT; i++)
		if (str_equal(keys[i].name, name))
			return &keys[i];
	return NULL;
}

static int
line_error(const struct place *at, const char *rule, const char *what,
    struct err *e)
{
	char text[80];

	str_visible(text, sizeof(text), what, strlen(what));
	return err_set(e, ERR_FORMAT, "%s:%u: %s: %s", at->path, at->line, rule,
	    text);
}

static int
parse_line(struct nodeconf *c, struct place *at, char *line, struct err *e)
{
	char *name = trim(line);
	const struct key *k;
	char *value;

	if (name[0] == '\0' || name[0] == '#')
		return 0;
	value = strchr(name, '=');
	if (value == NULL)
		return line_error(at, "not \"key = value\"", name, e);
	*value = '\0';
	value = trim(value + 1);
	name = trim(name);
	k = find_key(name);
	if (k == NULL)
		return line_error(at, "unknown key", name, e);
	if (at->seen[k - keys])
		return line_error(at, "key given twice", name, e);
	at->seen[k - keys] = true;
	if (set_field(c, k, value) == -1)
		return err_set(e, ERR_FORMAT, "%s:%u: %s: value out of range",
		    at->path, at->line, name);
	return 0;
}

static int
parse_text(struct nodeconf *c, struct place *at, char *text, size_t len,
    struct err *e)
{
	char *next = text;

	if (memchr(text, '\0', len) != NULL)
		return err_set(e, ERR_FORMAT, "%s: a NUL byte", at->path);
	while (next != NULL && *next != '\0') {
		char *line = next;

		at->line++;
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		if (strlen(line) > LINE_MAX_LENGTH)
			return err_set(e, ERR_FORMAT, "%s:%u: line too long",
			    at->path, at->line);
		if (parse_line(c, at, line, e) == -1)
			return -1;
	}
	return 0;
}

/* What must be there, and what follows from the rest. */
static int
complete(struct nodeconf *c, const char *path, struct err *e)
{
	const char *missing = NULL;

	if (c->role == NODE_PUBLISHER && c->publisher_name[0] == '\0')
		(void)str_copy(c->publisher_name, sizeof(c->publisher_name),
		    c->name);
	if (c->role == NODE_PUBLISHER && c->publisher_address[0] == '\0')
		(void)str_copy(c->publisher_address,
		    sizeof(c->publisher_address), c->address);
	if (c->publisher_address[0] == '\0')
		missing = "publisher_address";
	if (c->publisher_name[0] == '\0')
		missing = "publisher_name";
	if (c->address[0] == '\0')
		missing = "address";
	if (c->name[0] == '\0')
		missing = "name";
	if (missing != NULL)
		return err_set(e, ERR_FORMAT, "%s: no key %s", path, missing);
	return 0;
}

int
nodeconf_load(struct nodeconf *c, const char *path, struct err *e)
{
	char own[PATH_SIZE];
	struct place at = { .line = 0 };
	uint8_t *data;
	size_t len;
	int rc;

	at.path = path != NULL ? path : paths_in(own, "etc/node.conf");
	nodeconf_defaults(c);
	if (file_read(at.path, CONF_MAX, &data, &len, e) == -1)
		return -1;
	rc = parse_text(c, &at, (char *)data, len, e);
	if (rc == 0)
		rc = complete(c, at.path, e);
	free(data);
	return rc;
}

static void
print_key(struct wbuf *w, const struct nodeconf *c, const struct key *k)
{
	const char *field = (const char *)c + k->off;
	const char *role;
	uint16_t port;
	unsigned plain;
	int64_t seconds;

	switch (k->kind) {
	case KIND_NAME:
	case KIND_DOMAIN:
	case KIND_ADDRESS:
	case KIND_DN:
		if (field[0] == '\0')
			return;
		wbuf_printf(w, "%s = %s\n", k->name, field);
		return;
	case KIND_PORT:
		memcpy(&port, field, sizeof(port));
		wbuf_printf(w, "%s = %u\n", k->name, (unsigned)port);
		return;
	case KIND_UNSIGNED:
		memcpy(&plain, field, sizeof(plain));
		wbuf_printf(w, "%s = %u\n", k->name, plain);
		return;
	case KIND_SECONDS:
		memcpy(&seconds, field, sizeof(seconds));
		wbuf_printf(w, "%s = %lld\n", k->name, (long long)seconds);
		return;
	case KIND_ROLE:
		role = c->role == NODE_PUBLISHER ? "publisher" : "subscriber";
		wbuf_printf(w, "%s = %s\n", k->name, role);
		return;
	case KIND_TLS:
		wbuf_printf(w, "%s = %s\n", k->name,
		    c->tvs_min_tls == NODE_TLS_1_0 ? "1.0" : "1.2");
		return;
	}
}

int
nodeconf_save(const struct nodeconf *c, const char *path, struct err *e)
{
	char own[PATH_SIZE];
	struct wbuf w;
	int rc;

	path = path != NULL ? path : paths_in(own, "etc/node.conf");
	wbuf_init(&w, CONF_MAX);
	wbuf_printf(&w, "# What this node is; see node.conf(5).\n");
	for (size_t i = 0; i < KEY_COUNT; i++)
		print_key(&w, c, &keys[i]);
	if (w.failed)
		BUG("node.conf of more than %d bytes", CONF_MAX);
	rc = file_replace(path, w.data, w.len, 0644, e);
	wbuf_release(&w);
	return rc;
}
