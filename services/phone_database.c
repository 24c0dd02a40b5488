#include "services/phone_database.h"

#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "db/callmanager_groups.h"
#include "db/devices.h"
#include "db/params.h"
#include "services/itl_source.h"
#include "services/phone_config.h"
#include "trust/digest.h"

#define CLUSTER_ID "Cluster ID"

/* Where phone_config_template_load() looks first. */
static const char *const templates[] = { "etc/phone/SEP.cnf.xml",
	"etc/phone/XMLDefault.cnf.xml" };
#define TEMPLATES (sizeof(templates) / sizeof(templates[0]))

/* What an own template looked like; all zero: there is none. */
struct stamp {
	ino_t ino;
	off_t size;
	struct timespec mtime;
	struct timespec ctime;
};

struct database {
	struct nodeconf conf;
	struct db *db; /* NULL: not open */
	bool known; /* everything was read, and then this: */
	struct phone_version version;
	struct stamp stamp[TEMPLATES];
};

/* The data of a struct phone_basis. */
struct basis_data {
	struct phone_layout layout;
	struct phone_config_template *of_phone;
	struct phone_config_template *of_default; /* NULL: see why */
	struct err why;
	char cluster_id[PARAMS_VALUE_SIZE];
	uint16_t tvs_port;
	uint16_t sip_port;
};

static void
free_basis_data(void *data)
{
	struct basis_data *b = data;

	phone_layout_release(&b->layout);
	phone_config_template_free(b->of_phone);
	phone_config_template_free(b->of_default);
	free(b);
}

static void
free_row_data(void *data)
{
	struct device_row *d = data;

	free(d->certificate);
	free(d);
}

static void
take_stamps(struct stamp stamp[TEMPLATES])
{
	memset(stamp, 0, TEMPLATES * sizeof(*stamp));
	for (size_t i = 0; i < TEMPLATES; i++) {
		char path[PATH_SIZE];
		struct stat st;

		if (stat(paths_in(path, "%s", templates[i]), &st) == -1)
			continue;
		stamp[i].ino = st.st_ino;
		stamp[i].size = st.st_size;
		stamp[i].mtime = st.st_mtim;
		stamp[i].ctime = st.st_ctim;
	}
}

static bool
same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool
same_stamps(const struct stamp *a, const struct stamp *b)
{
	for (size_t i = 0; i < TEMPLATES; i++)
		if (a[i].ino != b[i].ino || a[i].size != b[i].size ||
		    !same_time(&a[i].mtime, &b[i].mtime) ||
		    !same_time(&a[i].ctime, &b[i].ctime))
			return false;
	return true;
}

static void
take_groups(struct phone_basis *basis, const struct phone_layout *l)
{
	basis->group = mem_array(l->groups, sizeof(*basis->group));
	basis->n_groups = l->groups;
	for (size_t i = 0; i < l->groups; i++) {
		const struct callmanager_group *from = &l->group[i];
		struct phone_group *to = &basis->group[i];

		(void)str_copy(to->key, sizeof(to->key), from->pkid);
		for (size_t n = 0; n < from->servers && n < PHONE_GROUP_NODES;
		     n++)
			(void)str_copy(to->node[to->n_nodes++],
			    sizeof(to->node[0]), from->server[n].node);
	}
}

static int
read_basis(struct database *d, struct phone_changes *out, struct err *e)
{
	struct phone_basis *basis = phone_basis_new();
	struct basis_data *b = mem_alloc(sizeof(*b));

	basis->data = b;
	basis->free_data = free_basis_data;
	b->tvs_port = d->conf.tvs_port;
	b->sip_port = d->conf.sip_port;
	b->of_phone = phone_config_template_load(PHONE_CONFIG_DEVICE, e);
	if (b->of_phone == NULL ||
	    phone_layout_read(d->db, &b->layout, e) == -1 ||
	    params_get(d->db, CLUSTER_ID, b->cluster_id, e) == -1) {
		phone_basis_release(basis);
		return -1;
	}
	/* Phones of the cluster do without this one. */
	b->of_default =
	    phone_config_template_load(PHONE_CONFIG_DEFAULT, &b->why);
	take_groups(basis, &b->layout);
	out->basis = basis;
	return 0;
}

/* Devices become rows, with all that they own. */
static void
take_devices(struct device_list *l, struct phone_changes *out)
{
	for (size_t i = 0; i < l->n; i++) {
		struct device_row *d = &l->item[i];
		struct phone_row *r = phone_row_new(d->name + strlen("SEP"));

		r->removed = d->deleted;
		r->encrypt = d->encrypted_config;
		r->data = mem_dup(d, sizeof(*d));
		r->free_data = free_row_data;
		d->certificate = NULL;
		phone_changes_add(out, r);
	}
}

/* The version first: what changes meanwhile is found the next time. */
static int
read_changes(struct database *d, struct phone_changes *out, struct err *e)
{
	struct device_list devices = DEVICE_LIST_INIT;
	struct stamp stamp[TEMPLATES];
	struct phone_version v;
	bool all;

	take_stamps(stamp);
	if (devices_version(d->db, &v, e) == -1)
		return -1;
	all = !d->known || v.devices < d->version.devices ||
	    v.layout < d->version.layout;
	if ((all || v.layout != d->version.layout ||
		!same_stamps(stamp, d->stamp)) &&
	    read_basis(d, out, e) == -1)
		return -1;
	if (all || v.devices != d->version.devices) {
		if (devices_changed(d->db, all ? 0 : d->version.devices,
			&devices, e) == -1)
			return -1;
		take_devices(&devices, out);
		device_list_release(&devices);
	}
	out->complete = all;
	d->known = true;
	d->version = v;
	memcpy(d->stamp, stamp, sizeof(d->stamp));
	return 0;
}

static int
read_database(void *self, struct phone_changes *out, struct err *e)
{
	struct database *d = self;

	if (d->db == NULL)
		d->db = db_open_local(DB_RW, e);
	if (d->db == NULL)
		return err_wrap(e, "database");
	if (read_changes(d, out, e) == 0)
		return 0;
	phone_changes_release(out);
	db_close(d->db);
	d->db = NULL;
	return -1;
}

static struct cert *
certificate(const struct phone_row *r, struct err *e)
{
	const struct device_row *d = r->data;

	if (d->certificate == NULL) {
		(void)err_set(e, ERR_NOT_FOUND, "the database has none of %s",
		    d->name);
		return NULL;
	}
	return cert_from_pem(d->certificate, strlen(d->certificate), e);
}

static int
render(const struct phone_basis *basis, const struct phone_row *r,
    const struct cert *c, uint8_t **out, size_t *len, struct err *e)
{
	const struct basis_data *b = basis->data;
	const struct device_row *d = r == NULL ? NULL : r->data;
	const struct phone_config_template *t =
	    d == NULL ? b->of_default : b->of_phone;
	char md5[DIGEST_HEX_SIZE];
	const struct phone_config_inputs in = { .device = d,
		.group = d == NULL ? phone_layout_default(&b->layout) :
				     phone_layout_group(&b->layout, d->pool),
		.cluster_id = b->cluster_id,
		.tvs_port = b->tvs_port,
		.sip_port = b->sip_port,
		.certificate_md5 = c == NULL ? NULL : md5 };

	if (t == NULL)
		return err_set(e, b->why.code, "%s", b->why.msg);
	if (c != NULL)
		digest_hex(DIGEST_MD5, c->der, c->der_len, md5);
	return phone_config_render(t, &in, out, len, e);
}

static size_t
group_index(const struct phone_basis *basis, const struct phone_row *r)
{
	const struct basis_data *b = basis->data;
	const struct device_row *d = r->data;
	const struct callmanager_group *g =
	    phone_layout_group(&b->layout, d->pool);

	return g == NULL ? PHONE_NO_GROUP : (size_t)(g - b->layout.group);
}

static void
close_database(void *self)
{
	struct database *d = self;

	db_close(d->db);
	free(d);
}

struct phone_source
phone_database(const struct nodeconf *conf)
{
	struct database *d = mem_alloc(sizeof(*d));

	d->conf = *conf;
	return (struct phone_source) { .read = read_database,
		.cert = certificate,
		.render = render,
		.group = group_index,
		.close = close_database,
		.certs = itl_source_database(),
		.self = d };
}
