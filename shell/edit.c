#include "shell/edit.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shell/complete.h"
#include "shell/lex.h"

#define CTRL_D 0x04
#define BACKSPACE 0x08
#define CTRL_U 0x15
#define DELETE 0x7f

/* A line as it grows. */
struct state {
	const struct edit *ed;
	const char *prompt;
	bool echo;
	bool stars; /* show a "*" for each character */
	char *text; /* LEX_LINE_MAX + 1 bytes */
	size_t len;
	bool too_long;
};

void
edit_write(int fd, const char *s, size_t n)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	while (n > 0) {
		ssize_t w = write(fd, s, n);

		if (w >= 0) {
			s += w;
			n -= (size_t)w;
		} else if (errno == EAGAIN) {
			(void)poll(&p, 1, -1);
		} else if (errno != EINTR) {
			return;
		}
	}
}

static void
put(const struct state *st, const char *s)
{
	edit_write(st->ed->out_fd, s, strlen(s));
}

/* Take back the last character, all bytes of it. */
static void
erase(struct state *st)
{
	if (st->len == 0)
		return;
	do
		st->len--;
	while (st->len > 0 && ((uint8_t)st->text[st->len] & 0xc0) == 0x80);
	if (st->echo || st->stars)
		put(st, "\b \b");
}

static void
insert(struct state *st, const char *s, size_t n)
{
	if (st->len + n > LEX_LINE_MAX) {
		st->too_long = true;
		return;
	}
	memcpy(st->text + st->len, s, n);
	st->len += n;
	if (st->echo)
		edit_write(st->ed->out_fd, s, n);
	else if (st->stars && ((uint8_t)s[0] & 0xc0) != 0x80)
		put(st, "*");
}

/* A byte that is no editing key.  Control bytes are kept but not shown. */
static void
insert_byte(struct state *st, int key)
{
	uint8_t c = key == 0 ? 1 : (uint8_t)key;
	bool echo = st->echo;

	if (c < ' ')
		st->echo = false;
	insert(st, (const char *)&c, 1);
	st->echo = echo;
}

static void
explain(struct state *st, const struct command *const *table, int key)
{
	struct completion c;

	if (key == '?')
		complete_question(table, st->text, st->len, &c);
	else
		complete_tab(table, st->text, st->len, &c);
	if (c.literal) {
		insert_byte(st, key);
	} else if (c.insert[0] != '\0') {
		insert(st, c.insert, strlen(c.insert));
	} else {
		put(st, c.behind ? "?" : "\n");
		put(st, c.text);
		put(st, st->prompt);
		if (st->echo)
			edit_write(st->ed->out_fd, st->text, st->len);
	}
	completion_release(&c);
}

static enum edit_event
event_of(int key)
{
	if (key == INPUT_INTERRUPT)
		return EDIT_INTERRUPT;
	if (key == INPUT_IDLE)
		return EDIT_IDLE;
	return key == INPUT_HANGUP ? EDIT_HANGUP : EDIT_END;
}

static enum edit_event
read_keys(struct state *st, const struct command *const *table)
{
	for (;;) {
		int key;

		key = input_key(st->ed->in);
		if (key == '\n')
			return st->too_long ? EDIT_TOO_LONG : EDIT_LINE;
		/* The last line of a file may lack its end. */
		if (key == INPUT_END && st->len > 0)
			return st->too_long ? EDIT_TOO_LONG : EDIT_LINE;
		if (key < 0)
			return event_of(key);
		if (st->too_long)
			continue;
		if (key == CTRL_D && st->len == 0)
			return EDIT_END;
		if (key == BACKSPACE || key == DELETE) {
			erase(st);
		} else if (key == CTRL_U) {
			while (st->len > 0)
				erase(st);
		} else if (table != NULL && (key == '?' || key == '\t')) {
			explain(st, table, key);
		} else {
			insert_byte(st, key);
		}
	}
}

static enum edit_event
run(struct state *st, const struct command *const *table)
{
	enum edit_event event;

	st->text = mem_alloc(LEX_LINE_MAX + 1);
	put(st, st->prompt);
	event = read_keys(st, table);
	st->text[st->len] = '\0';
	return event;
}

enum edit_event
edit_line(const struct edit *ed, const char *prompt,
    const struct command *const *table, char **line)
{
	struct state st = { .ed = ed, .prompt = prompt, .echo = ed->echo };
	enum edit_event event = run(&st, table);

	if (ed->echo)
		put(&st, "\n");
	*line = event == EDIT_LINE ? mem_strdup(st.text) : NULL;
	free(st.text);
	return event;
}

static enum edit_event
read_secret(const struct edit *ed, const char *prompt, bool stars,
    struct secret *out)
{
	struct state st = { .ed = ed,
		.prompt = prompt,
		.echo = false,
		.stars = stars };
	enum edit_event event = run(&st, NULL);

	put(&st, "\n");
	memset(out, 0, sizeof(*out));
	if (event == EDIT_LINE)
		secret_set(out, st.text, st.len);
	mem_free_wiped(st.text, LEX_LINE_MAX + 1);
	return event;
}

enum edit_event
edit_secret(const struct edit *ed, const char *prompt, struct secret *out)
{
	return read_secret(ed, prompt, false, out);
}

enum edit_event
edit_stars(const struct edit *ed, const char *prompt, struct secret *out)
{
	return read_secret(ed, prompt, ed->echo, out);
}
