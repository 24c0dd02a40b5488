#include "services/phone_config.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "services/phone_templates_priv.h"
#include "services/xml_check.h"

#define PARTS_MAX 4096 /* of a template */
#define BLOCKS_MAX 8 /* inside each other */
#define NAME_MAX_LENGTH 63
#define VALUE_SIZE 1024
#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */
#define SERVERS "servers"

enum field_id {
	FIELD_CERTIFICATE_MD5,
	FIELD_CLUSTER_ID,
	FIELD_DESCRIPTION,
	FIELD_ENCRYPTED,
	FIELD_GROUP_DEFAULT,
	FIELD_GROUP_NAME,
	FIELD_LOAD,
	FIELD_MAC,
	FIELD_MODEL,
	FIELD_NAME,
	FIELD_POOL,
	FIELD_PROTOCOL,
	FIELD_SCCP,
	FIELD_SECURITY_MODE,
	FIELD_SERVER_ADDRESS,
	FIELD_SERVER_NAME,
	FIELD_SERVER_PRIORITY,
	FIELD_SETTINGS_ACCESS,
	FIELD_SIP,
	FIELD_SIP_PORT,
	FIELD_SPAN_TO_PC_PORT,
	FIELD_SSH_ACCESS,
	FIELD_TRANSPORT,
	FIELD_TVS_PORT,
	FIELD_WEB_ACCESS,
	FIELDS
};

static const char *const field_names[FIELDS + 1] = {
	[FIELD_CERTIFICATE_MD5] = "certificate.md5",
	[FIELD_CLUSTER_ID] = "cluster.id",
	[FIELD_DESCRIPTION] = "device.description",
	[FIELD_ENCRYPTED] = "device.encrConfig",
	[FIELD_GROUP_DEFAULT] = "group.default",
	[FIELD_GROUP_NAME] = "group.name",
	[FIELD_LOAD] = "device.load",
	[FIELD_MAC] = "device.mac",
	[FIELD_MODEL] = "device.model",
	[FIELD_NAME] = "device.name",
	[FIELD_POOL] = "device.pool",
	[FIELD_PROTOCOL] = "device.protocol",
	[FIELD_SCCP] = "device.sccp",
	[FIELD_SECURITY_MODE] = "device.securityMode",
	[FIELD_SERVER_ADDRESS] = "server.address",
	[FIELD_SERVER_NAME] = "server.name",
	[FIELD_SERVER_PRIORITY] = "server.priority",
	[FIELD_SETTINGS_ACCESS] = "device.settingsAccess",
	[FIELD_SIP] = "device.sip",
	[FIELD_SIP_PORT] = "sip.port",
	[FIELD_SPAN_TO_PC_PORT] = "device.spanToPCPort",
	[FIELD_SSH_ACCESS] = "device.sshAccess",
	[FIELD_TRANSPORT] = "device.transport",
	[FIELD_TVS_PORT] = "tvs.port",
	[FIELD_WEB_ACCESS] = "device.webAccess",
	[FIELDS] = NULL,
};

enum part_kind {
	PART_TEXT,
	PART_FIELD,
	PART_SERVERS, /* begins a block that is repeated */
	PART_IF, /* begins a block that may be left out */
	PART_END /* of the innermost block */
};

struct part {
	enum part_kind kind;
	enum field_id field; /* of PART_FIELD and PART_IF */
	const char *text; /* of PART_TEXT, lent from the template */
	size_t len;
	size_t pair; /* of a block's beginning: its end; and the other way */
};

struct phone_config_template {
	char *name;
	char *text;
	size_t len;
	enum phone_config_kind kind;
	struct part *part;
	size_t parts;
};

const char *const *
phone_config_fields(void)
{
	return field_names;
}

/* --- rendering ----------------------------------------------------------- */

/* Where a rendering is. */
struct rendering {
	const struct phone_config_template *t;
	const struct phone_config_inputs *in; /* NULL: a trial */
	const char *trial; /* what every field holds then */
	size_t servers;
	const struct group_server *server; /* NULL: in no block of servers */
	size_t priority;
	struct wbuf out;
};

static const char *
access_number(bool allowed)
{
	return allowed ? "0" : "1";
}

static const char *
number(char value[VALUE_SIZE], unsigned long n)
{
	(void)str_printf(value, VALUE_SIZE, "%lu", n);
	return value;
}

/* A phone talks TLS when it is to be authenticated, else UDP. */
static const char *
transport(const struct device_row *d)
{
	return d->security == DEVICE_NON_SECURE ? "2" : "3";
}

static const char *
device_value(const struct rendering *r, enum field_id field,
    char value[VALUE_SIZE])
{
	const struct device_row *d = r->in->device;

	if (d == NULL)
		return "";
	if (field == FIELD_DESCRIPTION)
		return d->description;
	if (field == FIELD_ENCRYPTED)
		return d->encrypted_config ? "true" : "false";
	if (field == FIELD_LOAD)
		return d->load;
	if (field == FIELD_MAC)
		return d->name + strlen("SEP");
	if (field == FIELD_MODEL)
		return d->model_name;
	if (field == FIELD_NAME)
		return d->name;
	if (field == FIELD_POOL)
		return d->pool_name;
	if (field == FIELD_PROTOCOL)
		return d->protocol == DEVICE_SCCP ? "SCCP" : "SIP";
	if (field == FIELD_SCCP)
		return d->protocol == DEVICE_SCCP ? "true" : "";
	if (field == FIELD_SIP)
		return d->protocol == DEVICE_SIP ? "true" : "";
	if (field == FIELD_SECURITY_MODE)
		return number(value, (unsigned long)d->security);
	if (field == FIELD_SETTINGS_ACCESS)
		return number(value, (unsigned long)d->settings_access);
	if (field == FIELD_SPAN_TO_PC_PORT)
		return access_number(d->span_to_pc_port);
	if (field == FIELD_SSH_ACCESS)
		return access_number(d->ssh_access);
	if (field == FIELD_TRANSPORT)
		return transport(d);
	if (field == FIELD_WEB_ACCESS)
		return access_number(d->web_access);
	BUG("field %d", (int)field);
}

static const char *
server_value(const struct rendering *r, enum field_id field,
    char value[VALUE_SIZE])
{
	const struct group_server *s = r->server;

	if (s == NULL)
		return "";
	if (field == FIELD_SERVER_ADDRESS)
		return s->address;
	if (field == FIELD_SERVER_PRIORITY)
		return number(value, r->priority);
	(void)str_printf(value, VALUE_SIZE, "%s%s%s", s->node,
	    s->domain[0] != '\0' ? "." : "", s->domain);
	return value;
}

static const char *
or_empty(const char *text)
{
	return text != NULL ? text : "";
}

static const char *
field_value(const struct rendering *r, enum field_id field,
    char value[VALUE_SIZE])
{
	if (r->in == NULL)
		return r->trial;
	switch (field) {
	case FIELD_CERTIFICATE_MD5:
		return or_empty(r->in->certificate_md5);
	case FIELD_CLUSTER_ID:
		return or_empty(r->in->cluster_id);
	case FIELD_GROUP_DEFAULT:
		return r->in->group != NULL && r->in->group->tftp_default ?
		    "true" :
		    "false";
	case FIELD_GROUP_NAME:
		return r->in->group != NULL ? r->in->group->name : "";
	case FIELD_SIP_PORT:
		return number(value, r->in->sip_port);
	case FIELD_TVS_PORT:
		return number(value, r->in->tvs_port);
	case FIELD_SERVER_ADDRESS:
	case FIELD_SERVER_NAME:
	case FIELD_SERVER_PRIORITY:
		return server_value(r, field, value);
	case FIELD_DESCRIPTION:
	case FIELD_ENCRYPTED:
	case FIELD_LOAD:
	case FIELD_MAC:
	case FIELD_MODEL:
	case FIELD_NAME:
	case FIELD_POOL:
	case FIELD_PROTOCOL:
	case FIELD_SCCP:
	case FIELD_SECURITY_MODE:
	case FIELD_SETTINGS_ACCESS:
	case FIELD_SIP:
	case FIELD_SPAN_TO_PC_PORT:
	case FIELD_SSH_ACCESS:
	case FIELD_TRANSPORT:
	case FIELD_WEB_ACCESS:
		return device_value(r, field, value);
	case FIELDS:
		break;
	}
	BUG("field %d", (int)field);
}

/* Character data, also inside of either kind of quotes. */
static void
put_escaped(struct wbuf *w, const char *text)
{
	size_t left = strlen(text);
	size_t n;

	for (; left > 0; text += n, left -= n) {
		n = xml_character(text, left);
		if (n == 0) {
			wbuf_bytes(w, REPLACEMENT, strlen(REPLACEMENT));
			n = 1;
		} else if (*text == '&') {
			wbuf_bytes(w, "&amp;", 5);
		} else if (*text == '<') {
			wbuf_bytes(w, "&lt;", 4);
		} else if (*text == '>') {
			wbuf_bytes(w, "&gt;", 4);
		} else if (*text == '"') {
			wbuf_bytes(w, "&quot;", 6);
		} else if (*text == '\'') {
			wbuf_bytes(w, "&#39;", 5);
		} else if (*text == '\t' || *text == '\n' || *text == '\r') {
			wbuf_printf(w, "&#%d;", *text);
		} else {
			wbuf_bytes(w, text, n);
		}
	}
}

/* Go on at the block's beginning with the next server, or leave the block. */
static size_t
next_server(struct rendering *r, size_t begin)
{
	static const struct group_server nobody;

	if (r->priority == r->servers) {
		r->server = NULL;
		return r->t->part[begin].pair;
	}
	r->server =
	    r->in != NULL ? &r->in->group->server[r->priority] : &nobody;
	return begin;
}

static void
render_parts(struct rendering *r)
{
	char value[VALUE_SIZE];

	for (size_t i = 0; i < r->t->parts; i++) {
		const struct part *p = &r->t->part[i];

		switch (p->kind) {
		case PART_TEXT:
			wbuf_bytes(&r->out, p->text, p->len);
			break;
		case PART_FIELD:
			put_escaped(&r->out, field_value(r, p->field, value));
			break;
		case PART_SERVERS:
			r->priority = 0;
			i = next_server(r, i);
			break;
		case PART_IF:
			if (field_value(r, p->field, value)[0] == '\0')
				i = p->pair;
			break;
		case PART_END:
			if (r->t->part[p->pair].kind != PART_SERVERS)
				break;
			r->priority++;
			i = next_server(r, p->pair);
			break;
		}
	}
}

int
phone_config_render(const struct phone_config_template *t,
    const struct phone_config_inputs *in, uint8_t **out, size_t *len,
    struct err *e)
{
	struct rendering r = { .t = t, .in = in };

	if (in->group != NULL)
		r.servers = in->group->servers;
	wbuf_init(&r.out, PHONE_CONFIG_MAX);
	render_parts(&r);
	if (r.out.failed) {
		wbuf_release(&r.out);
		return err_set(e, ERR_TOO_BIG, "%s: more than %d bytes",
		    t->name, PHONE_CONFIG_MAX);
	}
	if (xml_check(r.out.data, r.out.len, e) == -1) {
		wbuf_release(&r.out);
		return err_wrap(e, "what %s makes", t->name);
	}
	if (wbuf_detach(&r.out, out, len) == -1)
		BUG("bytes that were there are gone");
	return 0;
}

/* --- parsing ------------------------------------------------------------- */

struct parsing {
	struct phone_config_template *t;
	size_t off;
	size_t open[BLOCKS_MAX]; /* blocks that have not ended */
	size_t depth;
	struct err *e;
};

static int
wrong(const struct parsing *p, const char *rule, const char *name)
{
	char shown[NAME_MAX_LENGTH + 1];
	size_t line = 1;

	for (size_t i = 0; i < p->off; i++)
		line += p->t->text[i] == '\n';
	str_visible(shown, sizeof(shown), name, strlen(name));
	return err_set(p->e, ERR_FORMAT, "%s: line %zu: %s%s%s", p->t->name,
	    line, rule, name[0] != '\0' ? ": " : "", shown);
}

static int
add_part(struct parsing *p, const struct part *part)
{
	if (p->t->parts == PARTS_MAX)
		return wrong(p, "too many fields", "");
	p->t->part[p->t->parts++] = *part;
	return 0;
}

static int
find_field(const struct parsing *p, const char *name, enum field_id *field)
{
	/* XMLDefault.cnf.xml is no phone's */
	if (p->t->kind == PHONE_CONFIG_DEFAULT &&
	    (str_starts(name, "device.") || str_starts(name, "certificate.")))
		return wrong(p, "no such field here", name);
	for (size_t i = 0; i < FIELDS; i++) {
		if (str_equal(field_names[i], name)) {
			*field = (enum field_id)i;
			return 0;
		}
	}
	return wrong(p, "no such field", name);
}

static bool
is_open(const struct parsing *p, const struct part *part)
{
	for (size_t i = 0; i < p->depth; i++) {
		const struct part *o = &p->t->part[p->open[i]];

		if (o->kind == part->kind && o->field == part->field)
			return true;
	}
	return false;
}

static int
begin_block(struct parsing *p, const struct part *part, const char *name)
{
	if (is_open(p, part))
		return wrong(p, "a block inside of itself", name);
	if (p->depth == BLOCKS_MAX)
		return wrong(p, "too many blocks inside each other", name);
	p->open[p->depth++] = p->t->parts;
	return add_part(p, part);
}

static int
end_block(struct parsing *p, const char *name)
{
	struct part end = { .kind = PART_END };
	struct part *begin;
	const char *begun;

	if (p->depth == 0)
		return wrong(p, "no block that could end here", name);
	begin = &p->t->part[p->open[p->depth - 1]];
	begun =
	    begin->kind == PART_SERVERS ? SERVERS : field_names[begin->field];
	if (!str_equal(begun, name))
		return wrong(p, "another block must end first", begun);
	begin->pair = p->t->parts;
	end.pair = p->open[--p->depth];
	return add_part(p, &end);
}

/* What stands between "${" and "}". */
static int
take_name(struct parsing *p, const char *name)
{
	struct part part = { .kind = PART_FIELD };

	if (name[0] == '/')
		return end_block(p, name + 1);
	if (str_equal(name, "#" SERVERS)) {
		part.kind = PART_SERVERS;
		return begin_block(p, &part, name);
	}
	if (name[0] == '?')
		part.kind = PART_IF;
	if (find_field(p, name + (name[0] == '?'), &part.field) == -1)
		return -1;
	return part.kind == PART_IF ? begin_block(p, &part, name) :
				      add_part(p, &part);
}

static int
take_parts(struct parsing *p)
{
	const char *text = p->t->text;
	char name[NAME_MAX_LENGTH + 1];

	while (p->off < p->t->len) {
		const char *at = strstr(text + p->off, "${");
		size_t end = at != NULL ? (size_t)(at - text) : p->t->len;
		const struct part part = { .kind = PART_TEXT,
			.text = text + p->off,
			.len = end - p->off };
		size_t n;

		if (part.len > 0 && add_part(p, &part) == -1)
			return -1;
		p->off = end;
		if (at == NULL)
			break;
		n = strcspn(at + 2, "}\n");
		if (at[2 + n] != '}' || n > NAME_MAX_LENGTH)
			return wrong(p, "\"${\" without \"}\"", "");
		memcpy(name, at + 2, n);
		name[n] = '\0';
		if (take_name(p, name) == -1)
			return -1;
		p->off = end + n + 3;
	}
	if (p->depth > 0)
		return wrong(p, "a block does not end", "");
	return 0;
}

/* Fill every field with the same text and look whether it is XML. */
static int
try_with(const struct phone_config_template *t, const char *text,
    size_t servers, struct err *e)
{
	struct rendering r = { .t = t, .trial = text, .servers = servers };
	int rc;

	wbuf_init(&r.out, 0);
	render_parts(&r);
	rc = xml_check(r.out.data, r.out.len, e);
	wbuf_release(&r.out);
	return rc == 0 ? 0 : err_wrap(e, "%s: filled in", t->name);
}

struct phone_config_template *
phone_config_template_parse(const char *name, const void *text, size_t len,
    enum phone_config_kind kind, struct err *e)
{
	struct phone_config_template *t = mem_alloc(sizeof(*t));
	struct parsing p = { .t = t, .e = e };

	t->name = mem_strdup(name);
	t->text = mem_strndup(text, len);
	t->len = len;
	t->kind = kind;
	t->part = mem_array(PARTS_MAX, sizeof(*t->part));
	if (len > PHONE_CONFIG_TEMPLATE_MAX)
		(void)err_set(e, ERR_TOO_BIG, "%s: more than %d bytes", name,
		    PHONE_CONFIG_TEMPLATE_MAX);
	else if (strlen(t->text) < len)
		(void)err_set(e, ERR_FORMAT, "%s: a NUL byte", name);
	else if (take_parts(&p) == 0 && try_with(t, "", 0, e) == 0 &&
	    try_with(t, "<a b=\"1\" c='2'>&--]]>", 2, e) == 0)
		return t;
	phone_config_template_free(t);
	return NULL;
}

struct phone_config_template *
phone_config_template_load(enum phone_config_kind kind, struct err *e)
{
	const struct embedded_text *ours = kind == PHONE_CONFIG_DEVICE ?
	    &phone_template_device :
	    &phone_template_default;
	struct phone_config_template *t = NULL;
	struct err why = ERR_INIT;
	char path[PATH_SIZE];
	uint8_t *text;
	size_t len;

	(void)paths_in(path, "%s", ours->name);
	if (file_read(path, PHONE_CONFIG_TEMPLATE_MAX, &text, &len, &why) ==
	    0) {
		t = phone_config_template_parse(path, text, len, kind, e);
		free(text);
	} else if (why.code == ERR_NOT_FOUND) {
		t = phone_config_template_parse(ours->name, ours->text,
		    ours->len, kind, e);
	} else if (e != NULL) {
		*e = why;
	}
	return t;
}

void
phone_config_template_free(struct phone_config_template *t)
{
	if (t == NULL)
		return;
	free(t->name);
	free(t->text);
	free(t->part);
	free(t);
}

const char *
phone_config_template_name(const struct phone_config_template *t)
{
	return t->name;
}
