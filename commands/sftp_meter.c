#include "commands/sftp_meter.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"

#define FIRST_MS 1000
#define NEXT_MS 250
#define TEXT_SIZE 32
#define WIDTH_MAX 24 /* of what is shown behind the dots */

void
sftp_meter_init(struct sftp_meter *m, const struct cmd_ctx *c)
{
	unsigned rows;

	memset(m, 0, sizeof(*m));
	m->out = c->out;
	/* The pager counts what it prints and takes nothing back. */
	m->shows = c->term->interactive && !c->session->pagination;
	if (m->shows)
		c->term->ops->size(c->term->self, &rows, &m->cols);
}

void
sftp_meter_begin(struct sftp_meter *m, int64_t size)
{
	m->size = size;
	m->next_ticks = clock_ticks() + FIRST_MS;
}

static void
erase(struct sftp_meter *m)
{
	static const char back[] = "\b \b";

	for (; m->width > 0; m->width--)
		out_puts(m->out, back);
}

void
sftp_meter_moved(struct sftp_meter *m, uint64_t bytes)
{
	int64_t now = clock_ticks();
	char text[TEXT_SIZE];

	/* Where the line wraps, nothing can be taken back. */
	if (!m->shows || now < m->next_ticks ||
	    m->dots % m->cols + WIDTH_MAX >= m->cols)
		return;
	m->next_ticks = now + NEXT_MS;
	if (m->size > 0 && bytes <= (uint64_t)m->size)
		(void)str_printf(text, sizeof(text), " %u%%",
		    (unsigned)(bytes * 100 / (uint64_t)m->size));
	else
		(void)str_printf(text, sizeof(text), " %llu Kbytes",
		    (unsigned long long)bytes / 1024);
	erase(m);
	out_puts(m->out, text);
	m->width = strlen(text);
	out_flush(m->out);
}

void
sftp_meter_end(struct sftp_meter *m, bool done)
{
	erase(m);
	if (done) {
		out_puts(m->out, ".");
		m->dots++;
	}
	out_flush(m->out);
}

void
sftp_meter_finish(struct sftp_meter *m)
{
	if (m->dots > 0)
		out_puts(m->out, "\n");
}
