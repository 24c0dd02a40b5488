/*
 * The fields of a phone as administrators name, read and write them.
 */
#ifndef DB_DEVICE_FIELDS_H
#define DB_DEVICE_FIELDS_H

#include "base/err.h"
#include "db/devices.h"

/*
 * What can be set of a phone, as text of an administrator; the order of
 * columns where phones are listed.
 */
enum device_field {
	DEVICE_FIELD_DESCRIPTION,
	DEVICE_FIELD_MODEL, /* typemodel.name, any case; "Cisco " may miss */
	DEVICE_FIELD_POOL, /* devicepool.name */
	DEVICE_FIELD_PROTOCOL, /* SIP, SCCP */
	DEVICE_FIELD_LOAD,
	DEVICE_FIELD_SETTINGS_ACCESS, /* enabled, disabled, restricted */
	DEVICE_FIELD_WEB_ACCESS, /* enabled, disabled */
	DEVICE_FIELD_SSH_ACCESS,
	DEVICE_FIELD_SPAN_TO_PC_PORT,
	DEVICE_FIELD_SECURITY, /* non-secure, authenticated, encrypted */
	DEVICE_FIELD_ENCRYPTED_CONFIG, /* enabled, disabled */
	DEVICE_FIELD_CERTIFICATE, /* PEM; "": none */
	DEVICE_FIELDS /* how many */
};

/* "description", "model", … "encrypted-config", "certificate". */
const char *device_field_name(enum device_field field);

/* The text of a field of a phone, as an edit would say it; lent. */
const char *device_field_text(const struct device_row *d,
    enum device_field field);

/* May its text be empty, which means that there is none? */
bool device_field_may_be_empty(enum device_field field);

/*
 * What the database holds for an administrator's text: *value is text itself
 * or static.  Of a model and a pool only the database can tell.  -1 with
 * field, text and rule: ERR_USAGE, or ERR_TOO_BIG (a certificate).
 */
int device_field_value(enum device_field field, const char *text,
    const char **value, struct err *e);

/* Refuse the text of a field as device_field_value() does: ERR_USAGE. */
int device_field_refuse(enum device_field field, const char *text,
    const char *rule, struct err *e);

/*
 * SEP<MAC> out of a MAC address in any case, with SEP before it or without:
 * 12 hex digits, alone or in groups of two or four with the same mark between
 * them, which is ':', '-' or '.'.  ERR_USAGE.
 */
int device_name_parse(char name[DEVICES_NAME_SIZE], const char *text,
    struct err *e);

#endif
