/*
 * Any bytes as the beginning of an HTTP connection: where the head ends,
 * what is read from it, and which file that names.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "services/http_message.h"
#include "services/tftp_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_request(const struct http_request *r)
{
	struct tftp_name name;

	if (memchr(r->path, '\0', sizeof(r->path)) == NULL)
		BUG("a path without end");
	if (r->method == HTTP_OTHER) {
		if (r->keep_alive || r->path[0] != '\0')
			BUG("a method that is none of ours");
		return;
	}
	if (r->path[0] != '/')
		BUG("a path that is none: %s", r->path);
	if (tftp_name_parse(&name, r->path) == 0 &&
	    (name.text[0] == '/' || name.text[0] == '.' ||
		strstr(name.text, "..") != NULL))
		BUG("allowed: %s", name.text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	size_t head = http_head_length(data, len);
	struct http_request r;
	struct err e = ERR_INIT;

	if (head > len || (head > 0 && head < 4))
		BUG("a head of %zu bytes", head);
	if (head > 0 && http_head_length(data, head) != head)
		BUG("the head depends on what follows");
	/* Without an end it must be refused. */
	if (head == 0)
		head = len;
	if (http_request_parse(&r, data, head, &e) == 0) {
		check_request(&r);
	} else if (e.code != ERR_FORMAT || e.msg[0] == '\0') {
		BUG("a refusal without reason");
	}
	return 0;
}
