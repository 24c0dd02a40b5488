/*
 * The templates of etc/phone as tools/embed-texts builds them into the
 * program.
 */
#ifndef SERVICES_PHONE_TEMPLATES_PRIV_H
#define SERVICES_PHONE_TEMPLATES_PRIV_H

#include <stddef.h>

struct embedded_text {
	const char *name; /* "etc/phone/SEP.cnf.xml" */
	const char *text;
	size_t len; /* without the NUL behind it */
};

extern const struct embedded_text phone_template_device;
extern const struct embedded_text phone_template_default;

#endif
