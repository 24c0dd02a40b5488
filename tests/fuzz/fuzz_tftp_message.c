/*
 * Any datagram: what is read from it, which file that names, and the answer
 * to it.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "services/tftp_message.h"
#include "services/tftp_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_request(const struct tftp_message *m)
{
	uint8_t answer[TFTP_REPLY_MAX];
	const struct tftp_options *o = &m->options;
	struct tftp_name name;

	if (o->blksize != 0 &&
	    (o->blksize < TFTP_BLKSIZE_MIN || o->blksize > TFTP_BLKSIZE_MAX))
		BUG("block size %u", o->blksize);
	if (!tftp_same_request(m, m))
		BUG("a request that is not like itself");
	if (tftp_options_any(o) &&
	    tftp_put_oack(answer, o, UINT64_MAX) > sizeof(answer))
		BUG("a long OACK");
	if (tftp_name_parse(&name, m->name) == -1)
		return;
	if (name.text[0] == '\0' || name.text[0] == '/' ||
	    name.text[0] == '.' || strstr(name.text, "..") != NULL ||
	    strstr(name.text, "/.") != NULL || str_ends(name.text, ".pem") ||
	    str_ends(name.text, ".key") || str_ends(name.text, ".p12"))
		BUG("allowed: %s", name.text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct tftp_message m;
	struct err e = ERR_INIT;
	uint8_t answer[TFTP_REPLY_MAX];
	uint8_t *ascii;
	size_t n;

	tftp_netascii(data, len, &ascii, &n);
	if (n < len || n > 2 * len)
		BUG("netascii: %zu from %zu", n, len);
	free(ascii);
	if (tftp_message_parse(&m, data, len, &e) == -1) {
		if (e.code != ERR_FORMAT || e.msg[0] == '\0')
			BUG("a refusal without reason");
		return 0;
	}
	if (m.op == TFTP_RRQ || m.op == TFTP_WRQ)
		check_request(&m);
	if (memchr(m.name, '\0', sizeof(m.name)) == NULL ||
	    memchr(m.text, '\0', sizeof(m.text)) == NULL)
		BUG("a text without end");
	if (tftp_put_error(answer, TFTP_ERROR_UNDEFINED, m.text) >
	    sizeof(answer))
		BUG("a long ERROR");
	tftp_put_data_header(answer, m.block);
	if (answer[2] << 8 != (m.block & 0xff00))
		BUG("block %u", m.block);
	return 0;
}
