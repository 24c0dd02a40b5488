/*
 * node/verb.c: finding a verb, who may use it, and what reaches its run.
 */
#include "node/verb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"

static const struct verb_caller root_user = { .name = "root",
	.level = VERB_LEVEL_MAX,
	.all = true };
static const struct verb_caller peer = { .name = "ucmnode",
	.level = -1,
	.peer = true };
static const struct verb_caller level0 = { .name = "reader", .level = 0 };
static const struct verb_caller level1 = { .name = "operator", .level = 1 };
static const struct verb_caller level4 = { .name = "admin", .level = 4 };

static struct strlist
words_of(const char *text)
{
	struct strlist l = STRLIST_INIT;
	const char *p = text;

	while (*p != '\0') {
		size_t n = strcspn(p, " ");

		strlist_add_n(&l, p, n);
		p += n;
		p += strspn(p, " ");
	}
	return l;
}

static const struct verb *
find(const char *text, size_t *n)
{
	struct strlist l = words_of(text);
	struct err e = ERR_INIT;
	const struct verb *v = verb_find(&l, n, &e);

	strlist_release(&l);
	if (v == NULL)
		assert_int_equal(e.code, ERR_USAGE);
	return v;
}

static void
finds_by_its_first_words(void **state)
{
	size_t n;

	(void)state;
	assert_string_equal(find("itl stage abc 12", &n)->words, "itl stage");
	assert_int_equal(n, 2);
	assert_string_equal(find("itl reset localkey", &n)->words,
	    "itl reset localkey");
	assert_int_equal(n, 3);
	assert_string_equal(find("whoami", &n)->words, "whoami");
	assert_null(find("itl", &n));
	assert_null(find("itl reset", &n));
	assert_null(find("ITL stage", &n));
	assert_null(find("", &n));
	assert_null(find("whoamix", &n));
}

static void
allowed_of(const char *text, const struct verb_caller *who, bool yes)
{
	struct err e = ERR_INIT;
	size_t n;
	const struct verb *v = find(text, &n);

	assert_non_null(v);
	assert_int_equal(verb_allowed(v, who, &e), yes ? 0 : -1);
	if (!yes)
		assert_int_equal(e.code, ERR_DENIED);
}

/* Every verb: peer, level 0, 1 and 4; root may everything. */
static void
authority_of_every_verb(void **state)
{
	static const struct {
		const char *words;
		bool peer, l0, l1, l4;
	} want[] = {
		{ "audit begin", false, true, true, true },
		{ "audit end", false, true, true, true },
		{ "cert hold", false, false, true, true },
		{ "cert list", false, false, true, true },
		{ "cert regen", false, false, true, true },
		{ "cert show", false, false, true, true },
		{ "cli timeout", false, true, true, true },
		{ "cluster show", false, true, true, true },
		{ "itl activate", true, false, false, false },
		{ "itl reset localkey", false, false, false, true },
		{ "itl stage", true, false, false, false },
		{ "itl status", true, true, true, true },
		{ "node status", true, true, true, true },
		{ "service activate", false, false, true, true },
		{ "service autorestart", false, false, true, true },
		{ "service deactivate", false, false, true, true },
		{ "service list", false, true, true, true },
		{ "service restart", false, false, true, true },
		{ "service start", false, false, true, true },
		{ "service stop", false, false, true, true },
		{ "sql", false, true, true, true },
		{ "whoami", false, true, true, true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		allowed_of(want[i].words, &root_user, true);
		allowed_of(want[i].words, &peer, want[i].peer);
		allowed_of(want[i].words, &level0, want[i].l0);
		allowed_of(want[i].words, &level1, want[i].l1);
		allowed_of(want[i].words, &level4, want[i].l4);
	}
}

/* Somebody without any level, should one ever get this far. */
static void
nobody_may_nothing(void **state)
{
	static const struct verb_caller nobody = { .name = "x", .level = -1 };
	struct err e = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < verb_table_n; i++)
		assert_int_equal(verb_allowed(verb_table[i], &nobody, &e), -1);
}

static int
dispatch(const char *text, const struct verb_caller *who, size_t payload,
    struct err *e)
{
	static const uint8_t bytes[131072] = { 0 };
	struct strlist l = words_of(text);
	struct verb_ctx c = { .caller = *who,
		.payload = bytes,
		.payload_len = payload };
	int rc = verb_dispatch(&c, &l, e);

	strlist_release(&l);
	return rc;
}

static void
limits_arguments_and_payload(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(dispatch("whoami", &level0, 0, &e), 0);
	assert_int_equal(dispatch("whoami x", &level0, 0, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_int_equal(dispatch("whoami", &level0, 1, &e), -1);
	assert_int_equal(e.code, ERR_TOO_BIG);
	assert_int_equal(dispatch("service start", &level1, 0, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_int_equal(dispatch("itl stage a 1", &peer, 65537, &e), -1);
	assert_int_equal(e.code, ERR_TOO_BIG);
	assert_int_equal(dispatch("sql", &level0, 64 * 1024 + 1, &e), -1);
	assert_int_equal(e.code, ERR_TOO_BIG);
	/* authority comes first */
	assert_int_equal(dispatch("itl stage a 1", &level4, 65537, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
}

/* What one account could keep all the others from by asking often. */
static void
costly_requests_are_shared(void **state)
{
	static const char *const costly[] = { "cluster show", "password admin",
		"password security", "recovery p12", "sql" };
	size_t n = 0;
	size_t i;

	(void)state;
	for (i = 0; i < verb_table_n; i++) {
		const struct verb *v = verb_table[i];

		if ((v->flags & VERB_COSTLY) == 0)
			continue;
		assert_true(n < sizeof(costly) / sizeof(costly[0]));
		assert_string_equal(v->words, costly[n++]);
	}
	assert_int_equal(n, sizeof(costly) / sizeof(costly[0]));
}

static int
refuse(void *self, const char *text, size_t n)
{
	(void)text;
	(void)n;
	++*(int *)self;
	return -1;
}

static int
collect(void *self, const char *text, size_t n)
{
	wbuf_bytes(self, text, n);
	return 0;
}

static void
text_goes_nowhere_when_nobody_listens(void **state)
{
	int calls = 0;
	const struct verb_reply reply = { .text = refuse, .self = &calls };
	struct verb_ctx c = { .reply = &reply };
	const struct progress p = verb_progress(&c);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(progress_printf(&p, &e, "one %d\n", 1), 0);
	assert_int_equal(progress_printf(&p, &e, "two\n"), 0);
	assert_int_equal(calls, 2);
	c.reply = NULL;
	assert_int_equal(progress_printf(&p, &e, "three\n"), 0);
	verb_data(&c, "x", 1);
}

static void
progress_is_literal(void **state)
{
	struct wbuf w;
	const struct verb_reply reply = { .text = collect, .self = &w };
	struct verb_ctx c = { .reply = &reply };
	const struct progress p = verb_progress(&c);
	struct err e = ERR_INIT;

	(void)state;
	wbuf_init(&w, 0);
	assert_int_equal(progress_printf(&p, &e, "%s\n", "100%s %n"), 0);
	assert_int_equal(w.len, 9);
	assert_memory_equal(w.data, "100%s %n\n", 9);
	wbuf_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_by_its_first_words),
		cmocka_unit_test(authority_of_every_verb),
		cmocka_unit_test(nobody_may_nothing),
		cmocka_unit_test(limits_arguments_and_payload),
		cmocka_unit_test(costly_requests_are_shared),
		cmocka_unit_test(text_goes_nowhere_when_nobody_listens),
		cmocka_unit_test(progress_is_literal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
