/*
 * The configuration file of a phone: SEP<MAC>.cnf.xml and XMLDefault.cnf.xml
 * out of templates.
 *
 * A template is XML with fields.  ${NAME} stands for the text of a field,
 * escaped so that it is character data or an attribute's value and nothing
 * else.  ${#servers} … ${/servers} is repeated for each server of the phone's
 * call manager group.  ${?NAME} … ${/NAME} is left out when the field is
 * empty.  Blocks do not stand in blocks of the same name.
 * phone_config_fields() are the names.
 *
 * Everything here is pure and may run in several threads at once with the
 * same template, but for phone_config_template_load(), which reads a file.
 */
#ifndef SERVICES_PHONE_CONFIG_H
#define SERVICES_PHONE_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "db/callmanager_groups.h"
#include "db/devices.h"

#define PHONE_CONFIG_TEMPLATE_MAX 262144 /* bytes */
#define PHONE_CONFIG_MAX 524288 /* of a file made: phones take 550001 */

struct phone_config_template;

enum phone_config_kind {
	PHONE_CONFIG_DEVICE, /* SEP<MAC>.cnf.xml */
	PHONE_CONFIG_DEFAULT /* XMLDefault.cnf.xml */
};

/*
 * Take a template apart; name is for messages.  NULL with ERR_FORMAT, line
 * and rule: an unknown field, a block that does not end, or text that is no
 * well-formed XML document when every field is filled in.  Free with
 * phone_config_template_free().
 */
struct phone_config_template *phone_config_template_parse(const char *name,
    const void *text, size_t len, enum phone_config_kind kind, struct err *e);

/*
 * The template this node uses: the administrator's own in etc/phone/ of the
 * node (SEP.cnf.xml, XMLDefault.cnf.xml) if there is one, else the one that
 * came with the program, which is built in.  An own one that does not parse
 * is an error: nothing is made of it and nothing in its place.
 */
struct phone_config_template *
phone_config_template_load(enum phone_config_kind kind, struct err *e);

void phone_config_template_free(
    struct phone_config_template *t); /* NULL-safe */

/* For messages: "/var/lib/ucmsh/etc/phone/SEP.cnf.xml"; lent. */
const char *phone_config_template_name(const struct phone_config_template *t);

struct phone_config_inputs {
	const struct device_row *device; /* NULL for PHONE_CONFIG_DEFAULT */
	/* The phone's group, servers in order; NULL: it has none. */
	const struct callmanager_group *group;
	const char *cluster_id; /* enterprise parameter */
	uint16_t tvs_port; /* of every node */
	uint16_t sip_port;
	/*
	 * MD5 of the DER of device->certificate, hex; NULL: there is none.
	 * The stub (trust/config_stub.h) makes it by itself.
	 */
	const char *certificate_md5;
};

/*
 * The file: well-formed XML in UTF-8 whatever the texts hold (bytes that XML
 * or UTF-8 does not know become U+FFFD).  Equal inputs give equal bytes.
 * Free *out with free().  -1 with ERR_TOO_BIG, or ERR_FORMAT when the template
 * leaves out half of an element for these inputs.
 */
int phone_config_render(const struct phone_config_template *t,
    const struct phone_config_inputs *in, uint8_t **out, size_t *len,
    struct err *e);

/* The names of fields, NULL at the end: for the manual and its test. */
const char *const *phone_config_fields(void);

#endif
