/*
 * What Cisco Tftp makes itself, in memory: the configurations of the phones
 * in the database, signed or encrypted, the ITL files of their groups, and
 * NAME.sgn of the files below tftp/.
 *
 * All of it is made when phone data, files or templates change, never when
 * it is asked for; by threads of its own, so the event loop only looks up and
 * takes results over, a few at a time.  At start ITLFile.tlv does not wait
 * for this (services/itl_keeper.h); files of groups come first, then
 * phones, then NAME.sgn.  What somebody waits for goes ahead of all others.
 *
 * Nothing is handed out that is not known to be current.  Until the database
 * has answered for the first time no phone is known, and nothing can be
 * signed because the digest is a parameter: lookups say LATER for
 * PHONE_STORE_PATIENCE_MS after the start, then UNKNOWN, and the reading is
 * tried again all the time.  Once read, a database that goes away changes
 * nothing: what is in memory is served until it is back.  Key, certificates
 * and digest are those of the start, as in ITLFile.tlv.
 *
 * tftp/.signed/ keeps what was signed and encrypted (services/signed_cache.h)
 * so that the next start need not make it again; then phones get the very
 * same bytes.
 *
 * Memory: for a phone its row and one copy of its signed file, which is a
 * header and the plain configuration, or of the stub and the encrypted file;
 * with 10,000 phones of 8 KB some 100 MB.  At most PHONE_STORE_PHONES_MAX
 * phones of PHONE_CONFIG_MAX bytes are taken.  For NAME.sgn at most
 * PHONE_STORE_STATIC_MAX bytes stay in memory; the others are made again when
 * they are wanted.  A file of more than
 * SIGNING_STATIC_MAX bytes (services/signing_job.h), which is a firmware
 * image and has a signature of its own, gets no NAME.sgn.
 *
 * Everything here is for the thread of the event loop.
 */
#ifndef SERVICES_PHONE_STORE_H
#define SERVICES_PHONE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "services/phone_source.h"
#include "services/tftp_files.h"
#include "services/tftp_name.h"

#define PHONE_STORE_PHONES_MAX 100000
#define PHONE_STORE_STATIC_MAX (128UL * 1024 * 1024)
#define PHONE_STORE_POLL_MS 1000 /* how often the database is asked */
#define PHONE_STORE_PATIENCE_MS 3000

struct event_base;
struct phone_store;
struct phone_store_waiter;

struct phone_store_config {
	struct phone_source source; /* phone_database(), or a test's */
	struct tftp_files *files; /* lent: ITLFile.tlv comes from there */
	unsigned threads; /* 0: as many as processors */
	unsigned poll_ms; /* the two times above; 0: as there */
	unsigned patience_ms;
};

/*
 * Start the threads; base is lent.  NULL when there is no thread or
 * descriptor.
 */
struct phone_store *phone_store_new(struct event_base *base,
    const struct phone_store_config *config, struct err *e);

/*
 * Stop the threads.  Waiters are forgotten, files that are held stay valid.
 * True: a thread that waits for the database is left behind, to end on its
 * own; exit() would take down libraries that it uses.  NULL-safe.
 */
bool phone_store_free(struct phone_store *s);

enum phone_store_answer {
	PHONE_STORE_FOUND,
	PHONE_STORE_UNKNOWN, /* not ours: go on with disk, remotes */
	PHONE_STORE_ABSENT, /* a phone of ours that has no such file */
	PHONE_STORE_LATER /* being made: phone_store_wait() */
};

/*
 * FOUND: *out is the caller's to release.  Ours are, of phones in the
 * database: ITLSEP<MAC>.tlv (of its group, or ITLFile.tlv's bytes),
 * SEP<MAC>.cnf.xml, .cnf.xml.sgn and .cnf.xml.enc.sgn; XMLDefault.cnf.xml and
 * its .sgn unless there is one on disk; and NAME.sgn of files
 * on disk that phones may fetch and that have none beside them.  A phone
 * whose configuration is to be encrypted has no plain one; without a
 * certificate to encrypt to it has none at all, and the log says so.  Rules
 * about reset files are the caller's.
 */
enum phone_store_answer phone_store_lookup(struct phone_store *s,
    const struct tftp_name *name, struct tftp_file **out);

/*
 * Have it made before all others.  fn is called once, from the event loop
 * and never from here, when a lookup would not say LATER any more; not after
 * phone_store_wait_cancel() or phone_store_free().
 */
struct phone_store_waiter *phone_store_wait(struct phone_store *s,
    const struct tftp_name *name, void (*fn)(void *self), void *self);
void phone_store_wait_cancel(struct phone_store_waiter *w);

/* Is it a phone of this cluster's database? */
bool phone_store_knows(struct phone_store *s, const char mac[13]);

struct phone_store_counters {
	uint64_t phones; /* known now */
	uint64_t files; /* on disk that have a NAME.sgn by us */
	uint64_t signed_files; /* signatures made since the start */
	uint64_t reused; /* signatures taken from tftp/.signed/ */
	uint64_t encrypted; /* files encrypted since the start */
	uint64_t failed; /* phones and files that cannot be made, now */
	uint64_t waiting; /* still to be made */
	uint64_t bytes; /* of files in memory */
	uint64_t pass_ms; /* how long the last pass over all phones took */
	bool database; /* the last reading succeeded */
};

void phone_store_count(const struct phone_store *s,
    struct phone_store_counters *out);

#endif
