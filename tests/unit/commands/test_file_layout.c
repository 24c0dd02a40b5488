#include "commands/file_layout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
kbytes_are_those_of_the_vendor(void **state)
{
	static const struct {
		int64_t bytes;
		const char *kbytes;
	} known[] = { { 1709, "1.6689453" }, { 3460015, "3378.921" },
		{ 2640585, "2578.6963" }, { 2702728, "2639.3828" },
		{ 7446444, "7271.918" }, { 4659724, "4550.5117" },
		{ 10376, "10.1328125" }, { 0, "0.0" }, { 1, "0.0009765625" },
		{ 1024, "1.0" }, { 2048000, "2000.0" },
		{ 1073741824, "1048576.0" }, { 10737418240, "10485760.0" } };
	char text[FILE_LAYOUT_NUMBER_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		file_layout_kbytes(text, known[i].bytes);
		assert_string_equal(text, known[i].kbytes);
	}
	file_layout_kbytes(text, INT64_MAX);
	assert_true(strlen(text) + 1 < FILE_LAYOUT_NUMBER_SIZE);
}

static void
thousands_have_commas(void **state)
{
	char text[FILE_LAYOUT_NUMBER_SIZE];

	(void)state;
	file_layout_number(text, 0);
	assert_string_equal(text, "0");
	file_layout_number(text, 999);
	assert_string_equal(text, "999");
	file_layout_number(text, 47916);
	assert_string_equal(text, "47,916");
	file_layout_number(text, 2147483648);
	assert_string_equal(text, "2,147,483,648");
	file_layout_number(text, INT64_MIN);
	assert_string_equal(text, "-9,223,372,036,854,775,808");
}

static void
entries_stand_in_columns(void **state)
{
	struct file_entry en = { .size = 8557, .mtime = 1100641543 };
	struct out *out = out_new_mem(OUT_TEXT);

	(void)state;
	assert_int_equal(setenv("TZ", "UTC", 1), 0);
	file_layout_entry(out, &en, "enGui.log");
	en.size = 2148040000;
	file_layout_entry(out, &en, "large");
	en.dir = true;
	file_layout_entry(out, &en, "d\033r\nf");
	assert_string_equal(out_text(out),
	    "16 Nov,2004 21:45:43        8,557  enGui.log\n"
	    "16 Nov,2004 21:45:43 2,148,040,000  large\n"
	    "16 Nov,2004 21:45:43      <dir>    d\\x1br\\nf\n");
	out_free(out);
}

static void
bytes_are_dumped(void **state)
{
	struct out *out = out_new_mem(OUT_TEXT);

	(void)state;
	file_layout_hex(out, 32, "0123456789abcdef\n\377", 18);
	assert_string_equal(out_text(out),
	    "00000020  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  "
	    "|0123456789abcdef|\n"
	    "00000030  0a ff                                             "
	    "|..|\n");
	out_free(out);
}

static void
width_counts_characters(void **state)
{
	(void)state;
	assert_int_equal(file_layout_width(""), 0);
	assert_int_equal(file_layout_width("a\303\244b"), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kbytes_are_those_of_the_vendor),
		cmocka_unit_test(thousands_have_commas),
		cmocka_unit_test(entries_stand_in_columns),
		cmocka_unit_test(bytes_are_dumped),
		cmocka_unit_test(width_counts_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
