#include "commands/file_print.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "commands/file_layout.h"
#include "commands/file_lines.h"

#define LOOK_UP 1024 /* lines between two looks at Ctrl-C */
#define HEX_BYTES 4096 /* at a time; a multiple of FILE_LAYOUT_ROW */

int
file_print_lines(const struct cmd_ctx *c, int fd, const char *prefix,
    struct regexp *match, struct err *e)
{
	struct file_lines l;
	const char *line;
	unsigned steps = 0;
	size_t n;
	int rc;

	file_lines_init(&l, fd, 0);
	while ((rc = file_lines_next(&l, false, &line, &n, e)) == 1) {
		if (++steps % LOOK_UP == 0 && cmd_interrupted(c)) {
			rc = err_set(e, ERR_CANCELLED, "cancelled");
			break;
		}
		if (out_failed(c->out)) {
			rc = 0;
			break;
		}
		if (match != NULL && !regexp_match(match, line, n))
			continue;
		if (prefix != NULL) {
			out_visible(c->out, prefix, strlen(prefix));
			out_puts(c->out, ":");
		}
		file_line_print(c->out, line, n);
	}
	file_lines_release(&l);
	return rc;
}

int
file_print_hex(const struct cmd_ctx *c, int fd, struct err *e)
{
	uint8_t buf[HEX_BYTES];
	int64_t offset = 0;
	size_t have = 0;

	for (;;) {
		ssize_t n;

		if (cmd_interrupted(c))
			return err_set(e, ERR_CANCELLED, "cancelled");
		n = read(fd, buf + have, sizeof(buf) - have);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return err_errno(e, "read");
		have += (size_t)n;
		/* Only the last row may be a short one. */
		if (n > 0 && have < sizeof(buf))
			continue;
		file_layout_hex(c->out, offset, buf, have);
		if (n == 0 || out_failed(c->out))
			return 0;
		offset += (int64_t)have;
		have = 0;
	}
}
