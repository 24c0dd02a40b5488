#include "node/command.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/str.h"

const struct node_command *
node_command_find(const char *name)
{
	for (size_t i = 0; i < node_commands_n; i++)
		if (str_equal(node_commands[i]->name, name))
			return node_commands[i];
	return NULL;
}

void
node_say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vprintf(fmt, ap);
	va_end(ap);
	(void)putchar('\n');
	(void)fflush(stdout);
}
