#include "services/certmon_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"

#define NAMES_SIZE 512

void
certmon_text_fqdn(char dst[NODE_NAME_SIZE + NODE_DOMAIN_SIZE],
    const struct nodeconf *conf)
{
	(void)str_printf(dst, NODE_NAME_SIZE + NODE_DOMAIN_SIZE, "%s%s%s",
	    conf->name, conf->domain[0] == '\0' ? "" : ".", conf->domain);
}

void
certmon_text_from(char *dst, const struct nodeconf *conf)
{
	char fqdn[NODE_NAME_SIZE + NODE_DOMAIN_SIZE];

	certmon_text_fqdn(fqdn, conf);
	(void)str_printf(dst, CERTMON_FROM_SIZE, "ucm-certmon@%s", fqdn);
}

/* The names that occur, each once, worst first: "CertExpired, …". */
static void
names_of(const struct cert_alarm_list *l, char dst[NAMES_SIZE])
{
	bool seen[CERT_ALARM_KINDS] = { false };
	size_t len = 0;
	int severity, kind;

	for (size_t i = 0; i < l->n; i++)
		seen[l->item[i].kind] = true;
	dst[0] = '\0';
	for (severity = ALARM_EMERGENCY; severity <= ALARM_INFO; severity++) {
		for (kind = 0; kind < CERT_ALARM_KINDS; kind++) {
			const struct cert_alarm_text *t =
			    cert_alarm_text((enum cert_alarm_kind)kind);

			if (!seen[kind] || (int)t->severity != severity)
				continue;
			(void)str_printf(dst + len, NAMES_SIZE - len, "%s%s",
			    len == 0 ? "" : ", ", t->name);
			len = strlen(dst);
		}
	}
}

/* A text that is long: words wrapped, what follows indented. */
static void
put_wrapped(struct wbuf *w, const char *label, const char *text)
{
	size_t column = strlen(label);

	wbuf_printf(w, "%s", label);
	while (*text != '\0') {
		size_t n = strcspn(text, " ");

		if (n > CERTMON_LINE_MAX - 4)
			n = CERTMON_LINE_MAX - 4;
		if (column + 1 + n > CERTMON_LINE_MAX) {
			wbuf_printf(w, "\r\n   ");
			column = 3;
		}
		wbuf_printf(w, " %.*s", (int)n, text);
		column += 1 + n;
		text += n;
		text += strspn(text, " ");
	}
	wbuf_printf(w, "\r\n");
}

/* Bytes that are no ASCII as \xHH; the rest is visible already. */
static char *
ascii_dup(const char *s)
{
	char *visible = str_visible_dup(s, strlen(s));
	struct wbuf w;
	char *ascii;

	wbuf_init(&w, 0);
	for (const char *p = visible; *p != '\0'; p++) {
		if ((unsigned char)*p < 0x80)
			wbuf_u8(&w, (uint8_t)*p);
		else
			wbuf_printf(&w, "\\x%02x", (unsigned char)*p);
	}
	wbuf_u8(&w, '\0');
	ascii = mem_strdup((const char *)w.data);
	wbuf_release(&w);
	free(visible);
	return ascii;
}

static void
put_alarm(struct wbuf *w, const struct cert_alarm *c)
{
	const struct cert_alarm_text *t = cert_alarm_text(c->kind);
	char *message = ascii_dup(c->message);
	char *action = ascii_dup(c->action);

	wbuf_printf(w, "\r\nName: %s\r\nSeverity: %s\r\nApp ID: %s\r\n",
	    t->name, cert_alarm_severity_name(t->severity), CERT_ALARM_APP);
	put_wrapped(w, "Description:", t->text);
	if (message[0] != '\0')
		put_wrapped(w, "Message:", message);
	put_wrapped(w, "Explanation:", t->explanation);
	put_wrapped(w, "Recommended Action:", action);
	if (c->since != 0) {
		char since[64];

		clock_format(since, sizeof(since), c->since);
		wbuf_printf(w, "Active Since: %s\r\n", since);
	}
	free(action);
	free(message);
}

/* "To: a,\r\n b": a line for each address. */
static void
put_to(struct wbuf *w, const char *to)
{
	wbuf_printf(w, "To: ");
	for (; *to != '\0'; to++) {
		if (*to == ',')
			wbuf_printf(w, ",\r\n ");
		else
			wbuf_u8(w, (uint8_t)*to);
	}
	wbuf_printf(w, "\r\n");
}

static void
put_head(struct wbuf *w, const struct nodeconf *conf, const char *to,
    int64_t now, const struct cert_alarm_list *l)
{
	char fqdn[NODE_NAME_SIZE + NODE_DOMAIN_SIZE];
	char from[CERTMON_FROM_SIZE];
	char names[NAMES_SIZE];
	char date[64];

	certmon_text_fqdn(fqdn, conf);
	certmon_text_from(from, conf);
	names_of(l, names);
	clock_strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S %z", now);
	wbuf_printf(w,
	    "Date: %s\r\n"
	    "From: " CERT_ALARM_APP " <%s>\r\n",
	    date, from);
	put_to(w, to);
	wbuf_printf(w,
	    "Message-ID: <%" PRId64 ".%08x%08x@%s>\r\n"
	    "Subject: %s: %zu certificate alarm%s:\r\n %s\r\n"
	    "Auto-Submitted: auto-generated\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=us-ascii\r\n"
	    "Content-Transfer-Encoding: 7bit\r\n\r\n",
	    now, (unsigned)arc4random(), (unsigned)arc4random(), fqdn,
	    conf->name, l->n, l->n == 1 ? "" : "s", names);
}

char *
certmon_text(const struct nodeconf *conf, const char *to, int64_t now,
    const struct cert_alarm_list *l)
{
	char fqdn[NODE_NAME_SIZE + NODE_DOMAIN_SIZE];
	struct wbuf w;
	char *text;

	wbuf_init(&w, 0);
	put_head(&w, conf, to, now, l);
	certmon_text_fqdn(fqdn, conf);
	wbuf_printf(&w,
	    "Node %s (%s) has %zu certificate alarm%s.\r\n"
	    "They are raised daily until their cause is removed.\r\n",
	    fqdn, conf->address, l->n, l->n == 1 ? "" : "s");
	for (size_t i = 0; i < l->n; i++)
		put_alarm(&w, &l->item[i]);
	wbuf_printf(&w,
	    "\r\nThe CLI command \"show cert alarm\" shows what is active,\r\n"
	    "\"set cert monitor email disable\" ends these messages.\r\n");
	wbuf_u8(&w, '\0');
	text = mem_strdup((const char *)w.data);
	wbuf_release(&w);
	return text;
}
