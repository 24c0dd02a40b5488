#include "cluster/agent_msg.h"

#include <stdlib.h>
#include <string.h>

enum tag {
	TAG_WORD = 1,
	TAG_PAYLOAD = 2,
	TAG_SECRET = 3,
	TAG_TEXT = 4,
	TAG_COLUMN = 5,
	TAG_BYTES = 6,
	TAG_CODE = 7,
	TAG_MESSAGE = 8,
	TAG_HINT = 9
};

#define TAGS 10 /* one more than the last */

/* Where a field belongs and how often and how long it may be. */
struct field {
	const char *name;
	size_t max; /* bytes */
	enum agent_msg_type type;
	unsigned least; /* times in its frame */
	unsigned most;
	bool text; /* no NUL byte inside */
};

static const struct field fields[TAGS] = {
	[TAG_WORD] = { "WORD", AGENT_WORD_MAX, AGENT_REQUEST, 1,
	    AGENT_WORDS_MAX, true },
	[TAG_PAYLOAD] = { "PAYLOAD", AGENT_PAYLOAD_MAX, AGENT_REQUEST, 0, 1,
	    false },
	[TAG_SECRET] = { "SECRET", AGENT_SECRET_MAX, AGENT_REQUEST, 0, 1,
	    true },
	[TAG_TEXT] = { "TEXT", AGENT_TEXT_MAX, AGENT_TEXT, 1, 1, false },
	[TAG_COLUMN] = { "COLUMN", AGENT_FRAME_MAX, AGENT_ROW, 0,
	    AGENT_COLUMNS_MAX, true },
	[TAG_BYTES] = { "BYTES", AGENT_DATA_MAX, AGENT_DATA, 1, 1, false },
	[TAG_CODE] = { "CODE", 4, AGENT_RESULT, 1, 1, false },
	[TAG_MESSAGE] = { "MESSAGE", ERR_MSG_SIZE - 1, AGENT_RESULT, 1, 1,
	    true },
	[TAG_HINT] = { "HINT", ERR_HINT_SIZE - 1, AGENT_RESULT, 1, 1, true },
};

void
agent_msg_init(struct agent_msg *m)
{
	memset(m, 0, sizeof(*m));
	m->type = AGENT_END;
}

void
agent_msg_release(struct agent_msg *m)
{
	if (m == NULL)
		return;
	strlist_release(&m->words);
	mem_free_wiped(m->bytes, m->len);
	secret_release(&m->secret);
	free(m->message);
	free(m->hint);
	agent_msg_init(m);
}

/* --- encoding ------------------------------------------------------------ */

/* Append one field; a limit that is passed is the caller's error. */
static int
put(struct wbuf *w, enum tag tag, const void *p, size_t n, struct err *e)
{
	const struct field *f = &fields[tag];

	if (n > f->max)
		return err_set(e, ERR_TOO_BIG,
		    "agent message: field %s of %zu bytes, %zu allowed",
		    f->name, n, f->max);
	if (f->text && n > 0 && memchr(p, '\0', n) != NULL)
		return err_set(e, ERR_USAGE,
		    "agent message: field %s holds a NUL byte", f->name);
	wbuf_u8(w, (uint8_t)tag);
	wbuf_be32(w, (uint32_t)n);
	wbuf_bytes(w, p, n);
	return 0;
}

static int
put_list(struct wbuf *w, enum tag tag, const struct strlist *l, struct err *e)
{
	const struct field *f = &fields[tag];
	size_t i;

	if (l->n < f->least)
		return err_set(e, ERR_USAGE,
		    "agent message: a request without a verb");
	if (l->n > f->most)
		return err_set(e, ERR_TOO_BIG,
		    "agent message: %zu fields %s, %u allowed", l->n, f->name,
		    f->most);
	for (i = 0; i < l->n; i++) {
		if (put(w, tag, l->item[i], strlen(l->item[i]), e) == -1)
			return -1;
	}
	return 0;
}

static int
put_request(struct wbuf *w, const struct agent_msg *m, struct err *e)
{
	if (put_list(w, TAG_WORD, &m->words, e) == -1)
		return -1;
	if (m->has_bytes && put(w, TAG_PAYLOAD, m->bytes, m->len, e) == -1)
		return -1;
	if (m->secret.text != NULL &&
	    put(w, TAG_SECRET, m->secret.text, m->secret.len, e) == -1)
		return -1;
	return 0;
}

static int
put_result(struct wbuf *w, const struct agent_msg *m, struct err *e)
{
	const char *message = m->message != NULL ? m->message : "";
	const char *hint = m->hint != NULL ? m->hint : "";
	unsigned code = (unsigned)m->code;
	uint8_t number[4] = { (uint8_t)(code >> 24), (uint8_t)(code >> 16),
		(uint8_t)(code >> 8), (uint8_t)code };

	if (put(w, TAG_CODE, number, sizeof(number), e) == -1 ||
	    put(w, TAG_MESSAGE, message, strlen(message), e) == -1)
		return -1;
	return put(w, TAG_HINT, hint, strlen(hint), e);
}

static int
put_fields(struct wbuf *w, const struct agent_msg *m, struct err *e)
{
	switch (m->type) {
	case AGENT_REQUEST:
		return put_request(w, m, e);
	case AGENT_TEXT:
		return put(w, TAG_TEXT, m->bytes, m->len, e);
	case AGENT_ROW:
		return put_list(w, TAG_COLUMN, &m->words, e);
	case AGENT_DATA:
		return put(w, TAG_BYTES, m->bytes, m->len, e);
	case AGENT_RESULT:
		return put_result(w, m, e);
	case AGENT_END:
		break;
	}
	BUG("agent message of type %d", (int)m->type);
}

int
agent_msg_encode(struct wbuf *w, const struct agent_msg *m, struct err *e)
{
	size_t start = w->len;
	size_t rest;

	wbuf_be32(w, 0);
	wbuf_u8(w, (uint8_t)m->type);
	if (put_fields(w, m, e) == -1)
		goto fail;
	if (w->failed) {
		err_set(e, ERR_TOO_BIG, "agent message: no room for a frame");
		goto fail;
	}
	rest = w->len - start - 4;
	if (rest > AGENT_FRAME_MAX) {
		err_set(e, ERR_TOO_BIG,
		    "agent message: frame of %zu bytes, %d allowed", rest,
		    AGENT_FRAME_MAX);
		goto fail;
	}
	wbuf_patch_be32(w, start, (uint32_t)rest);
	return 0;
fail:
	if (w->len > start) {
		mem_wipe(w->data + start, w->len - start);
		w->len = start;
	}
	return -1;
}

/* --- decoding ------------------------------------------------------------ */

int
agent_msg_frame_size(const void *p, size_t n, size_t *size, struct err *e)
{
	struct rbuf r;
	uint32_t rest;

	rbuf_init(&r, p, n);
	*size = 0;
	if (rbuf_be32(&r, &rest) == -1)
		return 0;
	if (rest < 1 || rest > AGENT_FRAME_MAX)
		return err_set(e, ERR_FORMAT,
		    "agent message: frame of %lu bytes, 1 to %d allowed",
		    (unsigned long)rest, AGENT_FRAME_MAX);
	*size = (size_t)rest + 4;
	return 0;
}

/* A copy with a NUL behind it, so that text needs no second copy. */
static uint8_t *
copy_terminated(const uint8_t *p, size_t n)
{
	uint8_t *copy = mem_alloc(n + 1);

	memcpy(copy, p, n);
	return copy;
}

static void
store_code(struct agent_msg *m, const uint8_t *p)
{
	m->code = err_from_number((unsigned)p[0] << 24 | (unsigned)p[1] << 16 |
	    (unsigned)p[2] << 8 | (unsigned)p[3]);
}

/* Keep a field that has passed every check. */
static void
store(struct agent_msg *m, enum tag tag, const uint8_t *p, size_t n)
{
	const char *text = (const char *)p;

	switch (tag) {
	case TAG_WORD:
	case TAG_COLUMN:
		strlist_add_n(&m->words, text, n);
		break;
	case TAG_PAYLOAD:
	case TAG_TEXT:
	case TAG_BYTES:
		m->bytes = copy_terminated(p, n);
		m->len = n;
		m->has_bytes = true;
		break;
	case TAG_SECRET:
		secret_set(&m->secret, text, n);
		break;
	case TAG_CODE:
		store_code(m, p);
		break;
	case TAG_MESSAGE:
		m->message = mem_strndup(text, n);
		break;
	case TAG_HINT:
		m->hint = mem_strndup(text, n);
		break;
	}
}

static int
decode_field(struct rbuf *r, struct agent_msg *m, unsigned seen[TAGS],
    struct err *e)
{
	const struct field *f;
	const uint8_t *p;
	size_t off = r->off;
	uint32_t n;
	uint8_t tag;

	if (rbuf_u8(r, &tag) == -1 || rbuf_be32(r, &n) == -1)
		return err_set(e, ERR_FORMAT,
		    "agent message: offset %zu: cut inside a field's head",
		    off);
	if (tag == 0 || tag >= TAGS)
		return err_set(e, ERR_FORMAT,
		    "agent message: offset %zu: unknown tag %u", off, tag);
	f = &fields[tag];
	if (f->type != m->type)
		return err_set(e, ERR_FORMAT,
		    "agent message: offset %zu: %s in a frame of type %d", off,
		    f->name, (int)m->type);
	if (++seen[tag] > f->most)
		return err_set(e, ERR_FORMAT,
		    "agent message: offset %zu: %s more than %u times", off,
		    f->name, f->most);
	if (n > f->max || (tag == TAG_CODE && n != 4))
		return err_set(e, ERR_FORMAT,
		    "agent message: offset %zu: %s of %lu bytes", off, f->name,
		    (unsigned long)n);
	if (rbuf_bytes(r, n, &p) == -1)
		return err_set(e, ERR_FORMAT,
		    "agent message: offset %zu: %s runs past the frame", off,
		    f->name);
	if (f->text && n > 0 && memchr(p, '\0', n) != NULL)
		return err_set(e, ERR_FORMAT,
		    "agent message: offset %zu: NUL byte in %s", off, f->name);
	store(m, (enum tag)tag, p, n);
	return 0;
}

static int
check_complete(const struct agent_msg *m, const unsigned seen[TAGS],
    struct err *e)
{
	size_t tag;

	for (tag = 1; tag < TAGS; tag++) {
		if (fields[tag].type == m->type &&
		    seen[tag] < fields[tag].least)
			return err_set(e, ERR_FORMAT,
			    "agent message: %s is missing", fields[tag].name);
	}
	return 0;
}

static int
decode(struct rbuf *r, struct agent_msg *m, struct err *e)
{
	unsigned seen[TAGS] = { 0 };
	uint32_t rest;
	uint8_t type;

	if (rbuf_be32(r, &rest) == -1 || rbuf_u8(r, &type) == -1)
		return err_set(e, ERR_FORMAT,
		    "agent message: %zu bytes are no frame", r->len);
	if (rest > AGENT_FRAME_MAX || (size_t)rest + 4 != r->len)
		return err_set(e, ERR_FORMAT,
		    "agent message: %zu bytes, the head says %lu", r->len,
		    (unsigned long)rest + 4);
	if (type < AGENT_REQUEST || type > AGENT_RESULT)
		return err_set(e, ERR_FORMAT, "agent message: unknown type %u",
		    type);
	m->type = (enum agent_msg_type)type;
	while (rbuf_left(r) > 0) {
		if (decode_field(r, m, seen, e) == -1)
			return -1;
	}
	return check_complete(m, seen, e);
}

int
agent_msg_decode(const void *p, size_t n, struct agent_msg *m, struct err *e)
{
	struct rbuf r;

	agent_msg_init(m);
	rbuf_init(&r, p, n);
	if (decode(&r, m, e) == -1) {
		agent_msg_release(m);
		return -1;
	}
	return 0;
}
