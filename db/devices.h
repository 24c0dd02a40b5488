/*
 * Phones (table device): what is known of each, and which have changed.
 *
 * A phone is named SEP and the twelve hex digits of its MAC address, in
 * upper case.  Rows of table device with other names are no phones and are
 * not seen here.
 */
#ifndef DB_DEVICES_H
#define DB_DEVICES_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "db/db.h"

#define DEVICES_NAME_SIZE 16 /* "SEP001122334455" */
#define DEVICES_DESCRIPTION_MAX 128 /* characters, not bytes */
#define DEVICES_DESCRIPTION_SIZE (4 * DEVICES_DESCRIPTION_MAX + 1)
#define DEVICES_LOAD_SIZE 65 /* "SIP45.9-4-2SR3-1S" */
#define DEVICES_MODEL_SIZE 65 /* "Cisco 7965" */
#define DEVICES_POOL_SIZE 201 /* 50 characters */
#define DEVICES_CERTIFICATE_MAX 16384 /* bytes of PEM */

enum device_protocol {
	DEVICE_SCCP,
	DEVICE_SIP
};

/* The numbers phones know. */
enum device_settings_access {
	DEVICE_SETTINGS_DISABLED = 0,
	DEVICE_SETTINGS_ENABLED = 1,
	DEVICE_SETTINGS_RESTRICTED = 2
};

enum device_security {
	DEVICE_NON_SECURE = 1,
	DEVICE_AUTHENTICATED = 2,
	DEVICE_ENCRYPTED = 3
};

struct device_row {
	char name[DEVICES_NAME_SIZE];
	bool deleted; /* devices_changed() only: the rest is empty then */
	uint64_t change; /* the number of its last change */
	char description[DEVICES_DESCRIPTION_SIZE]; /* any UTF-8 text */
	unsigned model; /* typemodel.enum */
	char model_name[DEVICES_MODEL_SIZE];
	char pool[DB_PKID_SIZE]; /* devicepool.pkid */
	char pool_name[DEVICES_POOL_SIZE];
	enum device_protocol protocol;
	char load[DEVICES_LOAD_SIZE]; /* firmware; "": what the phone has */
	enum device_settings_access settings_access;
	bool web_access;
	bool ssh_access;
	bool span_to_pc_port;
	enum device_security security;
	bool encrypted_config; /* then there is a certificate */
	char *certificate; /* PEM, what its file is encrypted to; or NULL */
};

struct device_list {
	struct device_row *item; /* owned, with what the rows own */
	size_t n;
};

#define DEVICE_LIST_INIT             \
	{                            \
		.item = NULL, .n = 0 \
	}

/* Free the rows; the list is empty.  NULL-safe. */
void device_list_release(struct device_list *l);

/*
 * How far a database has come.  Ask for the version first and for rows after
 * it: a change in between is found again the next time.  A number that is
 * smaller than one seen before means another database: begin from 0.
 */
struct phone_version {
	uint64_t devices; /* of the last change of a phone */
	/*
	 * Grows with every change of what phones share: pools, groups,
	 * nodes, services, enterprise parameters.
	 */
	uint64_t layout;
};

int devices_version(struct db *db, struct phone_version *out, struct err *e);

/*
 * The phones whose last change has a number greater than `since`, in the
 * order of their changes; removed ones with .deleted set, but none of those
 * when since is 0.  Release *out, which is empty after a failure.
 */
int devices_changed(struct db *db, uint64_t since, struct device_list *out,
    struct err *e);

/* Every phone by name, or the one with this name.  ERR_NOT_FOUND names it. */
int devices_list(struct db *db, const char *name, struct device_list *out,
    struct err *e);

/* The names of models, sorted. */
int devices_models(struct db *db, struct strlist *out, struct err *e);

#endif
