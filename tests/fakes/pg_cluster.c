#include "tests/fakes/pg_cluster.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "db/db_priv.h"
#include "db/migrate.h"
#include "db/replicas.h"

#define BIN "/usr/lib/postgresql/15/bin/"
static const char postgres_path[] = BIN "postgres";
static const char pg_isready_path[] = BIN "pg_isready";
static const char initdb_path[] = BIN "initdb";
static const char createdb_path[] = BIN "createdb";
static const char pg_basebackup_path[] = BIN "pg_basebackup";

#define START_MS 30000
#define STOP_MS 15000
#define LIVE_MAX 4

static const char settings[] = "fsync = off\n"
			       "full_page_writes = off\n"
			       "shared_buffers = 8MB\n"
			       "max_connections = 30\n"
			       "max_wal_senders = 4\n"
			       "max_replication_slots = 4\n"
			       "max_worker_processes = 2\n"
			       "max_parallel_workers = 0\n"
			       "autovacuum = off\n"
			       "jit = off\n"
			       "dynamic_shared_memory_type = mmap\n"
			       "wal_level = replica\n"
			       "hot_standby = on\n"
			       "wal_retrieve_retry_interval = 200ms\n"
			       "unix_socket_permissions = 0777\n"
			       "log_min_messages = panic\n"
			       "log_destination = stderr\n";

static const char hba[] =
    "local all dbadmin peer map=admin\n"
    "local ucm ucm_rw,ucm_sql,ucm_sql_rw peer map=ucm\n"
    "local replication replicator trust\n"
    "hostssl ucm ucm_rw,ucm_sql,ucm_sql_rw all cert map=ucmcert\n";

/* The servers of this program, for the case that it gives up. */
static struct pg_server *live[LIVE_MAX];
static bool watched;

static _Noreturn void __attribute__((format(printf, 1, 2)))
fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)fprintf(stderr, "pg_cluster: ");
	(void)vfprintf(stderr, fmt, ap);
	(void)fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

static void
must(int rc, const struct err *e, const char *what)
{
	if (rc == -1)
		fail("%s: %s", what, e->msg);
}

/* Who owns the files of the servers. */
static const struct passwd *
owner(void)
{
	const struct passwd *pw;

	pw = geteuid() == 0 ? getpwnam("postgres") : getpwuid(geteuid());
	if (pw == NULL)
		fail("no user to run PostgreSQL");
	return pw;
}

/* In the child: become the owner and the program.  Does not return. */
static _Noreturn void
become(const char *const *argv)
{
	const struct passwd *pw = owner();
	char *env[] = { mem_strdup("LC_ALL=C.UTF-8"),
		mem_strdup("PATH=" BIN ":/usr/bin:/bin"),
		mem_strdup("HOME=/nonexistent"), NULL };
	struct strlist args = STRLIST_INIT;
	size_t i;

	for (i = 0; argv[i] != NULL; i++)
		strlist_add(&args, argv[i]);
	args.item = mem_resize(args.item, args.n + 1, sizeof(*args.item));
	args.item[args.n] = NULL;
	if (geteuid() == 0 &&
	    (setgroups(0, NULL) == -1 || setgid(pw->pw_gid) == -1 ||
		setuid(pw->pw_uid) == -1))
		_exit(126);
	/* SIGQUIT: at once, whatever clients there are */
	if (prctl(PR_SET_PDEATHSIG, SIGQUIT) == -1 || chdir("/") == -1)
		_exit(126);
	(void)execve(args.item[0], args.item, env);
	_exit(127);
}

static pid_t
start(const char *const *argv)
{
	pid_t pid;

	(void)fflush(NULL);
	pid = fork();
	if (pid == -1)
		fail("fork: %s", strerror(errno));
	if (pid == 0)
		become(argv);
	return pid;
}

static int
run(const char *const *argv)
{
	pid_t pid = start(argv);
	int status;

	while (waitpid(pid, &status, 0) == -1) {
		if (errno != EINTR)
			fail("waitpid: %s", strerror(errno));
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void
pg_server_run(const char *const *argv)
{
	int status = run(argv);

	if (status != 0)
		fail("%s ended with %d", argv[0], status);
}

static void
pause_ms(long ms)
{
	struct timespec t = { .tv_sec = ms / 1000,
		.tv_nsec = ms % 1000 * 1000000 };

	(void)nanosleep(&t, NULL);
}

static void
write_file(const struct pg_server *s, const char *name, const char *text)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;

	(void)snprintf(path, sizeof(path), "%s/%s", s->root, name);
	must(file_replace(path, text, strlen(text), 0644, &e), &e, name);
}

static void
make_dir(const struct pg_server *s, const char *name, bool owned)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;

	(void)snprintf(path, sizeof(path), "%s/%s", s->root, name);
	must(file_mkdir(path, 0755, &e), &e, name);
	if (owned && geteuid() == 0 &&
	    chown(path, owner()->pw_uid, owner()->pw_gid) == -1)
		fail("chown %s: %s", path, strerror(errno));
}

static void
write_conf(const struct pg_server *s)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;

	(void)snprintf(path, sizeof(path), "%s/etc/node.conf", s->root);
	must(nodeconf_save(&s->conf, path, &e), &e, "node.conf");
}

static void
stop_all(void)
{
	size_t i;

	for (i = 0; i < LIVE_MAX; i++) {
		if (live[i] != NULL)
			pg_server_stop(live[i]);
	}
}

static void
remember(struct pg_server *s)
{
	size_t i = 0;

	while (i < LIVE_MAX && live[i] != NULL)
		i++;
	if (i == LIVE_MAX)
		fail("more than %d servers", LIVE_MAX);
	live[i] = s;
	if (!watched && atexit(stop_all) != 0)
		fail("atexit");
	watched = true;
}

static void
forget(const struct pg_server *s)
{
	size_t i;

	for (i = 0; i < LIVE_MAX; i++) {
		if (live[i] == s)
			live[i] = NULL;
	}
}

static void
make_root(struct pg_server *s, const char *name)
{
	memset(s, 0, sizeof(*s));
	(void)str_copy(s->root, sizeof(s->root), "/tmp/ucmsh-pg-XXXXXX");
	if (mkdtemp(s->root) == NULL || chmod(s->root, 0755) == -1)
		fail("%s: %s", s->root, strerror(errno));
	remember(s);
	make_dir(s, "etc", false);
	make_dir(s, "certs", false);
	make_dir(s, "db", true);
	make_dir(s, "db/run", true);
	nodeconf_defaults(&s->conf);
	(void)str_copy(s->conf.name, sizeof(s->conf.name), name);
	(void)str_copy(s->conf.domain, sizeof(s->conf.domain), "joemar2.lab");
	(void)str_copy(s->conf.address, sizeof(s->conf.address), "127.0.0.1");
	(void)str_copy(s->conf.publisher_name, sizeof(s->conf.publisher_name),
	    "pub1");
	(void)str_copy(s->conf.publisher_address,
	    sizeof(s->conf.publisher_address), "127.0.0.1");
	(void)str_copy(s->conf.country, sizeof(s->conf.country), "US");
}

/* The configuration, outside the data directory like on a node. */
static void
configure(const struct pg_server *s, const char *more)
{
	const struct passwd *me = getpwuid(geteuid());
	char *text;

	text = mem_printf("%s"
			  "hba_file = '%s/etc/pg_hba.conf'\n"
			  "ident_file = '%s/etc/pg_ident.conf'\n"
			  "unix_socket_directories = '%s/db/run'\n"
			  "port = %u\n%s",
	    settings, s->root, s->root, s->root, s->conf.db_port, more);
	write_file(s, "etc/postgresql.conf", text);
	free(text);
	write_file(s, "etc/pg_hba.conf", hba);
	text = mem_printf("admin postgres dbadmin\nadmin %s dbadmin\n"
			  "ucm %s ucm_rw\nucm %s ucm_sql\nucm %s ucm_sql_rw\n"
			  "ucmcert ucm_rw ucm_rw\nucmcert ucm_rw ucm_sql\n"
			  "ucmcert ucm_rw ucm_sql_rw\n",
	    me->pw_name, me->pw_name, me->pw_name, me->pw_name);
	write_file(s, "etc/pg_ident.conf", text);
	free(text);
}

void
pg_server_configure(const struct pg_server *s, const char *line)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;
	uint8_t *old;
	size_t len;
	char *text;

	(void)snprintf(path, sizeof(path), "%s/etc/postgresql.conf", s->root);
	must(file_read(path, 65536, &old, &len, &e), &e, path);
	text = mem_printf("%s%s\n", (const char *)old, line);
	write_file(s, "etc/postgresql.conf", text);
	free(text);
	free(old);
}

void
pg_server_resume(struct pg_server *s)
{
	char data[PATH_SIZE];
	char conf[PATH_SIZE];
	char dir[PATH_SIZE];
	char port[16];
	const char *server[] = { postgres_path, "-D", data, "-c", conf, NULL };
	const char *ask[] = { pg_isready_path, "-q", "-h", dir, "-p", port,
		"-U", "dbadmin", "-d", "postgres", NULL };
	int64_t deadline = clock_ticks() + START_MS;

	(void)snprintf(data, sizeof(data), "%s/db/data", s->root);
	(void)snprintf(conf, sizeof(conf), "config_file=%s/etc/postgresql.conf",
	    s->root);
	(void)snprintf(dir, sizeof(dir), "%s/db/run", s->root);
	(void)snprintf(port, sizeof(port), "%u", s->conf.db_port);
	s->pid = start(server);
	while (run(ask) != 0) {
		if (clock_ticks() > deadline ||
		    waitpid(s->pid, NULL, WNOHANG) != 0)
			fail("PostgreSQL does not start in %s", s->root);
		pause_ms(20);
	}
}

void
pg_server_halt(struct pg_server *s)
{
	int64_t deadline = clock_ticks() + STOP_MS;
	bool killed = false;

	if (s->pid == 0)
		return;
	(void)kill(s->pid, SIGINT); /* fast shutdown */
	while (waitpid(s->pid, NULL, WNOHANG) == 0) {
		if (clock_ticks() > deadline && !killed) {
			(void)kill(s->pid, SIGQUIT);
			killed = true;
		}
		pause_ms(10);
	}
	s->pid = 0;
}

void
pg_server_stop(struct pg_server *s)
{
	pid_t pid;

	if (s->root[0] == '\0')
		return;
	forget(s);
	pg_server_halt(s);
	(void)fflush(NULL);
	pid = fork();
	if (pid == 0) {
		(void)execl("/bin/rm", "rm", "-rf", "--", s->root,
		    (char *)NULL);
		_exit(127);
	}
	if (pid == -1 || waitpid(pid, NULL, 0) == -1)
		fail("cannot remove %s", s->root);
	s->root[0] = '\0';
}

void
pg_server_use(const struct pg_server *s)
{
	paths_set_root(s->root);
}

static void
init_data(const struct pg_server *s)
{
	char data[PATH_SIZE];
	const char *init[] = { initdb_path, "-U", "dbadmin", "-D", data, "-A",
		"trust", "-N", "--no-instructions", "-E", "UTF8",
		"--locale=C.UTF-8", "--wal-segsize=4", NULL };
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int out = dup(STDOUT_FILENO);

	(void)snprintf(data, sizeof(data), "%s/db/data", s->root);
	(void)fflush(stdout);
	(void)dup2(null, STDOUT_FILENO);
	pg_server_run(init);
	(void)dup2(out, STDOUT_FILENO);
	(void)close(out);
	(void)close(null);
}

static void
first_start(struct pg_server *s)
{
	char dir[PATH_SIZE];
	char port[16];
	const char *make[] = { createdb_path, "-h", dir, "-p", port, "-U",
		"dbadmin", DB_NAME, NULL };

	(void)snprintf(dir, sizeof(dir), "%s/db/run", s->root);
	(void)snprintf(port, sizeof(port), "%u", s->conf.db_port);
	write_conf(s);
	pg_server_resume(s);
	pg_server_run(make);
	pg_server_use(s);
}

void
pg_server_start(struct pg_server *s)
{
	make_root(s, "pub1");
	init_data(s);
	configure(s, "listen_addresses = ''\n");
	first_start(s);
}

void
pg_server_start_migrated(struct pg_server *s)
{
	struct err e = ERR_INIT;
	struct db *db;

	pg_server_start(s);
	db = pg_server_open(DB_ADMIN);
	must(migrate_run(db, 1000, NULL, &e), &e, "migrate_run");
	db_close(db);
}

static uint16_t
free_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || bind(fd, (struct sockaddr *)&a, n) == -1 ||
	    getsockname(fd, (struct sockaddr *)&a, &n) == -1)
		fail("no free port");
	(void)close(fd);
	return ntohs(a.sin_port);
}

/* The cluster's CA, the server's certificate, a client's for ucm_rw. */
static void
make_certs(const struct pg_server *s)
{
	static const char script[] =
	    "set -e; cd \"$1\"; exec 2>/dev/null\n"
	    "q='openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'\n"
	    "x='openssl x509 -req -CA ca.pem -CAkey ca.key -days 2'\n"
	    "$q -x509 -subj /CN=test-ca -days 2 -keyout ca.key -out ca.pem\n"
	    "echo subjectAltName=IP:127.0.0.1 > san\n"
	    "$q -subj /CN=pub1 -keyout server.key -out r\n"
	    "$x -in r -extfile san -CAcreateserial -out server.pem\n"
	    "for n in ucm_rw stranger; do\n"
	    "$q -subj /CN=$n -keyout $n.key -out r\n"
	    "$x -in r -CAcreateserial -out $n.pem\n"
	    "done\n"
	    "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
	    " -x509 -subj /CN=other-ca -days 2 -keyout other.key"
	    " -out other-ca.pem\n";
	char tls[PATH_SIZE];
	const char *shell[] = { "/bin/sh", "-c", script, "sh", tls, NULL };

	make_dir(s, "db/tls", true);
	(void)snprintf(tls, sizeof(tls), "%s/db/tls", s->root);
	pg_server_run(shell);
}

/* db/tls/from becomes certs/to, owned by this program's user. */
static void
take_cert(const struct pg_server *s, const char *from, const char *to)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;
	uint8_t *data;
	size_t len;

	(void)snprintf(path, sizeof(path), "%s/db/tls/%s", s->root, from);
	must(file_read(path, 65536, &data, &len, &e), &e, path);
	(void)snprintf(path, sizeof(path), "%s/certs/%s", s->root, to);
	must(file_replace(path, data, len, 0600, &e), &e, path);
	free(data);
}

void
pg_server_start_tls(struct pg_server *s)
{
	char *tls;

	make_root(s, "pub1");
	s->conf.db_port = free_port();
	init_data(s);
	make_certs(s);
	tls = mem_printf("listen_addresses = '127.0.0.1'\nssl = on\n"
			 "ssl_cert_file = '%s/db/tls/server.pem'\n"
			 "ssl_key_file = '%s/db/tls/server.key'\n"
			 "ssl_ca_file = '%s/db/tls/ca.pem'\n",
	    s->root, s->root, s->root);
	configure(s, tls);
	free(tls);
	first_start(s);
	take_cert(s, "ca.pem", "cluster-ca.pem");
	take_cert(s, "other-ca.pem", "other-ca.pem");
	take_cert(s, "ucm_rw.pem", "db-client.pem");
	take_cert(s, "ucm_rw.key", "db-client.key");
	take_cert(s, "stranger.pem", "stranger.pem");
	take_cert(s, "stranger.key", "stranger.key");
}

void
pg_server_start_standby(struct pg_server *s, const struct pg_server *primary,
    const char *name)
{
	char data[PATH_SIZE];
	char from[PATH_SIZE];
	char slot[REPLICAS_SLOT_SIZE];
	char port[16];
	const char *copy[] = { pg_basebackup_path, "-h", from, "-p", port, "-U",
		"replicator", "-D", data, "-X", "stream", "-c", "fast", "-N",
		"-S", slot, NULL };
	const char *signal[] = { "/bin/sh", "-c", "> \"$1\"/standby.signal",
		"sh", data, NULL };
	char *more;

	make_root(s, name);
	s->conf.role = NODE_SUBSCRIBER;
	(void)snprintf(data, sizeof(data), "%s/db/data", s->root);
	(void)snprintf(from, sizeof(from), "%s/db/run", primary->root);
	(void)snprintf(port, sizeof(port), "%u", primary->conf.db_port);
	replicas_slot_name(slot, name);
	pg_server_run(copy);
	pg_server_run(signal);
	more = mem_printf("listen_addresses = ''\nprimary_slot_name = '%s'\n"
			  "primary_conninfo = 'host=%s port=%s user=replicator"
			  " application_name=%s'\n",
	    slot, from, port, slot);
	configure(s, more);
	free(more);
	write_conf(s);
	pg_server_resume(s);
}

struct db *
pg_server_open(enum db_role role)
{
	struct err e = ERR_INIT;
	struct db *db = db_open_local(role, &e);

	if (db == NULL)
		fail("%s", e.msg);
	return db;
}

void
pg_server_sql(const char *sql)
{
	struct err e = ERR_INIT;
	struct db *db = pg_server_open(DB_ADMIN);

	must(db_script(db, sql, &e), &e, sql);
	db_close(db);
}
