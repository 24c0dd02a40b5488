#include "node/command.h"

extern const struct node_command node_account;
extern const struct node_command node_destroy;
extern const struct node_command node_init;
extern const struct node_command node_start;
extern const struct node_command node_status;
extern const struct node_command node_stop;

const struct node_command *const node_commands[] = {
	&node_init,
	&node_start,
	&node_stop,
	&node_status,
	&node_account,
	&node_destroy,
};

const size_t node_commands_n = sizeof(node_commands) / sizeof(node_commands[0]);
