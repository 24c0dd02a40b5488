/*
 * The settings of the certificate monitor: one set for the whole cluster.
 */
#ifndef BASE_CERT_MONITOR_H
#define BASE_CERT_MONITOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define CERT_MONITOR_ADDRESS_SIZE 256 /* all addresses, commas between */
#define CERT_MONITOR_ADDRESSES_MAX 10
#define CERT_MONITOR_HOST_SIZE 254
#define CERT_MONITOR_SERVER_SIZE 264 /* "[HOST]:PORT" */
#define CERT_MONITOR_PORT 25 /* unless told otherwise */
#define CERT_MONITOR_DAYS_MIN 1
#define CERT_MONITOR_DAYS_MAX 3650

struct cert_monitor {
	bool email; /* send one when alarms are raised */
	char address[CERT_MONITOR_ADDRESS_SIZE]; /* "": none */
	char host[CERT_MONITOR_HOST_SIZE]; /* SMTP server; "": none */
	uint16_t port;
	unsigned days; /* before a certificate's end alarms begin */
	unsigned minute; /* of the day, local time: when they are raised */
};

/*
 * Each checks what an administrator typed: 0, or -1 with the sentence to
 * print.  Nothing that passes can add a line or a word to what is made of
 * it.
 */

/*
 * One address or several with commas between, into list: local part and
 * domain of the plain forms of RFC 5321, no quotes, no comments, ASCII.
 * list may be NULL; else it is empty before and after a failure.
 */
int cert_monitor_addresses(const char *text, struct strlist *list,
    struct err *e);

/*
 * HOST, HOST:PORT, ADDRESS, ADDRESS:PORT or [IPV6]:PORT.  A bare IPv6 address
 * needs its brackets, too.
 */
int cert_monitor_server(const char *text, char host[CERT_MONITOR_HOST_SIZE],
    uint16_t *port, struct err *e);

/* A number of days, CERT_MONITOR_DAYS_MIN to CERT_MONITOR_DAYS_MAX. */
int cert_monitor_days(const char *text, unsigned *days, struct err *e);

/* HH:MM, 00:00 to 23:59. */
int cert_monitor_time(const char *text, unsigned *minute, struct err *e);

/* "HOST:PORT", with brackets around an IPv6 address; "" when there is none. */
char *cert_monitor_server_text(char dst[CERT_MONITOR_SERVER_SIZE],
    const struct cert_monitor *m);

#endif
