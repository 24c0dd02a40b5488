/*
 * How fast Cisco Tftp makes the files of its phones, for make bench:
 *
 *   bench-store ROOT N BYTES
 *
 * starts the store of services/phone_store.h below ROOT, where
 * certs/CallManager.pem and the folder tftp/ are, with N phones whose
 * configurations have so many bytes, and prints one line:
 *
 *   FIRST ALL RATE SIGNED REUSED LONGEST CPU
 *
 * milliseconds until a phone that asked at the very start got its file, until
 * all phones' files were ready, files made in a second, signatures made and
 * found in tftp/.signed/, the most processor time in milliseconds that one
 * turn of the event loop has taken, and the microseconds of processor time,
 * in all threads, that a file has cost.  Run again, it finds what the first
 * run has signed.
 */
#include <sys/resource.h>
#include <sys/time.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <event2/event.h>

#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "services/phone_store.h"
#include "trust/certfile.h"
#include "trust/crypto.h"

#define LIMIT_MS 600000.0

struct bench {
	size_t n;
	size_t bytes;
	bool read; /* the phones were handed over */
	struct phone_store *store;
	struct event_base *base;
	struct event *tick; /* so that the event loop never waits for long */
	bool called;
};

static double
ms_of(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double
ms_now(void)
{
	return ms_of(CLOCK_MONOTONIC);
}

static int
read_phones(void *self, struct phone_changes *out, struct err *e)
{
	struct bench *b = self;

	(void)e;
	if (b->read)
		return 0;
	b->read = true;
	out->complete = true;
	out->basis = phone_basis_new();
	for (size_t i = 0; i < b->n; i++) {
		char mac[PHONE_MAC_SIZE];
		struct phone_row *r;

		(void)str_printf(mac, sizeof(mac), "%012zX", i);
		r = phone_row_new(mac);
		r->data = b;
		phone_changes_add(out, r);
	}
	return 0;
}

static struct cert *
no_certificate(const struct phone_row *r, struct err *e)
{
	(void)r;
	(void)err_set(e, ERR_NOT_FOUND, "none");
	return NULL;
}

static int
render(const struct phone_basis *basis, const struct phone_row *r,
    const struct cert *c, uint8_t **out, size_t *len, struct err *e)
{
	const struct bench *b = r == NULL ? NULL : r->data;

	(void)basis;
	(void)c;
	(void)e;
	*len = b == NULL ? 100 : b->bytes;
	*out = mem_alloc(*len);
	memset(*out, 'x', *len);
	if (r != NULL)
		memcpy(*out, r->mac, strlen(r->mac));
	return 0;
}

static size_t
no_group(const struct phone_basis *basis, const struct phone_row *r)
{
	(void)basis;
	(void)r;
	return PHONE_NO_GROUP;
}

/* Nobody looks at them here: there are no groups. */
static int
read_certs(void *self, struct itl_certs *out, struct err *e)
{
	(void)self;
	(void)e;
	out->digest = DIGEST_SHA1;
	return 0;
}

static void
on_ready(void *self)
{
	struct bench *b = self;

	b->called = true;
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

/* One turn of the event loop; *longest is the longest so far. */
static void
turn(struct bench *b, double *longest)
{
	double began = ms_of(CLOCK_THREAD_CPUTIME_ID), took;

	(void)event_base_loop(b->base, EVLOOP_ONCE);
	took = ms_of(CLOCK_THREAD_CPUTIME_ID) - began;
	if (took > *longest)
		*longest = took;
}

/* Until the last phone has its file, which it asks for at once. */
static double
wait_first(struct bench *b, double began, double *longest)
{
	struct tftp_file *f = NULL;
	struct tftp_name name;
	char text[TFTP_NAME_SIZE];

	(void)str_printf(text, sizeof(text), "SEP%012zX.cnf.xml.sgn", b->n - 1);
	if (tftp_name_parse(&name, text) == -1)
		BUG("%s", text);
	while (phone_store_lookup(b->store, &name, &f) == PHONE_STORE_LATER) {
		b->called = false;
		(void)phone_store_wait(b->store, &name, on_ready, b);
		while (!b->called && ms_now() - began < LIMIT_MS)
			turn(b, longest);
	}
	if (f == NULL)
		BUG("%s is not made", text);
	tftp_file_release(f);
	return ms_now() - began;
}

static double
wait_all(struct bench *b, double began, double *longest)
{
	struct phone_store_counters c;

	do {
		turn(b, longest);
		phone_store_count(b->store, &c);
	} while (
	    (c.phones < b->n || c.waiting > 0) && ms_now() - began < LIMIT_MS);
	return ms_now() - began;
}

/* Microseconds of the whole process. */
static double
cpu_us(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static int
run(struct bench *b, struct err *e)
{
	struct phone_store_config config = { .patience_ms = 600000 };
	const struct timeval tick = { .tv_sec = 0, .tv_usec = 5000 };
	struct phone_store_counters c;
	struct tftp_files *files;
	double began, first, all, longest = 0, cpu = cpu_us();
	char path[PATH_SIZE];

	config.source = (struct phone_source) { .read = read_phones,
		.cert = no_certificate,
		.render = render,
		.group = no_group,
		.certs = { .read = read_certs, .self = NULL },
		.self = b };
	files = tftp_files_new(paths_in(path, "tftp"), e);
	if (files == NULL)
		return -1;
	config.files = files;
	b->base = event_base_new();
	if (b->base == NULL)
		return err_set(e, ERR_INTERNAL, "no event loop");
	b->tick = event_new(b->base, -1, EV_PERSIST, on_tick, NULL);
	if (b->tick == NULL || event_add(b->tick, &tick) == -1)
		return err_set(e, ERR_INTERNAL, "no timer");
	began = ms_now();
	b->store = phone_store_new(b->base, &config, e);
	if (b->store == NULL)
		return -1;
	first = wait_first(b, began, &longest);
	all = wait_all(b, began, &longest);
	phone_store_count(b->store, &c);
	cpu = (cpu_us() - cpu) / (double)b->n;
	(void)printf("%.1f %.0f %.0f %llu %llu %.1f %.0f\n", first, all,
	    (double)b->n * 1e3 / all, (unsigned long long)c.signed_files,
	    (unsigned long long)c.reused, longest, cpu);
	(void)phone_store_free(b->store);
	tftp_files_free(files);
	event_free(b->tick);
	event_base_free(b->base);
	return c.failed == 0 ? 0 : err_set(e, ERR_INTERNAL, "files failed");
}

int
main(int argc, char **argv)
{
	struct bench b = { .read = false };
	struct err e = ERR_INIT;
	uint64_t n, bytes;

	if (argc != 4 || str_number(argv[2], 1, 100000, &n) == -1 ||
	    str_number(argv[3], PHONE_MAC_SIZE, 1 << 19, &bytes) == -1) {
		(void)fprintf(stderr, "usage: bench-store ROOT N BYTES\n");
		return 2;
	}
	crypto_init();
	paths_set_root(argv[1]);
	b.n = (size_t)n;
	b.bytes = (size_t)bytes;
	if (run(&b, &e) == 0)
		return 0;
	(void)fprintf(stderr, "bench-store: %s\n", e.msg);
	return 1;
}
