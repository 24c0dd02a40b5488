#include "services/tvs_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "tests/fakes/itl_node.h"

#define PAIRS 3

static struct certfile pair[PAIRS];
static struct trust_store_row rows[16];
static struct trust_store store = { .item = rows, .n = 0 };
static struct tvs_table *table;
static size_t unusable;
static struct err why;

static int
start(void **state)
{
	static const char *const names[PAIRS] = { "one", "two", "three" };
	size_t i;

	(void)state;
	for (i = 0; i < PAIRS; i++)
		itl_node_pair(&pair[i], names[i]);
	return 0;
}

static int
stop(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < PAIRS; i++)
		certfile_release(&pair[i]);
	return 0;
}

static int
tear_down(void **state)
{
	size_t i;

	(void)state;
	tvs_table_free(table);
	table = NULL;
	for (i = 0; i < store.n; i++)
		free(rows[i].pem);
	store.n = 0;
	return 0;
}

/* Roles are letters: "AC" is 0 and 2. */
static void
add(const struct cert *c, int64_t ttl, const char *roles)
{
	struct trust_store_row *row = &rows[store.n++];

	memset(row, 0, sizeof(*row));
	row->pem = c == NULL ? mem_strdup("rubbish") : cert_to_pem(c);
	row->ttl = ttl;
	for (; *roles != '\0'; roles++)
		row->role[row->n_roles++] = (uint8_t)(*roles - 'A');
}

static void
make(void)
{
	err_clear(&why);
	table = tvs_table_new(&store, &unusable, &why);
}

static const struct tvs_cert *
verify(const struct cert *c)
{
	const struct tvs_bytes der = { c->der, c->der_len };

	return tvs_table_verify(table, &der);
}

static struct tvs_bytes
text(const char *s)
{
	return (struct tvs_bytes) { (const uint8_t *)s, strlen(s) };
}

static const struct tvs_cert *
query(const struct cert *c, const char *issuer, const char *subject)
{
	const struct tvs_bytes serial = { c->serial, c->serial_len };
	const struct tvs_bytes i = text(issuer), s = text(subject);

	return tvs_table_query(table, &serial, &i, &s);
}

static void
an_empty_table_knows_nothing(void **state)
{
	const struct cert *c = pair[0].cert;

	(void)state;
	make();
	assert_int_equal(tvs_table_count(table), 0);
	assert_int_equal(unusable, 0);
	assert_null(verify(c));
	assert_null(query(c, c->issuer, c->subject));
}

static void
found_by_bytes_and_by_number(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++)
		add(pair[i].cert, TRUST_STORE_NO_TTL, i == 0 ? "AC" : "V");
	make();
	assert_int_equal(tvs_table_count(table), 2);
	for (i = 0; i < 2; i++) {
		const struct cert *c = pair[i].cert;
		const struct tvs_cert *found = verify(c);

		assert_non_null(found);
		assert_true(cert_equal(found->cert, c));
		assert_ptr_equal(query(c, c->issuer, ""), found);
		assert_ptr_equal(query(c, c->issuer, c->subject), found);
		assert_int_equal(found->ttl, TVS_TTL);
	}
	assert_null(verify(pair[2].cert));
	assert_null(query(pair[2].cert, pair[2].cert->issuer, ""));
	assert_int_equal(verify(pair[0].cert)->n_roles, 2);
	assert_memory_equal(verify(pair[0].cert)->role, "\0\2", 2);
	assert_memory_equal(verify(pair[1].cert)->role, "\25", 1);
}

static void
every_name_given_must_be_right(void **state)
{
	const struct cert *c = pair[0].cert;
	struct tvs_bytes serial = { c->serial, c->serial_len - 1 };
	const struct tvs_bytes issuer = text(c->issuer), any = { NULL, 0 };
	char *longer = mem_printf("%s;", c->issuer);

	(void)state;
	add(c, TRUST_STORE_NO_TTL, "");
	make();
	assert_non_null(query(c, c->issuer, ""));
	assert_null(query(c, "", ""));
	assert_null(query(c, "CN=one", ""));
	assert_null(query(c, longer, ""));
	assert_null(query(c, c->issuer, "CN=two"));
	assert_null(tvs_table_query(table, &serial, &issuer, &any));
	free(longer);
}

/* One byte less or more is another certificate. */
static void
every_byte_counts(void **state)
{
	const struct cert *c = pair[0].cert;
	uint8_t *der = mem_dup(c->der, c->der_len);
	struct tvs_bytes b = { der, c->der_len };

	(void)state;
	add(c, TRUST_STORE_NO_TTL, "");
	make();
	assert_non_null(tvs_table_verify(table, &b));
	b.len--;
	assert_null(tvs_table_verify(table, &b));
	b.len++;
	der[c->der_len - 1] ^= 1;
	assert_null(tvs_table_verify(table, &b));
	free(der);
}

static void
rows_of_one_certificate_are_one(void **state)
{
	const struct tvs_cert *found;

	(void)state;
	add(pair[0].cert, 3600, "CH");
	add(pair[0].cert, TRUST_STORE_NO_TTL, "AC");
	add(pair[0].cert, 7200, "");
	make();
	assert_int_equal(tvs_table_count(table), 1);
	found = verify(pair[0].cert);
	assert_int_equal(found->n_roles, 3);
	assert_memory_equal(found->role, "\0\2\7", 3);
	assert_int_equal(found->ttl, 3600);
}

static void
times_fit_32_bits(void **state)
{
	(void)state;
	add(pair[0].cert, INT64_MAX, "");
	add(pair[1].cert, 0, "");
	make();
	assert_int_equal(verify(pair[0].cert)->ttl, UINT32_MAX);
	assert_int_equal(verify(pair[1].cert)->ttl, 0);
}

static void
what_is_no_certificate_is_left_out(void **state)
{
	(void)state;
	add(NULL, TRUST_STORE_NO_TTL, "A");
	add(pair[0].cert, TRUST_STORE_NO_TTL, "A");
	add(NULL, TRUST_STORE_NO_TTL, "A");
	make();
	assert_int_equal(tvs_table_count(table), 1);
	assert_int_equal(unusable, 2);
	assert_int_not_equal(why.code, ERR_NONE);
	assert_non_null(verify(pair[0].cert));
}

#define TEST(f) cmocka_unit_test_teardown(f, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_table_knows_nothing),
		TEST(found_by_bytes_and_by_number),
		TEST(every_name_given_must_be_right),
		TEST(every_byte_counts),
		TEST(rows_of_one_certificate_are_one),
		TEST(times_fit_32_bits),
		TEST(what_is_no_certificate_is_left_out),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
