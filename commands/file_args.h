/*
 * What the commands `file …` have in common: the types of their parameters
 * and what is read out of their arguments.
 */
#ifndef COMMANDS_FILE_ARGS_H
#define COMMANDS_FILE_ARGS_H

#include <stdint.h>

#include "base/err.h"
#include "base/fileroot.h"
#include "commands/command.h"
#include "commands/file_when.h"
#include "commands/regexp.h"

extern const struct cmd_type arg_file_spec;
extern const struct cmd_type arg_regexp; /* quoted or not */
extern const struct cmd_type arg_lines; /* 1 to FILE_ARGS_LINES_MAX */

#define FILE_ARGS_LINES_MAX 1000000

/* file-spec alone. */
extern const struct cmd_param file_params[];

/* Values of the options reltime, abstime, and match or regexp. */
extern const struct cmd_param file_reltime[];
extern const struct cmd_param file_abstime[];
extern const struct cmd_param file_regexp[];

/* The root a command is about: the last of its words. */
const struct fileroot *file_args_root(const struct cmd_args *a);

/*
 * The time that option number rel (reltime) or abs (abstime) says, or all
 * time.  0, or -1 with the sentence for the user.
 */
int file_args_when(const struct cmd_args *a, size_t rel, size_t abs,
    struct file_when *w, struct err *e);

/*
 * The expression of option number i; NULL in *r when it is not given.
 */
int file_args_regexp(const struct cmd_args *a, size_t i, struct regexp **r,
    struct err *e);

/* The number that a bare option holds, or the default. */
uint64_t file_args_number(const struct cmd_args *a, size_t i,
    uint64_t otherwise);

#endif
