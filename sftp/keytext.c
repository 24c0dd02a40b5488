#include "sftp/keytext.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "sftp/keytext_priv.h"
#include "sftp/lib_load.h"

#define KEY_FILE_MAX (1 << 16)
#define TYPE_SIZE 64

ssh_key
keytext_private(const char *key_text, struct err *e)
{
	ssh_key key = NULL;

	if (lib_load(e) == -1)
		return NULL;
	/* An empty passphrase, or libcrypto would ask at the terminal. */
	if (ssh_pki_import_privkey_base64(key_text, "", NULL, NULL, &key) !=
	    SSH_OK) {
		err_set(e, ERR_KEY, "not a private key without passphrase");
		return NULL;
	}
	return key;
}

ssh_key
keytext_private_file(const char *key_file, struct err *e)
{
	uint8_t *data;
	size_t len;
	ssh_key key;

	if (file_read(key_file, KEY_FILE_MAX, &data, &len, e) == -1)
		return NULL;
	key = keytext_private((const char *)data, e);
	mem_free_wiped(data, len);
	if (key == NULL)
		err_wrap(e, "%s", key_file);
	return key;
}

int
keytext_write(ssh_key key, char dst[KEYTEXT_SIZE], struct err *e)
{
	char *base64 = NULL;
	int rc;

	if (ssh_pki_export_pubkey_base64(key, &base64) != SSH_OK)
		return err_set(e, ERR_KEY, "a public key cannot be written");
	rc = str_printf(dst, KEYTEXT_SIZE, "%s %s",
	    ssh_key_type_to_char(ssh_key_type(key)), base64);
	ssh_string_free_char(base64);
	if (rc == -1)
		return err_set(e, ERR_KEY, "a public key is too long");
	return 0;
}

/* The public half of key, which is freed. */
static int
write_public(ssh_key key, char dst[KEYTEXT_SIZE], struct err *e)
{
	ssh_key public = NULL;
	int rc = -1;

	if (key == NULL)
		return -1;
	if (ssh_pki_export_privkey_to_pubkey(key, &public) == SSH_OK)
		rc = keytext_write(public, dst, e);
	else
		err_set(e, ERR_KEY, "a private key has no public half");
	ssh_key_free(public);
	ssh_key_free(key);
	return rc;
}

int
keytext_public_of_text(const char *key_text, char dst[KEYTEXT_SIZE],
    struct err *e)
{
	return write_public(keytext_private(key_text, e), dst, e);
}

int
keytext_public_of_file(const char *key_file, char dst[KEYTEXT_SIZE],
    struct err *e)
{
	return write_public(keytext_private_file(key_file, e), dst, e);
}

int
keytext_hash(ssh_key key, char dst[KEYTEXT_FINGERPRINT_SIZE], struct err *e)
{
	unsigned char *hash = NULL;
	char *text = NULL;
	size_t len;
	int rc = -1;

	if (ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash,
		&len) == 0)
		text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash,
		    len);
	if (text != NULL)
		rc = str_copy(dst, KEYTEXT_FINGERPRINT_SIZE, text);
	if (rc == -1)
		err_set(e, ERR_KEY, "a public key has no fingerprint");
	ssh_string_free_char(text);
	ssh_clean_pubkey_hash(&hash);
	return rc;
}

/* Not ssh_get_fingerprint_hash(), which writes "MD5:" in front. */
int
keytext_md5(ssh_key key, char dst[KEYTEXT_MD5_SIZE], struct err *e)
{
	unsigned char *hash = NULL;
	char *text = NULL;
	size_t len;
	int rc = -1;

	if (ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_MD5, &hash, &len) ==
	    0)
		text = ssh_get_hexa(hash, len);
	if (text != NULL)
		rc = str_copy(dst, KEYTEXT_MD5_SIZE, text);
	if (rc == -1)
		err_set(e, ERR_KEY, "a public key has no fingerprint");
	ssh_string_free_char(text);
	ssh_clean_pubkey_hash(&hash);
	return rc;
}

static int
bad_public(struct err *e)
{
	return err_set(e, ERR_KEY, "not a public key \"TYPE BASE64\"");
}

/* Split "TYPE BASE64 [comment]" and read it. */
static int
read_public(const char *text, ssh_key *key, struct err *e)
{
	char type[TYPE_SIZE];
	char base64[KEYTEXT_SIZE];
	size_t n = strcspn(text, " ");

	if (n == 0 || n >= sizeof(type) || text[n] != ' ')
		return bad_public(e);
	memcpy(type, text, n);
	type[n] = '\0';
	text += n + 1;
	n = strcspn(text, " \n");
	if (n == 0 || n >= sizeof(base64))
		return bad_public(e);
	memcpy(base64, text, n);
	base64[n] = '\0';
	if (lib_load(e) == -1)
		return -1;
	if (ssh_pki_import_pubkey_base64(base64, ssh_key_type_from_name(type),
		key) != SSH_OK)
		return bad_public(e);
	return 0;
}

int
keytext_check(const char *public_key, char dst[KEYTEXT_SIZE], struct err *e)
{
	ssh_key key = NULL;
	int rc;

	if (read_public(public_key, &key, e) == -1)
		return -1;
	rc = keytext_write(key, dst, e);
	ssh_key_free(key);
	return rc;
}

int
keytext_fingerprint(const char *public_key, char dst[KEYTEXT_FINGERPRINT_SIZE],
    struct err *e)
{
	ssh_key key = NULL;
	int rc;

	if (read_public(public_key, &key, e) == -1)
		return -1;
	rc = keytext_hash(key, dst, e);
	ssh_key_free(key);
	return rc;
}
