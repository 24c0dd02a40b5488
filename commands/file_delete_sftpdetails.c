/*
 * file delete sftpdetails: forget the host keys of an SFTP server, so that
 * one that was set up anew can be accepted.
 */
#include "commands/args.h"
#include "commands/ctx.h"
#include "commands/table.h"

#define SSH_PORT "22"

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	const char *host = a->value[0];
	const char *port = a->value[1] == NULL ? SSH_PORT : a->value[1];
	const char *const words[] = { "hostkey", "forget", host, port, NULL };

	if (cmd_call(c, words, NULL, e) == -1)
		return e->code != ERR_NOT_FOUND ?
		    -1 :
		    err_hint(e,
			"\"file dump sftpdetails\" shows the known "
			"servers.");
	out_printf(c->out, "The host key of %s port %s is forgotten.\n", host,
	    port);
	return 0;
}

static const struct cmd_param params[] = {
	{ .name = "host",
	    .type = &arg_text,
	    .help = "name or address of the SFTP server" },
	{ .name = "port",
	    .type = &arg_port,
	    .optional = true,
	    .help = "its port, if not 22" },
	{ .name = NULL },
};

const struct command cmd_file_delete_sftpdetails = {
	.words = "file delete sftpdetails",
	.help = "This will forget the host key of an SFTP server.",
	.more = "The next transfer to that server asks whether its host key "
		"is right.\n",
	.example = "file delete sftpdetails sftp.example.com",
	.params = params,
	.level = CMD_LEVEL_ADVANCED,
	.run = run,
};
