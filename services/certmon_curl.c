#include "services/certmon_curl_priv.h"

#include <stdbool.h>

#include "base/library.h"

/* Written by library_load(). */
static struct certmon_curl curl;
static const struct library_function functions[] = {
	{ "curl_global_init", &curl.global_init },
	{ "curl_easy_init", &curl.easy_init },
	{ "curl_easy_setopt", &curl.easy_set },
	{ "curl_easy_strerror", &curl.easy_strerror },
	{ "curl_easy_cleanup", &curl.easy_cleanup },
	{ "curl_slist_append", &curl.slist_append },
	{ "curl_slist_free_all", &curl.slist_free_all },
	{ "curl_multi_init", &curl.multi_init },
	{ "curl_multi_add_handle", &curl.multi_add_handle },
	{ "curl_multi_remove_handle", &curl.multi_remove_handle },
	{ "curl_multi_perform", &curl.multi_perform },
	{ "curl_multi_info_read", &curl.multi_info_read },
	{ "curl_multi_cleanup", &curl.multi_cleanup },
};
static struct library libcurl = LIBRARY("libcurl.so.4", "libcurl4", functions);

const struct certmon_curl *
certmon_curl(struct err *e)
{
	static bool started;

	if (library_load(&libcurl, e) == -1)
		return NULL;
	if (!started && curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		(void)err_set(e, ERR_INTERNAL, "%s does not start",
		    libcurl.file);
		return NULL;
	}
	started = true;
	return &curl;
}
