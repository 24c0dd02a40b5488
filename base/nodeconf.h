/*
 * etc/node.conf: what a node is.  "key = value" lines, '#' comments; an
 * unknown key, a key given twice and a value out of range are errors that
 * name file and line.  The one place that knows this format.
 */
#ifndef BASE_NODECONF_H
#define BASE_NODECONF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define NODE_NAME_SIZE 64 /* host name: 63 characters and NUL */
#define NODE_DOMAIN_SIZE 190
#define NODE_ADDRESS_SIZE 46
#define NODE_DN_SIZE 65 /* upper bounds of X.520 attributes */

enum node_role {
	NODE_PUBLISHER,
	NODE_SUBSCRIBER
};

/* Versions of TLS. */
enum node_tls {
	NODE_TLS_1_0,
	NODE_TLS_1_2
};

struct nodeconf {
	char name[NODE_NAME_SIZE]; /* host name, no domain */
	char domain[NODE_DOMAIN_SIZE];
	char address[NODE_ADDRESS_SIZE]; /* IPv4 text */
	enum node_role role;
	char publisher_name[NODE_NAME_SIZE]; /* own name on the publisher */
	char publisher_address[NODE_ADDRESS_SIZE];
	uint16_t ssh_port; /* 22 */
	uint16_t tftp_port; /* 69 */
	uint16_t http_port; /* 6970 */
	uint16_t tvs_port; /* 2445 */
	enum node_tls tvs_min_tls; /* 1.2; phones of the 7900 series: 1.0 */
	uint16_t sip_port; /* 5060 */
	uint16_t db_port; /* 5432 */
	char country[3]; /* C, two letters */
	char state[NODE_DN_SIZE]; /* ST */
	char locality[NODE_DN_SIZE]; /* L */
	char organization[NODE_DN_SIZE]; /* O */
	char unit[NODE_DN_SIZE]; /* OU */
	unsigned startup_delay; /* seconds the session waits; 0 */
	unsigned hold_seconds; /* 300 */
	unsigned key_bits; /* of new RSA keys, 1024..4096; 2048 */
	int64_t clock_offset; /* labs only: see base/clock.h */
	int64_t age_offset;
};

/* Everything at its default, names empty. */
void nodeconf_defaults(struct nodeconf *c);

/*
 * Read the file at path (NULL: etc/node.conf of the node).  0, or -1 with
 * file, line and rule in e.
 */
int nodeconf_load(struct nodeconf *c, const char *path, struct err *e);

/* Write it whole and atomically, mode 0644. */
int nodeconf_save(const struct nodeconf *c, const char *path, struct err *e);

/* True for a letter, then letters, digits and hyphens, no final hyphen. */
bool nodeconf_valid_name(const char *name);

#endif
