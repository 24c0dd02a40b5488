#include "tests/fakes/node_call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/nodeconf.h"
#include "base/paths.h"
#include "base/str.h"
#include "node/command.h"
#include "tests/fakes/testing.h"

#define WORDS_MAX 32

int
node_call_line(const char *line, int *status, struct err *e)
{
	char *copy = mem_strdup(line);
	char *words[WORDS_MAX + 1] = { NULL };
	struct node_call call = { .argv = words };
	const struct node_command *c;
	char *save = NULL;
	int rc;

	for (char *p = strtok_r(copy, " ", &save);
	     p != NULL && call.argc < WORDS_MAX; p = strtok_r(NULL, " ", &save))
		words[call.argc++] = p;
	c = node_command_find(words[0]);
	assert_non_null(c);
	err_clear(e);
	rc = c->run(&call, e);
	if (status != NULL)
		*status = call.status;
	free(copy);
	return rc;
}

void
node_call_refused(const char *line, enum err_code code, const char *message)
{
	struct err e = ERR_INIT;

	assert_int_equal(node_call_line(line, NULL, &e), -1);
	assert_string_equal(e.msg, message);
	assert_int_equal(e.code, code);
}

int
node_call_output(const char *line, char *text, size_t size, struct err *e)
{
	FILE *f = tmpfile();
	int old = dup(STDOUT_FILENO);
	size_t n;
	int rc;

	assert_non_null(f);
	(void)fflush(stdout);
	(void)dup2(fileno(f), STDOUT_FILENO);
	rc = node_call_line(line, NULL, e);
	(void)fflush(stdout);
	(void)dup2(old, STDOUT_FILENO);
	close(old);
	rewind(f);
	n = fread(text, 1, size - 1, f);
	text[n] = '\0';
	(void)fclose(f);
	return rc;
}

int
node_call_host(void **state)
{
	char path[PATH_SIZE];

	*state = testing_dir();
	paths_set_root(*state);
	return file_mkdir(paths_in(path, "etc"), 0755, NULL);
}

int
node_call_host_end(void **state)
{
	testing_dir_remove(*state);
	return 0;
}

void
node_call_begun(void)
{
	struct nodeconf n;
	struct err e = ERR_INIT;

	nodeconf_defaults(&n);
	(void)str_copy(n.name, sizeof(n.name), "pub");
	(void)str_copy(n.domain, sizeof(n.domain), "joemar2.lab");
	(void)str_copy(n.address, sizeof(n.address), "127.0.10.1");
	(void)str_copy(n.publisher_name, sizeof(n.publisher_name), "pub");
	(void)str_copy(n.publisher_address, sizeof(n.publisher_address),
	    "127.0.10.1");
	assert_int_equal(nodeconf_save(&n, NULL, &e), 0);
}
