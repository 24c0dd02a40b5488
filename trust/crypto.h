/*
 * The cryptographic library as a whole.
 */
#ifndef TRUST_CRYPTO_H
#define TRUST_CRYPTO_H

/*
 * Start the library without reading any configuration file of the host, so
 * that neither start-up time nor the set of algorithms depends on it.  What
 * it frees from then on is wiped, since it leaves copies of passwords in
 * there (those that open a PKCS#12 file, for one); that holds only if nothing
 * has used the library before.  Every main() that uses trust/ calls this
 * first; a second call does nothing.
 */
void crypto_init(void);

#endif
