#include "services/tftp_name.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

#define MAC_DIGITS 12

#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
#define NAME_BYTES UPPER LOWER DIGITS "._-"

/* Names with one spelling; with "mac" the MAC address stands between. */
static const struct fixed_name {
	const char *head;
	const char *tail;
	bool mac;
	enum tftp_name_kind kind;
} fixed_names[] = {
	{ "ITLFile.tlv", "", false, TFTP_NAME_ITL },
	{ "ITLSEP", ".tlv", true, TFTP_NAME_ITL_PHONE },
	{ "CTLFile.tlv", "", false, TFTP_NAME_FIXED },
	{ "CTLSEP", ".tlv", true, TFTP_NAME_FIXED },
	{ "SEP", ".cnf.xml", true, TFTP_NAME_FIXED },
	{ "SEP", ".cnf.xml.sgn", true, TFTP_NAME_FIXED },
	{ "SEP", ".cnf.xml.enc.sgn", true, TFTP_NAME_FIXED },
	{ "SIP", ".cnf", true, TFTP_NAME_FIXED },
	{ "ATA", ".cnf.xml", true, TFTP_NAME_FIXED },
	{ "ATA", ".cnf.xml.sgn", true, TFTP_NAME_FIXED },
	{ "XMLDefault.cnf.xml", "", false, TFTP_NAME_FIXED },
	{ "XMLDefault.cnf.xml.sgn", "", false, TFTP_NAME_FIXED },
	{ "SEPDefault.cnf", "", false, TFTP_NAME_FIXED },
	{ "SEPDefault.cnf.xml", "", false, TFTP_NAME_FIXED },
	{ "SEPDefault.cnf.xml.sgn", "", false, TFTP_NAME_FIXED },
	{ "SIPDefault.cnf", "", false, TFTP_NAME_FIXED },
	{ "OS79XX.TXT", "", false, TFTP_NAME_FIXED },
};

/* The endings of all other files that phones load. */
static const char *const endings[] = { "bin", "cfg", "cnf", "dat", "jar",
	"json", "loads", "png", "raw", "sb2", "sbn", "sgn", "sha512", "txt",
	"xml", "zz" };

/* Endings that no part of a name may have. */
static const char *const secret_endings[] = { "key", "p12", "pem", "pfx" };

static bool
has_word(const char *const *words, size_t n, const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strlen(words[i]) == len && !strncasecmp(words[i], s, len))
			return true;
	}
	return false;
}

static bool
fixed_name_matches(const struct fixed_name *f, const char *s)
{
	size_t head = strlen(f->head);
	size_t mac = f->mac ? MAC_DIGITS : 0;

	return strlen(s) == head + mac + strlen(f->tail) &&
	    !strncasecmp(s, f->head, head) &&
	    strspn(s + head, DIGITS "abcdefABCDEF") >= mac &&
	    !strcasecmp(s + head + mac, f->tail);
}

static void
spell_fixed_name(const struct fixed_name *f, const char *s, char *dst)
{
	const char *mac = s + strlen(f->head);
	size_t i, n = strlen(f->head);

	(void)str_copy(dst, TFTP_NAME_SIZE, f->head);
	for (i = 0; f->mac && i < MAC_DIGITS; i++) {
		char c = mac[i];

		if (c >= 'a')
			c = UPPER[c - 'a'];
		dst[n++] = c;
	}
	(void)str_copy(dst + n, TFTP_NAME_SIZE - n, f->tail);
}

/* A file name without folder that is no fixed name. */
static bool
free_name_allowed(const char *s)
{
	const char *p, *end = NULL;
	size_t len = 0;

	if (s[0] == '.' || s[strspn(s, NAME_BYTES)] != '\0')
		return false;
	for (p = strchr(s, '.'); p != NULL; p = strchr(end, '.')) {
		end = p + 1;
		len = strcspn(end, ".");
		if (len == 0 ||
		    has_word(secret_endings,
			sizeof(secret_endings) / sizeof(secret_endings[0]), end,
			len))
			return false;
	}
	return end != NULL &&
	    has_word(endings, sizeof(endings) / sizeof(endings[0]), end, len);
}

/* "English_United_States", or "Desktops/320x212x16". */
static bool
folder_allowed(const char *s, size_t len)
{
	const char *backgrounds = "Desktops/";
	size_t n = strlen(backgrounds);

	if (len > n && str_starts(s, backgrounds))
		return strspn(s + n, DIGITS "x") == len - n;
	return len > 0 && strchr(UPPER, s[0]) != NULL &&
	    strspn(s, UPPER LOWER "_") == len;
}

int
tftp_name_parse(struct tftp_name *n, const char *request)
{
	const char *leaf;
	size_t i;

	request += strspn(request, "/");
	if (str_copy(n->text, sizeof(n->text), request) == -1)
		return -1;
	for (i = 0; i < sizeof(fixed_names) / sizeof(fixed_names[0]); i++) {
		if (fixed_name_matches(&fixed_names[i], request)) {
			n->kind = fixed_names[i].kind;
			spell_fixed_name(&fixed_names[i], request, n->text);
			return 0;
		}
	}
	n->kind = TFTP_NAME_FREE;
	leaf = strrchr(request, '/');
	if (leaf == NULL)
		return free_name_allowed(request) ? 0 : -1;
	if (!folder_allowed(request, (size_t)(leaf - request)))
		return -1;
	return free_name_allowed(leaf + 1) ? 0 : -1;
}
