/*
 * File-specs: what `file COMMAND ROOT file-spec` means (cli-reference 8).
 *
 * A file-spec is a path below the root with '/' between its names; '*' in a
 * name stands for any characters, but not for a '.' at its beginning.  It
 * never leaves the root: ".." is refused, symbolic links are not followed,
 * and only regular files and directories are found (base/fileroot.h).
 *
 * On the publisher the root tftp has the entry ITLRecovery.p12, whose bytes
 * the agent gives out (doc/AGENT.protocol: recovery p12).
 */
#ifndef COMMANDS_FILE_SPEC_H
#define COMMANDS_FILE_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fileroot.h"
#include "commands/ctx.h"
#include "commands/file_when.h"
#include "commands/regexp.h"

#define FILE_SET_MAX 1000000 /* entries of one set */
#define FILE_DEPTH_MAX 64 /* directories inside each other */
#define FILE_RECOVERY_KEY "ITLRecovery.p12"

struct file_entry {
	char *path; /* below the root; owned */
	bool dir;
	bool recovery_key;
	int64_t size;
	int64_t mtime; /* seconds of 1970 */
};

/* What a file-spec has found, sorted by path; directories first. */
struct file_set {
	const struct fileroot *root;
	const char *lead; /* "/" when the spec began with it, else "" */
	struct file_entry *entry; /* n of them, owned */
	size_t n;
	size_t dirs; /* how many of them are directories */
	int64_t bytes; /* of all files */
	size_t base; /* where the names begin that differ, in a path */
	size_t skipped; /* directories that may not be read */
};

#define FILE_SET_INIT                                                       \
	{                                                                   \
		.root = NULL, .lead = "", .entry = NULL, .n = 0, .dirs = 0, \
		.bytes = 0, .base = 0, .skipped = 0                         \
	}

enum file_find_flag {
	/* Regular files only; of a directory that the spec names, its files. */
	FILE_FIND_FILES = 1 << 0,
	/*
	 * In all directories below as well: what the last name of the spec
	 * matches, and everything below a directory that it matches.
	 */
	FILE_FIND_RECURS = 1 << 1,
	/* A directory that the spec names stands for itself. */
	FILE_FIND_SELF = 1 << 2
};

struct file_find {
	const struct fileroot *root;
	const char *spec;
	unsigned flags; /* enum file_find_flag */
	const struct file_when *when; /* files changed then; NULL: all */
	struct regexp *match; /* of the file's name; NULL: all */
};

/*
 * Find what the spec says.  A directory that it names without '*' in its
 * last name stands for what is in it, unless FILE_FIND_SELF is set.  Finding
 * nothing is no error.  0, or -1 (also with ERR_CANCELLED); release *set in
 * both cases.
 */
int file_find(const struct cmd_ctx *c, const struct file_find *f,
    struct file_set *set, struct err *e);
void file_set_release(struct file_set *set);

/*
 * The one file that a spec must match, for commands that read one.  0, or
 * -1 with the sentence: none, several, a directory, the recovery key.
 */
int file_find_one(const struct cmd_ctx *c, const struct fileroot *root,
    const char *spec, struct file_set *set, struct err *e);

/* Fail with ERR_NOT_FOUND because nothing matches the spec.  Returns -1. */
int file_not_found(const char *spec, struct err *e);

/* The part of an entry's path that tells it from the others; lent. */
const char *file_entry_name(const struct file_set *set, size_t i);

/* "/var/log/active/syslog/CiscoSyslog"; the caller frees it. */
char *file_entry_shown(const struct file_set *set, size_t i);

/* 0, or -1 with ERR_USAGE when a spec cannot be one: ".." in it. */
int file_spec_check(const char *spec, struct err *e);

/* "N directories cannot be read …" when there are some. */
void file_set_tell_skipped(struct out *out, const struct file_set *set);

/* '*' in pattern stands for any bytes.  Time at most the product of both. */
bool file_pattern_match(const char *pattern, const char *name);

#endif
