/*
 * Command lines of ucm-node: long options from a table, then arguments.
 */
#ifndef NODE_OPTIONS_H
#define NODE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum option_kind {
	OPTION_FLAG, /* value: bool, becomes true */
	OPTION_TEXT, /* value: char[size]; too long is refused */
	OPTION_STRING, /* value: const char *; points into argv */
	OPTION_PORT, /* value: uint16_t, 1..65535 */
	OPTION_NUMBER /* value: unsigned, 0..max */
};

struct option_def {
	const char *name; /* without the hyphens */
	enum option_kind kind;
	void *value;
	size_t size; /* OPTION_TEXT: of the array; OPTION_NUMBER: greatest */
};

/*
 * Take "--name value", "--name=value" and flags from argv[1] on; options may
 * stand between arguments, "--" ends them, a lone "-" is an argument.  The
 * arguments are moved to argv[1..*nargs].  -1 with ERR_USAGE for an unknown
 * option, one given twice, a missing or an unfit value.
 */
int options_parse(int argc, char **argv, const struct option_def *defs,
    size_t n, int *nargs, struct err *e);

#endif
