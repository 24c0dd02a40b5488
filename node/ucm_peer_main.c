/*
 * ucm-peer: login shell of the account ucmnode, through which the cluster's
 * nodes reach each other.
 *
 * sshd runs it as "ucm-peer -c COMMAND" with the forced command of the key
 * that came in.  "ucm-node peer" is done here, in a program that loads no
 * library but the C library: this runs for each request of another node, and
 * loading those of ucm-node would take longer than the request.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"
#include "node/command.h"
#include "node/forced.h"
#include "node/peer.h"
#include "node/programs.h"

static int
refuse(const char *why)
{
	(void)fprintf(stderr, "ucm-peer: %s\n", why);
	return NODE_USAGE;
}

int
main(int argc, char **argv)
{
	char *words[FORCED_WORDS_MAX + 1];

	umask(022);
	log_init("ucm-peer", LOG_LEVEL_INFO);
	if (argc != 3 || !str_equal(argv[1], "-c"))
		return refuse("this account is for the cluster's nodes only");
	if (forced_split(argv[2], words) == -1)
		return refuse("that may not be run here");
	if (str_equal(words[1], "peer"))
		return peer_main(words[2]);
	(void)execv(PROGRAM_NODE, words);
	return refuse(strerror(errno));
}
