/*
 * What a command of the shell is.
 *
 * How to add a command:
 *   1. commands/WORDS_WITH_UNDERSCORES.c: a "const struct command cmd_…"
 *      with its run function.  Commands that share their body may share a
 *      file.  A parameter that needs checks or completion gets a type of its
 *      own in commands/args.c; a command never parses a parameter itself.
 *   2. commands/table.h and table.c: declare it and put it into cmd_table,
 *      which is sorted by words (test_table complains otherwise).
 *   3. doc/ucmsh-commands.7: a section that starts with the words
 *      (tools/check-commands complains otherwise).
 *   4. tests/unit/commands/test_FILE.c for the file, with the fakes of
 *      tests/fakes/, and a transcript in tests/transcripts/ when the command
 *      has a dialogue.
 *   5. A state change goes to the agent (doc/AGENT.protocol); ucmsh itself
 *      changes nothing on a node.
 *
 * The dispatcher (shell/dispatch.h) has checked privilege level, node and
 * parameters before run is called.
 */
#ifndef COMMANDS_COMMAND_H
#define COMMANDS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct cmd_ctx; /* commands/ctx.h */

#define CMD_PARAMS_MAX 3
#define CMD_OPTIONS_MAX 8
#define CMD_OPTION_VALUES_MAX 2

/* Privilege levels of accounts: a higher one includes the lower ones. */
enum cmd_level {
	CMD_LEVEL_ORDINARY = 0,
	CMD_LEVEL_ADVANCED = 1,
	CMD_LEVEL_INSTALLER = 4 /* the account made at installation */
};

#define CMD_LEVEL_NONE (-1) /* an account without any privilege */

/* The kind of a parameter: it owns check, completion and nothing else. */
struct cmd_type {
	/*
	 * Takes everything to the end of the line, blanks included (service
	 * names, SQL).  Only for a last parameter; no options follow, but
	 * "json" where the command takes it.
	 */
	bool rest;
	/* The words of another command follow (help). */
	bool command;
	/* A backslash at the end of the line continues it (SQL). */
	bool continues;
	/*
	 * May be written in quotation marks, which are no part of it, and
	 * then holds blanks: it ends at a mark with a blank or nothing behind.
	 */
	bool quoted;
	/* 0, or -1 with the sentence to print.  NULL: any text is good. */
	int (*check)(const char *text, struct err *e);
	/* Known values, NULL at the end.  NULL: none are known. */
	const char *const *values;
};

struct cmd_param {
	const char *name; /* as in the syntax line; NULL ends the list */
	const struct cmd_type *type;
	bool optional;
	const char *help; /* "certificate unit": no full stop */
};

/* A word that may stand behind the parameters, in any order. */
struct cmd_option {
	const char *word; /* NULL ends the list */
	const char *help;
	/* What must stand behind the word; NULL: nothing. */
	const struct cmd_param *values;
	/* Not the word but a value of this type (a number of lines). */
	const struct cmd_type *bare;
	unsigned group; /* options of one group exclude each other; 0: none */
};

enum cmd_flag {
	CMD_PUBLISHER = 1 << 0, /* refused on a subscriber */
	CMD_JSON = 1 << 1, /* takes the last word "json" */
	CMD_PAGE = 1 << 2, /* the first option switches the pager on */
	/*
	 * The long help as the oldest commands have it: headed by the last
	 * word only, no list of parameters, `more` behind the options.
	 */
	CMD_OLD_HELP = 1 << 3,
	CMD_OWN_PAGER = 1 << 4 /* the session's pager keeps out of it */
};

/* What the match walk found behind the command's words. */
struct cmd_args {
	const struct command *cmd; /* the command itself */
	char *value[CMD_PARAMS_MAX]; /* NULL: not given; owned */
	bool option[CMD_OPTIONS_MAX]; /* in the order of the declaration */
	/* Of a bare option the first one; NULL: not given; owned. */
	char *option_value[CMD_OPTIONS_MAX][CMD_OPTION_VALUES_MAX];
	bool json;
};

struct command {
	const char *words; /* "show cert list own" */
	const char *help; /* one sentence with full stop */
	const char *more; /* lines for the long help; NULL: none */
	const char
	    *example; /* what follows "admin:" in the help; may be NULL */
	const char *farewell; /* said at Ctrl-C; NULL: nothing to say */
	const struct cmd_param *params; /* NULL: none */
	const struct cmd_option *options; /* NULL: none besides json */
	enum cmd_level level;
	unsigned flags; /* enum cmd_flag */
	/*
	 * 0, or -1 with e.  An e whose message is empty says that the command
	 * has printed its own message; the dispatcher prints the trailer.
	 */
	int (*run)(struct cmd_ctx *c, const struct cmd_args *a, struct err *e);
};

/* Fail without a message of the dispatcher: see run above. */
int cmd_told(struct err *e, enum err_code code);

/* How many parameters and options a command declares. */
size_t cmd_param_count(const struct command *cmd);
size_t cmd_option_count(const struct command *cmd);

void cmd_args_release(struct cmd_args *a);

#endif
