/*
 * ucm-agent: the node's one authority.  doc/ucm-agent.8.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/nodeconf.h"
#include "base/paths.h"
#include "node/agent_process.h"
#include "trust/crypto.h"

static _Noreturn void
usage(void)
{
	(void)fprintf(stderr, "usage: ucm-agent [-d] [-r root]\n");
	exit(2);
}

int
main(int argc, char **argv)
{
	enum log_level level = LOG_LEVEL_INFO;
	struct nodeconf conf;
	struct err e = ERR_INIT;
	int c;
	int rc;

	while ((c = getopt(argc, argv, "dr:")) != -1) {
		if (c == 'd')
			level = LOG_LEVEL_DEBUG;
		else if (c == 'r')
			paths_set_root(optarg);
		else
			usage();
	}
	if (optind != argc)
		usage();
	crypto_init();
	log_init("ucm-agent", level);
	rc = nodeconf_load(&conf, NULL, &e);
	if (rc == 0)
		rc = agent_main(&conf, &e);
	if (rc == -1) {
		log_error("%s", e.msg);
		return 1;
	}
	return rc;
}
