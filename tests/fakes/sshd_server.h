/*
 * A real OpenSSH sshd on 127.0.0.1 for tests: own port, own keys, own
 * configuration, and accounts that exist only in a mount namespace of the
 * test program.  Needs root.
 */
#ifndef TESTS_FAKES_SSHD_SERVER_H
#define TESTS_FAKES_SSHD_SERVER_H

#include <stdint.h>
#include <sys/types.h>

#define SSHD_SERVER_USER "ucmnode" /* the account to log in to, uid 0 */
#define SSHD_SERVER_PATH 256
#define SSHD_SERVER_KEY 512

struct sshd_server {
	char dir[SSHD_SERVER_PATH]; /* everything below is in here */
	char key_file[SSHD_SERVER_PATH]; /* private, EC P-256 PEM, accepted */
	char other_key_file[SSHD_SERVER_PATH]; /* private, not accepted */
	char known_hosts[SSHD_SERVER_PATH]; /* names this server */
	char host_key[SSHD_SERVER_KEY]; /* "ecdsa-sha2-nistp256 AAAA…" */
	uint16_t port;
	pid_t pid;
};

/*
 * Once, at the start of main(), before any thread: give the program a mount
 * namespace with the account above and sshd's run directory.  The process
 * ends with a message when that is not allowed.
 */
void sshd_server_prepare(void);

/*
 * Start a server.  forced is the command it runs for every login whatever
 * is asked for (SSH_ORIGINAL_COMMAND has that); NULL: what is asked for, by
 * /bin/sh.  A failure is a failed assertion.
 */
void sshd_server_start(struct sshd_server *s, const char *forced);

/* Make a new host key and restart on the same port; known_hosts stays. */
void sshd_server_change_host_key(struct sshd_server *s);

/* Stop it by its pid and remove its directory. */
void sshd_server_stop(struct sshd_server *s);

/* A TCP port of 127.0.0.1 that nobody listens on at the moment. */
uint16_t sshd_server_free_port(void);

#endif
