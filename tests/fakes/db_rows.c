#include "tests/fakes/db_rows.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"

#define KEY_FILLER 87 /* characters of a key that differ */

/* A key of the form that SSH has, made of what and name. */
static void
key_of(char *dst, size_t size, const char *what, const char *name)
{
	char filler[KEY_FILLER + 1];
	size_t n = 0;
	const char *p;

	memset(filler, 'A', KEY_FILLER);
	filler[KEY_FILLER] = '\0';
	for (p = what; *p != '\0' && n < KEY_FILLER; p++)
		filler[n++] = *p;
	for (p = name; *p != '\0' && n < KEY_FILLER; p++)
		filler[n++] = isalnum((unsigned char)*p) ? *p : '+';
	(void)str_printf(dst, size,
	    "ecdsa-sha2-nistp256 "
	    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABB%s=",
	    filler);
}

void
db_rows_node(struct node_row *out, const char *name, const char *address,
    enum node_role role)
{
	memset(out, 0, sizeof(*out));
	(void)str_copy(out->name, sizeof(out->name), name);
	(void)str_copy(out->domain, sizeof(out->domain), "joemar2.lab");
	(void)str_copy(out->address, sizeof(out->address), address);
	out->role = role;
	out->ssh_port = 2222;
	out->tftp_port = 69;
	out->http_port = 6970;
	out->db_port = 5432;
	key_of(out->host_key, sizeof(out->host_key), "host", name);
	key_of(out->peer_key, sizeof(out->peer_key), "peer", name);
}

void
db_rows_cert(struct cert_row *out, const char *node, const char *unit,
    unsigned number)
{
	memset(out, 0, sizeof(*out));
	(void)str_copy(out->node, sizeof(out->node), node);
	(void)str_copy(out->unit, sizeof(out->unit), unit);
	(void)str_printf(out->serial, sizeof(out->serial), "%08x", number);
	(void)str_printf(out->sha256, sizeof(out->sha256), "%064x", number);
	out->subject = mem_printf("CN=%s;OU=tac;O=cisco", node);
	out->issuer = mem_strdup(out->subject);
	out->pem = mem_printf("-----BEGIN CERTIFICATE-----\n%u\n"
			      "-----END CERTIFICATE-----\n",
	    number);
	out->not_before = 1000 + number;
	out->not_after = 2000000000;
	out->self_signed = true;
}

void
db_rows_add_node(struct db *db, const char *name, const char *address,
    enum node_role role)
{
	struct node_row row;
	struct err e = ERR_INIT;

	db_rows_node(&row, name, address, role);
	if (nodes_add(db, &row, &e) == -1)
		fail_msg("%s", e.msg);
}

void
db_rows_add_cert(struct db *db, const char *node, const char *unit,
    unsigned number)
{
	struct cert_row row;
	struct err e = ERR_INIT;

	db_rows_cert(&row, node, unit, number);
	if (certs_replace(db, &row, &e) == -1)
		fail_msg("%s", e.msg);
	cert_row_release(&row);
}
