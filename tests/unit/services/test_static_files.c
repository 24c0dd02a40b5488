#include "services/static_files.h"

#include <sys/stat.h>

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "tests/fakes/testing.h"

struct fixture {
	char *dir;
	struct event_base *base;
	struct static_files *files;
	struct strlist there; /* what was told */
	unsigned again;
};

static void
remove_name(struct strlist *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++) {
		if (!str_equal(l->item[i], name))
			continue;
		free(l->item[i]);
		l->item[i] = l->item[--l->n];
		return;
	}
}

static void
tell(void *self, enum static_event event, const char *name)
{
	struct fixture *f = self;

	switch (event) {
	case STATIC_FILE:
		if (!strlist_has(&f->there, name))
			strlist_add(&f->there, name);
		break;
	case STATIC_GONE:
		remove_name(&f->there, name);
		break;
	case STATIC_AGAIN:
		strlist_release(&f->there);
		f->again++;
		break;
	}
}

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));

	f->dir = testing_dir();
	f->base = event_base_new();
	assert_non_null(f->base);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	static_files_free(f->files);
	event_base_free(f->base);
	strlist_release(&f->there);
	testing_dir_remove(f->dir);
	free(f);
	return 0;
}

static void
start(struct fixture *f)
{
	struct err e = ERR_INIT;

	f->files = static_files_new(f->base, f->dir, tell, f, &e);
	assert_non_null(f->files);
}

static void
folder(const struct fixture *f, const char *name)
{
	char *path = mem_printf("%s/%s", f->dir, name);

	assert_int_equal(mkdir(path, 0755), 0);
	free(path);
}

static void
move(const struct fixture *f, const char *from, const char *to)
{
	char *a = mem_printf("%s/%s", f->dir, from);
	char *b = mem_printf("%s/%s", f->dir, to);

	assert_int_equal(rename(a, b), 0);
	free(a);
	free(b);
}

static void
drop(const struct fixture *f, const char *name)
{
	char *path = mem_printf("%s/%s", f->dir, name);

	assert_int_equal(remove(path), 0);
	free(path);
}

static bool
told(struct fixture *f, const char *name)
{
	static_files_poll(f->files);
	return strlist_has(&f->there, name);
}

/* Only what phones may ask for. */
static void
at_the_start(void **state)
{
	struct fixture *f = *state;
	char *link = mem_printf("%s/link.xml", f->dir);

	testing_write(f->dir, "ringlist.xml", "");
	testing_write(f->dir, "secret.key", "");
	testing_write(f->dir, ".hidden.xml", "");
	testing_write(f->dir, "ITLFile.tlv.tmp01234567", "");
	testing_write(f->dir, "xmldefault.cnf.xml", ""); /* not its name */
	folder(f, "New_Zealand");
	testing_write(f->dir, "New_Zealand/g3-tones.xml", "");
	folder(f, "New_Zealand/deeper");
	testing_write(f->dir, "New_Zealand/deeper/a.xml", "");
	folder(f, ".signed");
	testing_write(f->dir, ".signed/a.xml", "");
	folder(f, "no.folder");
	testing_write(f->dir, "no.folder/a.xml", "");
	folder(f, "Desktops");
	folder(f, "Desktops/320x212x16");
	testing_write(f->dir, "Desktops/320x212x16/a.png", "");
	assert_int_equal(symlink("ringlist.xml", link), 0);
	start(f);
	assert_true(told(f, "ringlist.xml"));
	assert_true(told(f, "New_Zealand/g3-tones.xml"));
	assert_true(told(f, "Desktops/320x212x16/a.png"));
	assert_int_equal(f->there.n, 3);
	assert_int_equal(f->again, 0);
	free(link);
}

static void
what_changes(void **state)
{
	struct fixture *f = *state;

	folder(f, "New_Zealand");
	start(f);
	assert_int_equal(f->there.n, 0);
	testing_write(f->dir, "a.xml", "");
	assert_true(told(f, "a.xml"));
	testing_write(f->dir, "New_Zealand/b.xml", "");
	assert_true(told(f, "New_Zealand/b.xml"));
	move(f, "a.xml", "New_Zealand/a.xml");
	assert_false(told(f, "a.xml"));
	assert_true(told(f, "New_Zealand/a.xml"));
	drop(f, "New_Zealand/a.xml");
	assert_false(told(f, "New_Zealand/a.xml"));
	remove_name(&f->there, "New_Zealand/b.xml");
	testing_write(f->dir, "New_Zealand/b.xml", "changed");
	assert_true(told(f, "New_Zealand/b.xml"));
	testing_write(f->dir, "secret.key", "");
	assert_false(told(f, "secret.key"));
	assert_int_equal(f->again, 0);
}

/* A folder that comes, is renamed or goes, with what is in it. */
static void
folders(void **state)
{
	struct fixture *f = *state;

	start(f);
	folder(f, "Desktops");
	folder(f, "Desktops/1x1");
	testing_write(f->dir, "Desktops/1x1/a.png", "");
	assert_true(told(f, "Desktops/1x1/a.png"));
	testing_write(f->dir, "Desktops/1x1/b.png", "");
	assert_true(told(f, "Desktops/1x1/b.png"));
	move(f, "Desktops/1x1", "Desktops/2x2");
	assert_true(told(f, "Desktops/2x2/a.png"));
	assert_false(told(f, "Desktops/1x1/a.png"));
	drop(f, "Desktops/2x2/a.png");
	drop(f, "Desktops/2x2/b.png");
	drop(f, "Desktops/2x2");
	assert_false(told(f, "Desktops/2x2/a.png"));
	/* One that phones never see is no reason to look again. */
	(void)told(f, "");
	f->again = 0;
	folder(f, ".signed");
	folder(f, "no.folder");
	assert_false(told(f, "x"));
	assert_int_equal(f->again, 0);
}

/* Without anybody asking, the event loop tells. */
static void
by_the_event_loop(void **state)
{
	struct fixture *f = *state;
	int64_t deadline = clock_ticks() + 60000;

	start(f);
	testing_write(f->dir, "a.xml", "");
	while (f->there.n == 0 && clock_ticks() < deadline) {
		(void)event_base_loop(f->base, EVLOOP_NONBLOCK);
		(void)poll(NULL, 0, 1);
	}
	assert_true(strlist_has(&f->there, "a.xml"));
}

/* So many folders are a mistake; the others are not watched. */
static void
too_many_folders(void **state)
{
	struct fixture *f = *state;
	char name[16];

	folder(f, "Desktops");
	for (unsigned i = 0; i < 260; i++) {
		(void)str_printf(name, sizeof(name), "Desktops/%u", i);
		folder(f, name);
	}
	testing_write(f->dir, "a.xml", "");
	start(f);
	assert_true(told(f, "a.xml"));
}

/* More changes than the kernel remembers: everything is looked at again. */
static void
overflow(void **state)
{
	struct fixture *f = *state;
	char *limit = testing_read("/proc/sys/fs/inotify", "max_queued_events");

	assert_non_null(limit);
	start(f);
	/* Two in turn, because the same event again is not remembered. */
	for (long i = 0; i <= strtol(limit, NULL, 10); i++)
		testing_write(f->dir, i % 2 == 0 ? "a.xml" : "b.xml", "");
	testing_write(f->dir, "c.xml", "");
	drop(f, "a.xml");
	assert_true(told(f, "c.xml"));
	assert_false(told(f, "a.xml"));
	assert_true(told(f, "b.xml"));
	assert_int_equal(f->again, 1);
	free(limit);
}

/* A directory that is away for a while, as when it is restored. */
static void
away(void **state)
{
	struct fixture *f = *state;
	char *other = mem_printf("%s.away", f->dir);

	start(f);
	testing_write(f->dir, "a.xml", "");
	assert_true(told(f, "a.xml"));
	assert_int_equal(rename(f->dir, other), 0);
	testing_write(other, "b.xml", "");
	free(f->dir);
	f->dir = other;
	folder(f, "Desktops");
	(void)told(f, "");
	assert_false(told(f, "a.xml"));
	f->dir = mem_strndup(other, strlen(other) - strlen(".away"));
	assert_int_equal(rename(other, f->dir), 0);
	free(other);
	assert_true(told(f, "a.xml"));
	assert_true(told(f, "b.xml"));
	testing_write(f->dir, "c.xml", "");
	assert_true(told(f, "c.xml"));
}

static void
no_folder(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;

	assert_null(static_files_new(f->base, "/nonexistent", tell, f, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
	static_files_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(at_the_start, setup, teardown),
		cmocka_unit_test_setup_teardown(what_changes, setup, teardown),
		cmocka_unit_test_setup_teardown(folders, setup, teardown),
		cmocka_unit_test_setup_teardown(by_the_event_loop, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(too_many_folders, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(overflow, setup, teardown),
		cmocka_unit_test_setup_teardown(away, setup, teardown),
		cmocka_unit_test_setup_teardown(no_folder, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
