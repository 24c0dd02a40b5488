/*
 * The key pager of ordinary commands (cli-reference section 3, A): stops at
 * each full screen; Enter shows one line more, Space one page, q ends the
 * output.
 */
#ifndef SHELL_PAGER_H
#define SHELL_PAGER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/out.h"
#include "commands/term.h"

struct pager {
	struct term *term; /* borrowed */
	int fd;
	unsigned rows;
	unsigned cols;
	unsigned left; /* rows that may be printed before the next stop */
	unsigned col; /* of the cursor */
	bool stopped; /* by q, Ctrl-C or the end of input: prints no more */
	bool interrupted; /* not by q */
};

void pager_init(struct pager *p, struct term *term, int fd);

/* An out that prints through the pager; the caller frees it. */
struct out *pager_out(struct pager *p, enum out_form form);

#endif
