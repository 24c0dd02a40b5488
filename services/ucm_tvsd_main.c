/*
 * ucm-tvsd: Cisco Trust Verification Service.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/nodeconf.h"
#include "base/paths.h"
#include "base/service_statistics.h"
#include "base/str.h"
#include "base/workers.h"
#include "services/descriptors.h"
#include "services/privileges.h"
#include "services/tvs_certs.h"
#include "services/tvs_counters.h"
#include "services/tvs_server.h"
#include "services/tvs_tls.h"
#include "services/tvs_trace.h"
#include "trust/cert.h"
#include "trust/crypto.h"

#define NAME "tvsd" /* of its statistics */
#define TRACE_DIR "log/cm/trace/tvs/sdi"
#define SPARE_DESCRIPTORS 64UL /* for files, the database, the log */
#define CONNECTIONS_MAX 20000
#define SLICE_MS 250 /* between two looks at the signals */
#define STATISTICS_MS 1000
#define FORGET_S 60

struct tvsd {
	struct nodeconf conf;
	struct tvs_counters *counters;
	struct tvs_tls *tls;
	struct tvs_trace *trace;
	struct tvs_server *server;
	struct tvs_certs *certs;
	struct service_statistics statistics;
	bool statistics_failed; /* logged already */
	sigset_t stop;
};

static int
open_tls(struct tvsd *d, struct err *e)
{
	char path[PATH_SIZE], serial[CERT_SERIAL_HEX_SIZE];
	struct cert *c;

	d->tls = tvs_tls_new(paths_in(path, "certs/TVS.pem"),
	    d->conf.tvs_min_tls, e);
	if (d->tls == NULL || (c = cert_load(path, e)) == NULL)
		return -1;
	cert_serial_hex(c, serial);
	log_info("certificate %s, serial number %s", c->subject, serial);
	cert_free(c);
	return 0;
}

static int
open_trace(struct tvsd *d, struct err *e)
{
	static const struct tvs_trace_settings settings = TVS_TRACE_DEFAULTS;
	char path[PATH_SIZE];

	if (file_mkdir(paths_in(path, TRACE_DIR), 0755, e) == -1)
		return -1;
	d->trace = tvs_trace_new(path, &settings, d->counters, e);
	return d->trace == NULL ? -1 : 0;
}

static int
open_server(struct tvsd *d, struct err *e)
{
	struct tvs_server_config config = { .address = d->conf.address,
		.port = d->conf.tvs_port,
		.max_connections =
		    descriptors_raise(CONNECTIONS_MAX, SPARE_DESCRIPTORS),
		.threads = workers_count(TVS_THREADS_MAX),
		.tls = d->tls,
		.x = { .certs = d->certs,
		    .counters = d->counters,
		    .trace = d->trace } };

	d->server = tvs_server_new(&config, e);
	if (d->server == NULL)
		return -1;
	log_info("TLS %s and higher on %s port %u, at most %zu connections",
	    d->conf.tvs_min_tls == NODE_TLS_1_0 ? "1.0" : "1.2",
	    d->conf.address, (unsigned)tvs_server_port(d->server),
	    config.max_connections);
	return 0;
}

static int
open_all(struct tvsd *d, struct err *e)
{
	struct tvs_certs_config config = { .counters = d->counters,
		.poll_ms = TVS_CERTS_POLL_MS };

	if (open_tls(d, e) == -1 || open_trace(d, e) == -1)
		return -1;
	config.trace = d->trace;
	d->certs = tvs_certs_new(&config, e);
	return d->certs == NULL ? -1 : open_server(d, e);
}

/* The number of a signal that ends us, or 0 after ms. */
static int
wait_signal(const struct tvsd *d, unsigned ms)
{
	const struct timespec wait = { .tv_sec = ms / 1000,
		.tv_nsec = (long)(ms % 1000) * 1000000 };
	const int number = sigtimedwait(&d->stop, NULL, &wait);

	return number == -1 ? 0 : number;
}

/*
 * Nobody can connect before there is something to answer from: a phone goes
 * to the next server of its list then.  1: a signal came first.
 */
static int
wait_table(struct tvsd *d)
{
	struct err e = ERR_INIT, told = ERR_INIT;
	int number = 0;

	while (number == 0 && tvs_certs_wait(d->certs, SLICE_MS, &e) == -1) {
		if (e.code != ERR_TIMEOUT && !str_equal(e.msg, told.msg)) {
			log_warning("waiting for the database: %s", e.msg);
			told = e;
		}
		number = wait_signal(d, e.code == ERR_TIMEOUT ? 0 : SLICE_MS);
	}
	return number;
}

static void
write_statistics(struct tvsd *d)
{
	struct err e = ERR_INIT;
	bool failed;

	tvs_counters_report(d->counters, &d->statistics);
	failed = service_statistics_write(NAME, &d->statistics, &e) == -1;
	if (failed && !d->statistics_failed)
		log_error("statistics: %s", e.msg);
	d->statistics_failed = failed;
}

/* What is done now and then while the threads serve; until a signal comes. */
static int
keep_house(struct tvsd *d)
{
	unsigned seconds = 0;
	int number;

	do {
		write_statistics(d);
		if (++seconds % FORGET_S == 0)
			tvs_tls_forget(d->tls);
	} while ((number = wait_signal(d, STATISTICS_MS)) == 0);
	return number;
}

static int
serve(struct tvsd *d, struct err *e)
{
	int number = wait_table(d);

	if (number == 0) {
		if (tvs_server_start(d->server, e) == -1)
			return -1;
		log_info("listening, %llu certificates known",
		    (unsigned long long)tvs_count_of(d->counters,
			TVS_COUNT_CERTIFICATES));
		number = keep_house(d);
	}
	log_info("signal %d: stopping", number);
	(void)service_statistics_remove(NAME, NULL);
	return 0;
}

/*
 * False: a thread still uses the libraries that exit() takes down, and what
 * it needs is not freed.
 */
static bool
close_all(struct tvsd *d)
{
	tvs_server_free(d->server);
	if (!tvs_certs_free(d->certs))
		return false;
	tvs_trace_free(d->trace);
	tvs_tls_free(d->tls);
	service_statistics_release(&d->statistics);
	free(d->counters);
	return true;
}

/* The signals that end us, blocked: they are waited for. */
static void
block_signals(sigset_t *stop)
{
	(void)sigemptyset(stop);
	(void)sigaddset(stop, SIGTERM);
	(void)sigaddset(stop, SIGINT);
	if (sigprocmask(SIG_BLOCK, stop, NULL) == -1 ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		BUG("signals");
}

static _Noreturn void
usage(void)
{
	(void)fprintf(stderr, "usage: ucm-tvsd [-d] [-r root] [-u user]\n");
	exit(2);
}

int
main(int argc, char **argv)
{
	enum log_level level = LOG_LEVEL_INFO;
	struct tvsd *d = mem_alloc(sizeof(*d));
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
	log_init("ucm-tvsd", level);
	block_signals(&d->stop);
	/* before anything is read that does not belong to root */
	if (user != NULL)
		rc = privileges_drop(user, 0, &e);
	crypto_init();
	d->counters = mem_alloc(sizeof(*d->counters));
	d->statistics.pid = getpid();
	d->statistics.started = clock_boot();
	if (rc == 0)
		rc = nodeconf_load(&d->conf, NULL, &e);
	if (rc == 0)
		rc = open_all(d, &e);
	if (rc == 0)
		rc = serve(d, &e);
	if (rc == -1)
		log_error("%s", e.msg);
	if (!close_all(d))
		_exit(rc == 0 ? 0 : 1);
	free(d);
	return rc == 0 ? 0 : 1;
}
