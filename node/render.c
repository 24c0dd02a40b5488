#include "node/render.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/str.h"
#include "db/replicas.h"
#include "node/programs.h"

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

static int
render_file(const char *template, const char *path, mode_t mode,
    const struct render_var *vars, size_t n, struct err *e)
{
	struct wbuf out;
	uint8_t *text = NULL;
	size_t len;
	int rc = -1;

	wbuf_init(&out, RENDER_MAX);
	if (file_read(template, RENDER_MAX, &text, &len, e) == 0 &&
	    (render_text((const char *)text, vars, n, &out, e) == 0 ||
		err_wrap(e, "%s", template) == 0))
		rc = file_replace(path, out.data, out.len, mode, e);
	free(text);
	wbuf_release(&out);
	return rc;
}

int
render_node(const struct nodeconf *conf, const char *templates,
    const char *etc_dir, struct err *e)
{
	char standby[STANDBY_SIZE];
	char ssh_port[8];
	char db_port[8];
	char from[PATH_SIZE];
	char to[PATH_SIZE];
	const struct render_var vars[] = {
		{ "ROOT", paths_root() },
		{ "NAME", conf->name },
		{ "ADDRESS", conf->address },
		{ "SSH_PORT", ssh_port },
		{ "DB_PORT", db_port },
		{ "PG_BIN", PROGRAM_PG_BIN },
		{ "STANDBY", standby },
	};
	const size_t n = sizeof(vars) / sizeof(vars[0]);

	standby_lines(conf, standby, sizeof(standby));
	snprintf(ssh_port, sizeof(ssh_port), "%u", (unsigned)conf->ssh_port);
	snprintf(db_port, sizeof(db_port), "%u", (unsigned)conf->db_port);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (str_printf(from, sizeof(from), "%s/%s", templates,
			files[i].template) == -1)
			return err_set(e, ERR_USAGE, "%s: name too long",
			    templates);
		paths_in(to, "%s", files[i].path);
		if (render_file(from, to, files[i].mode, vars, n, e) == -1)
			return -1;
	}
	if (str_printf(from, sizeof(from), "%s/pam/ucm-sshd", templates) ==
		-1 ||
	    str_printf(to, sizeof(to), "%s/pam.d/ucm-sshd", etc_dir) == -1)
		return err_set(e, ERR_USAGE, "%s: name too long", templates);
	return render_file(from, to, 0644, vars, n, e);
}
