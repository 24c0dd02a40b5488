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

/*
 * SEP<MAC> out of "SEP001122334455", "001122334455", "00:11:22:33:44:55",
 * "00-11-22-33-44-55" or "0011.2233.4455" in any case.  ERR_USAGE.
 */
int device_name_parse(char name[DEVICES_NAME_SIZE], const char *text,
    struct err *e);

/* What to make of one phone. */
struct device_edit {
	char name[DEVICES_NAME_SIZE];
	unsigned line; /* of the file it comes from, for messages; 0: none */
	/* NULL: stays as it is, and at its default in a new phone; lent */
	const char *value[DEVICE_FIELDS];
};

enum device_edit_mode {
	DEVICE_EDIT_ADD, /* ERR_EXISTS: there is one of that name */
	DEVICE_EDIT_SET, /* ERR_NOT_FOUND: there is none */
	DEVICE_EDIT_IMPORT /* add or set */
};

struct device_edit_counts {
	size_t added;
	size_t changed;
	size_t unchanged; /* had these values already */
};

/*
 * Add or change n phones on the primary: all or none.  Phones that have the
 * values already are not touched, so their files stay as they are.  counts
 * may be NULL.  -1 names line or phone and the rule: ERR_USAGE (a value),
 * ERR_NOT_FOUND (a model or pool), ERR_EXISTS (also: two edits of one phone),
 * ERR_STATE (an encrypted configuration without a certificate).
 */
int devices_edit(struct db *primary, enum device_edit_mode mode,
    const struct device_edit *edits, size_t n,
    struct device_edit_counts *counts, struct err *e);

/* Remove phones: all or none.  ERR_NOT_FOUND names the first missing one. */
int devices_remove(struct db *primary, const struct strlist *names,
    struct err *e);

/* The names of models, sorted. */
int devices_models(struct db *db, struct strlist *out, struct err *e);

#endif
