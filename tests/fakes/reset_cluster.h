/*
 * The nodes of a cluster behind the ops of cluster/itl_reset.h: what each is
 * asked for, and how it goes wrong.  The first one is the publisher, this
 * node; what it activates is stored as tftp/ITLFile.tlv.
 */
#ifndef TESTS_FAKES_RESET_CLUSTER_H
#define TESTS_FAKES_RESET_CLUSTER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cluster/itl_reset.h"

#define RESET_CLUSTER_NODES 3
#define RESET_CLUSTER_PASSWORD "cisco123"

struct reset_node {
	const char *name;
	bool active; /* in the database */
	bool activated; /* says the node */
	bool reachable;
	const char *service;
	bool disk_full;
	bool restart_fails;
	char disk[ITL_SHA_HEX_SIZE];
	char served[ITL_SHA_HEX_SIZE];
	uint8_t *staged;
	size_t staged_len;
	unsigned stages;
	unsigned activations;
	unsigned opened;
	unsigned closed;
};

struct reset_cluster {
	pthread_mutex_t mutex;
	struct reset_node node[RESET_CLUSTER_NODES];
};

/* Three nodes that can be reached; Cisco Tftp is activated on two of them. */
void reset_cluster_init(struct reset_cluster *w);
void reset_cluster_release(struct reset_cluster *w);

/* w is borrowed. */
struct itl_reset_ops reset_cluster_ops(struct reset_cluster *w);

#endif
