/* ucm-trust show: what show itl and show ctl print. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "trust/render.h"
#include "trust/signed_file.h"
#include "trust/tool.h"

static enum tool_status run(int argc, char **argv);

const struct tool_command tool_show = {
	.name = "show",
	.usage = "FILE [--json]",
	.help =
	    "print a trust list as show itl does, or a signed file's header",
	.run = run,
};

/* How to call a file that turns out to be no list at all. */
static enum trustlist_kind
kind_by_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (str_starts(slash == NULL ? path : slash + 1, "CTL"))
		return TRUSTLIST_CTL;
	return TRUSTLIST_ITL;
}

/* Lists have version 1.2, files that are signed 1.0 and 2.0. */
static bool
is_signed_file(const struct render_file *file)
{
	uint8_t major, minor;

	return signed_header_version(file->data, file->len, &major, &minor,
		   NULL) == 0 &&
	    minor == 0;
}

static int
render(struct out *o, const struct render_file *file, struct err *e)
{
	struct signed_file s;

	if (!is_signed_file(file))
		return render_trustlist(o, file, e);
	if (signed_file_parse(&s, file->data, file->len, e) == -1)
		return -1;
	render_signed_file(o, file, &s);
	return 0;
}

static enum tool_status
show(const char *path, enum out_form form)
{
	struct err e = ERR_INIT;
	enum tool_status status = TOOL_OK;
	struct render_file file = { .expect = kind_by_name(path) };
	uint8_t *data;
	struct out *o;

	if (tool_read(path, &data, &file.len, &file.mtime, &e) == -1) {
		tool_complain(&e);
		return TOOL_NO_INPUT;
	}
	file.data = data;
	o = out_new_fd(STDOUT_FILENO, form);
	if (render(o, &file, &e) == -1) {
		status = tool_verdict(&e);
		err_wrap(&e, "%s: %s", path, tool_verdict_name(status));
	}
	status = tool_finish(o, status);
	if (status != TOOL_OK && status != TOOL_NO_OUTPUT)
		tool_complain(&e);
	free(data);
	return status;
}

static enum tool_status
run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' }, { NULL, 0, NULL, 0 }
	};
	enum out_form form = OUT_TEXT;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c != 'j')
			return tool_misused_option(&tool_show, c, NULL);
		form = OUT_JSON;
	}
	if (argc - optind != 1)
		return tool_misused(&tool_show, "name one file");
	return show(argv[optind], form);
}
