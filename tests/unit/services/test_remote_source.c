/*
 * services/remote_source.c: the list as the database has it, whose functions
 * are the test's own.
 */
#include "services/remote_source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "db/changes.h"
#include "db/params.h"

/* The functions of db/ carry no pointer. */
static struct {
	bool down;
	bool broken; /* parameters cannot be read */
	uint64_t counter;
	const char *value;
	int open; /* connections */
	int opened;
	int reads; /* of the parameter */
} database;

struct db *
db_open_local(enum db_role role, struct err *e)
{
	static char handle;

	assert_int_equal(role, DB_RW);
	if (database.down) {
		(void)err_set(e, ERR_UNREACHABLE, "no server");
		return NULL;
	}
	database.open++;
	database.opened++;
	return (struct db *)(void *)&handle;
}

void
/* cppcheck-suppress constParameter ; the prototype is that of db/db.h */
db_close(struct db *db)
{
	if (db != NULL)
		database.open--;
}

int
/* cppcheck-suppress constParameter ; the prototype is that of db/changes.h */
changes_read(struct db *db, uint64_t *value, struct err *e)
{
	assert_non_null(db);
	*value = database.counter;
	return database.down ? err_set(e, ERR_TIMEOUT, "no answer") : 0;
}

int
/* cppcheck-suppress constParameter ; the prototype is that of db/params.h */
params_get(struct db *db, const char *name, char value[PARAMS_VALUE_SIZE],
    struct err *e)
{
	assert_non_null(db);
	assert_string_equal(name, "Alternate Cisco File Servers");
	database.reads++;
	if (database.broken)
		return err_set(e, ERR_DATABASE, "broken");
	return str_copy(value, PARAMS_VALUE_SIZE, database.value);
}

static void
expect(const struct remote_source *s, const char *text)
{
	char got[FILE_SERVERS_TEXT_SIZE];
	struct err e = ERR_INIT;

	assert_int_equal(s->read(s->self, got, &e), 0);
	assert_string_equal(got, text);
}

/* The parameter is read again only when something has changed. */
static void
test_changes(void **state)
{
	struct remote_source s = remote_source_database();

	(void)state;
	memset(&database, 0, sizeof(database));
	database.value = "a b";
	expect(&s, "a b");
	expect(&s, "a b");
	assert_int_equal(database.reads, 1);
	database.value = "c";
	expect(&s, "a b");
	database.counter = 7;
	expect(&s, "c");
	assert_int_equal(database.reads, 2);
	assert_int_equal(database.opened, 1);
	s.close(s.self);
	assert_int_equal(database.open, 0);
}

/* After a failure there is a new connection. */
static void
test_failures(void **state)
{
	struct remote_source s = remote_source_database();
	char got[FILE_SERVERS_TEXT_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	memset(&database, 0, sizeof(database));
	database.value = "a";
	database.down = true;
	assert_int_equal(s.read(s.self, got, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	database.down = false;
	expect(&s, "a");
	database.down = true;
	assert_int_equal(s.read(s.self, got, &e), -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	assert_int_equal(database.open, 0);
	database.down = false;
	database.counter = 1;
	database.broken = true;
	assert_int_equal(s.read(s.self, got, &e), -1);
	assert_int_equal(e.code, ERR_DATABASE);
	database.broken = false;
	database.value = "b";
	expect(&s, "b");
	assert_int_equal(database.opened, 3);
	s.close(s.self);
	assert_int_equal(database.open, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
