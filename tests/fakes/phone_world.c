#include "tests/fakes/phone_world.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"

#define DEADLINE_MS 60000
#define FOR_EVER_MS 600000

/* The data of a row. */
struct phone_facts {
	char text[64];
	size_t group;
	struct cert *cert; /* owned, or NULL */
};

/* The data of a basis. */
struct site_facts {
	struct phone_world *world; /* for counting */
	char site[64];
};

static void
free_facts(void *data)
{
	struct phone_facts *f = data;

	cert_free(f->cert);
	free(f);
}

static struct phone_basis *
make_basis(struct phone_world *w)
{
	struct phone_basis *b = phone_basis_new();
	struct site_facts *f = mem_alloc(sizeof(*f));

	f->world = w;
	(void)str_copy(f->site, sizeof(f->site), w->site);
	b->data = f;
	b->free_data = free;
	b->group = mem_dup(w->group, sizeof(w->group));
	b->n_groups = w->n_groups;
	return b;
}

static int
read_news(void *self, struct phone_changes *out, struct err *e)
{
	static const struct phone_changes none = PHONE_CHANGES_INIT;
	struct phone_world *w = self;
	int rc = 0;

	(void)pthread_mutex_lock(&w->lock);
	w->readings++;
	if (w->failing) {
		rc = err_set(e, ERR_UNREACHABLE, "no database");
	} else if (!w->started) {
		w->started = true;
		phone_changes_release(&w->news);
		out->complete = true;
		out->basis = make_basis(w);
		for (size_t i = 0; i < w->all.n; i++)
			phone_changes_add(out, phone_row_hold(w->all.row[i]));
	} else {
		*out = w->news;
		w->news = none;
		if (w->new_basis)
			out->basis = make_basis(w);
	}
	if (rc == 0)
		w->new_basis = false;
	(void)pthread_mutex_unlock(&w->lock);
	return rc;
}

static struct cert *
certificate(const struct phone_row *r, struct err *e)
{
	const struct phone_facts *f = r->data;

	if (f->cert != NULL)
		return cert_dup(f->cert);
	(void)err_set(e, ERR_NOT_FOUND, "it has none");
	return NULL;
}

static int
render(const struct phone_basis *b, const struct phone_row *r,
    const struct cert *c, uint8_t **out, size_t *len, struct err *e)
{
	const struct site_facts *s = b->data;
	const struct phone_facts *f = r == NULL ? NULL : r->data;
	char *text;

	(void)c;
	(void)pthread_mutex_lock(&s->world->lock);
	s->world->rendered++;
	(void)pthread_mutex_unlock(&s->world->lock);
	if (f != NULL && str_equal(f->text, "broken"))
		return err_set(e, ERR_TOO_BIG, "the text is broken");
	text = mem_printf("<device><name>%s</name><text>%s</text>"
			  "<site>%s</site></device>",
	    r == NULL ? "Default" : r->mac, f == NULL ? "" : f->text, s->site);
	*out = (uint8_t *)text;
	*len = strlen(text);
	return 0;
}

static size_t
group_index(const struct phone_basis *b, const struct phone_row *r)
{
	const struct phone_facts *f = r->data;

	return f->group < b->n_groups ? f->group : PHONE_NO_GROUP;
}

static void
count_close(void *self)
{
	struct phone_world *w = self;

	(void)pthread_mutex_lock(&w->lock);
	w->closed++;
	(void)pthread_mutex_unlock(&w->lock);
}

struct phone_world *
phone_world_new(void)
{
	struct phone_world *w = mem_alloc(sizeof(*w));
	char path[PATH_SIZE];
	struct err e = ERR_INIT;

	w->node = itl_node_new();
	(void)pthread_mutex_init(&w->lock, NULL);
	itl_node_pair(&w->phone, "CP-8845-SEP000000000001");
	w->base = event_base_new();
	w->files = tftp_files_new(paths_in(path, "tftp"), &e);
	if (w->base == NULL || w->files == NULL)
		BUG("%s", e.msg);
	w->source = (struct phone_source) { .read = read_news,
		.cert = certificate,
		.render = render,
		.group = group_index,
		.close = count_close,
		.certs = w->node->source,
		.self = w };
	(void)str_copy(w->site, sizeof(w->site), "first");
	phone_world_group(w, 0, "test10pub test10sub");
	phone_world_group(w, 1, "test10sub");
	return w;
}

void
phone_world_free(struct phone_world *w)
{
	phone_world_stop(w);
	phone_changes_release(&w->news);
	phone_changes_release(&w->all);
	tftp_files_free(w->files);
	event_base_free(w->base);
	certfile_release(&w->phone);
	itl_node_free(w->node);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}

void
phone_world_start(struct phone_world *w)
{
	const struct phone_store_config config = { .source = w->source,
		.files = w->files,
		.threads = 2,
		.poll_ms = 5,
		.patience_ms =
		    w->patience_ms == 0 ? FOR_EVER_MS : w->patience_ms };
	struct err e = ERR_INIT;

	w->started = false;
	w->store = phone_store_new(w->base, &config, &e);
	if (w->store == NULL)
		BUG("%s", e.msg);
}

void
phone_world_stop(struct phone_world *w)
{
	int64_t deadline = clock_ticks() + DEADLINE_MS;
	unsigned before = w->closed;

	if (w->store == NULL)
		return;
	(void)phone_store_free(w->store);
	w->store = NULL;
	/* Its thread may still be in a reading. */
	for (bool over = false; !over; (void)poll(NULL, 0, 1)) {
		(void)pthread_mutex_lock(&w->lock);
		over = w->closed > before;
		(void)pthread_mutex_unlock(&w->lock);
		if (clock_ticks() > deadline)
			BUG("the source is not closed");
	}
}

/* The same phone again in a list of rows, or another one. */
static void
put_row(struct phone_changes *c, struct phone_row *r)
{
	for (size_t i = 0; i < c->n; i++) {
		if (!str_equal(c->row[i]->mac, r->mac))
			continue;
		phone_row_release(c->row[i]);
		c->row[i] = r;
		return;
	}
	phone_changes_add(c, r);
}

void
phone_world_set(struct phone_world *w, const struct phone_spec *spec)
{
	struct phone_row *r = phone_row_new(spec->mac);
	struct phone_facts *f = mem_alloc(sizeof(*f));

	(void)str_copy(f->text, sizeof(f->text), spec->text);
	f->group = spec->group;
	f->cert = spec->cert ? cert_dup(w->phone.cert) : NULL;
	r->encrypt = spec->encrypt;
	r->data = f;
	r->free_data = free_facts;
	(void)pthread_mutex_lock(&w->lock);
	put_row(&w->all, phone_row_hold(r));
	phone_changes_add(&w->news, r);
	(void)pthread_mutex_unlock(&w->lock);
}

void
phone_world_remove(struct phone_world *w, const char *mac)
{
	struct phone_row *r = phone_row_new(mac);

	r->removed = true;
	(void)pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < w->all.n; i++) {
		if (!str_equal(w->all.row[i]->mac, mac))
			continue;
		phone_row_release(w->all.row[i]);
		/* The last one takes its place. */
		w->all.row[i] = w->all.row[--w->all.n];
		break;
	}
	phone_changes_add(&w->news, r);
	(void)pthread_mutex_unlock(&w->lock);
}

void
phone_world_site(struct phone_world *w, const char *site)
{
	(void)pthread_mutex_lock(&w->lock);
	(void)str_copy(w->site, sizeof(w->site), site);
	w->new_basis = true;
	(void)pthread_mutex_unlock(&w->lock);
}

void
phone_world_group(struct phone_world *w, size_t i, const char *nodes)
{
	struct phone_group *g = &w->group[i];

	(void)pthread_mutex_lock(&w->lock);
	memset(g, 0, sizeof(*g));
	(void)str_printf(g->key, sizeof(g->key), "group %zu", i);
	while (*nodes != '\0' && g->n_nodes < PHONE_GROUP_NODES) {
		size_t len = strcspn(nodes, " ");

		memcpy(g->node[g->n_nodes++], nodes, len);
		nodes += len;
		nodes += strspn(nodes, " ");
	}
	if (w->n_groups <= i)
		w->n_groups = i + 1;
	w->new_basis = true;
	(void)pthread_mutex_unlock(&w->lock);
}

void
phone_world_fail(struct phone_world *w, bool failing)
{
	(void)pthread_mutex_lock(&w->lock);
	w->failing = failing;
	(void)pthread_mutex_unlock(&w->lock);
}

static unsigned
read_number(struct phone_world *w, const unsigned *n)
{
	unsigned value;

	(void)pthread_mutex_lock(&w->lock);
	value = *n;
	(void)pthread_mutex_unlock(&w->lock);
	return value;
}

unsigned
phone_world_readings(struct phone_world *w)
{
	return read_number(w, &w->readings);
}

unsigned
phone_world_rendered(struct phone_world *w)
{
	return read_number(w, &w->rendered);
}

void
phone_world_step(struct phone_world *w)
{
	(void)event_base_loop(w->base, EVLOOP_NONBLOCK);
	(void)poll(NULL, 0, 1);
}

void
phone_world_settle(struct phone_world *w)
{
	int64_t deadline = clock_ticks() + DEADLINE_MS;
	unsigned first = phone_world_readings(w);

	/* Two readings on, the first of them is handed over. */
	do {
		if (clock_ticks() > deadline)
			BUG("the store does not settle");
		phone_world_step(w);
	} while (phone_world_readings(w) < first + 3);
	phone_world_step(w);
	while (phone_world_count(w).waiting > 0) {
		if (clock_ticks() > deadline)
			BUG("the store does not settle");
		phone_world_step(w);
	}
}

static struct tftp_name
name_of(const char *text)
{
	struct tftp_name name;

	if (tftp_name_parse(&name, text) == -1)
		BUG("%s is no name", text);
	return name;
}

enum phone_store_answer
phone_world_look(struct phone_world *w, const char *text)
{
	const struct tftp_name name = name_of(text);
	struct tftp_file *f = NULL;
	enum phone_store_answer answer;

	answer = phone_store_lookup(w->store, &name, &f);
	tftp_file_release(f);
	return answer;
}

static void
note(void *self)
{
	bool *called = self;

	*called = true;
}

enum phone_store_answer
phone_world_ask(struct phone_world *w, const char *text, struct tftp_file **out)
{
	const struct tftp_name name = name_of(text);
	int64_t deadline = clock_ticks() + DEADLINE_MS;
	enum phone_store_answer answer;

	while ((answer = phone_store_lookup(w->store, &name, out)) ==
	    PHONE_STORE_LATER) {
		bool called = false;

		(void)phone_store_wait(w->store, &name, note, &called);
		while (!called) {
			if (clock_ticks() > deadline)
				BUG("%s is not made", text);
			phone_world_step(w);
		}
	}
	return answer;
}

static uint8_t *
bytes_of(struct phone_world *w, const char *name, size_t *len)
{
	struct tftp_file *f = NULL;
	const uint8_t *lent;
	uint8_t *data;

	if (phone_world_ask(w, name, &f) != PHONE_STORE_FOUND)
		BUG("%s is not there", name);
	lent = tftp_file_bytes(f, TFTP_OCTET, len);
	data = mem_alloc(*len + 1);
	memcpy(data, lent, *len);
	tftp_file_release(f);
	return data;
}

char *
phone_world_text(struct phone_world *w, const char *name)
{
	size_t len;

	return (char *)bytes_of(w, name, &len);
}

struct signed_file
phone_world_signed(struct phone_world *w, const char *name, uint8_t **data)
{
	struct err e = ERR_INIT;
	struct signed_file f;
	size_t len;

	*data = bytes_of(w, name, &len);
	if (signed_file_parse(&f, *data, len, &e) == -1 ||
	    signed_file_verify(&f, w->node->callmanager.cert, &e) == -1)
		BUG("%s: %s", name, e.msg);
	if (!str_equal(f.header.filename, name))
		BUG("%s has the name %s inside", name, f.header.filename);
	return f;
}

char *
phone_world_content(struct phone_world *w, const char *name)
{
	struct signed_file f;
	uint8_t *data;
	char *text;

	f = phone_world_signed(w, name, &data);
	text = mem_strndup((const char *)f.content, f.content_len);
	free(data);
	return text;
}

struct phone_store_counters
phone_world_count(struct phone_world *w)
{
	struct phone_store_counters c;

	phone_store_count(w->store, &c);
	return c;
}
