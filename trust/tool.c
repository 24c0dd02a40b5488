#include "trust/tool.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "trust/key.h"
#include "trust/signed_file.h"

void
tool_complain(const struct err *e)
{
	char text[4 * ERR_MSG_SIZE];

	fprintf(stderr, "ucm-trust: %s\n",
	    str_visible(text, sizeof(text), e->msg, strlen(e->msg)));
	if (e->hint[0] != '\0')
		fprintf(stderr, "%s\n",
		    str_visible(text, sizeof(text), e->hint, strlen(e->hint)));
}

enum tool_status
tool_misused(const struct tool_command *c, const char *fmt, ...)
{
	char text[ERR_MSG_SIZE], shown[4 * ERR_MSG_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fprintf(stderr, "ucm-trust: %s: %s\nusage: ucm-trust %s %s\n", c->name,
	    str_visible(shown, sizeof(shown), text, strlen(text)), c->name,
	    c->usage);
	return TOOL_USAGE;
}

enum tool_status
tool_misused_option(const struct tool_command *c, int got,
    const struct option *o)
{
	if (got == '?')
		return tool_misused(c, "unknown option or missing value");
	return tool_misused(c, "--%s: wrong value: %s", o->name, optarg);
}

enum tool_status
tool_finish(struct out *o, enum tool_status status)
{
	struct err e = ERR_INIT;

	if (out_finish(o) == -1) {
		err_errno(&e, "standard output");
		tool_complain(&e);
		status = TOOL_NO_OUTPUT;
	}
	out_free(o);
	return status;
}

int
tool_read(const char *path, uint8_t **data, size_t *len, int64_t *mtime,
    struct err *e)
{
	char *real = realpath(path, NULL);
	struct stat st;
	int rc;

	if (real == NULL)
		return err_errno(e, "%s", path);
	rc = file_read(real, SIGNED_FILE_MAX_SIZE, data, len, e);
	if (rc == 0 && mtime != NULL) {
		if (stat(real, &st) == -1) {
			rc = err_errno(e, "%s", path);
			free(*data);
		} else {
			*mtime = (int64_t)st.st_mtime;
		}
	}
	free(real);
	return rc;
}

/* As file by file the errors mean something else, only these are verdicts. */
enum tool_status
tool_verdict(const struct err *e)
{
	if (e->code == ERR_SIGNATURE)
		return TOOL_SIGNATURE;
	if (e->code == ERR_FORMAT)
		return TOOL_MALFORMED;
	if (e->code == ERR_UNVERIFIABLE || e->code == ERR_KEY)
		return TOOL_UNVERIFIABLE;
	return TOOL_REFUSED;
}

const char *
tool_verdict_name(enum tool_status status)
{
	if (status == TOOL_OK)
		return "valid";
	if (status == TOOL_SIGNATURE)
		return "signature invalid";
	if (status == TOOL_MALFORMED)
		return "malformed";
	return "unverifiable";
}

static int
take_digest(const char *text, enum digest_alg *alg)
{
	if (str_equal(text, "sha1"))
		*alg = DIGEST_SHA1;
	else if (str_equal(text, "sha256"))
		*alg = DIGEST_SHA256;
	else if (str_equal(text, "sha512"))
		*alg = DIGEST_SHA512;
	else
		return -1;
	return 0;
}

static int
take_timestamp(const char *text, int64_t *t)
{
	uint64_t n;

	if (str_number(text, 0, UINT32_MAX, &n) == -1)
		return -1;
	*t = (int64_t)n;
	return 0;
}

int
tool_signing_option(struct tool_signing *s, int c)
{
	switch (c) {
	case 'k':
		s->key_path = optarg;
		return 0;
	case 'c':
		s->cert_path = optarg;
		return 0;
	case 'o':
		s->out_path = optarg;
		return 0;
	case 'd':
		s->has_digest = true;
		if (take_digest(optarg, &s->digest) == -1)
			return -1;
		return s->for_files && s->digest == DIGEST_SHA256 ? -1 : 0;
	case 't':
		return take_timestamp(optarg, &s->timestamp);
	default:
		return -1;
	}
}

int
tool_signing_load(struct tool_signing *s, struct err *e)
{
	struct err none = ERR_INIT;
	uint8_t *data = NULL;
	size_t n = 0;

	if (tool_read(s->key_path, &data, &n, NULL, e) == -1)
		return -1;
	s->key = key_from_pem(data, n, e);
	if (s->key == NULL)
		err_wrap(e, "%s", s->key_path);
	else if (s->cert_path == NULL)
		s->cert = cert_from_pem(data, n, &none);
	mem_free_wiped(data, n);
	if (s->key == NULL)
		return -1;
	if (s->cert_path == NULL)
		return 0;
	if (tool_read(s->cert_path, &data, &n, NULL, e) == -1)
		return -1;
	s->cert = cert_from_pem(data, n, e);
	mem_free_wiped(data, n);
	return s->cert == NULL ? err_wrap(e, "%s", s->cert_path) : 0;
}

void
tool_signing_release(struct tool_signing *s)
{
	key_free(s->key);
	cert_free(s->cert);
	s->key = NULL;
	s->cert = NULL;
}

int
tool_write(const struct tool_signing *s, const void *data, size_t len,
    struct err *e)
{
	struct stat st;

	if (stat(s->out_path, &st) == 0 && !S_ISREG(st.st_mode))
		return err_set(e, ERR_EXISTS, "%s: not a regular file",
		    s->out_path);
	return file_replace(s->out_path, data, len, 0644, e);
}
