#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

/* Set the pointer of each function; with the lock. */
static int
find_all(const struct library *l, void *handle, struct err *e)
{
	for (size_t i = 0; i < l->function_count; i++) {
		const struct library_function *f = &l->functions[i];
		void *symbol = dlsym(handle, f->name);

		if (symbol == NULL)
			return err_set(e, ERR_INTERNAL, "%s has no %s", l->file,
			    f->name);
		/* All pointers are alike here (POSIX, dlsym). */
		memcpy(f->pointer, &symbol, sizeof(symbol));
	}
	return 0;
}

static int
load(struct library *l, struct err *e)
{
	void *handle = dlopen(l->file, RTLD_NOW | RTLD_LOCAL);

	if (handle == NULL) {
		/* The text is this thread's own. */
		/* NOLINTNEXTLINE(concurrency-mt-unsafe) */
		const char *why = dlerror();

		return err_set(e, ERR_INTERNAL, "%s",
		    why == NULL ? l->file : why);
	}
	if (find_all(l, handle, e) == -1) {
		(void)dlclose(handle);
		return -1;
	}
	l->loaded = true;
	return 0;
}

int
library_load(struct library *l, struct err *e)
{
	int rc = 0;

	(void)pthread_mutex_lock(&l->lock);
	if (!l->loaded)
		rc = load(l, e);
	(void)pthread_mutex_unlock(&l->lock);
	return rc == 0 ? 0 : err_hint(e, "Install the package %s.", l->package);
}
