#include "tests/fakes/tvs_world.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "services/tvs_trace.h"
#include "tests/fakes/itl_node.h"
#include "tests/fakes/testing.h"

#define ROWS_MAX 16
#define DEVICE \
	"\x01" \
	"CP-8861-SEPB000B4BA0AEE"

/* The node, and what its database holds; one at a time. */
static struct {
	pthread_mutex_t mutex;
	char *dir;
	struct certfile pair[TVS_WORLD_CERTS];
	struct trust_store_row row[ROWS_MAX];
	size_t n;
	uint64_t version;
	enum err_code code;
	unsigned reads;
	char level[16];
} world = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static void
lock(void)
{
	(void)pthread_mutex_lock(&world.mutex);
}

static void
unlock(void)
{
	(void)pthread_mutex_unlock(&world.mutex);
}

static void
make_dirs(void)
{
	static const char *const dirs[] = { "certs", "run", "trace" };
	char path[PATH_SIZE];
	size_t i;

	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		assert_int_equal(file_mkdir(paths_in(path, "%s", dirs[i]), 0700,
				     NULL),
		    0);
}

void
tvs_world_start(void)
{
	static const char *const names[TVS_WORLD_CERTS] = { "tvs",
		"callmanager", "stranger" };
	static const int tvs[] = { 21, -1 };
	static const int callmanager[] = { 0, 2, -1 };
	char path[PATH_SIZE];
	size_t i;

	world.dir = testing_dir();
	paths_set_root(world.dir);
	make_dirs();
	for (i = 0; i < TVS_WORLD_CERTS; i++)
		itl_node_pair(&world.pair[i], names[i]);
	assert_int_equal(certfile_write(paths_in(path, "certs/TVS.pem"),
			     world.pair[TVS_WORLD_TVS].key,
			     world.pair[TVS_WORLD_TVS].cert, NULL),
	    0);
	world.n = 0;
	world.version = 1;
	world.code = ERR_NONE;
	world.reads = 0;
	world.level[0] = '\0';
	tvs_world_add(TVS_WORLD_TVS, TRUST_STORE_NO_TTL, tvs);
	tvs_world_add(TVS_WORLD_CALLMANAGER, TRUST_STORE_NO_TTL, callmanager);
}

void
tvs_world_stop(void)
{
	size_t i;

	for (i = 0; i < world.n; i++)
		free(world.row[i].pem);
	world.n = 0;
	for (i = 0; i < TVS_WORLD_CERTS; i++)
		certfile_release(&world.pair[i]);
	testing_dir_remove(world.dir);
}

const struct cert *
tvs_world_cert(enum tvs_world_cert which)
{
	return world.pair[which].cert;
}

const char *
tvs_world_dir(void)
{
	return world.dir;
}

void
tvs_world_add(enum tvs_world_cert which, int64_t ttl, const int *roles)
{
	const struct cert *c = world.pair[which].cert;
	struct trust_store_row row = { .pem = cert_to_pem(c), .ttl = ttl };

	cert_fingerprint(c, row.sha256);
	while (*roles != -1)
		row.role[row.n_roles++] = (uint8_t)*roles++;
	lock();
	assert_true(world.n < ROWS_MAX);
	world.row[world.n++] = row;
	world.version++;
	unlock();
}

void
tvs_world_add_pem(const char *pem)
{
	lock();
	assert_true(world.n < ROWS_MAX);
	world.row[world.n++] =
	    (struct trust_store_row) { .pem = mem_strdup(pem),
		    .ttl = TRUST_STORE_NO_TTL };
	world.version++;
	unlock();
}

void
tvs_world_forget(enum tvs_world_cert which)
{
	char sha256[CERT_FINGERPRINT_SIZE];
	size_t i, n = 0;

	cert_fingerprint(world.pair[which].cert, sha256);
	lock();
	for (i = 0; i < world.n; i++) {
		if (str_equal(world.row[i].sha256, sha256))
			free(world.row[i].pem);
		else
			world.row[n++] = world.row[i];
	}
	world.n = n;
	world.version++;
	unlock();
}

void
tvs_world_fail(enum err_code code)
{
	lock();
	world.code = code;
	unlock();
}

unsigned
tvs_world_reads(void)
{
	unsigned n;

	lock();
	n = world.reads;
	unlock();
	return n;
}

void
tvs_world_level(const char *level)
{
	lock();
	(void)str_copy(world.level, sizeof(world.level),
	    level == NULL ? "" : level);
	world.version++;
	unlock();
}

/* --- the database -------------------------------------------------------- */

int
tvs_world_answers(struct err *e)
{
	enum err_code code;

	lock();
	code = world.code;
	unlock();
	return code == ERR_NONE ? 0 : err_set(e, code, "told to fail");
}

uint64_t
tvs_world_version(void)
{
	uint64_t version;

	lock();
	version = world.version;
	unlock();
	return version;
}

void
tvs_world_rows(struct trust_store *out)
{
	size_t i;

	lock();
	world.reads++;
	out->n = world.n;
	out->item = mem_array(world.n, sizeof(*out->item));
	for (i = 0; i < world.n; i++) {
		out->item[i] = world.row[i];
		out->item[i].pem = mem_strdup(world.row[i].pem);
	}
	unlock();
}

int
tvs_world_param(const char *name, char *value, size_t size, struct err *e)
{
	int rc;

	lock();
	if (str_equal(name, TVS_TRACE_PARAM_LEVEL) && world.level[0] != '\0')
		rc = str_copy(value, size, world.level);
	else
		rc = err_set(e, ERR_NOT_FOUND, "no parameter %s", name);
	unlock();
	return rc;
}

/* --- messages ------------------------------------------------------------ */

static void
put_element(struct wbuf *w, uint8_t tag, const void *p, size_t n)
{
	wbuf_u8(w, tag);
	wbuf_be16(w, (uint16_t)n);
	wbuf_bytes(w, p, n);
}

static void
begin(struct wbuf *w, enum tvs_command command)
{
	wbuf_init(w, TVS_MESSAGE_MAX);
	wbuf_bytes(w, "\x57\x01", 2);
	wbuf_u8(w, (uint8_t)command);
	wbuf_bytes(w, "\0\0\0\x03\xe9\0\0", 7);
	put_element(w, 1, DEVICE, sizeof(DEVICE) - 1);
}

static void
finish(struct wbuf *w, struct tvs_message_bytes *out)
{
	wbuf_patch_be16(w, 8, (uint16_t)(w->len - TVS_HEADER_SIZE));
	assert_int_equal(wbuf_detach(w, &out->data, &out->len), 0);
}

void
tvs_world_verify(enum tvs_world_cert which, struct tvs_message_bytes *out)
{
	const struct cert *c = tvs_world_cert(which);
	struct wbuf w;

	begin(&w, TVS_VERIFY_REQUEST);
	put_element(&w, 2, c->der, c->der_len);
	finish(&w, out);
}

void
tvs_world_query(enum tvs_world_cert which, struct tvs_message_bytes *out)
{
	const struct cert *c = tvs_world_cert(which);
	struct wbuf w;

	begin(&w, TVS_QUERY_REQUEST);
	put_element(&w, 3, c->subject, strlen(c->subject) + 1);
	put_element(&w, 4, c->issuer, strlen(c->issuer) + 1);
	put_element(&w, 5, c->serial, c->serial_len);
	finish(&w, out);
}
