/*
 * The other end of a transfer: an IPv4 address and a port.
 */
#ifndef SERVICES_TFTP_PEER_H
#define SERVICES_TFTP_PEER_H

#include <netinet/in.h>

#include <stdbool.h>
#include <stdint.h>

bool tftp_same_peer(const struct sockaddr_in *a, const struct sockaddr_in *b);

/*
 * A secret of one hash table, so that nobody outside can choose addresses
 * that all fall into one bucket.  It is odd.
 */
uint64_t tftp_hash_secret(void);

/* The bucket of 1 << bits for a peer, and for an address alone. */
uint32_t tftp_peer_hash(const struct sockaddr_in *peer, uint64_t secret,
    unsigned bits);
uint32_t tftp_address_hash(struct in_addr address, uint64_t secret,
    unsigned bits);

#endif
