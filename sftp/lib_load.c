#include "sftp/lib_load.h"

#include <libssh/libssh.h>

#include "base/library.h"

/* What sftp/ calls; each is defined below. */
#define FUNCTIONS(F)                          \
	F(ssh_channel_free)                   \
	F(ssh_channel_get_exit_status)        \
	F(ssh_channel_is_closed)              \
	F(ssh_channel_is_eof)                 \
	F(ssh_channel_new)                    \
	F(ssh_channel_open_session)           \
	F(ssh_channel_poll)                   \
	F(ssh_channel_read_nonblocking)       \
	F(ssh_channel_request_exec)           \
	F(ssh_channel_request_subsystem)      \
	F(ssh_channel_send_eof)               \
	F(ssh_channel_write)                  \
	F(ssh_clean_pubkey_hash)              \
	F(ssh_connect)                        \
	F(ssh_disconnect)                     \
	F(ssh_free)                           \
	F(ssh_get_error)                      \
	F(ssh_get_fingerprint_hash)           \
	F(ssh_get_hexa)                       \
	F(ssh_get_poll_flags)                 \
	F(ssh_get_publickey_hash)             \
	F(ssh_get_server_publickey)           \
	F(ssh_is_connected)                   \
	F(ssh_key_free)                       \
	F(ssh_key_type)                       \
	F(ssh_key_type_from_name)             \
	F(ssh_key_type_to_char)               \
	F(ssh_new)                            \
	F(ssh_options_set)                    \
	F(ssh_pki_export_privkey_to_pubkey)   \
	F(ssh_pki_export_pubkey_base64)       \
	F(ssh_pki_import_privkey_base64)      \
	F(ssh_pki_import_pubkey_base64)       \
	F(ssh_session_is_known_server)        \
	F(ssh_set_blocking)                   \
	F(ssh_string_free_char)               \
	F(ssh_userauth_kbdint)                \
	F(ssh_userauth_kbdint_getinstruction) \
	F(ssh_userauth_kbdint_getnprompts)    \
	F(ssh_userauth_kbdint_getprompt)      \
	F(ssh_userauth_kbdint_setanswer)      \
	F(ssh_userauth_list)                  \
	F(ssh_userauth_none)                  \
	F(ssh_userauth_password)              \
	F(ssh_userauth_publickey)

/* A declarator, and where the function found goes. */
#define MEMBER(name) \
	__typeof__(name) *name; /* NOLINT(bugprone-macro-parentheses) */
#define FOUND(name) { #name, &lib.name },

/* Written by library_load(). */
static struct {
	FUNCTIONS(MEMBER)
} lib;
static const struct library_function functions[] = { FUNCTIONS(FOUND) };
static struct library libssh = LIBRARY("libssh.so.4", "libssh-4", functions);

int
lib_load(struct err *e)
{
	return library_load(&libssh, e);
}

/* --- the functions, as libssh.h declares them --- */

#define FORWARD(type, name, parameters, arguments) \
	type name parameters                       \
	{                                          \
		return lib.name arguments;         \
	}

/* What may be asked to free nothing before the library is there. */
void
ssh_free(ssh_session session)
{
	if (session != NULL)
		lib.ssh_free(session);
}

void
ssh_key_free(ssh_key key)
{
	if (key != NULL)
		lib.ssh_key_free(key);
}

void
ssh_string_free_char(char *s)
{
	if (s != NULL)
		lib.ssh_string_free_char(s);
}

void
ssh_clean_pubkey_hash(unsigned char **hash)
{
	if (*hash != NULL)
		lib.ssh_clean_pubkey_hash(hash);
}

void
ssh_channel_free(ssh_channel channel)
{
	lib.ssh_channel_free(channel);
}

void
ssh_disconnect(ssh_session session)
{
	lib.ssh_disconnect(session);
}

void
ssh_set_blocking(ssh_session session, int blocking)
{
	lib.ssh_set_blocking(session, blocking);
}

FORWARD(ssh_session, ssh_new, (void), ())
FORWARD(int, ssh_connect, (ssh_session session), (session))
FORWARD(int, ssh_is_connected, (ssh_session session), (session))
FORWARD(int, ssh_get_poll_flags, (ssh_session session), (session))
FORWARD(const char *, ssh_get_error, (void *error), (error))
FORWARD(int, ssh_options_set,
    (ssh_session session, enum ssh_options_e type, const void *value),
    (session, type, value))

FORWARD(ssh_channel, ssh_channel_new, (ssh_session session), (session))
FORWARD(int, ssh_channel_open_session, (ssh_channel channel), (channel))
FORWARD(int, ssh_channel_request_exec, (ssh_channel channel, const char *cmd),
    (channel, cmd))
FORWARD(int, ssh_channel_request_subsystem,
    (ssh_channel channel, const char *subsystem), (channel, subsystem))
FORWARD(int, ssh_channel_get_exit_status, (ssh_channel channel), (channel))
FORWARD(int, ssh_channel_is_closed, (ssh_channel channel), (channel))
FORWARD(int, ssh_channel_is_eof, (ssh_channel channel), (channel))
FORWARD(int, ssh_channel_poll, (ssh_channel channel, int is_stderr),
    (channel, is_stderr))
FORWARD(int, ssh_channel_read_nonblocking,
    (ssh_channel channel, void *dest, uint32_t count, int is_stderr),
    (channel, dest, count, is_stderr))
FORWARD(int, ssh_channel_send_eof, (ssh_channel channel), (channel))
FORWARD(int, ssh_channel_write,
    (ssh_channel channel, const void *data, uint32_t len), (channel, data, len))

FORWARD(int, ssh_userauth_none, (ssh_session session, const char *username),
    (session, username))
FORWARD(int, ssh_userauth_list, (ssh_session session, const char *username),
    (session, username))
FORWARD(int, ssh_userauth_password,
    (ssh_session session, const char *username, const char *password),
    (session, username, password))
FORWARD(int, ssh_userauth_publickey,
    (ssh_session session, const char *username, ssh_key privkey),
    (session, username, privkey))
FORWARD(int, ssh_userauth_kbdint,
    (ssh_session session, const char *user, const char *submethods),
    (session, user, submethods))
FORWARD(const char *, ssh_userauth_kbdint_getinstruction, (ssh_session session),
    (session))
FORWARD(int, ssh_userauth_kbdint_getnprompts, (ssh_session session), (session))
FORWARD(const char *, ssh_userauth_kbdint_getprompt,
    (ssh_session session, unsigned int i, char *echo), (session, i, echo))
FORWARD(int, ssh_userauth_kbdint_setanswer,
    (ssh_session session, unsigned int i, const char *answer),
    (session, i, answer))

FORWARD(enum ssh_known_hosts_e, ssh_session_is_known_server,
    (ssh_session session), (session))
FORWARD(int, ssh_get_server_publickey, (ssh_session session, ssh_key *key),
    (session, key))
FORWARD(int, ssh_get_publickey_hash,
    (ssh_key key, enum ssh_publickey_hash_type type, unsigned char **hash,
	size_t *hlen),
    (key, type, hash, hlen))
FORWARD(char *, ssh_get_fingerprint_hash,
    (enum ssh_publickey_hash_type type, unsigned char *hash, size_t len),
    (type, hash, len))
FORWARD(char *, ssh_get_hexa, (const unsigned char *what, size_t len),
    (what, len))

FORWARD(enum ssh_keytypes_e, ssh_key_type, (ssh_key key), (key))
FORWARD(const char *, ssh_key_type_to_char, (enum ssh_keytypes_e type), (type))
FORWARD(enum ssh_keytypes_e, ssh_key_type_from_name, (const char *name), (name))
FORWARD(int, ssh_pki_import_privkey_base64,
    (const char *b64_key, const char *passphrase, ssh_auth_callback auth_fn,
	void *auth_data, ssh_key *pkey),
    (b64_key, passphrase, auth_fn, auth_data, pkey))
FORWARD(int, ssh_pki_import_pubkey_base64,
    (const char *b64_key, enum ssh_keytypes_e type, ssh_key *pkey),
    (b64_key, type, pkey))
FORWARD(int, ssh_pki_export_privkey_to_pubkey, (ssh_key privkey, ssh_key *pkey),
    (privkey, pkey))
FORWARD(int, ssh_pki_export_pubkey_base64, (ssh_key key, char **b64_key),
    (key, b64_key))
