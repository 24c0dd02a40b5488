/*
 * ucm-tftpd: Cisco Tftp.
 */
#include <sys/resource.h>

#include <linux/capability.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "base/nodeconf.h"
#include "base/paths.h"
#include "services/itl_keeper.h"
#include "services/itl_source.h"
#include "services/privileges.h"
#include "services/tftp_files.h"
#include "services/tftp_server.h"
#include "trust/crypto.h"

#define SPARE_DESCRIPTORS 64UL /* for files, the database, the log */
/* The port below 1024 and a large receive buffer. */
#define CAPABILITIES \
	(UINT64_C(1) << CAP_NET_BIND_SERVICE | UINT64_C(1) << CAP_NET_ADMIN)
#define TRANSFERS_MAX 20000 /* each has a port, and there are only so many */

struct tftpd {
	struct event_base *base;
	struct event *sigterm;
	struct event *sigint;
	struct tftp_files *files;
	struct tftp_server *server;
	struct itl_keeper *keeper;
};

static void
on_signal(evutil_socket_t number, short what, void *arg)
{
	struct tftpd *d = arg;

	(void)what;
	log_info("signal %d: stopping with %zu transfers in progress",
	    (int)number, tftp_server_transfers(d->server));
	(void)event_base_loopbreak(d->base);
}

/* As many descriptors as the process may have; how many transfers fit. */
static size_t
raise_limits(void)
{
	struct rlimit limit;
	rlim_t n;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return SPARE_DESCRIPTORS;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
		(void)getrlimit(RLIMIT_NOFILE, &limit);
	n = limit.rlim_cur;
	if (n == RLIM_INFINITY || n > TRANSFERS_MAX + SPARE_DESCRIPTORS)
		return TRANSFERS_MAX;
	return n > 2 * SPARE_DESCRIPTORS ? (size_t)n - SPARE_DESCRIPTORS :
					   SPARE_DESCRIPTORS;
}

static int
open_signals(struct tftpd *d, struct err *e)
{
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return err_errno(e, "SIGPIPE");
	d->sigterm = evsignal_new(d->base, SIGTERM, on_signal, d);
	d->sigint = evsignal_new(d->base, SIGINT, on_signal, d);
	if (d->sigterm == NULL || d->sigint == NULL ||
	    event_add(d->sigterm, NULL) == -1 ||
	    event_add(d->sigint, NULL) == -1)
		return err_set(e, ERR_INTERNAL, "no events for signals");
	return 0;
}

/* The socket first: a second ucm-tftpd stops there and changes nothing. */
static int
open_all(struct tftpd *d, const struct nodeconf *conf, struct err *e)
{
	const struct tftp_server_config server = { .address = conf->address,
		.port = conf->tftp_port,
		.max_transfers = raise_limits() };
	const struct itl_keeper_config keeper = { .host = conf->name,
		.source = itl_source_database() };
	char path[PATH_SIZE];

	d->base = event_base_new();
	if (d->base == NULL)
		return err_set(e, ERR_INTERNAL, "no event loop");
	if (open_signals(d, e) == -1)
		return -1;
	d->files = tftp_files_new(paths_in(path, "tftp"), e);
	if (d->files == NULL)
		return -1;
	d->server = tftp_server_new(d->base, &server, d->files, e);
	if (d->server == NULL)
		return -1;
	log_info("TFTP on %s port %u, at most %zu transfers", conf->address,
	    tftp_server_port(d->server), server.max_transfers);
	d->keeper = itl_keeper_new(d->base, &keeper, d->files, e);
	return d->keeper == NULL ? -1 : 0;
}

static void
close_all(struct tftpd *d)
{
	itl_keeper_free(d->keeper);
	tftp_server_free(d->server);
	tftp_files_free(d->files);
	if (d->sigterm != NULL)
		event_free(d->sigterm);
	if (d->sigint != NULL)
		event_free(d->sigint);
	if (d->base != NULL)
		event_base_free(d->base);
}

static _Noreturn void
usage(void)
{
	(void)fprintf(stderr, "usage: ucm-tftpd [-d] [-r root] [-u user]\n");
	exit(2);
}

int
main(int argc, char **argv)
{
	enum log_level level = LOG_LEVEL_INFO;
	struct tftpd d = { .base = NULL };
	struct err e = ERR_INIT;
	const char *user = NULL;
	struct nodeconf conf;
	bool left_behind;
	int c, rc = 0;

	while ((c = getopt(argc, argv, "dr:u:")) != -1) {
		if (c == 'd')
			level = LOG_LEVEL_DEBUG;
		else if (c == 'r')
			paths_set_root(optarg);
		else if (c == 'u')
			user = optarg;
		else
			usage();
	}
	if (optind != argc)
		usage();
	log_init("ucm-tftpd", level);
	/* before anything is read that does not belong to root */
	if (user != NULL)
		rc = privileges_drop(user, CAPABILITIES, &e);
	if (rc == 0) {
		crypto_init();
		rc = nodeconf_load(&conf, NULL, &e);
	}
	if (rc == 0)
		rc = open_all(&d, &conf, &e);
	if (rc == 0 && event_base_dispatch(d.base) == -1)
		rc = err_set(&e, ERR_INTERNAL, "the event loop failed");
	if (rc == -1)
		log_error("%s", e.msg);
	left_behind = d.keeper != NULL && itl_keeper_building(d.keeper);
	close_all(&d);
	/* A thread may still use the libraries that exit() takes down. */
	if (left_behind)
		_exit(rc == 0 ? 0 : 1);
	return rc == 0 ? 0 : 1;
}
