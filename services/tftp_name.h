/*
 * Which files phones may ask for by name.
 */
#ifndef SERVICES_TFTP_NAME_H
#define SERVICES_TFTP_NAME_H

#include <stdbool.h>

#define TFTP_NAME_SIZE 256 /* name and NUL; longer ones are refused */

enum tftp_name_kind {
	TFTP_NAME_ITL, /* ITLFile.tlv */
	TFTP_NAME_ITL_PHONE, /* ITLSEP<MAC>.tlv */
	TFTP_NAME_FIXED, /* another name with one spelling */
	TFTP_NAME_FREE /* spelled on disk as somebody liked */
};

struct tftp_name {
	enum tftp_name_kind kind;
	char text[TFTP_NAME_SIZE]; /* relative to the directory */
};

/*
 * Read the name in a request.  Leading slashes are dropped.  Trust lists,
 * configurations and the other names a phone makes up by itself, from its
 * MAC address or by convention, get the one spelling they have on disk, so
 * any case of the request finds them; other names keep their spelling.
 *
 * 0, or -1 when phones may not have such a file, which are
 *   - folders, but for those of locales (English_United_States/x.jar) and
 *     of backgrounds (Desktops/320x212x16/x.png);
 *   - bytes other than letters, digits, '.', '_' and '-'; hidden files;
 *     ".." anywhere;
 *   - endings other than those of phones' files, so no temporary files;
 *   - p12, pfx, pem and key as an ending, in any case, also before another
 *     one (x.key.sgn).
 */
int tftp_name_parse(struct tftp_name *n, const char *request);

#endif
