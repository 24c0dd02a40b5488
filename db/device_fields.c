#include "db/device_fields.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

#define MAC_DIGITS 12
#define SHOWN_MAX 80 /* of a wrong value in a message */

/* A word of an administrator and what the database holds for it. */
struct word {
	const char *word; /* NULL ends the list */
	const char *value;
};

static const struct word protocols[] = {
	{ "SCCP", "0" },
	{ "SIP", "11" },
	{ NULL, NULL },
};

static const struct word settings[] = {
	{ "disabled", "0" },
	{ "enabled", "1" },
	{ "restricted", "2" },
	{ NULL, NULL },
};

static const struct word accesses[] = {
	{ "enabled", "0" },
	{ "disabled", "1" },
	{ NULL, NULL },
};

static const struct word securities[] = {
	{ "non-secure", "1" },
	{ "authenticated", "2" },
	{ "encrypted", "3" },
	{ NULL, NULL },
};

static const struct word flags[] = {
	{ "enabled", "t" },
	{ "disabled", "f" },
	{ NULL, NULL },
};

static const struct field {
	const char *name;
	const struct word *words; /* NULL: has a rule of its own */
} fields[DEVICE_FIELDS] = {
	[DEVICE_FIELD_DESCRIPTION] = { "description", NULL },
	[DEVICE_FIELD_MODEL] = { "model", NULL },
	[DEVICE_FIELD_POOL] = { "pool", NULL },
	[DEVICE_FIELD_PROTOCOL] = { "protocol", protocols },
	[DEVICE_FIELD_LOAD] = { "load", NULL },
	[DEVICE_FIELD_SETTINGS_ACCESS] = { "settings-access", settings },
	[DEVICE_FIELD_WEB_ACCESS] = { "web-access", accesses },
	[DEVICE_FIELD_SSH_ACCESS] = { "ssh-access", accesses },
	[DEVICE_FIELD_SPAN_TO_PC_PORT] = { "span-to-pc-port", accesses },
	[DEVICE_FIELD_SECURITY] = { "security", securities },
	[DEVICE_FIELD_ENCRYPTED_CONFIG] = { "encrypted-config", flags },
	[DEVICE_FIELD_CERTIFICATE] = { "certificate", NULL },
};

const char *
device_field_name(enum device_field field)
{
	return fields[field].name;
}

bool
device_field_may_be_empty(enum device_field field)
{
	return field == DEVICE_FIELD_DESCRIPTION ||
	    field == DEVICE_FIELD_LOAD || field == DEVICE_FIELD_CERTIFICATE;
}

static const char *
settings_name(enum device_settings_access access)
{
	switch (access) {
	case DEVICE_SETTINGS_DISABLED:
		return "disabled";
	case DEVICE_SETTINGS_ENABLED:
		return "enabled";
	case DEVICE_SETTINGS_RESTRICTED:
		return "restricted";
	}
	BUG("settings access %d", (int)access);
}

static const char *
security_name(enum device_security security)
{
	switch (security) {
	case DEVICE_NON_SECURE:
		return "non-secure";
	case DEVICE_AUTHENTICATED:
		return "authenticated";
	case DEVICE_ENCRYPTED:
		return "encrypted";
	}
	BUG("security %d", (int)security);
}

static const char *
on_off(bool on)
{
	return on ? "enabled" : "disabled";
}

const char *
device_field_text(const struct device_row *d, enum device_field field)
{
	switch (field) {
	case DEVICE_FIELD_DESCRIPTION:
		return d->description;
	case DEVICE_FIELD_MODEL:
		return d->model_name;
	case DEVICE_FIELD_POOL:
		return d->pool_name;
	case DEVICE_FIELD_PROTOCOL:
		return d->protocol == DEVICE_SCCP ? "SCCP" : "SIP";
	case DEVICE_FIELD_LOAD:
		return d->load;
	case DEVICE_FIELD_SETTINGS_ACCESS:
		return settings_name(d->settings_access);
	case DEVICE_FIELD_WEB_ACCESS:
		return on_off(d->web_access);
	case DEVICE_FIELD_SSH_ACCESS:
		return on_off(d->ssh_access);
	case DEVICE_FIELD_SPAN_TO_PC_PORT:
		return on_off(d->span_to_pc_port);
	case DEVICE_FIELD_SECURITY:
		return security_name(d->security);
	case DEVICE_FIELD_ENCRYPTED_CONFIG:
		return on_off(d->encrypted_config);
	case DEVICE_FIELD_CERTIFICATE:
		return d->certificate != NULL ? d->certificate : "";
	case DEVICE_FIELDS:
		break;
	}
	BUG("field %d", (int)field);
}

/* --- what administrators write ------------------------------------------- */

/* Alone, or in groups of two or four with the same mark between them. */
static bool
take_digits(char digits[MAC_DIGITS + 1], const char *text)
{
	const size_t len = strlen(text);
	size_t group = MAC_DIGITS;
	size_t n = 0;

	if (len == MAC_DIGITS + 5)
		group = 2;
	else if (len == MAC_DIGITS + 2)
		group = 4;
	else if (len != MAC_DIGITS)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (i % (group + 1) == group) {
			if (text[i] != text[group] ||
			    strchr(":-.", text[i]) == NULL)
				return false;
		} else if (isxdigit((unsigned char)text[i]) != 0) {
			digits[n++] = (char)toupper((unsigned char)text[i]);
		} else {
			return false;
		}
	}
	digits[n] = '\0';
	return true;
}

int
device_name_parse(char name[DEVICES_NAME_SIZE], const char *text, struct err *e)
{
	const bool named = strncasecmp(text, "SEP", 3) == 0;
	char digits[MAC_DIGITS + 1];
	char shown[SHOWN_MAX];

	if (take_digits(digits, named ? text + 3 : text))
		return str_printf(name, DEVICES_NAME_SIZE, "SEP%s", digits);
	str_visible(shown, sizeof(shown), text, strlen(text));
	return err_set(e, ERR_USAGE,
	    "\"%s\" is no phone: a phone is named SEP and the 12 hex digits "
	    "of its MAC address",
	    shown);
}

int
device_field_refuse(enum device_field field, const char *text, const char *rule,
    struct err *e)
{
	char shown[SHOWN_MAX];

	str_visible(shown, sizeof(shown), text, strlen(text));
	return err_set(e, ERR_USAGE, "%s: \"%s\": %s", fields[field].name,
	    shown, rule);
}

static int
check_description(const char *text, struct err *e)
{
	size_t len = strlen(text);
	size_t count = 0;

	for (size_t i = 0; i < len; count++) {
		size_t n = str_utf8(text + i, len - i);

		if (n == 0)
			return device_field_refuse(DEVICE_FIELD_DESCRIPTION,
			    text, "control bytes or no UTF-8", e);
		i += n;
	}
	if (count > DEVICES_DESCRIPTION_MAX)
		return device_field_refuse(DEVICE_FIELD_DESCRIPTION, text,
		    "more than 128 characters", e);
	return 0;
}

static int
check_load(const char *text, struct err *e)
{
	if (strlen(text) < DEVICES_LOAD_SIZE &&
	    strspn(text,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789._-") == strlen(text))
		return 0;
	return device_field_refuse(DEVICE_FIELD_LOAD, text,
	    "letters, digits, \".\", \"_\" and \"-\", at most 64", e);
}

static int
check_certificate(const char *text, struct err *e)
{
	if (strlen(text) <= DEVICES_CERTIFICATE_MAX)
		return 0;
	return err_set(e, ERR_TOO_BIG, "certificate: more than %d bytes",
	    DEVICES_CERTIFICATE_MAX);
}

static int
take_word(enum device_field field, const char *text, const char **value,
    struct err *e)
{
	char rule[SHOWN_MAX] = "";
	size_t len = 0;

	for (const struct word *w = fields[field].words; w->word != NULL; w++) {
		if (strcasecmp(text, w->word) == 0) {
			*value = w->value;
			return 0;
		}
		(void)str_printf(rule + len, sizeof(rule) - len, "%s%s",
		    len == 0              ? "" :
			w[1].word == NULL ? " or " :
					    ", ",
		    w->word);
		len = strlen(rule);
	}
	return device_field_refuse(field, text, rule, e);
}

int
device_field_value(enum device_field field, const char *text,
    const char **value, struct err *e)
{
	*value = text;
	switch (field) {
	case DEVICE_FIELD_MODEL:
	case DEVICE_FIELD_POOL:
		return 0;
	case DEVICE_FIELD_DESCRIPTION:
		return check_description(text, e);
	case DEVICE_FIELD_LOAD:
		return check_load(text, e);
	case DEVICE_FIELD_CERTIFICATE:
		return check_certificate(text, e);
	case DEVICE_FIELD_PROTOCOL:
	case DEVICE_FIELD_SETTINGS_ACCESS:
	case DEVICE_FIELD_WEB_ACCESS:
	case DEVICE_FIELD_SSH_ACCESS:
	case DEVICE_FIELD_SPAN_TO_PC_PORT:
	case DEVICE_FIELD_SECURITY:
	case DEVICE_FIELD_ENCRYPTED_CONFIG:
		return take_word(field, text, value, e);
	case DEVICE_FIELDS:
		break;
	}
	BUG("field %d", (int)field);
}
