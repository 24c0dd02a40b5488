/*
 * The one walk over the table of commands: execution, Tab, `?` and help all
 * ask it.  It is pure: it never prints and never runs anything.
 *
 * Words of commands and options may be abbreviated when unique; an exact
 * word wins over longer ones that begin with it.
 */
#ifndef SHELL_MATCH_H
#define SHELL_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "commands/command.h"

enum match_why {
	MATCH_OK, /* a command with all it needs */
	MATCH_EMPTY, /* no words */
	MATCH_INCOMPLETE, /* the words begin commands but name none */
	MATCH_UNKNOWN, /* no command has the word bad */
	MATCH_AMBIGUOUS, /* the word bad abbreviates several */
	MATCH_MISSING, /* a parameter is missing */
	MATCH_EXTRA, /* the word bad is one too many */
	MATCH_VALUE /* a parameter is wrong: the sentence is in e */
};

struct match {
	enum match_why why;
	const struct command *cmd; /* set when the words name one command */
	struct cmd_args args; /* with MATCH_OK only */
	struct strlist path; /* the command's words that matched, in full */
	char *bad; /* the word at fault; NULL: none */
	/* With MATCH_VALUE; with MATCH_MISSING empty unless there is more. */
	struct err e;

	/*
	 * For Tab and `?`.  stem is the offset of the word being typed, or
	 * the line's length behind a blank.  here holds the words that could
	 * stand there and begin with what is typed; next the words that could
	 * follow if the line's words are complete.  Words that have words
	 * below them end in "*".
	 */
	size_t stem;
	struct strlist here;
	struct strlist next;
	bool exact; /* the word being typed is a whole one as it stands */
	bool text; /* the end of the line is inside free text (SQL, quotes) */
	bool inner; /* … is inside the words of another command (help) */
};

/*
 * Match len bytes of line against a table sorted by words, NULL at its end.
 * *m is overwritten; release with match_release().
 */
void match_line(const struct command *const *table, const char *line,
    size_t len, struct match *m);

void match_release(struct match *m);

#endif
