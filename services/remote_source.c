#include "services/remote_source.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "db/changes.h"
#include "db/params.h"
#include "services/remote_resolve.h"

/* One connection, and what was read when the change counter last moved. */
struct source {
	struct db *db; /* NULL: to be opened */
	uint64_t counter;
	bool read; /* text is that of the counter */
	char text[FILE_SERVERS_TEXT_SIZE];
};

static int
refresh(struct source *s, struct err *e)
{
	uint64_t now;

	if (s->db == NULL) {
		s->db = db_open_local(DB_RW, e);
		if (s->db == NULL)
			return -1;
	}
	if (changes_read(s->db, &now, e) == -1)
		return -1;
	if (s->read && now == s->counter)
		return 0;
	s->read = false;
	if (params_get(s->db, PARAMS_REMOTE_CLUSTERS, s->text, e) == -1)
		return -1;
	s->counter = now;
	s->read = true;
	return 0;
}

static int
read_database(void *self, char text[FILE_SERVERS_TEXT_SIZE], struct err *e)
{
	struct source *s = self;

	if (refresh(s, e) == -1) {
		db_close(s->db);
		s->db = NULL;
		return -1;
	}
	return str_copy(text, FILE_SERVERS_TEXT_SIZE, s->text);
}

static void
close_database(void *self)
{
	struct source *s = self;

	db_close(s->db);
	free(s);
}

struct remote_source
remote_source_database(void)
{
	struct remote_source source = { .read = read_database,
		.resolve = remote_resolve,
		.close = close_database,
		.self = mem_alloc(sizeof(struct source)) };

	return source;
}
