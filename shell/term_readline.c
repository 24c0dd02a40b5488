#include "shell/term_readline.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "base/mem.h"
#include "shell/complete.h"
#include "shell/lex.h"

#define HISTORY_MAX 500
#define ROWS_MIN 2
#define COLUMNS_MIN 8 /* the prompt and a character; readline divides by it */

/*
 * readline's callbacks carry no pointer, so what they need is here; it is
 * theirs alone.
 */
static struct {
	struct term_plain *term;
	enum edit_event event; /* why the line ended, if not by Enter */
	size_t typed; /* bytes since the prompt */
	int key; /* the last one */
	unsigned rows; /* of the window, as readline has been told */
	unsigned cols;
} rl;

static enum edit_event
event_of(int key)
{
	if (key == INPUT_INTERRUPT)
		return EDIT_INTERRUPT;
	if (key == INPUT_IDLE)
		return EDIT_IDLE;
	return key == INPUT_HANGUP ? EDIT_HANGUP : EDIT_END;
}

/* End readline(): an empty line and the end of input give NULL. */
static int
give_up(enum edit_event event)
{
	rl.event = event;
	rl_replace_line("", 0);
	return EOF;
}

/* Drop the rest of a line that is too long, without showing it. */
static int
drop_line(void)
{
	int key;

	do
		key = input_key(&rl.term->in);
	while (key >= 0 && key != '\n');
	return give_up(key < 0 ? event_of(key) : EDIT_TOO_LONG);
}

static int
next_key(FILE *stream)
{
	int key;

	(void)stream;
	if (rl.event != EDIT_LINE)
		return EOF;
	key = input_key(&rl.term->in);
	if (key < 0)
		return give_up(event_of(key));
	if (key != '\n' && (++rl.typed > LEX_LINE_MAX || rl_end > LEX_LINE_MAX))
		return drop_line();
	rl.key = key;
	return key;
}

static bool
is_text(int key)
{
	return key >= ' ' && key < 0x7f && key != '?';
}

/*
 * Show the line, but in a piece of text that came at once only after its
 * last byte.
 */
static void
redisplay(void)
{
	if (!is_text(rl.key) || !is_text(input_peek(&rl.term->in)))
		rl_redisplay();
}

/*
 * Tell readline how large the window is.  It does not look by itself, because
 * a window of one column is more than it can bear.  True when it has changed.
 */
static bool
fit_window(void)
{
	unsigned rows, cols;

	term_plain_window(rl.term->ed.out_fd, &rows, &cols);
	if (rows < ROWS_MIN)
		rows = ROWS_MIN;
	if (cols < COLUMNS_MIN)
		cols = COLUMNS_MIN;
	if (rows == rl.rows && cols == rl.cols)
		return false;
	rl.rows = rows;
	rl.cols = cols;
	rl_set_screen_size((int)rows, (int)cols);
	return true;
}

/* There so that a wait for input ends when the window changes. */
static void
on_resize(int sig)
{
	(void)sig;
}

static void
woken(void)
{
	if (fit_window())
		(void)rl_forced_update_display();
}

static int
key_waiting(void)
{
	return input_ready(&rl.term->in);
}

/*
 * The terminal's mode is ours, not readline's; all it must know is that it
 * is the one who echoes.
 */
static void
keep_mode(int meta)
{
	(void)meta;
	(void)rl_tty_set_echoing(1);
}

static void
keep_mode_after(void)
{
}

static void
show(const struct completion *c)
{
	int point = rl_point;

	if (c->behind) {
		rl_point = rl_end;
		rl_redisplay();
		rl_point = point;
	}
	(void)fputs(c->behind ? "?" : "\n", rl_outstream);
	(void)fputs(c->text, rl_outstream);
	(void)rl_forced_update_display();
}

static int
on_tab(int count, int key)
{
	struct completion c;

	(void)count;
	(void)key;
	complete_tab(rl.term->table, rl_line_buffer, (size_t)rl_point, &c);
	if (c.insert[0] != '\0')
		(void)rl_insert_text(c.insert);
	else
		show(&c);
	completion_release(&c);
	return 0;
}

static int
on_question(int count, int key)
{
	struct completion c;

	complete_question(rl.term->table, rl_line_buffer, (size_t)rl_point, &c);
	if (c.literal)
		(void)rl_insert(count, key);
	else
		show(&c);
	completion_release(&c);
	return 0;
}

/*
 * Nothing that reads files, runs programs, or leaves the emacs keys.
 */
static void
unbind(Keymap map)
{
	static const char *const names[] = { "re-read-init-file",
		"tilde-expand", "complete", "possible-completions",
		"insert-completions", "menu-complete", "menu-complete-backward",
		"vi-editing-mode", "edit-and-execute-command", "dump-functions",
		"dump-variables", "dump-macros" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)rl_unbind_command_in_map(names[i], map);
}

static char **
no_matches(const char *text, int start, int end)
{
	(void)text;
	(void)start;
	(void)end;
	rl_attempted_completion_over = 1;
	return NULL;
}

static void
set_up(void)
{
	struct sigaction sa;

	/* Text as UTF-8; nothing else of a locale is wanted. */
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	rl_readline_name = "ucmsh";
	rl_catch_signals = 0;
	rl_catch_sigwinch = 0;
	rl_change_environment = 0;
	rl_prep_term_function = keep_mode;
	rl_deprep_term_function = keep_mode_after;
	rl_getc_function = next_key;
	rl_input_available_hook = key_waiting;
	rl_redisplay_function = redisplay;
	rl_attempted_completion_function = no_matches;
	(void)rl_variable_bind("enable-bracketed-paste", "off");
	(void)rl_variable_bind("bell-style", "none");
	(void)rl_initialize();
	memset(&sa, 0, sizeof(sa));
	sigemptyset(&sa.sa_mask);
	sa.sa_handler = on_resize;
	(void)sigaction(SIGWINCH, &sa, NULL);
	unbind(emacs_standard_keymap);
	unbind(emacs_meta_keymap);
	unbind(emacs_ctlx_keymap);
	(void)rl_bind_key('\t', on_tab);
	(void)rl_bind_key('?', on_question);
	using_history();
	stifle_history(HISTORY_MAX);
}

static enum edit_event
command(void *self, const char *prompt, char **line)
{
	struct term_plain *t = self;
	char *got;

	if (rl.term != t) {
		rl.term = t;
		set_up();
		t->in.woken = woken;
	}
	(void)fit_window();
	rl.event = EDIT_LINE;
	rl.typed = 0;
	rl.key = 0;
	got = readline(prompt);
	*line = NULL;
	if (got == NULL || rl.event != EDIT_LINE) {
		free(got);
		(void)fputs("\n", rl_outstream);
		(void)fflush(rl_outstream);
		return rl.event == EDIT_LINE ? EDIT_END : rl.event;
	}
	if (got[strspn(got, " ")] != '\0')
		add_history(got);
	*line = got;
	return EDIT_LINE;
}

void
term_readline_init(struct term_plain *t)
{
	t->console.command = command;
	t->console.term.interactive = true;
}
