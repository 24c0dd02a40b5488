#include "trust/password_quality.h"

#include <stdbool.h>
#include <string.h>

#define NAME_MIN 3
#define DIFFERENT_MIN 5
#define KINDS_MIN 3

static int
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static bool
is_printable(const struct secret *s)
{
	for (size_t i = 0; i < s->len; i++)
		if (s->text[i] < ' ' || s->text[i] > '~')
			return false;
	return true;
}

static unsigned
different(const struct secret *s)
{
	bool seen[256] = { false };
	unsigned n = 0;

	for (size_t i = 0; i < s->len; i++) {
		unsigned char c = (unsigned char)s->text[i];

		n += seen[c] ? 0 : 1;
		seen[c] = true;
	}
	mem_wipe(seen, sizeof(seen));
	return n;
}

static unsigned
kinds(const struct secret *s)
{
	bool small = false, capital = false, digit = false, other = false;

	for (size_t i = 0; i < s->len; i++) {
		char c = s->text[i];

		if (c >= 'a' && c <= 'z')
			small = true;
		else if (c >= 'A' && c <= 'Z')
			capital = true;
		else if (c >= '0' && c <= '9')
			digit = true;
		else
			other = true;
	}
	return (unsigned)small + (unsigned)capital + (unsigned)digit +
	    (unsigned)other;
}

/* Does the name stand at this place, read forwards or backwards? */
static bool
stands_at(const char *p, const char *name, size_t n, bool backwards)
{
	for (size_t i = 0; i < n; i++)
		if (lower(p[i]) != lower(name[backwards ? n - 1 - i : i]))
			return false;
	return true;
}

static bool
holds(const struct secret *s, const char *name)
{
	size_t n = name == NULL ? 0 : strlen(name);

	if (n < NAME_MIN)
		return false;
	for (size_t i = 0; i + n <= s->len; i++)
		if (stands_at(s->text + i, name, n, false) ||
		    stands_at(s->text + i, name, n, true))
			return true;
	return false;
}

int
password_quality_check(const struct secret *password, const char *name,
    struct err *e)
{
	if (password->text == NULL || password->len < PASSWORD_QUALITY_MIN ||
	    password->len > PASSWORD_QUALITY_MAX)
		return err_set(e, ERR_USAGE,
		    "The new password must have %d to %d characters.",
		    PASSWORD_QUALITY_MIN, PASSWORD_QUALITY_MAX);
	if (!is_printable(password))
		return err_set(e, ERR_USAGE,
		    "The new password may have printable ASCII characters "
		    "only.");
	if (password->text[0] == ' ' ||
	    password->text[password->len - 1] == ' ')
		return err_set(e, ERR_USAGE,
		    "The new password must not begin or end with a blank.");
	if (different(password) < DIFFERENT_MIN)
		return err_set(e, ERR_USAGE,
		    "The new password must have at least %d different "
		    "characters.",
		    DIFFERENT_MIN);
	if (password->len < PASSWORD_QUALITY_LONG &&
	    kinds(password) < KINDS_MIN)
		return err_set(e, ERR_USAGE,
		    "The new password must have three of these: lower-case "
		    "letters, upper-case letters, digits, other characters; or "
		    "%d characters.",
		    PASSWORD_QUALITY_LONG);
	if (holds(password, name))
		return err_set(e, ERR_USAGE,
		    "The new password must not contain the account's name.");
	return 0;
}
