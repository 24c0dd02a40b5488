#include "trust/render.h"

#include <time.h>

#include "trust_util.h"

static int
setup(void **state)
{
	(void)state;
	assert_int_equal(setenv("TZ", "PST8PDT", 1), 0);
	tzset();
	return 0;
}

/* What render_trustlist() says of bytes, and with which code. */
static char *
shown(const struct bytes *b, enum out_form form, enum err_code *code)
{
	struct render_file f = { .expect = TRUSTLIST_ITL,
		.data = b->p,
		.len = b->n,
		.mtime = T2014 };
	struct out *o = out_new_mem(form);
	struct err e = ERR_INIT;
	char *text;
	int rc;

	rc = render_trustlist(o, &f, &e);
	assert_int_equal(rc, e.code == ERR_NONE ? 0 : -1);
	assert_int_equal(out_finish(o), 0);
	text = mem_strdup(out_text(o));
	out_free(o);
	*code = e.code;
	return text;
}

/* Cut the next line off *text, NUL in place of its newline. */
static char *
next_line(char **text)
{
	char *line = *text, *end = strchr(line, '\n');

	assert_non_null(end);
	*end = '\0';
	*text = end + 1;
	return line;
}

static bool
differs_by_rule(const char *line)
{
	return str_ends(line, "(MD5)") || str_ends(line, "(SHA1)") ||
	    strstr(line, "last modified on") != NULL ||
	    str_starts(line, "\t\t") || str_starts(line, "9\tCERTIFICATE") ||
	    str_starts(line, "11\tCERTHASH");
}

/* Letters of hex become 'x', so that only the form is compared. */
static void
mask(char *line)
{
	char *from = line;

	if (strstr(line, "last modified on") != NULL)
		from = strstr(line, " on ") + 4;
	else if (strchr(line, '\t') != NULL && line[0] != '\t')
		from = strrchr(line, '\t');
	for (char *p = from; *p != '\0'; p++) {
		if (strncmp(p, " (SHA1 Hash", 11) == 0 || *p == '(')
			break;
		if ((*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'Z') ||
		    (*p >= 'a' && *p <= 'z'))
			*p = 'x';
	}
	/* Bytes of a signature have one or two digits. */
	if (str_starts(line, "\t\t"))
		for (char *p = line; (p = strstr(p, "xx")) != NULL;)
			memmove(p, p + 1, strlen(p));
}

/* The vectors' recovery name is three letters shorter than the printed one. */
static void
shorten(char *line)
{
	char *p = strstr(line, "ITLRECOVERY_test10pub.joemar2.lab");

	if (p == NULL)
		return;
	p += strlen("ITLRECOVERY_test10pub.joe");
	memmove(p, p + 3, strlen(p + 3) + 1);
}

/* Line for line the text of the reference. */
static void
same_as_golden(const char *vector, const char *golden)
{
	struct bytes b = load(vector), want = load(golden);
	enum err_code code;
	char *text = shown(&b, OUT_TEXT, &code);
	char *got_at = text, *want_at = (char *)want.p;

	assert_int_equal(code, ERR_NONE);
	while (*want_at != '\0') {
		char *w = next_line(&want_at), *g = next_line(&got_at);

		shorten(w);
		if (differs_by_rule(w)) {
			mask(w);
			mask(g);
		}
		assert_string_equal(g, w);
	}
	assert_string_equal(got_at, "");
	free(text);
	free(want.p);
	free(b.p);
}

static void
before_and_after_the_reset(void **state)
{
	(void)state;
	same_as_golden(C01, "tests/data/show_itl_before_reset.txt");
	same_as_golden(C02, "tests/data/show_itl_after_reset.txt");
}

static void
a_ctl(void **state)
{
	struct bytes b = load(C14);
	enum err_code code;
	char *text = shown(&b, OUT_TEXT, &code);

	(void)state;
	assert_int_equal(code, ERR_NONE);
	assert_non_null(strstr(text, "\nParse CTL File\n----------------\n"));
	assert_non_null(strstr(text,
	    "CTL Record #:2\n----\nBYTEPOS\tTAG\t\tLENGTH\tVALUE\n"
	    "-------\t---\t\t------\t-----\n1\tRECORDLENGTH\t2\t33\n"
	    "2\tDNSNAME\t\t13\t10.48.47.153\n4\tFUNCTION\t2\tCCM+TFTP\n"
	    "10\tIPADDRESS\t4\n\n"));
	assert_non_null(strstr(text, "\n2\tDNSNAME\t\t1\n"));
	assert_non_null(
	    strstr(text, "This etoken was used to sign the CTL file.\n\n"));
	assert_true(
	    str_ends(text, "\nThe CTL file was verified successfully.\n"));
	free(text);
	free(b.p);
}

static void
a_wrong_signature(void **state)
{
	struct bytes b = load(M01);
	enum err_code code;
	char *text = shown(&b, OUT_TEXT, &code);

	(void)state;
	assert_int_equal(code, ERR_SIGNATURE);
	assert_null(strstr(text, "was used to sign"));
	assert_non_null(
	    strstr(text, "This etoken was not used to sign the ITL file.\n"));
	assert_non_null(strstr(text, "28\tSIGNERVERSION\t2\t1.0\n"));
	assert_true(str_ends(text,
	    "\n\nVerification of the ITL file failed.\n"
	    "Error parsing the ITL file!!\n"));
	assert_null(strstr(text, "successfully"));
	free(text);
	free(b.p);
}

static void
a_broken_file(void **state)
{
	struct bytes b = load(X13);
	enum err_code code;
	char *text = shown(&b, OUT_TEXT, &code);

	(void)state;
	assert_int_equal(code, ERR_FORMAT);
	assert_true(str_starts(text, "The checksum value of the ITL file:\n"));
	assert_non_null(strstr(text,
	    "\n\n\nLength of ITL file: 1942\n"
	    "The ITL File was last modified on "
	    "Wed Feb 26 10:24:27 PST 2014\n\n"));
	assert_true(str_ends(text,
	    "----------------\n\nVerification of the ITL file failed.\n"
	    "Error parsing the ITL file!!\n"));
	free(text);
	free(b.p);
}

/* Names come from strangers: no escape sequence reaches a terminal. */
static void
names_are_made_visible(void **state)
{
	struct bytes b = load(C01);
	enum err_code code;
	char *text;

	(void)state;
	b.p[324 + 10 + 3 + 4] = 0x1b;
	text = shown(&b, OUT_TEXT, &code);
	assert_int_equal(code, ERR_SIGNATURE);
	assert_null(strchr(text, 0x1b));
	assert_non_null(strstr(text, "\\x1b"));
	free(text);
	free(b.p);
}

static void
unknown_roles_are_numbers(void **state)
{
	struct bytes b = load(C01);
	enum err_code code;
	char *text;

	(void)state;
	b.p[394 + 3] = 1; /* FUNCTION of record 1: 256 */
	text = shown(&b, OUT_TEXT, &code);
	assert_int_equal(code, ERR_UNVERIFIABLE);
	assert_non_null(strstr(text, "4\tFUNCTION\t2\t256\n"));
	free(text);
	free(b.p);
}

/* Bytes of a list of these tokens, the first of which signs. */
static struct bytes
tokens(const struct certfile *signer, const struct trustlist_entry *entry,
    size_t n)
{
	struct trustlist_draft draft = { .kind = TRUSTLIST_ITL,
		.entry = entry,
		.n = n };
	struct signer s = { .cert = signer->cert,
		.key = signer->key,
		.digest = DIGEST_SHA1,
		.timestamp = T2014 };
	struct err e = ERR_INIT;
	struct bytes b;

	if (trustlist_build(&draft, &s, &b.p, &b.n, &e) == -1)
		fail_msg("%s", e.msg);
	return b;
}

/* Every token that the header names was used, and no other. */
static void
a_signer_in_two_records(void **state)
{
	static const char was[] = "was used to sign",
			  in_json[] = "file\": true";
	struct certfile f = pair("sast1024"), other = pair("sast2048");
	const struct trustlist_entry entry[] = {
		{ .role = ROLE_SAST, .cert = f.cert, .dns_name = " " },
		{ .role = ROLE_SAST, .cert = other.cert, .dns_name = " " },
		{ .role = ROLE_SAST,
		    .cert = f.cert,
		    .hash_only = true,
		    .hash_alg = DIGEST_SHA1 },
		{ .role = ROLE_SAST },
	};
	struct bytes b = tokens(&f, entry, 4);
	enum err_code code;
	char *text = shown(&b, OUT_TEXT, &code), *p;

	(void)state;
	assert_int_equal(code, ERR_NONE);
	p = strstr(text, was);
	assert_true(p < strstr(text, "Record #:2"));
	p = strstr(p + 1, was);
	assert_true(p > strstr(text, "Record #:3"));
	assert_true(p < strstr(text, "Record #:4"));
	assert_null(strstr(p + 1, was));
	free(text);
	text = shown(&b, OUT_JSON, &code);
	p = strstr(text, in_json);
	assert_non_null(p);
	p = strstr(p + 1, in_json);
	assert_non_null(p);
	assert_null(strstr(p + 1, in_json));
	free(text);
	free(b.p);
	certfile_release(&f);
	certfile_release(&other);
}

/* Escapes are part of the name as the list has it. */
static void
names_with_backslashes(void **state)
{
	struct certfile f = fresh_pair("a;b\\c", 1024);
	const struct trustlist_entry entry = { .role = ROLE_SAST,
		.cert = f.cert,
		.dns_name = "d\\\n" };
	struct bytes b = tokens(&f, &entry, 1);
	enum err_code code;
	char *text = shown(&b, OUT_TEXT, &code);

	(void)state;
	assert_int_equal(code, ERR_NONE);
	assert_non_null(strstr(text,
	    "4\tSIGNERNAME\t43\tCN=a\\;b\\\\c;OU=tac;O=cisco;L=rtp;ST=nc;"
	    "C=US\n"));
	assert_non_null(strstr(text, "\td\\\\\\n\n"));
	free(text);
	free(b.p);
	certfile_release(&f);
}

static void
json(void **state)
{
	struct bytes b = load(C02);
	enum err_code code;
	char *text = shown(&b, OUT_JSON, &code);

	(void)state;
	assert_int_equal(code, ERR_NONE);
	assert_non_null(strstr(text, "\"kind\": \"ITL\""));
	assert_non_null(strstr(text, "\"length\": 5322"));
	assert_non_null(strstr(text, "\"header_length\": 344"));
	assert_non_null(strstr(text, "\"function\": \"TVS\""));
	assert_non_null(strstr(text, "\"signed_this_file\": true"));
	assert_non_null(strstr(text, "\"verified\": true"));
	assert_null(strstr(text, "signer_version"));
	free(text);
	free(b.p);
	b = load(P01);
	text = shown(&b, OUT_JSON, &code);
	assert_non_null(strstr(text, "\"signer_version\": \"1.0\""));
	free(text);
	free(b.p);
	b = load(X13);
	text = shown(&b, OUT_JSON, &code);
	assert_non_null(strstr(text, "\"verified\": false"));
	assert_non_null(strstr(text, "offset 428"));
	free(text);
	free(b.p);
}

static void
missing_files(void **state)
{
	struct out *o = out_new_mem(OUT_TEXT);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(render_trustlist_missing(o, TRUSTLIST_CTL, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_string_equal(out_text(o),
	    "Length of CTL file: 0\n"
	    "CTL File not found. Please run CTLClient plugin or run the CLI - "
	    "utils ctl.. to generate the CTL file.\n"
	    "Error parsing the CTL File.\n");
	out_free(o);
	o = out_new_mem(OUT_TEXT);
	assert_int_equal(render_trustlist_missing(o, TRUSTLIST_ITL, &e), -1);
	assert_true(str_starts(out_text(o), "Length of ITL file: 0\nITL File"));
	out_free(o);
	o = out_new_mem(OUT_JSON);
	assert_int_equal(render_trustlist_missing(o, TRUSTLIST_ITL, &e), -1);
	assert_int_equal(out_finish(o), 0);
	assert_non_null(strstr(out_text(o), "\"verified\": false"));
	out_free(o);
}

/* Whatever a byte is changed to, something sensible is printed. */
static void
damaged_files_are_printed(void **state)
{
	struct bytes b = load(C14);

	(void)state;
	for (size_t i = 0; i < b.n; i++) {
		enum err_code code;
		char *text;

		b.p[i] ^= 0xff;
		text = shown(&b, i % 2 == 0 ? OUT_TEXT : OUT_JSON, &code);
		assert_int_not_equal(code, ERR_NONE);
		free(text);
		b.p[i] ^= 0xff;
	}
	free(b.p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(before_and_after_the_reset),
		cmocka_unit_test(a_ctl),
		cmocka_unit_test(a_wrong_signature),
		cmocka_unit_test(a_broken_file),
		cmocka_unit_test(names_are_made_visible),
		cmocka_unit_test(unknown_roles_are_numbers),
		cmocka_unit_test(a_signer_in_two_records),
		cmocka_unit_test(names_with_backslashes),
		cmocka_unit_test(json),
		cmocka_unit_test(missing_files),
		cmocka_unit_test(damaged_files_are_printed),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
