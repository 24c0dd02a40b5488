/*
 * utils itl reset remotekey: the file is fetched here, the rest is the
 * agent's work.
 */
#include "base/mem.h"
#include "commands/args.h"
#include "commands/itl_reset.h"
#include "commands/sftp_dialogue.h"
#include "commands/table.h"
#include "trust/pkcs12.h"

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	static const char *const words[] = { "itl", "reset", "remotekey",
		NULL };
	const struct sftp_fetch f = { .host = a->value[0],
		.user = a->value[1],
		.path = a->value[2],
		.max = PKCS12_MAX_SIZE };
	uint8_t *p12;
	size_t len;
	int rc;

	if (sftp_dialogue_fetch(c, &f, &p12, &len, e) == -1)
		return -1;
	if (len == 0) {
		mem_free_wiped(p12, len);
		return err_set(e, ERR_FORMAT,
		    "%s is empty. Nothing has been replaced.", a->value[2]);
	}
	out_puts(c->out, "\n\n\n");
	rc = itl_reset_ask(c, words, p12, len, e);
	mem_free_wiped(p12, len);
	return rc;
}

static const struct cmd_param params[] = {
	{ .name = "host", .type = &arg_text, .help = "SFTP server" },
	{ .name = "user", .type = &arg_text, .help = "account there" },
	{ .name = "path", .type = &arg_text, .help = "saved ITLRecovery.p12" },
	{ .name = NULL },
};

const struct command cmd_utils_itl_reset_remotekey = {
	.words = "utils itl reset remotekey",
	.help = "This will sign the ITL file with an ITL recovery key that was "
		"saved outside.",
	.more = "The file ITLRecovery.p12 is fetched by SFTP. It must open "
		"with the security\n"
		"password of this cluster; its key then replaces the one of "
		"this publisher.\n"
		"The ITL file is signed with it and copied to all nodes, as by "
		"\"utils itl\n"
		"reset localkey\". Reset the phones afterwards.",
	.example = "utils itl reset remotekey joemar2-server.cisco.com joemar2 "
		   "/home/joemar2/ITLRecovery.p12\n"
		   "Enter Sftp password :",
	.farewell = ITL_RESET_FAREWELL,
	.params = params,
	.level = CMD_LEVEL_INSTALLER,
	.flags = CMD_PUBLISHER,
	.run = run,
};
