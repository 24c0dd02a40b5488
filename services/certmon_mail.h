/*
 * One e-mail on its way to an SMTP server, by libcurl.  Nothing here waits:
 * the owner calls certmon_mail_step() until it says that the mail has been
 * taken or has failed.
 *
 * TLS is used when the server offers STARTTLS and, as between mail servers,
 * its certificate is not checked; no name and no password is ever sent.
 */
#ifndef SERVICES_CERTMON_MAIL_H
#define SERVICES_CERTMON_MAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define CERTMON_CONNECT_MS 10000
#define CERTMON_RESPONSE_S 30 /* for one answer of the server */
#define CERTMON_MAIL_MS 60000 /* for all of it */

struct certmon_mail;

struct certmon_mail_config {
	const char *host; /* of the server */
	uint16_t port;
	const char *helo; /* how we introduce ourselves */
	const char *from; /* address */
	const char *to; /* addresses, commas between */
	const char *text; /* the message, CR LF */
	unsigned connect_ms; /* the two limits above; 0: as there */
	unsigned total_ms;
};

/*
 * Begin to send; config is copied.  NULL on failure.  Free with
 * certmon_mail_free(), which also calls an unfinished one off.
 */
struct certmon_mail *certmon_mail_new(const struct certmon_mail_config *config,
    struct err *e);
void certmon_mail_free(struct certmon_mail *m);

/*
 * Go on as far as possible.  0 with *done true once the server has taken the
 * message for all addresses; 0 with *done false: call again soon.  -1: it
 * has not.
 */
int certmon_mail_step(struct certmon_mail *m, bool *done, struct err *e);

#endif
