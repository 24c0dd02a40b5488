/*
 * The forced commands of the keys of account ucmnode, which sshd gives its
 * login shell: "ucm-peer -c COMMAND".
 */
#ifndef NODE_FORCED_H
#define NODE_FORCED_H

#include "base/err.h"

#define FORCED_WORDS_MAX 6

/*
 * Split "/usr/bin/ucm-node peer NODE", "/usr/bin/ucm-node enrol NAME ADDRESS
 * PORT" or "/usr/bin/ucm-node readmit NAME" at single blanks, in place.  How
 * many words, the last followed by NULL; -1 for anything else.
 */
int forced_split(char *command, char *words[FORCED_WORDS_MAX + 1]);

#endif
