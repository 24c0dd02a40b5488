#include "node/invitation.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "node/parent_keys.h"
#include "node/programs.h"
#include "trust/key.h"

#define FILE_MAX 1048576
#define LINE_SIZE 2048

void
invitation_join(char *dst, const char *name, const char *address, unsigned port)
{
	if (str_printf(dst, INVITATION_COMMAND_SIZE,
		PROGRAM_NODE " enrol %s %s %u", name, address, port) == -1)
		BUG("a command over %d bytes", INVITATION_COMMAND_SIZE);
}

void
invitation_publisher(char *dst, const char *name)
{
	if (str_printf(dst, INVITATION_COMMAND_SIZE, PROGRAM_NODE " readmit %s",
		name) == -1)
		BUG("a command over %d bytes", INVITATION_COMMAND_SIZE);
}

/* When sshd stops taking the key: the host's clock, in UTC. */
static void
expiry(char *dst, size_t size)
{
	time_t t = time(NULL) + INVITATION_SECONDS;
	struct tm tm;

	dst[0] = '\0';
	if (gmtime_r(&t, &tm) != NULL)
		(void)strftime(dst, size, "%Y%m%d%H%M%SZ", &tm);
}

int
invitation_make(struct token *t, const char *command, struct err *e)
{
	struct key *k = key_generate_ec(e);
	char line[LINE_SIZE];
	char *pem = NULL;
	char *public = NULL;
	char until[32];
	size_t n = 0;
	int rc = -1;

	if (k == NULL || key_to_pem(k, &pem, &n, e) == -1)
		goto out;
	public = key_ssh_public(k, e);
	if (public == NULL)
		goto out;
	expiry(until, sizeof(until));
	if (str_copy(t->key, sizeof(t->key), pem) == -1 ||
	    str_printf(line, sizeof(line),
		"restrict,expiry-time=\"%s\",command=\"%s\" %s " PARENT_KEYS_INVITE
		"%s\n",
		until, command, public, t->name) == -1)
		(void)err_set(e, ERR_KEY, "one-time key: too long");
	else
		rc = sshkeys_invite(t->name, line, e);
out:
	free(public);
	mem_free_wiped(pem, n);
	key_free(k);
	return rc;
}

/* sshd takes the key of the line no more: the host's clock, in UTC. */
static bool
is_over(const char *line)
{
	static const char option[] = "expiry-time=\"";
	const char *until = strstr(line, option);
	time_t t = time(NULL);
	char now[32] = "";
	struct tm tm;

	if (until == NULL || gmtime_r(&t, &tm) == NULL)
		return true;
	until += strlen(option);
	(void)strftime(now, sizeof(now), "%Y%m%d%H%M%S", &tm);
	return strspn(until, "0123456789") != strlen(now) ||
	    strncmp(until, now, strlen(now)) < 0;
}

/* The key of a line `…command="COMMAND" KEY invite:NAME`, cut out of it. */
static const char *
key_of(char *line, const char *quoted, const char *comment)
{
	char *key = strstr(line, quoted);

	if (key == NULL || !str_ends(line, comment) || is_over(line))
		return NULL;
	key += strlen(quoted);
	if (strlen(key) < strlen(comment))
		return NULL;
	key[strlen(key) - strlen(comment)] = '\0';
	return key;
}

int
invitation_find(const char *name, const char *command,
    char key[SSHKEYS_TEXT_SIZE], struct err *e)
{
	char quoted[INVITATION_COMMAND_SIZE + 16];
	char comment[NODE_NAME_SIZE + 16];
	char path[PATH_SIZE];
	uint8_t *text = NULL;
	size_t len;
	bool found = false;

	(void)str_printf(quoted, sizeof(quoted), ",command=\"%s\" ", command);
	(void)str_printf(comment, sizeof(comment), " " PARENT_KEYS_INVITE "%s",
	    name);
	paths_in(path, "ssh/authorized_keys.ucmnode");
	if (file_read(path, FILE_MAX, &text, &len, e) == -1)
		return -1;
	for (char *line = (char *)text, *next; line != NULL; line = next) {
		const char *at;

		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		at = key_of(line, quoted, comment);
		if (at == NULL || strlen(at) >= SSHKEYS_TEXT_SIZE)
			continue;
		found = true;
		if (key != NULL)
			(void)str_copy(key, SSHKEYS_TEXT_SIZE, at);
	}
	free(text);
	if (!found)
		return err_set(e, ERR_NOT_FOUND, "no open invitation");
	return 0;
}
