#include "node/adopted.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"

#define FILE_NAME "certs/publisher-adopted"

int
adopted_store(const struct pledge *p, struct err *e)
{
	char path[PATH_SIZE];
	struct bundle b;
	struct wbuf w;
	int rc;

	bundle_init(&b);
	wbuf_init(&w, BUNDLE_MAX);
	pledge_add(p, &b);
	bundle_encode(&b, &w);
	rc = file_replace(paths_in(path, FILE_NAME), w.data, w.len, 0600, e);
	wbuf_release(&w);
	bundle_release(&b);
	return rc;
}

int
adopted_load(struct pledge *p, bool *found, struct err *e)
{
	struct err own = ERR_INIT;
	char path[PATH_SIZE];
	uint8_t *data;
	struct bundle b;
	size_t len;
	int rc;

	*found = false;
	if (file_read(paths_in(path, FILE_NAME), BUNDLE_MAX, &data, &len,
		&own) == -1) {
		if (own.code == ERR_NOT_FOUND)
			return 0;
		*e = own;
		return -1;
	}
	rc = bundle_decode(&b, data, len, e);
	mem_free_wiped(data, len);
	if (rc == 0)
		rc = pledge_take(p, &b, e);
	bundle_release(&b);
	*found = rc == 0;
	return rc == 0 ? 0 : err_wrap(e, "%s", path);
}

int
adopted_forget(struct err *e)
{
	char path[PATH_SIZE];

	return file_remove(paths_in(path, FILE_NAME), e);
}

bool
adopted_apply(const struct pledge *p, struct node_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct node_row *row = &l->item[i];

		if (row->role != NODE_PUBLISHER)
			continue;
		if (str_equal(row->host_key, p->host_key) &&
		    str_equal(row->peer_key, p->peer_key))
			return true;
		row->ssh_port = p->port;
		(void)str_copy(row->host_key, sizeof(row->host_key),
		    p->host_key);
		(void)str_copy(row->peer_key, sizeof(row->peer_key),
		    p->peer_key);
		return false;
	}
	return false;
}
