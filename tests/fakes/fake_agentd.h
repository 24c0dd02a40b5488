/*
 * An agent in a process of its own, at run/agent.sock below paths_root().
 * It answers each request with the text "hello\n" and a good result whose
 * message is "done", but for those whose first word is
 *   wait    never answered
 *   refuse  ERR_DENIED
 *   leave   the connection is closed
 * Each request is a line of the file run/asked: its words and its payload.
 */
#ifndef FAKES_FAKE_AGENTD_H
#define FAKES_FAKE_AGENTD_H

#include <sys/types.h>

/* Start it; it accepts connections when this returns. */
pid_t fake_agentd_start(void);

/* Stop it and all it has started, and remove the socket. */
void fake_agentd_stop(pid_t agent);

#endif
