#include "node/admin_password.h"

#include <crypt.h>
#include <shadow.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "node/account.h"
#include "node/hostuser.h"
#include "node/passwords.h"

/* One text with its NUL behind what is there already. */
static int
put(uint8_t dst[ADMIN_PASSWORD_BYTES], size_t *used, const char *text, size_t n)
{
	if (n + 1 > ADMIN_PASSWORD_BYTES - *used)
		return -1;
	memcpy(dst + *used, text, n);
	dst[*used + n] = '\0';
	*used += n + 1;
	return 0;
}

/* Old ones may be older than today's rules, so only what can be none. */
static bool
may_be_old(const struct secret *s)
{
	return s->text != NULL && s->len > 0 && s->len <= PASSWORD_LENGTH_MAX &&
	    memchr(s->text, '\0', s->len) == NULL;
}

long
admin_password_encode(uint8_t dst[ADMIN_PASSWORD_BYTES], const char *name,
    const struct secret *old, const struct secret *fresh, struct err *e)
{
	size_t used = 0;

	if (!account_valid_name(name))
		return err_set(e, ERR_USAGE, "not the name of an account");
	if (!may_be_old(old))
		return err_set(e, ERR_AUTH, "The old password is wrong.");
	if (passwords_check(fresh, e) == -1)
		return -1;
	if (put(dst, &used, name, strlen(name)) == -1 ||
	    put(dst, &used, old->text, old->len) == -1 ||
	    put(dst, &used, fresh->text, fresh->len) == -1)
		return err_set(e, ERR_TOO_BIG, "passwords too long");
	return (long)used;
}

/* The text at *at, which it steps over; NULL: none ends there. */
static const char *
text_at(const uint8_t *bytes, size_t n, size_t *at)
{
	const uint8_t *end = memchr(bytes + *at, '\0', n - *at);
	const char *text = (const char *)bytes + *at;

	if (end == NULL)
		return NULL;
	*at = (size_t)(end - bytes) + 1;
	return text;
}

int
admin_password_decode(struct admin_password *p, const uint8_t *bytes, size_t n)
{
	const char *old, *fresh;
	size_t at = 0;

	*p = (struct admin_password) { .name = NULL };
	if (n == 0 || n > ADMIN_PASSWORD_BYTES ||
	    (p->name = text_at(bytes, n, &at)) == NULL ||
	    (old = text_at(bytes, n, &at)) == NULL ||
	    (fresh = text_at(bytes, n, &at)) == NULL || at != n)
		return -1;
	secret_set(&p->old, old, strlen(old));
	secret_set(&p->fresh, fresh, strlen(fresh));
	if (account_valid_name(p->name) && may_be_old(&p->old) &&
	    passwords_check(&p->fresh, NULL) == 0)
		return 0;
	admin_password_release(p);
	return -1;
}

void
admin_password_release(struct admin_password *p)
{
	secret_release(&p->old);
	secret_release(&p->fresh);
}

static int
is_account(const char *name, struct err *e)
{
	struct account_table *t = mem_alloc(sizeof(*t));
	int rc = account_load(t, e);

	if (rc == 0 &&
	    (account_find(t, name) == NULL || !hostuser_is_admin(name)))
		rc = err_set(e, ERR_DENIED,
		    "%s is no administrator's account of this node", name);
	free(t);
	return rc;
}

/* Does this password make this hash? */
static bool
makes(const char *password, const char *hash)
{
	struct crypt_data *work = mem_alloc(sizeof(*work));
	const char *made = crypt_rn(password, hash, work, sizeof(*work));
	bool same = false;

	if (made != NULL) {
		struct secret a, b;

		secret_set(&a, made, strlen(made));
		secret_set(&b, hash, strlen(hash));
		same = secret_equal(&a, &b);
		secret_release(&a);
		secret_release(&b);
	}
	mem_free_wiped(work, sizeof(*work));
	return same;
}

static int
check_old(const struct admin_password *p, struct err *e)
{
	/* one thread: the parent's */
	/* NOLINTNEXTLINE(concurrency-mt-unsafe) */
	const struct spwd *entry = getspnam(p->name);
	bool right;

	if (entry == NULL || entry->sp_pwdp == NULL || entry->sp_pwdp[0] != '$')
		return err_set(e, ERR_STATE,
		    "the account %s has no password that could be changed",
		    p->name);
	right = makes(p->old.text, entry->sp_pwdp);
	mem_wipe(entry->sp_pwdp, strlen(entry->sp_pwdp));
	endspent();
	return right ? 0 : err_set(e, ERR_AUTH, "The old password is wrong.");
}

int
admin_password_change(const struct admin_password *p, struct err *e)
{
	if (is_account(p->name, e) == -1 || check_old(p, e) == -1)
		return -1;
	return hostuser_set_password(p->name, &p->fresh, e);
}
