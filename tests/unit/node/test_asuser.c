/*
 * node/asuser.c: work done by a child that has become another user.  As
 * root the child becomes nobody; otherwise it stays who it is.
 */
#include "node/asuser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/mem.h"

static const char *
some_user(void)
{
	const struct passwd *pw;

	if (geteuid() == 0)
		return "nobody";
	pw = getpwuid(geteuid());
	assert_non_null(pw);
	return pw->pw_name;
}

static int
tell_who(void *arg, struct wbuf *reply, struct err *e)
{
	(void)arg;
	(void)e;
	wbuf_printf(reply, "%u %u %d", (unsigned)getuid(), (unsigned)getegid(),
	    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	return 0;
}

/* A file of shared memory that is never removed; which segments are seen. */
static int
leave_memory(void *arg, struct wbuf *reply, struct err *e)
{
	int fd = shm_open(arg, O_RDWR | O_CREAT | O_EXCL, 0600);
	char ipc[64] = "";

	if (fd == -1 ||
	    readlink("/proc/self/ns/ipc", ipc, sizeof(ipc) - 1) == -1)
		return err_errno(e, "shared memory");
	(void)close(fd);
	wbuf_printf(reply, "%s", ipc);
	return 0;
}

static void
own_memory_leaves_nothing(void **state)
{
	char name[64];
	const struct asuser_task t = { .user = some_user(),
		.own_memory = true,
		.run = leave_memory,
		.arg = name };
	char ipc[64] = "";
	struct err e = ERR_INIT;
	uint8_t *reply;
	size_t len;

	(void)state;
	(void)snprintf(name, sizeof(name), "/ucmsh-test-asuser-%ld",
	    (long)getpid());
	assert_int_equal(asuser_run(&t, &reply, &len, &e), 0);
	assert_int_equal(shm_open(name, O_RDWR, 0), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_not_equal(readlink("/proc/self/ns/ipc", ipc,
				 sizeof(ipc) - 1),
	    -1);
	assert_string_not_equal((char *)reply, ipc);
	free(reply);
}

static int
refuse(void *arg, struct wbuf *reply, struct err *e)
{
	wbuf_u8(reply, 1);
	(void)err_set(e, ERR_HELD, "because %s", (const char *)arg);
	return err_hint(e, "wait");
}

static int
answer_too_much(void *arg, struct wbuf *reply, struct err *e)
{
	char *much = mem_alloc(ASUSER_REPLY_MAX + 1);

	(void)arg;
	(void)e;
	wbuf_bytes(reply, much, ASUSER_REPLY_MAX + 1);
	free(much);
	return 0;
}

static int
answer_much(void *arg, struct wbuf *reply, struct err *e)
{
	char *much = mem_alloc(ASUSER_REPLY_MAX);

	(void)arg;
	(void)e;
	wbuf_bytes(reply, much, ASUSER_REPLY_MAX);
	free(much);
	return 0;
}

static int
vanish(void *arg, struct wbuf *reply, struct err *e)
{
	(void)arg;
	(void)reply;
	(void)e;
	_exit(0);
}

static struct asuser_task
task(int (*run)(void *, struct wbuf *, struct err *), void *arg)
{
	const char *name = some_user();
	static char user[64]; /* the task lends it */
	const struct asuser_task t = { .user = user, .run = run, .arg = arg };

	(void)strncpy(user, name, sizeof(user) - 1);
	return t;
}

static void
the_child_is_that_user(void **state)
{
	const struct asuser_task t = task(tell_who, NULL);
	const struct passwd *pw = getpwnam(t.user);
	struct err e = ERR_INIT;
	uint8_t *reply;
	size_t len;
	char *want;

	(void)state;
	assert_int_equal(asuser_run(&t, &reply, &len, &e), 0);
	want =
	    mem_printf("%u %u 1", (unsigned)pw->pw_uid, (unsigned)pw->pw_gid);
	assert_string_equal((char *)reply, want);
	assert_int_equal(len, strlen(want));
	free(want);
	mem_free_wiped(reply, len);
	assert_int_equal(asuser_run(&t, NULL, NULL, &e), 0);
}

static void
its_error_is_ours(void **state)
{
	char why[] = "so";
	const struct asuser_task t = task(refuse, why);
	struct err e = ERR_INIT;
	uint8_t *reply = NULL;
	size_t len;

	(void)state;
	assert_int_equal(asuser_run(&t, &reply, &len, &e), -1);
	assert_int_equal(e.code, ERR_HELD);
	assert_string_equal(e.msg, "because so");
	assert_string_equal(e.hint, "wait");
	assert_null(reply);
}

static void
answers_have_a_limit(void **state)
{
	const struct asuser_task most = task(answer_much, NULL);
	const struct asuser_task more = task(answer_too_much, NULL);
	struct err e = ERR_INIT;
	uint8_t *reply;
	size_t len;

	(void)state;
	assert_int_equal(asuser_run(&most, &reply, &len, &e), 0);
	assert_int_equal(len, ASUSER_REPLY_MAX);
	mem_free_wiped(reply, len);
	assert_int_equal(asuser_run(&more, NULL, NULL, &e), -1);
	assert_int_equal(e.code, ERR_TOO_BIG);
}

static void
a_dead_child_is_an_error(void **state)
{
	const struct asuser_task t = task(vanish, NULL);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(asuser_run(&t, NULL, NULL, &e), -1);
	assert_int_equal(e.code, ERR_INTERNAL);
}

static void
an_unknown_user_is_an_error(void **state)
{
	const struct asuser_task t = { .user = "no-such-user",
		.run = tell_who };
	struct asuser_child c;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(asuser_start(&c, &t, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_int_equal(c.pid, 0);
}

static void
two_at_a_time(void **state)
{
	const struct asuser_task t = task(tell_who, NULL);
	struct asuser_child a;
	struct asuser_child b;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(asuser_start(&a, &t, &e), 0);
	assert_int_equal(asuser_start(&b, &t, &e), 0);
	assert_int_equal(asuser_wait(&b, NULL, NULL, &e), 0);
	assert_int_equal(asuser_wait(&a, NULL, NULL, &e), 0);
	assert_int_equal(a.pid, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_memory_leaves_nothing),
		cmocka_unit_test(the_child_is_that_user),
		cmocka_unit_test(its_error_is_ours),
		cmocka_unit_test(answers_have_a_limit),
		cmocka_unit_test(a_dead_child_is_an_error),
		cmocka_unit_test(an_unknown_user_is_an_error),
		cmocka_unit_test(two_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
