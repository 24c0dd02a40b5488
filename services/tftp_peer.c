#include "services/tftp_peer.h"

#include <arpa/inet.h>
#include <stdlib.h>

bool
tftp_same_peer(const struct sockaddr_in *a, const struct sockaddr_in *b)
{
	return a->sin_addr.s_addr == b->sin_addr.s_addr &&
	    a->sin_port == b->sin_port;
}

uint64_t
tftp_hash_secret(void)
{
	uint64_t secret;

	arc4random_buf(&secret, sizeof(secret));
	return secret | 1;
}

/* Peers are often alike, so their bits are mixed before the top is taken. */
static uint32_t
hash(uint64_t key, uint64_t secret, unsigned bits)
{
	key = (key ^ secret) * UINT64_C(0x9e3779b97f4a7c15);
	key = (key ^ key >> 32) * secret;
	return (uint32_t)(key >> (64 - bits));
}

uint32_t
tftp_peer_hash(const struct sockaddr_in *peer, uint64_t secret, unsigned bits)
{
	return hash((uint64_t)peer->sin_addr.s_addr << 16 | peer->sin_port,
	    secret, bits);
}

uint32_t
tftp_address_hash(struct in_addr address, uint64_t secret, unsigned bits)
{
	return hash(address.s_addr, secret, bits);
}
