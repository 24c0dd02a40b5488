/*
 * A TCP proxy on 127.0.0.1 that breaks connections.  It runs in threads of
 * the test.
 */
#ifndef FAKES_TCP_PROXY_H
#define FAKES_TCP_PROXY_H

#include <stddef.h>
#include <stdint.h>

struct tcp_proxy;

/*
 * Start one in front of 127.0.0.1:target.  target 0: it takes connections
 * and says nothing.
 */
struct tcp_proxy *tcp_proxy_start(uint16_t target);

uint16_t tcp_proxy_port(const struct tcp_proxy *p);

/*
 * The next connections are cut when the client has sent so many bytes; 0:
 * they are not.  stall: instead nothing is handed on from there.  The bytes
 * count for one connection: those after it are left alone.
 */
void tcp_proxy_cut_next(struct tcp_proxy *p, size_t bytes);
void tcp_proxy_stall_next(struct tcp_proxy *p, size_t bytes);

/* How many bytes the client of the last connection has sent. */
size_t tcp_proxy_sent(const struct tcp_proxy *p);

/* End all connections. */
void tcp_proxy_stop(struct tcp_proxy *p);

#endif
