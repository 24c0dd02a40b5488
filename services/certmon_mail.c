#include "services/certmon_mail.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "services/certmon_curl_priv.h"

struct certmon_mail {
	const struct certmon_curl *curl;
	CURLM *multi;
	CURL *easy;
	struct curl_slist *to;
	char *server; /* for messages */
	char *text;
	size_t len;
	size_t sent;
	char reason[CURL_ERROR_SIZE];
};

static size_t
give(char *buffer, size_t size, size_t n, void *arg)
{
	struct certmon_mail *m = arg;
	size_t left = m->len - m->sent;

	if (left > size * n)
		left = size * n;
	memcpy(buffer, m->text + m->sent, left);
	m->sent += left;
	return left;
}

/* "<ADDRESS>" for each. */
static void
add_recipients(struct certmon_mail *m, const char *to)
{
	while (*to != '\0') {
		size_t n = strcspn(to, ",");
		char *one = mem_printf("<%.*s>", (int)n, to);
		struct curl_slist *l = m->curl->slist_append(m->to, one);

		if (l == NULL)
			BUG("out of memory for an address");
		m->to = l;
		free(one);
		to += to[n] == ',' ? n + 1 : n;
	}
}

static void
set_text(struct certmon_mail *m, CURLoption option, const char *value)
{
	if (m->curl->easy_set(m->easy, option, value) != CURLE_OK)
		BUG("option %d of libcurl", (int)option);
}

static void
set_number(struct certmon_mail *m, CURLoption option, long value)
{
	if (m->curl->easy_set(m->easy, option, value) != CURLE_OK)
		BUG("option %d of libcurl", (int)option);
}

static unsigned
or_default(unsigned value, unsigned other)
{
	return value == 0 ? other : value;
}

static void
set_limits(struct certmon_mail *m, const struct certmon_mail_config *config)
{
	/* No signals: names are looked up in a thread. */
	set_number(m, CURLOPT_NOSIGNAL, 1);
	set_number(m, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)or_default(config->connect_ms, CERTMON_CONNECT_MS));
	set_number(m, CURLOPT_SERVER_RESPONSE_TIMEOUT, CERTMON_RESPONSE_S);
	set_number(m, CURLOPT_TIMEOUT_MS,
	    (long)or_default(config->total_ms, CERTMON_MAIL_MS));
}

static void
set_server(struct certmon_mail *m, const struct certmon_mail_config *config)
{
	const bool v6 = strchr(config->host, ':') != NULL;
	char *url = mem_printf("smtp://%s%s%s:%u/%s", v6 ? "[" : "",
	    config->host, v6 ? "]" : "", (unsigned)config->port, config->helo);

	set_text(m, CURLOPT_URL, url);
	free(url);
	set_text(m, CURLOPT_PROTOCOLS_STR, "smtp");
	/* Whatever the environment says. */
	set_text(m, CURLOPT_PROXY, "");
	set_number(m, CURLOPT_USE_SSL, CURLUSESSL_TRY);
	set_number(m, CURLOPT_SSL_VERIFYPEER, 0);
	set_number(m, CURLOPT_SSL_VERIFYHOST, 0);
}

static void
set_message(struct certmon_mail *m, const struct certmon_mail_config *config)
{
	char *from = mem_printf("<%s>", config->from);
	size_t (*const reader)(char *, size_t, size_t, void *) = give;

	set_text(m, CURLOPT_MAIL_FROM, from);
	free(from);
	add_recipients(m, config->to);
	if (m->curl->easy_set(m->easy, CURLOPT_MAIL_RCPT, m->to) != CURLE_OK ||
	    m->curl->easy_set(m->easy, CURLOPT_READFUNCTION, reader) !=
		CURLE_OK ||
	    m->curl->easy_set(m->easy, CURLOPT_READDATA, m) != CURLE_OK ||
	    m->curl->easy_set(m->easy, CURLOPT_ERRORBUFFER, m->reason) !=
		CURLE_OK)
		BUG("options of libcurl");
	set_number(m, CURLOPT_UPLOAD, 1);
}

struct certmon_mail *
certmon_mail_new(const struct certmon_mail_config *config, struct err *e)
{
	const struct certmon_curl *curl = certmon_curl(e);
	struct certmon_mail *m;

	if (curl == NULL)
		return NULL;
	m = mem_alloc(sizeof(*m));
	m->curl = curl;
	m->multi = curl->multi_init();
	m->easy = curl->easy_init();
	if (m->multi == NULL || m->easy == NULL)
		BUG("out of memory for an e-mail");
	m->server =
	    mem_printf("%s port %u", config->host, (unsigned)config->port);
	m->text = mem_strdup(config->text);
	m->len = strlen(m->text);
	set_limits(m, config);
	set_server(m, config);
	set_message(m, config);
	if (curl->multi_add_handle(m->multi, m->easy) == CURLM_OK)
		return m;
	(void)err_set(e, ERR_INTERNAL, "libcurl takes no e-mail");
	certmon_mail_free(m);
	return NULL;
}

void
certmon_mail_free(struct certmon_mail *m)
{
	if (m == NULL)
		return;
	(void)m->curl->multi_remove_handle(m->multi, m->easy);
	m->curl->easy_cleanup(m->easy);
	(void)m->curl->multi_cleanup(m->multi);
	m->curl->slist_free_all(m->to);
	free(m->server);
	free(m->text);
	free(m);
}

/* libcurl's reason may quote the server. */
static int
fail(const struct certmon_mail *m, CURLcode code, struct err *e)
{
	const char *why =
	    m->reason[0] != '\0' ? m->reason : m->curl->easy_strerror(code);
	char *visible = str_visible_dup(why, strlen(why));
	int rc;

	rc = err_set(e,
	    code == CURLE_OPERATION_TIMEDOUT ? ERR_TIMEOUT : ERR_UNREACHABLE,
	    "mail server %s: %s", m->server, visible);
	free(visible);
	return rc;
}

int
certmon_mail_step(struct certmon_mail *m, bool *done, struct err *e)
{
	const CURLMsg *msg;
	int running = 0;
	int queued;

	*done = false;
	if (m->curl->multi_perform(m->multi, &running) != CURLM_OK)
		return err_set(e, ERR_INTERNAL, "libcurl fails");
	msg = m->curl->multi_info_read(m->multi, &queued);
	if (msg == NULL || msg->msg != CURLMSG_DONE)
		return 0;
	if (msg->data.result != CURLE_OK)
		return fail(m, msg->data.result, e);
	*done = true;
	return 0;
}
