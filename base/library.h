/*
 * Shared libraries that are loaded when they are first asked for, and not at
 * the start of a program.
 *
 * Some libraries bring twenty others with them, and loading those takes
 * longer than all else a short run does.  Where most runs of a program never
 * need such a library, the program is not linked with it: the directory that
 * uses the library lists the functions it calls, loads them by
 * library_load(), and calls them through the pointers found.
 */
#ifndef BASE_LIBRARY_H
#define BASE_LIBRARY_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* One function that is called. */
struct library_function {
	const char *name; /* as the library exports it */
	void *pointer; /* address of the pointer to function to set */
};

/* One library: a static variable, initialized by LIBRARY(). */
struct library {
	const char *file; /* "libpq.so.5": as the dynamic linker finds it */
	const char *package; /* Debian's package of it, for the hint */
	const struct library_function *functions;
	size_t function_count;
	pthread_mutex_t lock; /* of what follows */
	bool loaded;
};

#define LIBRARY(file, package, functions)                       \
	{                                                       \
		(file), (package), (functions),                 \
		    sizeof(functions) / sizeof((functions)[0]), \
		    PTHREAD_MUTEX_INITIALIZER, false            \
	}

/*
 * Load l and find its functions, once for all threads; nearly nothing when
 * that has been done.  The library stays loaded.  -1 with ERR_INTERNAL, which
 * names what is missing, and a hint: no pointer may be called then.  The next
 * call tries again.
 */
int library_load(struct library *l, struct err *e);

#endif
