#include "services/http_message.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define TOKEN_BYTES LETTERS DIGITS "!#$%&'*+-.^_`|~"

/* A part of the head, without NUL. */
struct slice {
	const char *p;
	size_t len;
};

static bool
slice_is(const struct slice *s, const char *text)
{
	return s->len == strlen(text) && !memcmp(s->p, text, s->len);
}

/* In any case. */
static bool
slice_matches(const struct slice *s, const char *text)
{
	return s->len == strlen(text) && !strncasecmp(s->p, text, s->len);
}

/* Cut off what stands before the first byte c, and c. */
static int
slice_cut(struct slice *s, char c, struct slice *before)
{
	const char *end = memchr(s->p, c, s->len);

	if (end == NULL)
		return -1;
	before->p = s->p;
	before->len = (size_t)(end - s->p);
	s->p = end + 1;
	s->len -= before->len + 1;
	return 0;
}

/* Without blanks and tabs at both ends. */
static void
slice_trim(struct slice *s)
{
	while (s->len > 0 && (*s->p == ' ' || *s->p == '\t')) {
		s->p++;
		s->len--;
	}
	while (
	    s->len > 0 && (s->p[s->len - 1] == ' ' || s->p[s->len - 1] == '\t'))
		s->len--;
}

static bool
is_token(const struct slice *s)
{
	size_t i;

	for (i = 0; i < s->len; i++) {
		if (s->p[i] == '\0' || strchr(TOKEN_BYTES, s->p[i]) == NULL)
			return false;
	}
	return s->len > 0;
}

size_t
http_head_length(const void *data, size_t len)
{
	const char *p = data;
	size_t i = 0;

	while (i + 1 < len && p[i] == '\r' && p[i + 1] == '\n')
		i += 2;
	for (; i + 3 < len; i++) {
		if (!memcmp(p + i, "\r\n\r\n", 4))
			return i + 4;
	}
	return 0;
}

static int
broken(struct err *e, const char *what)
{
	return err_set(e, ERR_FORMAT, "HTTP request: %s", what);
}

/* The next line without its end; the head has one. */
static int
next_line(struct slice *head, struct slice *line, struct err *e)
{
	size_t i;

	if (slice_cut(head, '\n', line) == -1 || line->len == 0 ||
	    line->p[line->len - 1] != '\r')
		return broken(e, "a line without CR LF");
	line->len--;
	for (i = 0; i < line->len; i++) {
		unsigned char c = (unsigned char)line->p[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return broken(e, "a control byte");
	}
	return 0;
}

static int
hex_digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *p;

	if (c >= 'A' && c <= 'F')
		c = (char)(c - 'A' + 'a');
	p = c == '\0' ? NULL : strchr(digits, c);
	return p == NULL ? -1 : (int)(p - digits);
}

/* The path of a target: "/NAME", or "http://HOST/NAME" as for a proxy. */
static int
take_path(struct http_request *r, struct slice target, struct err *e)
{
	const char *scheme = "http://";
	size_t i, n = 0;

	if (target.len > strlen(scheme) &&
	    !strncasecmp(target.p, scheme, strlen(scheme))) {
		target.p += strlen(scheme);
		target.len -= strlen(scheme);
		while (target.len > 0 && *target.p != '/') {
			target.p++;
			target.len--;
		}
	}
	if (target.len == 0 || *target.p != '/')
		return broken(e, "no path");
	for (i = 0; i < target.len; i++) {
		char c = target.p[i];

		if (c == '?' || c == '#')
			return broken(e, "a query");
		if (c == '%') {
			int high = i + 2 < target.len ?
			    hex_digit(target.p[i + 1]) :
			    -1;
			int low = high == -1 ? -1 : hex_digit(target.p[i + 2]);

			if (low == -1 || high * 16 + low == 0)
				return broken(e, "a wrong percent sign");
			c = (char)(high * 16 + low);
			i += 2;
		}
		if (n + 1 == sizeof(r->path))
			return broken(e, "a path longer than any name");
		r->path[n++] = c;
	}
	r->path[n] = '\0';
	return 0;
}

static int
take_request_line(struct http_request *r, struct slice line, struct err *e)
{
	struct slice method, target;

	if (slice_cut(&line, ' ', &method) == -1 ||
	    slice_cut(&line, ' ', &target) == -1 || !is_token(&method))
		return broken(e, "no request line");
	if (!slice_is(&line, "HTTP/1.1") && !slice_is(&line, "HTTP/1.0"))
		return broken(e, "not HTTP/1.0 or HTTP/1.1");
	r->keep_alive = slice_is(&line, "HTTP/1.1");
	if (slice_is(&method, "GET"))
		r->method = HTTP_GET;
	else if (slice_is(&method, "HEAD"))
		r->method = HTTP_HEAD;
	else
		r->method = HTTP_OTHER;
	return r->method == HTTP_OTHER ? 0 : take_path(r, target, e);
}

/* Connection: a list of words, commas between.  *close stays, once set. */
static void
take_connection(struct http_request *r, struct slice value, bool *close)
{
	bool more = true;

	while (more) {
		struct slice word;

		more = slice_cut(&value, ',', &word) == 0;
		if (!more)
			word = value;
		slice_trim(&word);
		if (slice_matches(&word, "close"))
			*close = true;
		else if (slice_matches(&word, "keep-alive"))
			r->keep_alive = true;
	}
}

static bool
announces_body(const struct slice *name, const struct slice *value)
{
	return slice_matches(name, "Transfer-Encoding") ||
	    (slice_matches(name, "Content-Length") && !slice_is(value, "0"));
}

static int
take_header(struct http_request *r, struct slice line, bool *close,
    struct err *e)
{
	struct slice name;

	if (slice_cut(&line, ':', &name) == -1 || !is_token(&name))
		return broken(e, "no header");
	slice_trim(&line);
	if (slice_matches(&name, "Connection"))
		take_connection(r, line, close);
	else if (slice_matches(&name, "X-Ucmsh-Forwarded"))
		r->forwarded = true;
	else if (r->method != HTTP_OTHER && announces_body(&name, &line))
		return broken(e, "a body");
	return 0;
}

int
http_request_parse(struct http_request *r, const void *head, size_t len,
    struct err *e)
{
	struct slice rest = { .p = head, .len = len };
	struct slice line = { .p = "", .len = 0 };
	bool close = false;
	size_t n = 0;

	memset(r, 0, sizeof(*r));
	do {
		if (next_line(&rest, &line, e) == -1)
			return -1;
	} while (line.len == 0 && rest.len > 0);
	if (take_request_line(r, line, e) == -1)
		return -1;
	for (;;) {
		if (next_line(&rest, &line, e) == -1)
			return -1;
		if (line.len == 0)
			break;
		if (n++ == HTTP_HEADERS_MAX)
			return broken(e, "too many headers");
		if (take_header(r, line, &close, e) == -1)
			return -1;
	}
	if (close || r->method == HTTP_OTHER)
		r->keep_alive = false;
	return 0;
}
