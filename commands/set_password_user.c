/*
 * set password user admin and set password user security: the questions are
 * asked here, the agent changes the password.
 *
 * Old and new password go to the agent as one secret, a newline between.
 */
#include <string.h>

#include "base/buffer.h"
#include "commands/ctx.h"
#include "commands/table.h"
#include "trust/password_quality.h"

#define DONE "\n\nPassword updated successfully.\n"

/* The three questions, which differ in their blanks. */
struct questions {
	const char *old;
	const char *fresh;
	const char *again;
	const char *account; /* must not be part of the password; or NULL */
};

struct passwords {
	struct secret old;
	struct secret fresh;
};

static void
release(struct passwords *p)
{
	secret_release(&p->old);
	secret_release(&p->fresh);
}

static int
ask_one(const struct cmd_ctx *c, const char *prompt, struct secret *out,
    struct err *e)
{
	return c->term->ops->stars(c->term->self, prompt, out, e);
}

static int
ask_again(const struct cmd_ctx *c, const struct questions *q,
    const struct secret *fresh, struct err *e)
{
	struct secret again = { .text = NULL };
	bool same;

	if (ask_one(c, q->again, &again, e) == -1)
		return -1;
	same = secret_equal(&again, fresh);
	secret_release(&again);
	if (same)
		return 0;
	return err_set(e, ERR_USAGE,
	    "The two new passwords differ. Nothing has been changed.");
}

/* Ask all three and check what can be checked without the agent. */
static int
ask(const struct cmd_ctx *c, const struct questions *q, struct passwords *p,
    struct err *e)
{
	*p = (struct passwords) { .old = { .text = NULL } };
	if (ask_one(c, q->old, &p->old, e) == -1 ||
	    ask_one(c, q->fresh, &p->fresh, e) == -1 ||
	    ask_again(c, q, &p->fresh, e) == -1 ||
	    password_quality_check(&p->fresh, q->account, e) == -1) {
		release(p);
		return -1;
	}
	return 0;
}

/* Have the agent do it; what it says stands before the closing line. */
static int
change(const struct cmd_ctx *c, const char *const *words,
    const struct passwords *p, struct err *e)
{
	struct secret both = { .text = NULL };
	struct link_request rq;
	struct link_sink sink;
	struct wbuf w;
	int rc;

	out_puts(c->out, "Please wait...\n");
	wbuf_init(&w, 0);
	wbuf_bytes(&w, p->old.text, p->old.len);
	wbuf_u8(&w, '\n');
	wbuf_bytes(&w, p->fresh.text, p->fresh.len);
	secret_set(&both, (const char *)w.data, w.len);
	wbuf_release(&w);
	cmd_request(&rq, words);
	rq.secret = &both;
	cmd_text_sink(&sink, c->out);
	rc = c->agent->call(c->agent->self, &rq, &sink, NULL, e);
	cmd_request_release(&rq);
	secret_release(&both);
	return rc;
}

static int
run_admin(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	static const char *const words[] = { "password", "admin", NULL };
	const struct questions q = { "Please enter the old password: ",
		"   Please enter the new password: ",
		"Reenter new password to confirm: ", c->account };
	struct passwords p;
	int rc;

	(void)a;
	if (ask(c, &q, &p, e) == -1)
		return -1;
	rc = change(c, words, &p, e);
	release(&p);
	if (rc == 0)
		out_puts(c->out, DONE);
	return rc;
}

static int
need_publisher(const struct cmd_ctx *c, struct err *e)
{
	if (cmd_on_publisher(c))
		return 0;
	return err_set(e, ERR_DENIED,
	    "The security password is changed on the publisher, %s, and for "
	    "all nodes at once.",
	    c->conf == NULL ? "the first node" : c->conf->publisher_name);
}

static int
confirm_and_change(const struct cmd_ctx *c, const struct passwords *p,
    struct err *e)
{
	static const char *const words[] = { "password", "security", NULL };
	bool yes;

	out_puts(c->out,
	    "WARNING:\n"
	    "Please make sure that the security password on the publisher is "
	    "changed first.\n"
	    "The security password needs to be the same on all cluster nodes,\n"
	    "including the application server, therefore the security password "
	    "on all nodes\n"
	    "need to be changed.\n\n"
	    "After changing the security password on a cluster node, please "
	    "restart that node.\n\n");
	if (cmd_confirm(c, "Continue (y/n)?", &yes, e) == -1)
		return -1;
	if (!yes) {
		out_puts(c->out, "The security password was not changed.\n");
		return 0;
	}
	out_puts(c->out, "\n");
	if (change(c, words, p, e) == -1)
		return -1;
	out_puts(c->out,
	    DONE "ITLRecovery.p12 opens with the new password only. Save it "
		 "again: file get tftp ITLRecovery.p12\n");
	return 0;
}

static int
run_security(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	static const struct questions q = { "Please enter the old password: ",
		"Please enter the new password: ",
		"Reenter new password to confirm: ", NULL };
	struct passwords p;
	int rc;

	(void)a;
	if (need_publisher(c, e) == -1 || ask(c, &q, &p, e) == -1)
		return -1;
	rc = confirm_and_change(c, &p, e);
	release(&p);
	return rc;
}

#define RULES                                                                \
	"A password has 8 to 127 printable ASCII characters, five of them "  \
	"different,\n"                                                       \
	"from three of these: lower-case letters, upper-case letters, "      \
	"digits, others;\n"                                                  \
	"with 20 characters and more that does not matter. No blank stands " \
	"at an end."

const struct command cmd_set_password_user_admin = {
	.words = "set password user admin",
	.help = "This will change the password of your own account on this "
		"node.",
	.more = RULES "\n"
		      "The name of the account must not be part of it.",
	.example = "set password user admin\n"
		   "Please enter the old password: ",
	.farewell = "Whether the password has been changed shows at the next "
		    "login.",
	.level = CMD_LEVEL_ADVANCED,
	.run = run_admin,
};

const struct command cmd_set_password_user_security = {
	.words = "set password user security",
	.help = "This will change the cluster security password on all nodes.",
	.more = RULES "\n"
		      "It is changed on all nodes or on none: all must be "
		      "reachable. No node needs\n"
		      "to be restarted. ITLRecovery.p12 opens with the new "
		      "password afterwards: save\n"
		      "it again.",
	.example = "set password user security\n"
		   "Please enter the old password: ",
	.farewell = "The change goes on in the background. With the password "
		    "that is in force the command can be run again.",
	.level = CMD_LEVEL_ADVANCED,
	.run = run_security,
};
