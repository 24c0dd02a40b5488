/*
 * What unit tests share: a directory of their own, and code that must end
 * the program.
 */
#ifndef FAKES_TESTING_H
#define FAKES_TESTING_H

#include <stdbool.h>
#include <stddef.h>

/* A fresh directory below /tmp; the name is the caller's to free. */
char *testing_dir(void);

/* Remove a directory with all that is in it, and free its name. */
void testing_dir_remove(char *dir);

/* dir/name with these bytes in it. */
void testing_write(const char *dir, const char *name, const char *text);

/* The text of dir/name, free with free(); NULL if there is none. */
char *testing_read(const char *dir, const char *name);

/* How many entries a directory has. */
size_t testing_count(const char *dir);

/* True if fn ends the process by abort(); its messages are swallowed. */
bool testing_aborts(void (*fn)(void));

#endif
