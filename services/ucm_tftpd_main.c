/*
 * ucm-tftpd: Cisco Tftp.
 */
#include <sys/time.h>

#include <linux/capability.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/nodeconf.h"
#include "base/paths.h"
#include "base/service_statistics.h"
#include "services/descriptors.h"
#include "services/file_finder.h"
#include "services/http_server.h"
#include "services/itl_keeper.h"
#include "services/itl_source.h"
#include "services/phone_database.h"
#include "services/phone_store.h"
#include "services/privileges.h"
#include "services/remote_clusters.h"
#include "services/remote_source.h"
#include "services/remote_watch.h"
#include "services/tftp_files.h"
#include "services/tftp_server.h"
#include "services/tftpd_statistics.h"
#include "trust/crypto.h"

#define NAME "tftpd" /* of its statistics */
#define STATISTICS_S 1
/* For files, databases, the log, the sockets of TFTP, remote clusters. */
#define SPARE_DESCRIPTORS 1024UL
/* The port below 1024 and a large receive buffer. */
#define CAPABILITIES \
	(UINT64_C(1) << CAP_NET_BIND_SERVICE | UINT64_C(1) << CAP_NET_ADMIN)
#define TRANSFERS_MAX 20000

struct tftpd {
	struct nodeconf conf;
	struct event_base *base;
	struct event *sigterm;
	struct event *sigint;
	struct event *each_second;
	struct tftp_files *files;
	struct remote_clusters *remotes;
	struct remote_watch *watch;
	struct file_finder *finder;
	struct tftp_server *tftp;
	struct http_server *http;
	struct phone_store *store;
	struct itl_keeper *keeper;
	struct service_statistics statistics;
	bool statistics_failed; /* logged already */
};

static void
on_signal(evutil_socket_t number, short what, void *arg)
{
	struct tftpd *d = arg;

	(void)what;
	log_info("signal %d: stopping with %zu transfers in progress",
	    (int)number, tftp_server_transfers(d->tftp));
	(void)event_base_loopbreak(d->base);
}

/* What libevent has to say may quote what a client has sent. */
static void
on_libevent(int severity, const char *text)
{
	if (severity >= EVENT_LOG_WARN)
		log_warning("libevent: %s", text);
	else
		log_debug("libevent: %s", text);
}

static void
write_statistics(struct tftpd *d)
{
	struct tftpd_counters counters;
	struct err e = ERR_INIT;
	bool failed;

	memset(&counters, 0, sizeof(counters));
	tftp_server_counters(d->tftp, &counters.tftp);
	http_server_counters(d->http, &counters.http);
	phone_store_count(d->store, &counters.store);
	remote_clusters_counters(d->remotes, &counters.remotes);
	tftpd_statistics_set(&d->statistics, &counters);
	failed = service_statistics_write(NAME, &d->statistics, &e) == -1;
	if (failed && !d->statistics_failed)
		log_error("statistics: %s", e.msg);
	d->statistics_failed = failed;
}

static void
on_second(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	write_statistics(arg);
}

static int
open_events(struct tftpd *d, struct err *e)
{
	const struct timeval second = { .tv_sec = STATISTICS_S, .tv_usec = 0 };

	event_set_log_callback(on_libevent);
	d->base = event_base_new();
	if (d->base == NULL)
		return err_set(e, ERR_INTERNAL, "no event loop");
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return err_errno(e, "SIGPIPE");
	d->sigterm = evsignal_new(d->base, SIGTERM, on_signal, d);
	d->sigint = evsignal_new(d->base, SIGINT, on_signal, d);
	d->each_second = event_new(d->base, -1, EV_PERSIST, on_second, d);
	if (d->sigterm == NULL || d->sigint == NULL || d->each_second == NULL ||
	    event_add(d->sigterm, NULL) == -1 ||
	    event_add(d->sigint, NULL) == -1 ||
	    event_add(d->each_second, &second) == -1)
		return err_set(e, ERR_INTERNAL, "no events");
	return 0;
}

static int
open_finder(struct tftpd *d, struct err *e)
{
	const struct remote_clusters_config remotes = { .answer_ms = 0 };
	struct file_finder_config finder = { .is_reset = itl_is_reset };
	char path[PATH_SIZE];

	d->files = tftp_files_new(paths_in(path, "tftp"), e);
	if (d->files == NULL)
		return -1;
	d->remotes = remote_clusters_new(d->base, &remotes);
	finder.files = d->files;
	finder.remotes = d->remotes;
	d->finder = file_finder_new(&finder);
	return 0;
}

static int
open_servers(struct tftpd *d, struct err *e)
{
	const struct tftp_server_config tftp = { .address = d->conf.address,
		.port = d->conf.tftp_port,
		.max_transfers = TRANSFERS_MAX };
	const struct http_server_config http = { .address = d->conf.address,
		.port = d->conf.http_port,
		.max_connections = descriptors_raise(HTTP_CONNECTIONS_MAX,
		    SPARE_DESCRIPTORS) };

	d->tftp = tftp_server_new(d->base, &tftp, d->finder, e);
	if (d->tftp == NULL)
		return -1;
	d->http = http_server_new(d->base, &http, d->finder, e);
	if (d->http == NULL)
		return -1;
	log_info("%s: TFTP on port %u, at most %zu transfers; "
		 "HTTP on port %u, at most %zu connections",
	    d->conf.address, (unsigned)tftp_server_port(d->tftp),
	    tftp.max_transfers, (unsigned)http_server_port(d->http),
	    http.max_connections);
	return 0;
}

/* What changes something, or asks the database. */
static int
open_makers(struct tftpd *d, struct err *e)
{
	const struct itl_keeper_config keeper = { .host = d->conf.name,
		.source = itl_source_database() };
	const struct phone_store_config store = { .source =
						      phone_database(&d->conf),
		.files = d->files };
	const struct remote_watch_config watch = { .source =
						       remote_source_database(),
		.poll_ms = 0 };

	d->keeper = itl_keeper_new(d->base, &keeper, d->files, e);
	if (d->keeper == NULL)
		return -1;
	d->store = phone_store_new(d->base, &store, e);
	if (d->store == NULL)
		return -1;
	file_finder_use_store(d->finder, d->store);
	d->watch = remote_watch_new(d->base, &watch, d->remotes, e);
	return d->watch == NULL ? -1 : 0;
}

/* The sockets first: a second ucm-tftpd stops there and changes nothing. */
static int
serve(struct tftpd *d, struct err *e)
{
	if (nodeconf_load(&d->conf, NULL, e) == -1 || open_events(d, e) == -1 ||
	    open_finder(d, e) == -1 || open_servers(d, e) == -1 ||
	    open_makers(d, e) == -1)
		return -1;
	write_statistics(d);
	if (event_base_dispatch(d->base) == -1)
		return err_set(e, ERR_INTERNAL, "the event loop failed");
	(void)service_statistics_remove(NAME, NULL);
	return 0;
}

static void
free_event(struct event *event)
{
	if (event != NULL)
		event_free(event);
}

/* False: a thread is left behind that uses libraries exit() takes down. */
static bool
close_all(struct tftpd *d)
{
	bool left_behind;

	tftp_server_free(d->tftp);
	http_server_free(d->http);
	left_behind = remote_watch_free(d->watch);
	left_behind = phone_store_free(d->store) || left_behind;
	if (d->keeper != NULL && itl_keeper_building(d->keeper))
		left_behind = true;
	itl_keeper_free(d->keeper);
	file_finder_free(d->finder);
	remote_clusters_free(d->remotes);
	tftp_files_free(d->files);
	service_statistics_release(&d->statistics);
	free_event(d->sigterm);
	free_event(d->sigint);
	free_event(d->each_second);
	if (d->base != NULL)
		event_base_free(d->base);
	return !left_behind;
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
		d.statistics.pid = getpid();
		d.statistics.started = clock_boot();
		rc = serve(&d, &e);
	}
	if (rc == -1)
		log_error("%s", e.msg);
	if (!close_all(&d))
		_exit(rc == 0 ? 0 : 1);
	return rc == 0 ? 0 : 1;
}
