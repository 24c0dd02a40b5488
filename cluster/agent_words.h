/*
 * A request on its way through SSH: the words become the command of an SSH
 * exec request, the payload its standard input.  Both ends ask here, so that
 * they agree on what is a word and on who sends how many bytes.
 */
#ifndef CLUSTER_AGENT_WORDS_H
#define CLUSTER_AGENT_WORDS_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

#define AGENT_COMMAND_MAX 4096 /* bytes of the whole command */

/*
 * The command that is no request: those come as frames, any number of them,
 * on standard input.
 */
#define AGENT_COMMAND_FRAMES "frames"

/*
 * The words with one blank between them, in memory of its own (free()).
 * NULL with ERR_USAGE for no word, an empty one, one with a byte that is not
 * printable ASCII or is a blank, and for more than AGENT_COMMAND_MAX bytes.
 */
char *agent_words_join(const struct strlist *words, struct err *e);

/*
 * The words of a command, separated by one or more blanks, appended to the
 * empty list *words, which the caller releases also on failure: -1 with
 * ERR_USAGE for what agent_words_join() refuses.
 */
int agent_words_split(const char *command, struct strlist *words,
    struct err *e);

/*
 * How many bytes of payload follow these words: SIZE in `itl stage SHA1HEX
 * SIZE`, 0 for every other request.  -1 with ERR_USAGE when SIZE is not a
 * number of 1 to AGENT_PAYLOAD_MAX.
 */
int agent_words_payload(const struct strlist *words, size_t *size,
    struct err *e);

#endif
