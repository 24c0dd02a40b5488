/*
 * show itl: the file that this node's Cisco Tftp serves, read from disk, so
 * that it works whatever else is down.
 */
#include <sys/stat.h>

#include <stdlib.h>

#include "base/file.h"
#include "base/paths.h"
#include "commands/ctx.h"
#include "commands/table.h"
#include "trust/render.h"

#define FILE_MAX (1UL << 20) /* looked at; phones load 64 KiB */

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	struct render_file f = { .expect = TRUSTLIST_ITL };
	char path[PATH_SIZE];
	uint8_t *data = NULL;
	struct stat st;
	int rc = -1;

	(void)a;
	paths_in(path, "tftp/ITLFile.tlv");
	if (file_read(path, FILE_MAX, &data, &f.len, e) == -1) {
		if (e->code != ERR_NOT_FOUND)
			return err_wrap(e, "ITLFile.tlv");
		(void)render_trustlist_missing(c->out, TRUSTLIST_ITL, e);
		goto out;
	}
	f.data = data;
	if (stat(path, &st) == 0)
		f.mtime = st.st_mtime;
	rc = render_trustlist(c->out, &f, e);
out:
	/* Also a list that does not verify is a whole document. */
	if (rc == -1 && out_json(c->out))
		(void)out_finish(c->out);
	if (rc == -1 && e->code == ERR_NOT_FOUND)
		rc = cmd_told(e, ERR_NOT_FOUND);
	free(data);
	return rc;
}

const struct command cmd_show_itl = {
	.words = "show itl",
	.help = "This will show the contents of the ITL file of this node.",
	.more = "SIGNERNAME tells who signed it: CallManager of this node or, "
		"after a reset,\n"
		"the ITL recovery key.",
	.example = "show itl",
	.level = CMD_LEVEL_ORDINARY,
	.flags = CMD_JSON,
	.run = run,
};
