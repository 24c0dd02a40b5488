#include "node/command.h"

extern const struct node_command node_account;
extern const struct node_command node_destroy;
extern const struct node_command node_enrol;
extern const struct node_command node_init;
extern const struct node_command node_invite;
extern const struct node_command node_join;
extern const struct node_command node_peer;
extern const struct node_command node_phone;
extern const struct node_command node_readmit;
extern const struct node_command node_start;
extern const struct node_command node_status;
extern const struct node_command node_stop;

const struct node_command *const node_commands[] = {
	&node_init,
	&node_invite,
	&node_join,
	&node_start,
	&node_stop,
	&node_status,
	&node_account,
	&node_phone,
	&node_destroy,
	&node_enrol,
	&node_readmit,
	&node_peer,
};

const size_t node_commands_n = sizeof(node_commands) / sizeof(node_commands[0]);
