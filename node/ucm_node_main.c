/*
 * ucm-node: the life of a node.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "node/agent.h"
#include "node/command.h"
#include "trust/crypto.h"

static void
usage(FILE *f)
{
	(void)fprintf(f,
	    "usage: ucm-node COMMAND [OPTIONS]\n"
	    "       ucm-node --help | --version\n\n");
	for (size_t i = 0; i < node_commands_n; i++)
		if (!node_commands[i]->hidden)
			(void)fprintf(f, "  %-8s  %s\n", node_commands[i]->name,
			    node_commands[i]->help);
	(void)fprintf(f,
	    "\n\"ucm-node COMMAND --help\" shows a command's options; "
	    "ucm-node(8) tells the rest.\n");
}

static void
command_usage(const struct node_command *c, FILE *f)
{
	(void)fprintf(f, "usage: ucm-node %s %s\n\n%s\n", c->name, c->usage,
	    c->help);
}

static void
print_error(const char *name, const struct err *e)
{
	(void)fflush(stdout);
	(void)fprintf(stderr, "ucm-node %s: %s\n", name, e->msg);
	if (e->hint[0] != '\0')
		(void)fprintf(stderr, "  %s\n", e->hint);
}

static int
run(const struct node_command *c, int argc, char **argv)
{
	struct node_call call = { .argc = argc, .argv = argv, .status = 0 };
	struct err e = ERR_INIT;

	if (argc == 2 && str_equal(argv[1], "--help")) {
		command_usage(c, stdout);
		return NODE_OK;
	}
	if (c->root && geteuid() != 0) {
		(void)err_set(&e, ERR_DENIED, "only root may do this");
		print_error(c->name, &e);
		return NODE_FAILED;
	}
	if (c->run(&call, &e) == 0)
		return call.status;
	print_error(c->name, &e);
	if (e.code != ERR_USAGE)
		return NODE_FAILED;
	(void)fprintf(stderr, "usage: ucm-node %s %s\n", c->name, c->usage);
	return NODE_USAGE;
}

int
main(int argc, char **argv)
{
	const struct node_command *c;

	(void)signal(SIGPIPE, SIG_IGN);
	umask(022);
	log_init("ucm-node", LOG_LEVEL_INFO);
	if (argc < 2) {
		usage(stderr);
		return NODE_USAGE;
	}
	if (str_equal(argv[1], "--help") || str_equal(argv[1], "help")) {
		usage(stdout);
		return NODE_OK;
	}
	if (str_equal(argv[1], "--version")) {
		(void)printf("ucm-node %s\n", AGENT_VERSION);
		return NODE_OK;
	}
	c = node_command_find(argv[1]);
	if (c == NULL) {
		(void)fprintf(stderr, "ucm-node: unknown command %s\n\n",
		    argv[1]);
		usage(stderr);
		return NODE_USAGE;
	}
	crypto_init();
	return run(c, argc - 1, argv + 1);
}
