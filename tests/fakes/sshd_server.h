/*
 * A real OpenSSH sshd on 127.0.0.1 for tests: own port, own keys, own
 * configuration, and accounts that exist only in a mount namespace of the
 * test program.  Needs root.
 */
#ifndef TESTS_FAKES_SSHD_SERVER_H
#define TESTS_FAKES_SSHD_SERVER_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#define SSHD_SERVER_USER "ucmnode" /* the account to log in to, uid 0 */
#define SSHD_SERVER_PASSWORD "Fake-Pass-1" /* of that account */
#define SSHD_SERVER_PATH 256
#define SSHD_SERVER_KEY 1024

struct sshd_server {
	char dir[SSHD_SERVER_PATH]; /* everything below is in here */
	char key_file[SSHD_SERVER_PATH]; /* private, EC P-256 PEM, accepted */
	char other_key_file[SSHD_SERVER_PATH]; /* private, not accepted */
	char known_hosts[SSHD_SERVER_PATH]; /* names this server */
	char host_key[SSHD_SERVER_KEY]; /* "ecdsa-sha2-nistp256 AAAA…" */
	char program[SSHD_SERVER_PATH]; /* sshd takes its PAM service from it */
	char second_host_key[SSHD_SERVER_KEY]; /* "": there is none */
	const char *key_type;
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

/* A server that takes passwords and has SFTP. */
struct sshd_server_kind {
	const char *key; /* of the host: "rsa", "ecdsa" (NULL), "ed25519" */
	/*
	 * NULL: password and keyboard-interactive; else one of them, or two
	 * with a comma between: first the one, then the other.
	 */
	const char *methods;
	bool asks_twice; /* keyboard-interactive has two rounds of questions */
	const char *sftp; /* arguments of sftp-server; NULL: none */
	bool no_sftp;
	const char *second_key; /* another host key; NULL: none */
};

/* As sshd_server_start() with nothing forced. */
void sshd_server_start_kind(struct sshd_server *s,
    const struct sshd_server_kind *kind);

/* Make a new host key and restart on the same port; known_hosts stays. */
void sshd_server_change_host_key(struct sshd_server *s);

/* Stop it by its pid and remove its directory. */
void sshd_server_stop(struct sshd_server *s);

/* A TCP port of 127.0.0.1 that nobody listens on at the moment. */
uint16_t sshd_server_free_port(void);

#endif
