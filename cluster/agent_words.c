#include "cluster/agent_words.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/mem.h"
#include "cluster/agent_msg.h"

/* The requests to other nodes that carry a payload; its size comes last. */
static const struct {
	size_t n; /* words */
	const char *first;
	const char *second;
} carriers[] = {
	{ 4, "itl", "stage" },
	{ 4, "password", "stage" },
	{ 3, "restore", "look" },
	{ 3, "restore", "adopt" },
};

#define VISIBLE_SIZE 80 /* how much of a wrong word a message shows */

static bool
is_word_byte(unsigned char c)
{
	return c > ' ' && c < 0x7f;
}

static int
check_word(const char *word, struct err *e)
{
	char visible[VISIBLE_SIZE];
	const char *p;

	for (p = word; is_word_byte((unsigned char)*p); p++)
		;
	if (p > word && *p == '\0')
		return 0;
	str_visible(visible, sizeof(visible), word, strlen(word));
	return err_set(e, ERR_USAGE,
	    "\"%s\" cannot be a word of a request to another node", visible);
}

char *
agent_words_join(const struct strlist *words, struct err *e)
{
	struct wbuf w;
	uint8_t *text = NULL;
	size_t i, len;

	wbuf_init(&w, AGENT_COMMAND_MAX + 1);
	if (words->n == 0) {
		err_set(e, ERR_USAGE, "a request without a verb");
		goto out;
	}
	for (i = 0; i < words->n; i++) {
		if (check_word(words->item[i], e) == -1)
			goto out;
		if (i > 0)
			wbuf_u8(&w, ' ');
		wbuf_bytes(&w, words->item[i], strlen(words->item[i]));
	}
	wbuf_u8(&w, '\0');
	if (wbuf_detach(&w, &text, &len) == -1)
		err_set(e, ERR_USAGE, "a request of more than %d bytes",
		    AGENT_COMMAND_MAX);
out:
	wbuf_release(&w);
	return (char *)text;
}

int
agent_words_split(const char *command, struct strlist *words, struct err *e)
{
	if (strnlen(command, AGENT_COMMAND_MAX + 1) > AGENT_COMMAND_MAX)
		return err_set(e, ERR_USAGE, "a request of more than %d bytes",
		    AGENT_COMMAND_MAX);
	for (;;) {
		size_t n;

		command += strspn(command, " ");
		n = strcspn(command, " ");
		if (n == 0)
			break;
		strlist_add_n(words, command, n);
		if (check_word(words->item[words->n - 1], e) == -1)
			return -1;
		command += n;
	}
	if (words->n == 0)
		return err_set(e, ERR_USAGE, "a request without a verb");
	if (words->n > AGENT_WORDS_MAX)
		return err_set(e, ERR_USAGE,
		    "a request of %zu words, %d allowed", words->n,
		    AGENT_WORDS_MAX);
	return 0;
}

int
agent_words_payload(const struct strlist *words, size_t *size, struct err *e)
{
	uint64_t n;
	size_t i;

	*size = 0;
	for (i = 0; i < sizeof(carriers) / sizeof(carriers[0]); i++)
		if (words->n == carriers[i].n &&
		    str_equal(words->item[0], carriers[i].first) &&
		    str_equal(words->item[1], carriers[i].second))
			break;
	if (i == sizeof(carriers) / sizeof(carriers[0]))
		return 0;
	if (str_number(words->item[words->n - 1], 1, AGENT_PAYLOAD_MAX, &n) ==
	    -1)
		return err_set(e, ERR_USAGE,
		    "%s %s: the size must be a number of 1 to %d",
		    carriers[i].first, carriers[i].second, AGENT_PAYLOAD_MAX);
	*size = (size_t)n;
	return 0;
}
