/*
 * The e-mail of the certificate monitor.
 */
#ifndef SERVICES_CERTMON_TEXT_H
#define SERVICES_CERTMON_TEXT_H

#include "base/nodeconf.h"
#include "db/cert_alarms.h"

#define CERTMON_LINE_MAX 76 /* then a line of the body is wrapped */

/* "ucm-certmon@HOST.DOMAIN", the sender, into dst of CERTMON_FROM_SIZE. */
#define CERTMON_FROM_SIZE (NODE_NAME_SIZE + NODE_DOMAIN_SIZE + 16)
void certmon_text_from(char *dst, const struct nodeconf *conf);

/* "HOST.DOMAIN", or the host name when there is no domain. */
void certmon_text_fqdn(char dst[NODE_NAME_SIZE + NODE_DOMAIN_SIZE],
    const struct nodeconf *conf);

/*
 * One message about the alarms of a day, for the addresses of `to` (checked
 * by base/cert_monitor.h): header fields, an empty line, the body; ASCII, no
 * line over 998 bytes, every line ends CR LF.  Whatever certificates call
 * themselves stands in the body alone, made visible.  Free with free().
 */
char *certmon_text(const struct nodeconf *conf, const char *to, int64_t now,
    const struct cert_alarm_list *l);

#endif
