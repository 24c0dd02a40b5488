/*
 * Is a text a well-formed XML document?  What phones' files and templates
 * need: elements, attributes, text, comments, CDATA sections, processing
 * instructions and the five entities; no document type.  Elements stand at
 * most XML_SCAN_DEPTH inside each other (base/xml_scan.h), each with at most
 * 64 attributes.
 */
#ifndef SERVICES_XML_CHECK_H
#define SERVICES_XML_CHECK_H

#include <stddef.h>

#include "base/err.h"

/* 0, or -1 with ERR_FORMAT, line and rule. */
int xml_check(const void *text, size_t len, struct err *e);

/*
 * The length of the character at p in UTF-8, of which left bytes are there,
 * if XML 1.0 allows it; else 0.
 */
size_t xml_character(const void *p, size_t left);

#endif
