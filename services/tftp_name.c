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
	{ "CTLFile.tlv", "", false, TFTP_NAME_DEFAULT },
	{ "CTLSEP", ".tlv", true, TFTP_NAME_CTL_PHONE },
	{ "SEP", ".cnf.xml", true, TFTP_NAME_CONFIG },
	{ "SEP", ".cnf.xml.sgn", true, TFTP_NAME_CONFIG_SIGNED },
	{ "SEP", ".cnf.xml.enc.sgn", true, TFTP_NAME_CONFIG_ENCRYPTED },
	{ "SIP", ".cnf", true, TFTP_NAME_PHONE },
	{ "SIP", ".cnf.sgn", true, TFTP_NAME_PHONE },
	{ "ATA", ".cnf.xml", true, TFTP_NAME_PHONE },
	{ "ATA", ".cnf.xml.sgn", true, TFTP_NAME_PHONE },
	{ "XMLDefault.cnf.xml", "", false, TFTP_NAME_DEFAULT },
	{ "XMLDefault.cnf.xml.sgn", "", false, TFTP_NAME_DEFAULT },
	{ "SEPDefault.cnf", "", false, TFTP_NAME_DEFAULT },
	{ "SEPDefault.cnf.sgn", "", false, TFTP_NAME_DEFAULT },
	{ "SEPDefault.cnf.xml", "", false, TFTP_NAME_DEFAULT },
	{ "SEPDefault.cnf.xml.sgn", "", false, TFTP_NAME_DEFAULT },
	{ "SIPDefault.cnf", "", false, TFTP_NAME_DEFAULT },
	{ "SIPDefault.cnf.sgn", "", false, TFTP_NAME_DEFAULT },
	{ "OS79XX.TXT", "", false, TFTP_NAME_DEFAULT },
	{ "OS79XX.TXT.sgn", "", false, TFTP_NAME_DEFAULT },
};

/* The endings of all other files that phones load. */
static const char *const endings[] = { "bin", "cfg", "cnf", "dat", "jar",
	"json", "loads", "png", "raw", "sb2", "sbn", "sgn", "sha512", "txt",
	"xml", "zz" };

/* Those that phones ask for without an ending, or with .sgn alone. */
static const char *const plain_names[] = { "AppDialRules", "dialplan",
	"DistinctiveRingList", "featurePolicy", "RingList" };

/* What there is to fetch is for administrators to know. */
static const char *const lists[] = { "ConfigFileCacheList.txt",
	"FileList.txt" };

/* Endings that no part of a name may have. */
static const char *const secret_endings[] = { "key", "p12", "pem", "pfx" };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

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
take_fixed_name(const struct fixed_name *f, const char *s, struct tftp_name *n)
{
	const char *mac = s + strlen(f->head);
	size_t i;

	n->kind = f->kind;
	for (i = 0; f->mac && i < MAC_DIGITS; i++) {
		char c = mac[i];

		if (c >= 'a')
			c = UPPER[c - 'a'];
		n->mac[i] = c;
	}
	n->mac[i] = '\0';
	(void)str_printf(n->text, sizeof(n->text), "%s%s%s", f->head, n->mac,
	    f->tail);
}

/* The length of s without a final ".sgn". */
static size_t
length_unsigned(const char *s)
{
	size_t len = strlen(s);

	return len > 4 && !strcasecmp(s + len - 4, ".sgn") ? len - 4 : len;
}

/* A file name without folder that is no fixed name. */
static bool
free_name_allowed(const char *s)
{
	const char *p, *end = NULL;
	size_t len = length_unsigned(s);

	if (s[0] == '.' || s[strspn(s, NAME_BYTES)] != '\0')
		return false;
	if (has_word(lists, COUNT(lists), s, len))
		return false;
	if (has_word(plain_names, COUNT(plain_names), s, len))
		return true;
	for (p = strchr(s, '.'); p != NULL; p = strchr(end, '.')) {
		end = p + 1;
		len = strcspn(end, ".");
		if (len == 0 ||
		    has_word(secret_endings, COUNT(secret_endings), end, len))
			return false;
	}
	return end != NULL && has_word(endings, COUNT(endings), end, len);
}

/* "English_United_States", or "Desktops/320x212x16". */
static bool
folder_allowed(const char *s, size_t len)
{
	const char *backgrounds = "Desktops/";
	size_t n = strlen(backgrounds);

	if (len > n && !strncasecmp(s, backgrounds, n))
		return strspn(s + n, DIGITS "x") == len - n;
	return len > 0 && s[0] != '_' && strspn(s, UPPER LOWER "_") == len;
}

int
tftp_name_parse(struct tftp_name *n, const char *request)
{
	const char *leaf;
	size_t i;

	request += strspn(request, "/");
	n->mac[0] = '\0';
	if (str_copy(n->text, sizeof(n->text), request) == -1)
		return -1;
	for (i = 0; i < COUNT(fixed_names); i++) {
		if (fixed_name_matches(&fixed_names[i], request)) {
			take_fixed_name(&fixed_names[i], request, n);
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

bool
tftp_name_is_default(const struct tftp_name *n)
{
	return n->kind == TFTP_NAME_ITL || n->kind == TFTP_NAME_DEFAULT;
}
