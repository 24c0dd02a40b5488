/*
 * cluster/recovery_key.c: which files are taken for a recovery key, and what
 * the database is told of the present one.
 */
#include "cluster/recovery_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "cluster/cert_unit.h"
#include "tests/fakes/pg_cluster.h"
#include "tests/fakes/testing.h"
#include "trust/pkcs12.h"

#define PASSWORD "sec word"

static struct pg_server server;
static struct nodeconf conf;
static uint8_t *p12;
static size_t p12_len;

static void
make(struct certfile *f, const char *unit, const char *node, unsigned bits)
{
	struct nodeconf other = conf;
	struct err e = ERR_INIT;

	(void)str_copy(other.name, sizeof(other.name), node);
	other.key_bits = bits;
	if (cert_unit_make(&other, unit, f, &e) == -1)
		fail_msg("%s", e.msg);
}

static void
save(const char *unit, unsigned bits)
{
	char path[PATH_SIZE];
	struct certfile f;
	struct err e = ERR_INIT;

	make(&f, unit, "pub1", bits);
	if (certfile_write(paths_in(path, "certs/%s.pem", unit), f.key, f.cert,
		&e) == -1)
		fail_msg("%s", e.msg);
	certfile_release(&f);
}

/* Wrap it with a password, into p12. */
static void
wrap(const struct certfile *f, const char *password)
{
	struct secret s;
	struct err e = ERR_INIT;

	mem_free_wiped(p12, p12_len);
	secret_set(&s, password, strlen(password));
	if (pkcs12_encode(f->key, f->cert, &s, &p12, &p12_len, &e) == -1)
		fail_msg("%s", e.msg);
	secret_release(&s);
}

static int
set_up_group(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	pg_server_start_migrated(&server);
	conf = server.conf;
	testing_write(server.root, "certs/security_password", PASSWORD "\n");
	save("CallManager", 1024);
	save(CERT_UNIT_RECOVERY, 1024);
	return cert_unit_write_p12(&e);
}

static int
tear_down_group(void **state)
{
	(void)state;
	mem_free_wiped(p12, p12_len);
	pg_server_stop(&server);
	return 0;
}

static void
refused(enum err_code code, const char *message)
{
	struct certfile f;
	struct err e = ERR_INIT;

	assert_int_equal(recovery_key_open(p12, p12_len, &f, &e), -1);
	assert_int_equal(e.code, code);
	assert_non_null(strstr(e.msg, message));
	assert_non_null(strstr(e.hint, "Nothing has been replaced."));
	assert_null(strchr(e.msg, '\n'));
	assert_null(f.key);
	assert_null(f.cert);
}

static void
key_of_any_publisher_is_opened(void **state)
{
	struct certfile made, f;
	struct err e = ERR_INIT;

	(void)state;
	make(&made, CERT_UNIT_RECOVERY, "otherpub", 1024);
	wrap(&made, PASSWORD);
	if (recovery_key_open(p12, p12_len, &f, &e) == -1)
		fail_msg("%s", e.msg);
	assert_true(cert_equal(f.cert, made.cert));
	assert_true(cert_matches_key(f.cert, f.key));
	certfile_release(&f);
	certfile_release(&made);
}

static void
another_security_password_is_said(void **state)
{
	struct certfile made;

	(void)state;
	make(&made, CERT_UNIT_RECOVERY, "pub1", 1024);
	wrap(&made, "another");
	refused(ERR_AUTH, "does not open with the security password");
	certfile_release(&made);
}

static void
other_files_are_no_key(void **state)
{
	struct certfile made;

	(void)state;
	make(&made, "tomcat", "pub1", 1024);
	wrap(&made, PASSWORD);
	refused(ERR_KEY, "no ITLRecovery.p12: it holds the certificate of CN=");
	certfile_release(&made);
	memset(p12, 'x', p12_len);
	refused(ERR_FORMAT, "no ITLRecovery.p12");
	mem_free_wiped(p12, p12_len);
	p12_len = PKCS12_MAX_SIZE + 1;
	p12 = mem_alloc(p12_len);
	refused(ERR_TOO_BIG, "no ITLRecovery.p12");
}

static void
truncated_file_is_no_key(void **state)
{
	struct certfile made;
	size_t whole;

	(void)state;
	make(&made, CERT_UNIT_RECOVERY, "pub1", 1024);
	wrap(&made, PASSWORD);
	certfile_release(&made);
	whole = p12_len;
	for (size_t cut = 1; cut < whole; cut += 97) {
		p12_len = whole - cut;
		refused(ERR_FORMAT, "no ITLRecovery.p12");
	}
	p12_len = whole;
}

static void
short_key_is_refused_on_a_2048_bit_cluster(void **state)
{
	struct certfile made, f;
	struct err e = ERR_INIT;

	(void)state;
	save("CallManager", 2048);
	make(&made, CERT_UNIT_RECOVERY, "pub1", 1024);
	wrap(&made, PASSWORD);
	refused(ERR_KEY, "in the file has 1024 bits");
	certfile_release(&made);
	assert_int_equal(recovery_key_read(&f, &e), -1);
	assert_int_equal(e.code, ERR_KEY);
	assert_non_null(strstr(e.msg, "1024 bits"));
	assert_non_null(strstr(e.hint, "Regenerate ITLRecovery"));
	assert_null(f.key);
	save("CallManager", 1024);
	assert_int_equal(recovery_key_read(&f, &e), 0);
	certfile_release(&f);
}

static struct recovery_backup
backup(void)
{
	struct recovery_backup b;
	struct err e = ERR_INIT;
	struct db *db = pg_server_open(DB_RW);

	assert_int_equal(recovery_backup_read(db, &b, &e), 0);
	db_close(db);
	return b;
}

static void
database_is_told_of_the_present_file(void **state)
{
	char sha[RECOVERY_BACKUP_SHA_SIZE];
	struct recovery_backup b;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(recovery_key_sha256(sha, &e), 0);
	assert_int_equal(strlen(sha), 64);
	assert_int_equal(recovery_key_note(&conf, false, &e), 0);
	b = backup();
	assert_string_equal(b.present, sha);
	assert_true(recovery_backup_due(&b));
	assert_int_equal(recovery_key_note(&conf, true, &e), 0);
	b = backup();
	assert_false(recovery_backup_due(&b));
	/* wrapped anew: another file, with the same key in it */
	assert_int_equal(cert_unit_write_p12(&e), 0);
	assert_int_equal(recovery_key_note(&conf, false, &e), 0);
	b = backup();
	assert_true(recovery_backup_due(&b));
	assert_string_equal(b.saved, sha);
	assert_string_not_equal(b.present, sha);
}

static void
without_the_file_nothing_is_told(void **state)
{
	char path[PATH_SIZE];
	char sha[RECOVERY_BACKUP_SHA_SIZE];
	struct recovery_backup before = backup();
	struct recovery_backup after;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(file_remove(paths_in(path, "certs/ITLRecovery.p12"),
			     &e),
	    0);
	assert_int_equal(recovery_key_sha256(sha, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_int_equal(recovery_key_note(&conf, true, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	after = backup();
	assert_memory_equal(&before, &after, sizeof(before));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_of_any_publisher_is_opened),
		cmocka_unit_test(another_security_password_is_said),
		cmocka_unit_test(other_files_are_no_key),
		cmocka_unit_test(truncated_file_is_no_key),
		cmocka_unit_test(short_key_is_refused_on_a_2048_bit_cluster),
		cmocka_unit_test(database_is_told_of_the_present_file),
		cmocka_unit_test(without_the_file_nothing_is_told),
	};

	return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
