/*
 * Somebody who logs in to a server of sshd_server.h with a password: a
 * struct server_target whose questions are answered from here.
 */
#ifndef FAKES_SERVER_GUEST_H
#define FAKES_SERVER_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "sftp/server.h"

struct server_guest {
	struct server_target target;
	struct secret password;
	struct strlist known; /* the target's */
	bool declines; /* an unknown key */
	unsigned shown_count; /* how often accept() was asked */
	struct server_key shown; /* the last time; address is not kept */
	const char *answer; /* to all further questions; NULL: refuses */
	struct strlist asked; /* further questions, "!" in front: no echo */
	bool stop; /* what stop() says */
	unsigned stop_after; /* stop() says so from that call on; 0: never */
	unsigned stops_asked;
};

/* g must stay where it is; release it after its sessions. */
void server_guest_init(struct server_guest *g, uint16_t port,
    const char *password);
void server_guest_release(struct server_guest *g);

/* server_login(); a failure is a failed assertion. */
struct session *server_guest_login(struct server_guest *g);

#endif
