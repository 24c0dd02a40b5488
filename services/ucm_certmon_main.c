/*
 * ucm-certmon: Cisco Certificate Expiry Monitor.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/nodeconf.h"
#include "base/paths.h"
#include "services/certmon.h"
#include "trust/crypto.h"

static _Noreturn void
usage(void)
{
	(void)fprintf(stderr, "usage: ucm-certmon [-d] [-r root]\n");
	exit(2);
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

/* Until one of them comes. */
static void
run(struct certmon *m, const sigset_t *stop)
{
	int number;

	do {
		const unsigned ms = certmon_tick(m);
		const struct timespec wait = { .tv_sec = ms / 1000,
			.tv_nsec = (long)(ms % 1000) * 1000000 };

		number = sigtimedwait(stop, NULL, &wait);
	} while (number == -1);
	log_info("signal %d: stopping", number);
}

int
main(int argc, char **argv)
{
	enum log_level level = LOG_LEVEL_INFO;
	struct certmon_config config = { .syslog = &certmon_syslog_real,
		.quiet_ms = CERTMON_QUIET_MS,
		.tick_ms = CERTMON_TICK_MS,
		.retry_ms = CERTMON_RETRY_MS };
	struct err e = ERR_INIT;
	struct nodeconf conf;
	struct certmon *m;
	sigset_t stop;
	int c;

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
	log_init("ucm-certmon", level);
	if (nodeconf_load(&conf, NULL, &e) == -1) {
		log_error("%s", e.msg);
		return 1;
	}
	block_signals(&stop);
	openlog("ucm-certmon", LOG_PID, LOG_LOCAL7);
	config.conf = &conf;
	m = certmon_new(&config);
	log_info("watching the certificates of %s", conf.name);
	run(m, &stop);
	certmon_free(m);
	closelog();
	return 0;
}
