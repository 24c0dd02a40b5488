/*
 * A server outside the cluster as a command knows it: what the user has said
 * about it, and the questions that only the connection raises.
 */
#ifndef COMMANDS_SFTP_HOST_H
#define COMMANDS_SFTP_HOST_H

#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "commands/ctx.h"
#include "sftp/session.h"

struct sftp_host {
	const struct cmd_ctx *c;
	char *name; /* name or address */
	uint16_t port;
	char *user;
	struct secret password;
	struct strlist known; /* its host keys */
	bool again; /* it has been logged in to: nothing is asked any more */
};

void sftp_host_init(struct sftp_host *h, const struct cmd_ctx *c);
void sftp_host_release(struct sftp_host *h);

/*
 * Ask "SFTP server IP: " up to "Password: " and the blank line behind it.
 * -1 with ERR_USAGE when an answer is of no use, after all have been given.
 */
int sftp_host_ask(struct sftp_host *h, struct err *e);

/* Take host ("name" or "[name]:port") and user, ask for the password. */
int sftp_host_given(struct sftp_host *h, const char *host, const char *user,
    struct err *e);

/*
 * Cut blanks from both ends of an answer in its place.  -1 with ERR_USAGE
 * and what it is of when there are control bytes in it.
 */
int sftp_host_trim(char *answer, const char *what, struct err *e);

/*
 * Log in; asks about a host key that is not known and has the agent keep it.
 * step_ms as in struct server_target.  NULL with the sentence for the user.
 */
struct session *sftp_host_login(struct sftp_host *h, int64_t step_ms,
    struct err *e);

#endif
