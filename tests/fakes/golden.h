/*
 * Expected text from tests/data, whose files hold the fenced blocks of the
 * command line reference as they stand there.
 */
#ifndef FAKES_GOLDEN_H
#define FAKES_GOLDEN_H

/* The file tests/data/NAME; free with free().  A missing file is a BUG(). */
char *golden(const char *name);

/* The same without its first line ("admin:show itl"). */
char *golden_output(const char *name);

#endif
