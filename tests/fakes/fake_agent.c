#include "tests/fakes/fake_agent.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static char *
join(const struct strlist *l)
{
	char *s = mem_strdup(""), *longer;
	size_t i;

	for (i = 0; i < l->n; i++) {
		longer = mem_printf("%s%s%s", s, i > 0 ? " " : "", l->item[i]);
		free(s);
		s = longer;
	}
	return s;
}

/* "a|b|c\nd|e|f" as rows of three cells. */
static void
send_rows(const char *rows, const struct link_sink *sink)
{
	struct strlist row = STRLIST_INIT;

	for (;;) {
		size_t len;

		len = strcspn(rows, "|\n");
		strlist_add_n(&row, rows, len);
		rows += len;
		if (*rows != '|') {
			(void)sink->row(sink->self, &row);
			strlist_release(&row);
		}
		if (*rows++ == '\0')
			return;
	}
}

static int
send(const struct fake_answer *a, const struct link_sink *sink, char **message,
    struct err *e)
{
	if (sink != NULL && a->text != NULL && sink->text != NULL)
		(void)sink->text(sink->self, a->text, strlen(a->text));
	if (sink != NULL && a->rows != NULL && sink->row != NULL)
		send_rows(a->rows, sink);
	if (sink != NULL && a->data != NULL && sink->data != NULL)
		(void)sink->data(sink->self, a->data, strlen(a->data));
	if (a->code != ERR_NONE) {
		(void)err_set(e, a->code, "%s", a->message);
		if (a->hint != NULL)
			(void)err_hint(e, "%s", a->hint);
		return -1;
	}
	if (message != NULL)
		*message = mem_strdup(a->message == NULL ? "" : a->message);
	return 0;
}

static int
call(void *self, const struct link_request *rq, const struct link_sink *sink,
    char **message, struct err *e)
{
	struct fake_agent *a = self;
	const struct fake_answer *answer;
	char *words = join(&rq->words);
	int rc = -1;

	strlist_add(&a->asked, words);
	if (rq->payload != NULL)
		strlist_add_n(&a->asked, rq->payload, rq->payload_len);
	if (rq->secret != NULL && rq->secret->text != NULL)
		(void)str_copy(a->secret, sizeof(a->secret), rq->secret->text);
	(void)err_set(e, ERR_UNREACHABLE, "the node's agent does not answer");
	for (answer = a->answer; answer->words != NULL; answer++) {
		if (str_equal(answer->words, words)) {
			err_clear(e);
			rc = send(answer, sink, message, e);
			break;
		}
	}
	free(words);
	return rc;
}

void
fake_agent_init(struct fake_agent *a, const struct fake_answer *answer)
{
	memset(a, 0, sizeof(*a));
	a->answer = answer;
	a->agent.call = call;
	a->agent.self = a;
}

void
fake_agent_release(struct fake_agent *a)
{
	strlist_release(&a->asked);
}
