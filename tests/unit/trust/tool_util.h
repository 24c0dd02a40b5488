/*
 * Running a command of ucm-trust inside a test, its output caught in files.
 */
#ifndef UNIT_TRUST_TOOL_UTIL_H
#define UNIT_TRUST_TOOL_UTIL_H

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/fakes/testing.h"
#include "trust/tool.h"
#include "trust_util.h"

/* What a command printed, and its status. */
struct ran {
	int status;
	char *out;
	char *err;
};

static inline void
ran_release(struct ran *r)
{
	free(r->out);
	free(r->err);
}

static inline int
catch_fd(int fd, const char *dir, const char *name)
{
	char *path = mem_printf("%s/%s", dir, name);
	int saved = dup(fd);
	int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	assert_true(saved >= 0 && file >= 0);
	assert_int_equal(dup2(file, fd), fd);
	(void)close(file);
	free(path);
	return saved;
}

static inline void
restore_fd(int fd, int saved)
{
	assert_int_equal(dup2(saved, fd), fd);
	(void)close(saved);
}

/* argv ends with NULL and begins with the command's name. */
static inline struct ran
run_tool(const struct tool_command *c, const char *const *argv)
{
	char *dir = testing_dir();
	char *copy[32] = { NULL };
	struct ran r;
	int argc = 0, out, err;

	while (argv[argc] != NULL) {
		copy[argc] = mem_strdup(argv[argc]);
		argc++;
	}
	(void)fflush(stdout);
	(void)fflush(stderr);
	out = catch_fd(STDOUT_FILENO, dir, "out");
	err = catch_fd(STDERR_FILENO, dir, "err");
	optind = 0; /* getopt_long() starts anew */
	r.status = (int)c->run(argc, copy);
	(void)fflush(stdout);
	(void)fflush(stderr);
	restore_fd(STDOUT_FILENO, out);
	restore_fd(STDERR_FILENO, err);
	r.out = testing_read(dir, "out");
	r.err = testing_read(dir, "err");
	for (int i = 0; i < argc; i++)
		free(copy[i]);
	testing_dir_remove(dir);
	return r;
}

#define RUN(c, ...) run_tool((c), (const char *const[]) { __VA_ARGS__, NULL })

/* Run, and expect this status and this text on standard error. */
#define EXPECT(want, text, c, ...)                                            \
	do {                                                                  \
		struct ran ran_ = RUN(c, __VA_ARGS__);                        \
		if (ran_.status != (want) || strstr(ran_.err, text) == NULL)  \
			fail_msg("status %d, \"%s\"", ran_.status, ran_.err); \
		ran_release(&ran_);                                           \
	} while (0)

#endif
