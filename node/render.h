/*
 * Configuration from templates.  A template is a text with names between
 * at-signs, @ADDRESS@, which are replaced; any other at-sign stands for
 * itself.
 */
#ifndef NODE_RENDER_H
#define NODE_RENDER_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/nodeconf.h"
#include "base/str.h"

#define RENDER_TEMPLATES "/usr/share/ucmsh" /* where they are installed */
#define RENDER_MAX 262144 /* bytes of a template or a result */
#define RENDER_OLD ".old" /* behind the name of a file that was replaced */

struct render_var {
	const char *name; /* upper-case letters and underscores */
	const char *value;
};

/*
 * Append text to out with every name replaced.  -1 with the line and the
 * name in e for a name that is not in vars.
 */
int render_text(const char *text, const struct render_var *vars, size_t n,
    struct wbuf *out, struct err *e);

/*
 * Write every configuration file of this node from the templates: sshd,
 * PostgreSQL, the services of runit in the node's tree, and the PAM service
 * below etc_dir ("/etc").  All of them belong to root.  May be repeated.
 */
int render_node(const struct nodeconf *conf, const char *templates,
    const char *etc_dir, struct err *e);

/*
 * The same for a node that was made before, maybe by another version, from
 * the templates it was made from.  A file that was changed by hand stays as
 * long as what is made of its template is what was made of it before; else it
 * is written anew, the former one becomes NAME.old, and its name is added to
 * *replaced.
 */
int render_again(const struct nodeconf *conf, const char *etc_dir,
    struct strlist *replaced, struct err *e);

#endif
