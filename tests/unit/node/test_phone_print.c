/*
 * node/phone_print.c: lists as text, JSON and CSV.
 */
#include "node/phone_print.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct device_row row[2];
static const struct device_list list = { .item = row, .n = 2 };

static int
setup(void **state)
{
	static char pem[] = "PEM";

	(void)state;
	memset(row, 0, sizeof(row));
	for (size_t i = 0; i < 2; i++) {
		(void)str_printf(row[i].name, sizeof(row[i].name),
		    "SEP00112233445%zu", i);
		(void)str_copy(row[i].model_name, sizeof(row[i].model_name),
		    "Cisco 8841");
		(void)str_copy(row[i].pool_name, sizeof(row[i].pool_name),
		    "Default");
		row[i].security = DEVICE_NON_SECURE;
		row[i].protocol = DEVICE_SIP;
	}
	(void)str_copy(row[1].description, sizeof(row[1].description),
	    "a\033[2J");
	row[1].certificate = pem;
	return 0;
}

static void
prints(void (*print)(struct out *o, const void *arg), const void *arg,
    const char *text, const char *json)
{
	for (int i = 0; i < 2; i++) {
		struct out *o = out_new_mem(i == 0 ? OUT_TEXT : OUT_JSON);

		print(o, arg);
		assert_int_equal(out_finish(o), 0);
		assert_string_equal(out_text(o), i == 0 ? text : json);
		out_free(o);
	}
}

static void
print_list(struct out *o, const void *arg)
{
	phone_print_list(o, arg, false);
}

static void
print_models(struct out *o, const void *arg)
{
	phone_print_models(o, arg);
}

static void
print_groups(struct out *o, const void *arg)
{
	phone_print_groups(o, arg);
}

static void
print_pools(struct out *o, const void *arg)
{
	phone_print_pools(o, arg);
}

#define JSON_REST                                  \
	"    \"model\": \"Cisco 8841\",\n"         \
	"    \"pool\": \"Default\",\n"             \
	"    \"protocol\": \"SIP\",\n"             \
	"    \"load\": \"\",\n"                    \
	"    \"settings-access\": \"disabled\",\n" \
	"    \"web-access\": \"disabled\",\n"      \
	"    \"ssh-access\": \"disabled\",\n"      \
	"    \"span-to-pc-port\": \"disabled\",\n" \
	"    \"security\": \"non-secure\",\n"      \
	"    \"encrypted-config\": \"disabled\",\n"
#define JSON                                                \
	"[\n  {\n"                                          \
	"    \"name\": \"SEP001122334450\",\n"              \
	"    \"description\": \"\",\n" JSON_REST            \
	"    \"certificate\": null\n  },\n  {\n"            \
	"    \"name\": \"SEP001122334451\",\n"              \
	"    \"description\": \"a\\u001B[2J\",\n" JSON_REST \
	"    \"certificate\": \"PEM\"\n  }\n]\n"

static void
a_line_for_each_phone(void **state)
{
	(void)state;
	prints(print_list, &list,
	    "SEP001122334450  Cisco 8841      SIP   Default\n"
	    "SEP001122334451  Cisco 8841      SIP   Default  a\\x1b[2J\n",
	    JSON);
}

#define TABLE_COLUMNS                                                      \
	"name,description,model,pool,protocol,load,settings-access,"       \
	"web-access,ssh-access,span-to-pc-port,security,encrypted-config," \
	"certificate\n"
#define TABLE_REST "disabled,disabled,disabled,disabled,non-secure,disabled,"

/* No text of a stranger has a terminal do anything. */
static void
a_table_of_phones(void **state)
{
	static char pem[] = "-----BEGIN\nX\n";
	struct out *o = out_new_mem(OUT_TEXT);

	(void)state;
	row[1].certificate = pem;
	(void)str_copy(row[0].description, sizeof(row[0].description),
	    "\"\xc3\xa9\", 2\xff");
	phone_print_table(o, &list);
	assert_string_equal(out_text(o),
	    TABLE_COLUMNS
	    "SEP001122334450,\"\"\"\xc3\xa9\"\", 2\xef\xbf\xbd\",Cisco 8841,"
	    "Default,SIP,," TABLE_REST "\n"
	    "SEP001122334451,a\xef\xbf\xbd[2J,Cisco 8841,Default,SIP,," TABLE_REST
	    "\"-----BEGIN\nX\n\"\n");
	out_free(o);
}

static void
all_fields_of_a_phone(void **state)
{
	const struct device_list one = { .item = row + 1, .n = 1 };
	struct out *o = out_new_mem(OUT_TEXT);

	(void)state;
	phone_print_list(o, &one, true);
	assert_int_equal(out_finish(o), 0);
	assert_string_equal(out_text(o),
	    "name              SEP001122334451\n"
	    "description       a\\x1b[2J\n"
	    "model             Cisco 8841\n"
	    "pool              Default\n"
	    "protocol          SIP\n"
	    "load\n"
	    "settings-access   disabled\n"
	    "web-access        disabled\n"
	    "ssh-access        disabled\n"
	    "span-to-pc-port   disabled\n"
	    "security          non-secure\n"
	    "encrypted-config  disabled\n"
	    "certificate       yes\n");
	out_free(o);
}

static void
models_groups_and_pools(void **state)
{
	char *name[] = { row[0].model_name };
	const struct strlist models = { .item = name, .n = 1 };
	struct callmanager_group group[2] = {
		{ .name = "Default", .servers = 2 },
		{ .name = "Empty" },
	};
	struct device_pool pool[2] = {
		{ .name = "Default", .group = 0, .phones = 1 },
		{ .name = "Hall", .group = 1 },
	};
	const struct phone_layout l = { .group = group,
		.groups = 2,
		.pool = pool,
		.pools = 2 };

	(void)state;
	(void)str_copy(group[0].server[0].node, NODE_NAME_SIZE, "test10sub");
	(void)str_copy(group[0].server[1].node, NODE_NAME_SIZE, "test10pub");
	prints(print_models, &models, "Cisco 8841\n",
	    "[\n  \"Cisco 8841\"\n]\n");
	prints(print_groups, &l,
	    "Default: test10sub test10pub\nEmpty: no servers\n",
	    "[\n  {\n    \"name\": \"Default\",\n    \"servers\": [\n"
	    "      \"test10sub\",\n      \"test10pub\"\n    ]\n  },\n"
	    "  {\n    \"name\": \"Empty\",\n    \"servers\": []\n  }\n]\n");
	prints(print_pools, &l,
	    "Default: group Default, 1 phone\nHall: group Empty, 0 phones\n",
	    "[\n  {\n    \"name\": \"Default\",\n    \"group\": \"Default\",\n"
	    "    \"phones\": 1\n  },\n  {\n    \"name\": \"Hall\",\n"
	    "    \"group\": \"Empty\",\n    \"phones\": 0\n  }\n]\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_line_for_each_phone, setup),
		cmocka_unit_test_setup(a_table_of_phones, setup),
		cmocka_unit_test_setup(all_fields_of_a_phone, setup),
		cmocka_unit_test_setup(models_groups_and_pools, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
