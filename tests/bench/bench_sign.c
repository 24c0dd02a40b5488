/*
 * Signing configurations in memory, and nothing else, for make bench:
 *
 *   bench-sign PEM N BYTES
 *
 * signs N different configurations of so many bytes with the key in PEM, on
 * all processors, as they are kept for being served, and prints how many
 * that were in a second.  Some of them are verified afterwards; the exit
 * status is 1 when one is wrong.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/workers.h"
#include "trust/certfile.h"
#include "trust/crypto.h"
#include "trust/file_signer.h"
#include "trust/signed_file.h"

#define THREADS_MAX 256
#define CHECKED 100 /* files that are verified */
#define TIMESTAMP 1393439067

struct made {
	uint8_t *data; /* owned */
	size_t len;
};

struct bench {
	struct file_signer *signer[THREADS_MAX]; /* owned, by thread */
	char *content[THREADS_MAX]; /* owned: the same but for a number */
	size_t len; /* of each content */
	struct made *made; /* owned */
};

static void
sign(void *self, unsigned thread, size_t i)
{
	struct bench *b = self;
	char *content = b->content[thread], name[64];
	struct file_draft d = { .major = 1,
		.filename = name,
		.timestamp = TIMESTAMP,
		.content = { content, b->len } };
	struct err e = ERR_INIT;

	(void)str_printf(name, sizeof(name), "SEP%012zX.cnf.xml.sgn", i);
	memcpy(content, &i, sizeof(i));
	if (file_signer_sign(b->signer[thread], &d, &b->made[i].data,
		&b->made[i].len, &e) == -1)
		BUG("%s", e.msg);
}

static double
seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Every so many of the files; the number of wrong ones. */
static size_t
verify(const struct bench *b, size_t n, const struct cert *c)
{
	size_t wrong = 0, step = n / CHECKED + 1;

	for (size_t i = 0; i < n; i += step) {
		struct err e = ERR_INIT;
		struct signed_file f;

		if (signed_file_parse(&f, b->made[i].data, b->made[i].len,
			&e) == -1 ||
		    signed_file_verify(&f, c, &e) == -1 ||
		    f.content_len != b->len) {
			(void)fprintf(stderr, "bench-sign: %s\n", e.msg);
			wrong++;
		}
	}
	return wrong;
}

/* Sign n files with the pair; the number of wrong ones. */
static size_t
run(const struct certfile *pair, size_t n, size_t bytes)
{
	struct bench b = { .len = bytes,
		.made = mem_array(n, sizeof(*b.made)) };
	const struct signer s = { .cert = pair->cert,
		.key = pair->key,
		.digest = DIGEST_SHA1 };
	struct workers w = { .n = n, .threads = workers_count(n), .run = sign };
	struct err e = ERR_INIT;
	double took;
	size_t wrong;

	w.self = &b;
	if (w.threads > THREADS_MAX)
		w.threads = THREADS_MAX;
	b.signer[0] = file_signer_new(&s, NULL, &e);
	if (b.signer[0] == NULL)
		BUG("%s", e.msg);
	for (unsigned i = 0; i < w.threads; i++) {
		if (i > 0)
			b.signer[i] = file_signer_dup(b.signer[0], &e);
		if (b.signer[i] == NULL)
			BUG("%s", e.msg);
		b.content[i] = mem_alloc(bytes);
		memset(b.content[i], 'x', bytes);
	}
	took = seconds();
	workers_run(&w);
	took = seconds() - took;
	wrong = verify(&b, n, pair->cert);
	(void)printf("%.1f\n", (double)n / took);
	for (unsigned i = 0; i < w.threads; i++) {
		file_signer_free(b.signer[i]);
		free(b.content[i]);
	}
	for (size_t i = 0; i < n; i++)
		free(b.made[i].data);
	free(b.made);
	return wrong;
}

int
main(int argc, char **argv)
{
	struct certfile pair = CERTFILE_INIT;
	struct err e = ERR_INIT;
	uint64_t n, bytes;
	size_t wrong;

	if (argc != 4 || str_number(argv[2], 1, 1000000, &n) == -1 ||
	    str_number(argv[3], 12, 1 << 20, &bytes) == -1) {
		(void)fprintf(stderr, "usage: bench-sign PEM N BYTES\n");
		return 2;
	}
	crypto_init();
	if (certfile_read(&pair, argv[1], &e) == -1) {
		(void)fprintf(stderr, "bench-sign: %s\n", e.msg);
		return 1;
	}
	wrong = run(&pair, (size_t)n, (size_t)bytes);
	certfile_release(&pair);
	return wrong == 0 ? 0 : 1;
}
