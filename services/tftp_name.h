/*
 * Which files phones may ask for by name.
 */
#ifndef SERVICES_TFTP_NAME_H
#define SERVICES_TFTP_NAME_H

#include <stdbool.h>

#define TFTP_NAME_SIZE 256 /* name and NUL; longer ones are refused */
#define TFTP_MAC_SIZE 13 /* 12 hex digits and NUL */

enum tftp_name_kind {
	TFTP_NAME_ITL, /* ITLFile.tlv */
	TFTP_NAME_ITL_PHONE, /* ITLSEP<MAC>.tlv */
	TFTP_NAME_CTL_PHONE, /* CTLSEP<MAC>.tlv */
	TFTP_NAME_CONFIG, /* SEP<MAC>.cnf.xml */
	TFTP_NAME_CONFIG_SIGNED, /* SEP<MAC>.cnf.xml.sgn */
	TFTP_NAME_CONFIG_ENCRYPTED, /* SEP<MAC>.cnf.xml.enc.sgn */
	TFTP_NAME_PHONE, /* another one of a phone: SIP<MAC>.cnf, ATA… */
	TFTP_NAME_DEFAULT, /* of a cluster: CTLFile.tlv, XMLDefault… */
	TFTP_NAME_FREE /* spelled on disk as somebody liked */
};

struct tftp_name {
	enum tftp_name_kind kind;
	char text[TFTP_NAME_SIZE]; /* relative to the directory */
	char mac[TFTP_MAC_SIZE]; /* in upper case; "" when none is in it */
};

/*
 * Read the name in a request.  Leading slashes are dropped.  Trust lists,
 * configurations and the other names a phone makes up by itself, from its
 * MAC address or by convention, get the one spelling they have on disk, so
 * any case of the request finds them; other names (TFTP_NAME_FREE) keep
 * their spelling.
 *
 * 0, or -1 when phones may not have such a file, which are
 *   - folders, but for those of locales (English_United_States/x.jar) and
 *     of backgrounds (Desktops/320x212x16/x.png);
 *   - bytes other than letters, digits, '.', '_' and '-'; hidden files;
 *     ".." anywhere;
 *   - endings other than those of phones' files, so no temporary files, but
 *     for the few names that have none (RingList);
 *   - lists of files (FileList.txt, ConfigFileCacheList.txt);
 *   - p12, pfx, pem and key as an ending, in any case, also before another
 *     one (x.key.sgn).
 */
int tftp_name_parse(struct tftp_name *n, const char *request);

/*
 * Is it one that every cluster has of its own, so that another cluster's
 * would be the wrong one: ITLFile.tlv, CTLFile.tlv, XMLDefault.cnf.xml …?
 */
bool tftp_name_is_default(const struct tftp_name *n);

#endif
