#include "node/peer_proof.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"

#define KEYS_FILE_MAX (1 << 20)

/* The line of the node's key: it ends in the node's name.  NULL: none. */
static char *
read_line(const char *node)
{
	char path[PATH_SIZE];
	struct err ignored = ERR_INIT;
	char *text, *rest, *line, *found = NULL;
	uint8_t *data;
	size_t len;

	if (file_read(paths_in(path, "ssh/authorized_keys.ucmnode"),
		KEYS_FILE_MAX, &data, &len, &ignored) == -1)
		return NULL;
	text = (char *)data;
	rest = text;
	while (found == NULL && (line = strsep(&rest, "\n")) != NULL) {
		const char *name = strrchr(line, ' ');

		if (name != NULL && str_equal(name + 1, node))
			found = mem_strdup(line);
	}
	free(text);
	return found;
}

static void
look_host_key(struct stat *st)
{
	char path[PATH_SIZE];

	if (stat(paths_in(path, "ssh/ssh_host_ecdsa_key"), st) == -1)
		memset(st, 0, sizeof(*st));
}

void
peer_proof_init(struct peer_proof *p, const char *node)
{
	(void)str_copy(p->node, sizeof(p->node), node);
	p->line = read_line(p->node);
	look_host_key(&p->host_key);
}

/* The very same file, and not written to since. */
static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino != 0 && a->st_ino == b->st_ino &&
	    a->st_dev == b->st_dev && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

bool
peer_proof_holds(const struct peer_proof *p)
{
	struct stat host_key;
	char *line;
	bool same;

	look_host_key(&host_key);
	if (p->line == NULL || !same_file(&p->host_key, &host_key))
		return false;
	line = read_line(p->node);
	same = line != NULL && str_equal(line, p->line);
	free(line);
	return same;
}

void
peer_proof_release(struct peer_proof *p)
{
	free(p->line);
	p->line = NULL;
}
