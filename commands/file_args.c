#include "commands/file_args.h"

#include <string.h>
#include <time.h>

#include "base/str.h"
#include "commands/file_spec.h"

static int
check_lines(const char *text, struct err *e)
{
	uint64_t n;

	if (str_number(text, 1, FILE_ARGS_LINES_MAX, &n) == 0)
		return 0;
	return err_set(e, ERR_USAGE, "The number of lines is 1 to %d.",
	    FILE_ARGS_LINES_MAX);
}

static int
check_number(const char *text, struct err *e)
{
	uint64_t n;

	if (str_number(text, 1, FILE_WHEN_NUMBER_MAX, &n) == 0)
		return 0;
	return err_set(e, ERR_USAGE, "reltime takes a number from 1 to %d.",
	    FILE_WHEN_NUMBER_MAX);
}

static int
check_unit(const char *text, struct err *e)
{
	size_t i;

	for (i = 0; file_when_units[i] != NULL; i++) {
		if (str_equal(file_when_units[i], text))
			return 0;
	}
	return err_set(e, ERR_USAGE,
	    "reltime counts in minutes, hours, days, weeks or months.");
}

static int
check_time(const char *text, struct err *e)
{
	int64_t t;

	return file_when_parse(text, &t, e);
}

const struct cmd_type arg_file_spec = { .check = file_spec_check };
const struct cmd_type arg_lines = { .check = check_lines };
const struct cmd_type arg_regexp = {
	.check = regexp_check,
	.quoted = true,
};

static const struct cmd_type arg_unit_of_time = {
	.check = check_unit,
	.values = file_when_units,
};
static const struct cmd_type arg_number = { .check = check_number };
static const struct cmd_type arg_time = { .check = check_time };

const struct cmd_param file_params[] = {
	{ .name = "file-spec", .type = &arg_file_spec, .help = "file to view" },
	{ .name = NULL },
};

const struct cmd_param file_reltime[] = {
	{ .name = "unit", .type = &arg_unit_of_time, .help = "unit of time" },
	{ .name = "number", .type = &arg_number, .help = "number" },
	{ .name = NULL },
};

const struct cmd_param file_abstime[] = {
	{ .name = "from", .type = &arg_time, .help = "time it begins" },
	{ .name = "to", .type = &arg_time, .help = "time it ends" },
	{ .name = NULL },
};

const struct cmd_param file_regexp[] = {
	{ .name = "regexp", .type = &arg_regexp, .help = "regular expression" },
	{ .name = NULL },
};

const struct fileroot *
file_args_root(const struct cmd_args *a)
{
	const struct fileroot *root =
	    fileroot_find(strrchr(a->cmd->words, ' ') + 1);

	if (root == NULL)
		BUG("%s: no such root", a->cmd->words);
	return root;
}

int
file_args_when(const struct cmd_args *a, size_t rel, size_t abs,
    struct file_when *w, struct err *e)
{
	uint64_t n;

	file_when_always(w);
	if (a->option[abs])
		return file_when_between(w, a->option_value[abs][0],
		    a->option_value[abs][1], e);
	if (!a->option[rel])
		return 0;
	if (str_number(a->option_value[rel][1], 1, FILE_WHEN_NUMBER_MAX, &n) ==
	    -1)
		BUG("a number that was checked is none");
	file_when_last(w, a->option_value[rel][0], n, (int64_t)time(NULL));
	return 0;
}

int
file_args_regexp(const struct cmd_args *a, size_t i, struct regexp **r,
    struct err *e)
{
	*r = NULL;
	if (!a->option[i])
		return 0;
	return regexp_new(r, a->option_value[i][0], false, e);
}

uint64_t
file_args_number(const struct cmd_args *a, size_t i, uint64_t otherwise)
{
	uint64_t n;

	if (!a->option[i])
		return otherwise;
	if (str_number(a->option_value[i][0], 0, UINT64_MAX, &n) == -1)
		BUG("a number that was checked is none");
	return n;
}
