#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#include "base/str.h"
#include "services/certmon_curl_priv.h"

#define LIBRARY "libcurl.so.4"
#define REASON_SIZE 256

/* Written once, by load(). */
static struct certmon_curl curl;
static void *library;
static char reason[REASON_SIZE]; /* why it is not loaded; "": it is */

static void
find(const char *name, void *pointer, size_t size)
{
	void *symbol = dlsym(library, name);

	if (symbol == NULL)
		(void)str_printf(reason, sizeof(reason), "%s has no %s",
		    LIBRARY, name);
	else
		memcpy(pointer, &symbol, size);
}

#define FIND(member, name) find(name, &curl.member, sizeof(curl.member))

static void
find_all(void)
{
	FIND(global_init, "curl_global_init");
	FIND(easy_init, "curl_easy_init");
	FIND(easy_set, "curl_easy_setopt");
	FIND(easy_strerror, "curl_easy_strerror");
	FIND(easy_cleanup, "curl_easy_cleanup");
	FIND(slist_append, "curl_slist_append");
	FIND(slist_free_all, "curl_slist_free_all");
	FIND(multi_init, "curl_multi_init");
	FIND(multi_add_handle, "curl_multi_add_handle");
	FIND(multi_remove_handle, "curl_multi_remove_handle");
	FIND(multi_perform, "curl_multi_perform");
	FIND(multi_info_read, "curl_multi_info_read");
	FIND(multi_cleanup, "curl_multi_cleanup");
}

static void
load(void)
{
	library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL) {
		/* The text is this thread's own. */
		/* NOLINTNEXTLINE(concurrency-mt-unsafe) */
		const char *why = dlerror();

		(void)str_printf(reason, sizeof(reason), "%s",
		    why == NULL ? LIBRARY : why);
		return;
	}
	find_all();
	if (reason[0] == '\0' &&
	    curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		(void)str_copy(reason, sizeof(reason),
		    LIBRARY " does not start");
}

const struct certmon_curl *
certmon_curl(struct err *e)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, load);
	if (reason[0] == '\0')
		return &curl;
	(void)err_set(e, ERR_INTERNAL, "%s", reason);
	(void)err_hint(e, "Install the package libcurl4.");
	return NULL;
}
