/*
 * The cryptographic library as a whole.
 */
#ifndef TRUST_CRYPTO_H
#define TRUST_CRYPTO_H

/*
 * Start the library without reading any configuration file of the host, so
 * that neither start-up time nor the set of algorithms depends on it.  Every
 * main() that uses trust/ calls this first; a second call does nothing.
 */
void crypto_init(void);

#endif
