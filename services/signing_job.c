#include "services/signing_job.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/beneath.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "services/group_itl.h"
#include "trust/config_stub.h"
#include "trust/encrypted_file.h"

/* One run of a job. */
struct run {
	const struct signing_tools *tools;
	struct file_signer *signer;
	struct file_checker *checker;
	struct signing_job *job;
	struct cert *phone; /* owned: its certificate; or NULL */
};

struct signing_job *
signing_job_new(enum signing_kind kind, void *owner)
{
	struct signing_job *j = mem_alloc(sizeof(*j));

	j->kind = kind;
	j->owner = owner;
	return j;
}

static void
drop_files(struct signing_job *j)
{
	free(j->file.data);
	free(j->encrypted.data);
	memset(&j->file, 0, sizeof(j->file));
	memset(&j->encrypted, 0, sizeof(j->encrypted));
}

void
signing_job_free(struct signing_job *j)
{
	if (j == NULL)
		return;
	drop_files(j);
	phone_row_release(j->row);
	phone_basis_release(j->basis);
	free(j->error);
	free(j);
}

void
signing_config_name(char name[TFTP_NAME_SIZE], const char *mac)
{
	(void)str_printf(name, TFTP_NAME_SIZE, "%s%s.cnf.xml.sgn",
	    mac[0] == '\0' ? "XMLDefault" : "SEP", mac);
}

void
signing_encrypted_name(char name[TFTP_NAME_SIZE], const char *mac)
{
	(void)str_printf(name, TFTP_NAME_SIZE, "SEP%s.cnf.xml.enc.sgn", mac);
}

void
signing_forget_phone(const struct signing_tools *t, const char *mac)
{
	char name[TFTP_NAME_SIZE];

	if (t->cache == NULL)
		return;
	signing_config_name(name, mac);
	signed_cache_drop(t->cache, name);
	signing_encrypted_name(name, mac);
	signed_cache_drop(t->cache, name);
}

/* The file of a key, signed, or encrypted and signed. */
static int
make_file(struct run *r, const struct signed_cache_key *key,
    struct signing_file *f, struct err *e)
{
	const struct file_draft draft = { .major = 1,
		.filename = key->name,
		.timestamp = clock_wall(),
		.content = key->content };

	if (key->phone == NULL)
		return file_signer_sign(r->signer, &draft, &f->data, &f->len,
		    e);
	return encrypted_file_write(r->signer, &draft, key->phone, &f->data,
	    &f->len, e);
}

/* The same from the cache, or made and kept there. */
static int
find_or_make(struct run *r, const struct signed_cache_key *key,
    struct signing_file *f, struct err *e)
{
	struct signed_cache *cache = r->tools->cache;

	if (cache != NULL &&
	    signed_cache_find(cache, r->checker, key, &f->data, &f->len)) {
		r->job->n_reused++;
		return 0;
	}
	if (make_file(r, key, f, e) == -1)
		return -1;
	r->job->n_signed++;
	if (key->phone != NULL)
		r->job->n_encrypted++;
	if (cache != NULL)
		signed_cache_put(cache, key, f->data, f->len);
	return 0;
}

static int
sign(struct run *r, const char *name, const void *content, size_t len,
    struct err *e)
{
	const struct signed_cache_key key = { .name = name,
		.digest = file_signer_digest(r->signer),
		.content = { content, len } };
	struct signing_file *f = &r->job->file;

	if (find_or_make(r, &key, f, e) == -1)
		return -1;
	f->header = f->len - len;
	return 0;
}

/* SEP<MAC>.cnf.xml.enc.sgn. */
static int
encrypt(struct run *r, const void *plain, size_t len, struct err *e)
{
	char name[TFTP_NAME_SIZE];
	const struct signed_cache_key key = { .name = name,
		.digest = file_signer_digest(r->signer),
		.content = { plain, len },
		.phone = r->phone };

	signing_encrypted_name(name, r->job->row->mac);
	return find_or_make(r, &key, &r->job->encrypted, e);
}

/* The encrypted file and the stub that leads to it. */
static int
make_encrypted(struct run *r, const char *name, const void *plain, size_t len,
    struct err *e)
{
	uint8_t *stub = NULL;
	size_t n = 0;
	int rc;

	if (config_stub(plain, len, r->phone, &stub, &n, e) == -1)
		return -1;
	rc = encrypt(r, plain, len, e);
	if (rc == 0)
		rc = sign(r, name, stub, n, e);
	free(stub);
	return rc;
}

static struct signing_input
input_of(const struct run *r, const void *plain, size_t len)
{
	const struct phone_row *row = r->job->row;
	struct signing_input in = { .encrypted = row != NULL && row->encrypt };
	uint8_t sum[DIGEST_MAX];

	digest_bytes(DIGEST_SHA256, plain, len, sum);
	memcpy(in.plain, sum, sizeof(in.plain));
	if (in.encrypted && r->phone != NULL)
		memcpy(in.cert, r->phone->sha256, sizeof(in.cert));
	return in;
}

static bool
same_input(const struct signing_input *a, const struct signing_input *b)
{
	return a->encrypted == b->encrypted &&
	    memcmp(a->cert, b->cert, sizeof(a->cert)) == 0 &&
	    memcmp(a->plain, b->plain, sizeof(a->plain)) == 0;
}

/* The phone's certificate; without one nothing can be encrypted. */
static int
find_certificate(struct run *r, struct err *e)
{
	const struct phone_row *row = r->job->row;
	struct err why = ERR_INIT;

	if (row == NULL)
		return 0;
	r->phone = r->tools->source->cert(row, &why);
	if (r->phone != NULL || !row->encrypt)
		return 0;
	return err_set(e, ERR_KEY,
	    "its configuration is to be encrypted, but there is no certificate "
	    "to encrypt it to: %s",
	    why.msg);
}

static int
make_phone(struct run *r, struct err *e)
{
	struct signing_job *j = r->job;
	struct signing_input in;
	uint8_t *plain = NULL;
	char name[TFTP_NAME_SIZE];
	size_t len = 0;
	int rc;

	signing_config_name(name, j->row == NULL ? "" : j->row->mac);
	if (find_certificate(r, e) == -1 ||
	    r->tools->source->render(j->basis, j->row, r->phone, &plain, &len,
		e) == -1)
		return -1;
	in = input_of(r, plain, len);
	j->unchanged = j->has_input && same_input(&in, &j->input);
	j->input = in;
	if (j->unchanged)
		rc = 0;
	else if (in.encrypted)
		rc = make_encrypted(r, name, plain, len, e);
	else
		rc = sign(r, name, plain, len, e);
	mem_free_wiped(plain, len);
	return rc;
}

/* All size bytes of an open file; -1 if there are fewer or more. */
static int
read_exactly(int fd, uint8_t *dst, size_t size)
{
	uint8_t more;
	size_t n = 0;

	while (n < size) {
		ssize_t got = read(fd, dst + n, size - n);

		if (got == -1 && errno == EINTR)
			continue;
		if (got <= 0)
			return -1;
		n += (size_t)got;
	}
	return read(fd, &more, 1) == 0 ? 0 : -1;
}

/* The bytes of a file below tftp/. */
static int
load_static(const struct run *r, uint8_t **data, size_t *len, struct err *e)
{
	const char *name = r->job->name;
	struct stat st;
	int fd, rc = 0;

	fd = beneath_open_file(r->tools->dir, name, &st, e);
	if (fd == -1)
		return -1;
	*len = (size_t)st.st_size;
	if (*len > SIGNING_STATIC_MAX) {
		rc = err_set(e, ERR_TOO_BIG,
		    "over %lu bytes: there is no %s.sgn", SIGNING_STATIC_MAX,
		    name);
	} else {
		*data = mem_alloc(*len + 1);
		if (read_exactly(fd, *data, *len) == -1) {
			free(*data);
			*data = NULL;
			rc = err_set(e, ERR_IO, "it changes while it is read");
		}
	}
	(void)close(fd);
	return rc;
}

static int
make_static(struct run *r, struct err *e)
{
	char name[TFTP_NAME_SIZE];
	uint8_t *data = NULL;
	size_t len = 0;
	int rc;

	if (str_printf(name, sizeof(name), "%s.sgn", r->job->name) == -1)
		return err_set(e, ERR_TOO_BIG, "its name is too long");
	if (load_static(r, &data, &len, e) == -1)
		return -1;
	rc = sign(r, name, data, len, e);
	free(data);
	return rc;
}

void
signing_job_run(const struct signing_tools *t, unsigned thread,
    struct signing_job *j)
{
	struct run r = { .tools = t,
		.signer = t->identity->signer[thread],
		.checker = t->identity->checker[thread],
		.job = j,
		.phone = NULL };
	struct err e = ERR_INIT;
	int rc = -1;

	switch (j->kind) {
	case SIGNING_PHONE:
		rc = make_phone(&r, &e);
		break;
	case SIGNING_GROUP:
		rc = group_itl_build(t->identity, &j->group, &j->file.data,
		    &j->file.len, &e);
		j->n_signed += rc == 0;
		break;
	case SIGNING_STATIC:
		rc = make_static(&r, &e);
		break;
	}
	cert_free(r.phone);
	if (rc == 0)
		return;
	drop_files(j);
	j->error = mem_dup(&e, sizeof(e));
}
