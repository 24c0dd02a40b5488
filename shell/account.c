#include "shell/account.h"

#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "commands/command.h"

#define TABLE_MAX 65536

int
account_level(const char *table, const char *name)
{
	size_t len = strlen(name);
	const char *p;

	for (p = table; *p != '\0'; p += strcspn(p, "\n")) {
		size_t word;

		p += *p == '\n';
		word = strcspn(p, " \t\n");
		if (word != len || memcmp(p, name, len) != 0)
			continue;
		p += word;
		p += strspn(p, " \t");
		word = strcspn(p, " \t\n");
		if (word == 1 && (*p == '0' || *p == '1' || *p == '4'))
			return *p - '0';
	}
	return CMD_LEVEL_NONE;
}

int
account_of(uid_t uid, struct account *a, struct err *e)
{
	const struct passwd *pw = getpwuid(uid);
	char path[PATH_SIZE];
	uint8_t *table;
	size_t len;

	memset(a, 0, sizeof(*a));
	a->level = CMD_LEVEL_NONE;
	if (pw == NULL || str_copy(a->name, sizeof(a->name), pw->pw_name) == -1)
		return err_set(e, ERR_DENIED,
		    "User id %lu has no account on this node.",
		    (unsigned long)uid);
	if (uid == 0) {
		a->level = CMD_LEVEL_INSTALLER;
		return 0;
	}
	paths_in(path, "etc/accounts");
	if (file_read(path, TABLE_MAX, &table, &len, e) == -1)
		return err_wrap(e, "The account table cannot be read");
	a->level = account_level((const char *)table, a->name);
	free(table);
	if (a->level != CMD_LEVEL_NONE)
		return 0;
	return err_set(e, ERR_DENIED,
	    "The account %s has no privilege level on this node. Ask its "
	    "administrator to run \"ucm-node account add %s LEVEL\".",
	    a->name, a->name);
}
