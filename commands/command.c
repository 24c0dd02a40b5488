#include "commands/command.h"

#include <stdlib.h>
#include <string.h>

int
cmd_told(struct err *e, enum err_code code)
{
	return err_set(e, code, "%s", "");
}

size_t
cmd_param_count(const struct command *cmd)
{
	size_t n = 0;

	if (cmd->params == NULL)
		return 0;
	while (cmd->params[n].name != NULL)
		n++;
	return n;
}

size_t
cmd_option_count(const struct command *cmd)
{
	size_t n = 0;

	if (cmd->options == NULL)
		return 0;
	while (cmd->options[n].word != NULL)
		n++;
	return n;
}

void
cmd_args_release(struct cmd_args *a)
{
	size_t i, k;

	for (i = 0; i < CMD_PARAMS_MAX; i++)
		free(a->value[i]);
	for (i = 0; i < CMD_OPTIONS_MAX; i++) {
		for (k = 0; k < CMD_OPTION_VALUES_MAX; k++)
			free(a->option_value[i][k]);
	}
	memset(a, 0, sizeof(*a));
}
