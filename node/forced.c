#include "node/forced.h"

#include <stddef.h>
#include <string.h>

#include "base/str.h"
#include "node/programs.h"

int
forced_split(char *command, char *words[FORCED_WORDS_MAX + 1])
{
	int n = 0;
	char *p = command;

	while (p != NULL) {
		if (n == FORCED_WORDS_MAX || *p == '\0' || *p == ' ')
			return -1;
		words[n++] = p;
		p = strchr(p, ' ');
		if (p != NULL)
			*p++ = '\0';
	}
	words[n] = NULL;
	if (n < 2 || !str_equal(words[0], PROGRAM_NODE))
		return -1;
	if (str_equal(words[1], "peer") && n == 3)
		return n;
	if (str_equal(words[1], "enrol") && n == 5)
		return n;
	if (str_equal(words[1], "readmit") && n == 3)
		return n;
	return -1;
}
