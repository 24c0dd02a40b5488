/*
 * libcurl, loaded when an e-mail is to be sent and not before: it brings
 * some 30 libraries with it, and most nodes never send one.
 */
#ifndef SERVICES_CERTMON_CURL_PRIV_H
#define SERVICES_CERTMON_CURL_PRIV_H

#include <curl/curl.h>

#include "base/err.h"

/* What services/ calls of it, under their names without curl_. */
struct certmon_curl {
	__typeof__(curl_global_init) *global_init;
	__typeof__(curl_easy_init) *easy_init;
	/* Takes any type behind the option: give it exactly the right one. */
	CURLcode (*easy_set)(CURL *handle, CURLoption option, ...);
	__typeof__(curl_easy_strerror) *easy_strerror;
	__typeof__(curl_easy_cleanup) *easy_cleanup;
	__typeof__(curl_slist_append) *slist_append;
	__typeof__(curl_slist_free_all) *slist_free_all;
	__typeof__(curl_multi_init) *multi_init;
	__typeof__(curl_multi_add_handle) *multi_add_handle;
	__typeof__(curl_multi_remove_handle) *multi_remove_handle;
	__typeof__(curl_multi_perform) *multi_perform;
	__typeof__(curl_multi_info_read) *multi_info_read;
	__typeof__(curl_multi_cleanup) *multi_cleanup;
};

/*
 * Load and start it, once; for one thread.  NULL with ERR_INTERNAL, and a
 * hint when it is not installed.
 */
const struct certmon_curl *certmon_curl(struct err *e);

#endif
