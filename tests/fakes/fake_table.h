/*
 * A small table of commands for tests of the shell.  Each prints "ran WORDS"
 * and its parameters, options in brackets.
 */
#ifndef FAKES_FAKE_TABLE_H
#define FAKES_FAKE_TABLE_H

#include "commands/command.h"

/*
 * ask WORD             level 0: prints the answer to "Really? "
 * exit                 level 0: ends the session
 * fail                 level 0: fails with message and hint
 * file list activelog FILE-SPEC [page|detail|reverse]   level 0
 * help [COMMAND]       level 0
 * job                  level 1: asks the agent "job"
 * run sql STATEMENT    level 0, the rest of the line, continues
 * secure               level 4, publisher only
 * set mode MODE        level 1: fast, full or slow
 * show items [json]    level 0
 * show itl [json]      level 0
 * utils start SERVICE  level 0, the rest of the line: "Big One", "Big Two"
 */
extern const struct command *const fake_table[];

#endif
