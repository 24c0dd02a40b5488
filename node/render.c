#include "node/render.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "db/replicas.h"
#include "node/programs.h"
#include "node/rendered.h"
#include "trust/digest.h"

#define NAME_MAX_LENGTH 31
#define STANDBY_SIZE 1536

/* A template, and where its result goes. */
struct file_map {
	const char *template;
	const char *path; /* below the node's root */
	mode_t mode;
};

static const struct file_map files[] = {
	{ "sshd_config", "etc/sshd_config", 0644 },
	{ "postgresql/postgresql.conf", "etc/postgresql/postgresql.conf",
	    0644 },
	{ "postgresql/pg_hba.conf", "etc/postgresql/pg_hba.conf", 0644 },
	{ "postgresql/pg_ident.conf", "etc/postgresql/pg_ident.conf", 0644 },
	{ "service/sshd/run", "service/sshd/run", 0755 },
	{ "service/sshd/log/run", "service/sshd/log/run", 0755 },
	{ "service/postgresql/run", "service/postgresql/run", 0755 },
	{ "service/postgresql/control/t", "service/postgresql/control/t",
	    0755 },
	{ "service/postgresql/log/run", "service/postgresql/log/run", 0755 },
	{ "service/agent/run", "service/agent/run", 0755 },
	{ "service/agent/log/run", "service/agent/log/run", 0755 },
	{ "service/tftp/run", "service/tftp/run", 0755 },
	{ "service/tftp/log/run", "service/tftp/log/run", 0755 },
	{ "service/certmon/run", "service/certmon/run", 0755 },
	{ "service/certmon/log/run", "service/certmon/log/run", 0755 },
	{ "service/tvs/run", "service/tvs/run", 0755 },
	{ "service/tvs/log/run", "service/tvs/log/run", 0755 },
};

/* Length of the name behind an at-sign at s if it is one, else 0. */
static size_t
name_length(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");

	return n > 0 && n <= NAME_MAX_LENGTH && s[n] == '@' ? n : 0;
}

static const char *
lookup(const struct render_var *vars, size_t nvars, const char *name, size_t n)
{
	for (size_t i = 0; i < nvars; i++)
		if (strlen(vars[i].name) == n &&
		    memcmp(vars[i].name, name, n) == 0)
			return vars[i].value;
	return NULL;
}

int
render_text(const char *text, const struct render_var *vars, size_t n,
    struct wbuf *out, struct err *e)
{
	unsigned line = 1;

	for (const char *p = text; *p != '\0'; p++) {
		const char *value;
		size_t len;

		if (*p == '\n')
			line++;
		len = *p == '@' ? name_length(p + 1) : 0;
		if (len == 0) {
			wbuf_u8(out, (uint8_t)*p);
			continue;
		}
		value = lookup(vars, n, p + 1, len);
		if (value == NULL)
			return err_set(e, ERR_FORMAT,
			    "line %u: unknown name @%.*s@", line, (int)len,
			    p + 1);
		wbuf_bytes(out, value, strlen(value));
		p += len + 1;
	}
	if (out->failed)
		return err_set(e, ERR_TOO_BIG, "over %d bytes", RENDER_MAX);
	return 0;
}

/* The lines of postgresql.conf that make a subscriber's server a standby. */
static void
standby_lines(const struct nodeconf *conf, char *dst, size_t size)
{
	char slot[REPLICAS_SLOT_SIZE];
	char tls[PATH_SIZE];

	dst[0] = '\0';
	if (conf->role == NODE_PUBLISHER)
		return;
	replicas_slot_name(slot, conf->name);
	paths_in(tls, "db/tls");
	if (str_printf(dst, size,
		"primary_slot_name = '%s'\n"
		"primary_conninfo = 'host=%s port=%u user=replicator "
		"application_name=%s connect_timeout=5 gssencmode=disable "
		"sslmode=verify-full sslrootcert=%s/cluster-ca.pem "
		"sslcert=%s/replicator.pem sslkey=%s/replicator.key'\n",
		slot, conf->publisher_address, (unsigned)conf->db_port, slot,
		tls, tls, tls) == -1)
		BUG("standby lines over %zu bytes", size);
}

/* One run over all files. */
struct rendering {
	const char *templates;
	const struct render_var *vars;
	size_t nvars;
	const struct rendered *before; /* NULL: write whatever is there */
	struct strlist *replaced; /* with before */
	struct wbuf after;
};

/* What becomes of the file that is there. */
enum fate {
	FATE_STAYS,
	FATE_GOES,
	FATE_KEPT /* under another name */
};

/* want: the digest of what the template gives now. */
static enum fate
fate(const struct rendered *before, const char *path, const char *want)
{
	char now[DIGEST_HEX_SIZE];
	struct stat st;

	if (before == NULL || lstat(path, &st) == -1)
		return FATE_GOES;
	/* what cannot be read is not what was written */
	if (digest_file_hex(DIGEST_SHA256, path, RENDER_MAX, now, NULL) == -1)
		now[0] = '\0';
	if (str_equal(now, want) || rendered_is(before, path, want))
		return FATE_STAYS;
	return rendered_is(before, path, now) ? FATE_GOES : FATE_KEPT;
}

/* The file has a second name from here on. */
static int
keep_old(const char *path, struct err *e)
{
	char *old = mem_printf("%s" RENDER_OLD, path);
	int rc = file_remove(old, e);

	if (rc == 0 && link(path, old) == -1)
		rc = err_errno(e, "%s", old);
	free(old);
	return rc;
}

static int
place(struct rendering *r, const char *path, const struct wbuf *text,
    mode_t mode, struct err *e)
{
	char want[DIGEST_HEX_SIZE];

	digest_hex(DIGEST_SHA256, text->data, text->len, want);
	rendered_add(&r->after, path, want);
	switch (fate(r->before, path, want)) {
	case FATE_STAYS:
		return 0;
	case FATE_KEPT:
		if (keep_old(path, e) == -1)
			return -1;
		strlist_add(r->replaced, path);
		break;
	case FATE_GOES:
		break;
	}
	return file_replace(path, text->data, text->len, mode, e);
}

static int
render_file(struct rendering *r, const char *template, const char *path,
    mode_t mode, struct err *e)
{
	char from[PATH_SIZE];
	struct wbuf out;
	uint8_t *text = NULL;
	size_t len;
	int rc = -1;

	if (str_printf(from, sizeof(from), "%s/%s", r->templates, template) ==
	    -1)
		return err_set(e, ERR_USAGE, "%s: name too long", r->templates);
	wbuf_init(&out, RENDER_MAX);
	if (file_read(from, RENDER_MAX, &text, &len, e) == 0 &&
	    (render_text((const char *)text, r->vars, r->nvars, &out, e) == 0 ||
		err_wrap(e, "%s", from) == 0))
		rc = place(r, path, &out, mode, e);
	free(text);
	wbuf_release(&out);
	return rc;
}

static int
render_all(struct rendering *r, const char *etc_dir, struct err *e)
{
	char to[PATH_SIZE];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		paths_in(to, "%s", files[i].path);
		if (render_file(r, files[i].template, to, files[i].mode, e) ==
		    -1)
			return -1;
	}
	if (str_printf(to, sizeof(to), "%s/pam.d/ucm-sshd", etc_dir) == -1)
		return err_set(e, ERR_USAGE, "%s: name too long", etc_dir);
	return render_file(r, "pam/ucm-sshd", to, 0644, e);
}

static int
render(struct rendering *r, const struct nodeconf *conf, const char *etc_dir,
    struct err *e)
{
	char standby[STANDBY_SIZE];
	char ssh_port[8];
	char db_port[8];
	const struct render_var vars[] = {
		{ "ROOT", paths_root() },
		{ "NAME", conf->name },
		{ "ADDRESS", conf->address },
		{ "SSH_PORT", ssh_port },
		{ "DB_PORT", db_port },
		{ "PG_BIN", PROGRAM_PG_BIN },
		{ "STANDBY", standby },
	};
	int rc;

	standby_lines(conf, standby, sizeof(standby));
	snprintf(ssh_port, sizeof(ssh_port), "%u", (unsigned)conf->ssh_port);
	snprintf(db_port, sizeof(db_port), "%u", (unsigned)conf->db_port);
	r->vars = vars;
	r->nvars = sizeof(vars) / sizeof(vars[0]);
	rendered_begin(&r->after, r->templates);
	rc = render_all(r, etc_dir, e);
	if (rc == 0)
		rc = rendered_save(&r->after, e);
	wbuf_release(&r->after);
	return rc;
}

int
render_node(const struct nodeconf *conf, const char *templates,
    const char *etc_dir, struct err *e)
{
	char full[PATH_MAX];
	struct rendering r = { .templates = full };

	/* whoever renders again may stand in another directory */
	if (realpath(templates, full) == NULL)
		return err_errno(e, "%s", templates);
	return render(&r, conf, etc_dir, e);
}

int
render_again(const struct nodeconf *conf, const char *etc_dir,
    struct strlist *replaced, struct err *e)
{
	struct rendered before;
	struct rendering r = { .before = &before, .replaced = replaced };
	int rc;

	if (rendered_load(&before, e) == -1)
		return -1;
	r.templates =
	    before.templates[0] != '\0' ? before.templates : RENDER_TEMPLATES;
	rc = render(&r, conf, etc_dir, e);
	rendered_release(&before);
	return rc;
}
