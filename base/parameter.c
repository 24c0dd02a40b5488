#include "base/parameter.h"

#include <stdint.h>
#include <string.h>

#include "base/str.h"

#define SHOWN_MAX 80 /* of a wrong value in a message */
#define CLUSTER_ID_MAX 50
#define TRACE_FILES_MAX 1000
#define TRACE_MB_MAX 100
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

static int
check_hosts(const char *value, struct err *e)
{
	struct file_servers servers;

	return file_servers_parse(&servers, value, e);
}

static int
check_cluster_id(const char *value, struct err *e)
{
	size_t len = strlen(value);

	if (len > 0 && len <= CLUSTER_ID_MAX &&
	    strspn(value, LETTERS DIGITS ".-") == len)
		return 0;
	return err_set(e, ERR_USAGE,
	    "A cluster is named with 1 to %d letters, digits, dots and "
	    "hyphens.",
	    CLUSTER_ID_MAX);
}

static int
check_number(const char *value, unsigned most, struct err *e)
{
	uint64_t number;

	if (str_number(value, 1, most, &number) == 0)
		return 0;
	return err_set(e, ERR_USAGE, "A number from 1 to %u.", most);
}

static int
check_files(const char *value, struct err *e)
{
	return check_number(value, TRACE_FILES_MAX, e);
}

static int
check_megabytes(const char *value, struct err *e)
{
	return check_number(value, TRACE_MB_MAX, e);
}

static const char *const digests[] = { "SHA-1", "SHA-512", NULL };
static const char *const levels[] = { "Off", "Error", "Significant", "Detailed",
	NULL };

const struct parameter parameter_table[] = {
	{
	    .name = "Alternate Cisco File Servers",
	    .help = "other clusters that are asked for files which phones "
		    "want and this one does not have",
	    .allowed = "up to 10 times HOST or HOST:PORT, blanks between; \"\" "
		       "for none",
	    .check = check_hosts,
	},
	{
	    .name = "Cluster ID",
	    .help = "name of this cluster",
	    .allowed = "1 to 50 letters, digits, dots and hyphens",
	    .check = check_cluster_id,
	},
	{
	    .name = "ClusterSecurityMode",
	    .help = "0: phones may register without security",
	},
	{
	    .name = "TFTP File Signature Algorithm",
	    .help = "digest of trust lists and signed files",
	    .allowed = "SHA-1 or SHA-512",
	    .values = digests,
	    .restart = "Cisco Tftp",
	},
	{
	    .name = "TVS Trace File Size",
	    .help = "largest trace file of Cisco Trust Verification Service, "
		    "in MB",
	    .allowed = "1 to 100",
	    .check = check_megabytes,
	},
	{
	    .name = "TVS Trace Files",
	    .help = "how many trace files of Cisco Trust Verification Service "
		    "are kept",
	    .allowed = "1 to 1000",
	    .check = check_files,
	},
	{
	    .name = "TVS Trace Level",
	    .help = "what Cisco Trust Verification Service traces",
	    .allowed = "Off, Error, Significant or Detailed",
	    .values = levels,
	},
};

const size_t parameter_table_n =
    sizeof(parameter_table) / sizeof(parameter_table[0]);

static int
not_found(const char *text, struct err *e)
{
	char known[512] = "";
	char shown[SHOWN_MAX];

	for (size_t i = 0; i < parameter_table_n; i++) {
		size_t len = strlen(known);

		(void)str_printf(known + len, sizeof(known) - len, "%s%s",
		    i > 0 ? ", " : "", parameter_table[i].name);
	}
	str_visible(shown, sizeof(shown), text, strlen(text));
	return err_set(e, ERR_NOT_FOUND,
	    "\"%s\" is not an enterprise parameter. The parameters are: %s.",
	    shown, known);
}

const struct parameter *
parameter_find(const char *name, struct err *e)
{
	for (size_t i = 0; i < parameter_table_n; i++)
		if (str_equal(parameter_table[i].name, name))
			return &parameter_table[i];
	(void)not_found(name, e);
	return NULL;
}

const struct parameter *
parameter_split(const char *text, const char **value, size_t *len,
    struct err *e)
{
	for (size_t i = 0; i < parameter_table_n; i++) {
		const struct parameter *p = &parameter_table[i];
		const char *rest = text + strlen(p->name);

		if (!str_starts(text, p->name) ||
		    (*rest != '\0' && *rest != ' '))
			continue;
		rest += strspn(rest, " ");
		*len = strlen(rest);
		if (*len >= 2 && rest[0] == '"' && rest[*len - 1] == '"') {
			*value = rest + 1;
			*len -= 2;
			return p;
		}
		*value = rest;
		if (*len > 0)
			return p;
		(void)err_set(e, ERR_USAGE, "%s: the value is missing%s%s.",
		    p->name, p->allowed != NULL ? ": " : "",
		    p->allowed != NULL ? p->allowed : "");
		return NULL;
	}
	(void)not_found(text, e);
	return NULL;
}

int
parameter_check(const struct parameter *p, const char *value, struct err *e)
{
	char shown[SHOWN_MAX];

	if (p->allowed == NULL)
		return err_set(e, ERR_DENIED, "%s cannot be set.", p->name);
	if (strlen(value) >= PARAMETER_VALUE_SIZE)
		return err_set(e, ERR_USAGE, "At most %d characters.",
		    PARAMETER_VALUE_SIZE - 1);
	if (p->check != NULL)
		return p->check(value, e);
	for (size_t i = 0; p->values[i] != NULL; i++)
		if (str_equal(p->values[i], value))
			return 0;
	return err_set(e, ERR_USAGE, "\"%s\" is not one of its values: %s.",
	    str_visible(shown, sizeof(shown), value, strlen(value)),
	    p->allowed);
}
