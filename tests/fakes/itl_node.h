/*
 * A node's directory for tests of Cisco Tftp: certs/CallManager.pem, empty
 * tftp/, run/ and log/syslog/, and a source of certificates that stands for
 * the database.  paths_root() points there while it lives.
 */
#ifndef FAKES_ITL_NODE_H
#define FAKES_ITL_NODE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "services/itl_start.h"
#include "trust/certfile.h"

struct itl_node {
	char *dir;
	struct certfile callmanager;
	struct certfile capf;
	struct certfile tvs;
	struct certfile recovery;
	struct certfile further; /* TVS of a second node */
	struct itl_source source;
	atomic_int reads; /* of the source so far */
	atomic_int finished; /* those of them that are over */
	atomic_int failures; /* reads that still fail */
	atomic_int code; /* enum err_code they fail with */
	atomic_int delay_ms; /* of each read */
	enum digest_alg digest;
};

struct itl_node *itl_node_new(void);
void itl_node_free(struct itl_node *n);

/* The list of this node with another signer's signature: a reset file. */
void itl_node_reset_file(struct itl_node *n, uint8_t **data, size_t *len);

/*
 * Wait until so many reads of the source are over and the threads that did
 * them are gone: exit() takes down libraries they use.
 */
void itl_node_wait(struct itl_node *n, int reads);

/* Put bytes in place of tftp/ITLFile.tlv, and read what is there. */
void itl_node_put(const struct itl_node *n, const uint8_t *data, size_t len);
uint8_t *itl_node_get(const struct itl_node *n, size_t *len);

/* A fresh pair whose certificate has this common name. */
void itl_node_pair(struct certfile *f, const char *cn);

#endif
