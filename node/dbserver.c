#include "node/dbserver.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/paths.h"
#include "base/str.h"
#include "db/db.h"
#include "db/migrate.h"
#include "db/position.h"
#include "db/replicas.h"
#include "node/asuser.h"
#include "node/hostuser.h"
#include "node/programs.h"
#include "node/runit.h"
#include "node/spawn.h"
#include "node/tree.h"

#define COPY_MS 900000
#define INIT_MS 120000
#define START_MS 30000
#define CLEAR_MS 10000
#define CONNINFO_SIZE 1024
#define STOP_MS 60000

#define DATA "db/data"
#define DATA_NEXT "db/data.next" /* a complete copy that waits for its turn */
#define DATA_OLD "db/data.old" /* what it has replaced */
#define SERVICE "postgresql" /* of runit */

#define SYSTEM_SIZE 8 /* bytes of a database's number */
#define CONTROL_MAX 65536

static const char pg_initdb[] = PROGRAM_PG_BIN "/initdb";
static const char pg_basebackup[] = PROGRAM_PG_BIN "/pg_basebackup";
static const char pg_isready[] = PROGRAM_PG_BIN "/pg_isready";
static const char pg_postgres[] = PROGRAM_PG_BIN "/postgres";
static const char pg_createdb[] = PROGRAM_PG_BIN "/createdb";
static const char as_user[] = "--reuid=" HOSTUSER_DATABASE;
static const char as_group[] = "--regid=" HOSTUSER_DATABASE;

/*
 * Every PostgreSQL program runs as its user, without ways back, and ends
 * with this process: a server by shutting down, the others at once, because
 * cleaning up would disturb the next run.
 */
#define AS_POSTGRES                                          \
	PROGRAM_SETPRIV, as_user, as_group, "--init-groups", \
	    "--inh-caps=-all", "--no-new-privs"
#define DYING_BY_INT "--pdeathsig=INT"
#define DYING_BY_KILL "--pdeathsig=KILL"

bool
dbserver_exists(void)
{
	struct stat st;
	char path[PATH_SIZE];

	return stat(paths_in(path, DATA), &st) == 0;
}

/*
 * As postgres: what an interrupted run left.  Its programs may be about to
 * end only now, so it is tried for a while.
 */
static int
clear_new(void *arg, struct wbuf *reply, struct err *e)
{
	int64_t deadline = clock_ticks() + CLEAR_MS;
	char path[PATH_SIZE];

	(void)arg;
	(void)reply;
	paths_in(path, "db/data.new");
	while (tree_clear(path, true, e) == -1) {
		if (clock_ticks() > deadline)
			return -1;
		clock_nap(50);
	}
	return 0;
}

/* As postgres: it is complete.  arg: struct finish. */
struct finish {
	const char *to; /* below the node's root */
	bool standby;
};

static int
finish_new(void *arg, struct wbuf *reply, struct err *e)
{
	const struct finish *f = arg;
	char from[PATH_SIZE];
	char to[PATH_SIZE];

	(void)reply;
	if (f->standby &&
	    file_replace(paths_in(from, "db/data.new/standby.signal"), "", 0,
		0600, e) == -1)
		return -1;
	return file_rename(paths_in(from, "db/data.new"),
	    paths_in(to, "%s", f->to), e);
}

static int
as_postgres(int (*run)(void *, struct wbuf *, struct err *), void *arg,
    struct err *e)
{
	const struct asuser_task task = {
		.user = HOSTUSER_DATABASE,
		.run = run,
		.arg = arg,
	};

	return asuser_run(&task, NULL, NULL, e);
}

/* As postgres. */
static int
run_initdb(void *arg, struct wbuf *reply, struct err *e)
{
	char data[PATH_SIZE];
	const char *const argv[] = { PROGRAM_SETPRIV, "--no-new-privs",
		DYING_BY_KILL, pg_initdb, "-U", "dbadmin", "-D", data, "-A",
		"peer", "-N", "--no-instructions", "-E", "UTF8",
		"--locale=C.UTF-8", "--wal-segsize=4", NULL };
	const struct spawn s = { .argv = argv, .timeout_ms = INIT_MS };

	(void)arg;
	(void)reply;
	paths_in(data, "db/data.new");
	return spawn_run(&s, NULL, e);
}

int
dbserver_init(struct err *e)
{
	const struct asuser_task initdb = {
		.user = HOSTUSER_DATABASE,
		.own_memory = true, /* it cannot be told to use files */
		.run = run_initdb,
	};
	struct finish finish = { DATA, false };

	if (dbserver_exists())
		return 0;
	if (as_postgres(clear_new, NULL, e) == -1 ||
	    asuser_run(&initdb, NULL, NULL, e) == -1 ||
	    as_postgres(finish_new, &finish, e) == -1)
		return err_wrap(e, "make the database");
	return 0;
}

void
dbserver_source_publisher(struct dbserver_source *s,
    const struct nodeconf *conf)
{
	(void)str_copy(s->address, sizeof(s->address), conf->publisher_address);
	s->port = conf->db_port;
	replicas_slot_name(s->slot, conf->name);
}

/* A standby's data at db/data.new, then under its name below the root. */
static int
copy_to(const struct dbserver_source *source, const char *to, struct err *e)
{
	char data[PATH_SIZE];
	char tls[PATH_SIZE];
	char conninfo[CONNINFO_SIZE];
	bool slot = source->slot[0] != '\0';
	const char *const argv[] = { AS_POSTGRES, DYING_BY_KILL, pg_basebackup,
		"-D", data, "-d", conninfo, "-X", "stream", "-c", "fast",
		slot ? "-S" : NULL, source->slot, NULL };
	const struct spawn s = { .argv = argv, .timeout_ms = COPY_MS };
	struct finish finish = { to, true };

	paths_in(tls, "db/tls");
	paths_in(data, "db/data.new");
	if (str_printf(conninfo, sizeof(conninfo),
		"host=%s port=%u user=replicator connect_timeout=10 "
		"gssencmode=disable sslmode=verify-full "
		"sslrootcert=%s/cluster-ca.pem sslcert=%s/replicator.pem "
		"sslkey=%s/replicator.key",
		source->address, (unsigned)source->port, tls, tls, tls) == -1)
		BUG("connection text over %d bytes", CONNINFO_SIZE);
	if (as_postgres(clear_new, NULL, e) == -1 ||
	    spawn_run(&s, NULL, e) == -1 ||
	    as_postgres(finish_new, &finish, e) == -1)
		return err_wrap(e, "copy the database of %s", source->address);
	return 0;
}

int
dbserver_copy(const struct dbserver_source *s, struct err *e)
{
	return dbserver_exists() ? 0 : copy_to(s, DATA, e);
}

/* What pg_isready says of the server on this node's socket. */
static void
ask_ready(const struct nodeconf *conf, char answer[SPAWN_OUTPUT_SIZE])
{
	char run[PATH_SIZE];
	char port[8];
	const char *const argv[] = { pg_isready, "-h", run, "-p", port, "-d",
		"postgres", "-U", "dbadmin", NULL };
	const struct spawn s = { .argv = argv };

	paths_in(run, "db/run");
	(void)snprintf(port, sizeof(port), "%u", (unsigned)conf->db_port);
	(void)spawn_run(&s, answer, NULL);
}

/* The server of an interrupted run is told to end; let it. */
static void
wait_no_other(const struct nodeconf *conf)
{
	char answer[SPAWN_OUTPUT_SIZE];
	int64_t deadline = clock_ticks() + CLEAR_MS;

	for (;;) {
		ask_ready(conf, answer);
		if (strstr(answer, "no response") != NULL ||
		    clock_ticks() > deadline)
			return;
		clock_nap(50);
	}
}

/* 0 when process pid answers, 1 when it has ended, -1 when it hangs. */
static int
wait_ready(const struct nodeconf *conf, pid_t pid)
{
	char answer[SPAWN_OUTPUT_SIZE];
	int64_t deadline = clock_ticks() + START_MS;

	for (;;) {
		ask_ready(conf, answer);
		if (waitpid(pid, NULL, WNOHANG) == pid)
			return 1;
		if (strstr(answer, "accepting connections") != NULL)
			return 0;
		if (clock_ticks() > deadline)
			return -1;
		clock_nap(20);
	}
}

pid_t
dbserver_start_private(const struct nodeconf *conf, struct err *e)
{
	char data[PATH_SIZE];
	char file[PATH_SIZE + 16];
	char conf_path[PATH_SIZE];
	const char *const argv[] = { AS_POSTGRES, DYING_BY_INT, pg_postgres,
		"-D", data, "-c", file, "-c", "listen_addresses=", "-c",
		"fsync=off", "-c", "log_min_messages=fatal", NULL };
	int64_t deadline = clock_ticks() + CLEAR_MS;

	paths_in(data, "db/data");
	paths_in(conf_path, "etc/postgresql/postgresql.conf");
	(void)str_printf(file, sizeof(file), "config_file=%s", conf_path);
	wait_no_other(conf);
	for (;;) {
		pid_t pid = spawn_detached(argv, e);
		int rc = pid == -1 ? -1 : wait_ready(conf, pid);

		if (pid == -1 || rc == 0)
			return pid;
		if (rc == -1) {
			dbserver_stop_private(pid);
			return err_set(e, ERR_TIMEOUT,
			    "the database server does not answer");
		}
		if (clock_ticks() > deadline)
			return err_set(e, ERR_STATE,
			    "the database server does not start");
		clock_nap(200);
	}
}

void
dbserver_stop_private(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGINT);
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR) {
	}
}

int
dbserver_create_database(const struct nodeconf *conf, struct err *e)
{
	char run[PATH_SIZE];
	char port[8];
	char output[SPAWN_OUTPUT_SIZE];
	const char *const argv[] = { AS_POSTGRES, DYING_BY_KILL, pg_createdb,
		"-h", run, "-p", port, "-U", "dbadmin",
		"--maintenance-db=postgres", DB_NAME, NULL };
	const struct spawn s = { .argv = argv };

	paths_in(run, "db/run");
	(void)snprintf(port, sizeof(port), "%u", (unsigned)conf->db_port);
	if (spawn_run(&s, output, e) == 0)
		return 0;
	if (strstr(output, "already exists") != NULL) {
		err_clear(e);
		return 0;
	}
	return err_wrap(e, "make the database");
}

/* As postgres. */
static int
promote(void *arg, struct wbuf *reply, struct err *e)
{
	struct db *db = db_open_local(DB_ADMIN, e);
	int rc;

	(void)arg;
	(void)reply;
	if (db == NULL)
		return -1;
	rc = position_promote(db, e);
	db_close(db);
	return rc;
}

int
dbserver_promote(struct err *e)
{
	return as_postgres(promote, NULL, e);
}

/* As postgres. */
static int
migrate(void *arg, struct wbuf *reply, struct err *e)
{
	struct db *db = db_open_local(DB_ADMIN, e);
	int rc;

	(void)arg;
	(void)reply;
	if (db == NULL)
		return -1;
	rc = migrate_run(db, clock_wall(), NULL, e);
	db_close(db);
	return rc;
}

int
dbserver_migrate(struct err *e)
{
	return as_postgres(migrate, NULL, e);
}

/* --- exchanging the data of a server under runit ------------------------- */

static bool
is_there(const char *name)
{
	struct stat st;
	char path[PATH_SIZE];

	return lstat(paths_in(path, "%s", name), &st) == 0;
}

/*
 * As postgres, with the server stopped.  Killed between two of these steps,
 * the next call does the rest: a complete copy that waits always wins.
 */
static int
exchange(void *arg, struct wbuf *reply, struct err *e)
{
	char from[PATH_SIZE];
	char to[PATH_SIZE];

	(void)arg;
	(void)reply;
	if (is_there(DATA_NEXT) && is_there(DATA) &&
	    (tree_clear(paths_in(to, DATA_OLD), true, e) == -1 ||
		file_rename(paths_in(from, DATA), to, e) == -1))
		return -1;
	if (is_there(DATA_NEXT) &&
	    file_rename(paths_in(from, DATA_NEXT), paths_in(to, DATA), e) == -1)
		return -1;
	return tree_clear(paths_in(to, DATA_OLD), true, e);
}

/* As postgres: a copy whose server was never stopped for it is given up. */
static int
settle(void *arg, struct wbuf *reply, struct err *e)
{
	char path[PATH_SIZE];

	if (is_there(DATA) &&
	    tree_clear(paths_in(path, DATA_NEXT), true, e) == -1)
		return -1;
	return exchange(arg, reply, e);
}

int
dbserver_settle(struct err *e)
{
	if (!is_there(DATA_NEXT) && !is_there(DATA_OLD))
		return 0;
	if (as_postgres(settle, NULL, e) == -1)
		return err_wrap(e, "put the database in its place");
	return 0;
}

/* Without the mark of one that an administrator has stopped. */
static int
stop_server(struct err *e)
{
	int64_t deadline = clock_ticks() + STOP_MS;
	struct runit_status st;

	/* as the service's own control: INT, which waits for no client */
	if (runit_control(SERVICE, "d", e) == -1)
		return -1;
	for (;;) {
		if (runit_status(SERVICE, &st, e) == -1)
			return -1;
		if (st.pid == 0)
			return 0;
		if (clock_ticks() > deadline)
			return err_set(e, ERR_TIMEOUT,
			    "the database server does not end");
		clock_nap(20);
	}
}

static int
start_server(const struct nodeconf *conf, struct err *e)
{
	char answer[SPAWN_OUTPUT_SIZE];
	int64_t deadline = clock_ticks() + START_MS;

	if (runit_control(SERVICE, "u", e) == -1)
		return -1;
	for (;;) {
		ask_ready(conf, answer);
		if (strstr(answer, "accepting connections") != NULL)
			return 0;
		if (clock_ticks() > deadline)
			return err_set(e, ERR_TIMEOUT,
			    "the database server does not answer");
		clock_nap(50);
	}
}

/* What a control file begins with: the number of its database. */
static int
read_system(const char *data, uint8_t number[SYSTEM_SIZE], struct err *e)
{
	char path[PATH_SIZE];
	uint8_t *control;
	size_t len;

	if (file_read(paths_in(path, "%s/global/pg_control", data), CONTROL_MAX,
		&control, &len, e) == -1)
		return -1;
	if (len < SYSTEM_SIZE) {
		free(control);
		return err_set(e, ERR_FORMAT, "%s: too short", path);
	}
	memcpy(number, control, SYSTEM_SIZE);
	free(control);
	return 0;
}

/* As postgres: the copy is one of the data that is there. */
static int
check_system(void *arg, struct wbuf *reply, struct err *e)
{
	uint8_t here[SYSTEM_SIZE];
	uint8_t next[SYSTEM_SIZE];

	(void)arg;
	(void)reply;
	if (read_system(DATA, here, e) == -1 ||
	    read_system(DATA_NEXT, next, e) == -1)
		return -1;
	if (memcmp(here, next, sizeof(here)) == 0)
		return 0;
	return err_set(e, ERR_STATE,
	    "that is another database than this cluster's");
}

int
dbserver_renew(const struct dbserver_renewal *r, struct err *e)
{
	int rc;

	if (dbserver_settle(e) == -1 || copy_to(&r->source, DATA_NEXT, e) == -1)
		return -1;
	if (!r->promote && as_postgres(check_system, NULL, e) == -1) {
		(void)dbserver_settle(NULL);
		return -1;
	}
	rc = stop_server(e);
	if (rc == 0)
		rc = as_postgres(exchange, NULL, e);
	/* whatever has failed: the server that there is shall run */
	if (start_server(&r->conf, rc == 0 ? e : NULL) == -1 || rc == -1)
		return -1;
	return r->promote ? dbserver_promote(e) : 0;
}
