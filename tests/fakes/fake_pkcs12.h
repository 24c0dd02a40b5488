/*
 * In the place of trust/pkcs12.c, for tests of who makes and opens
 * ITLRecovery.p12: files with the same contents, opened by the same password
 * and by no other, but not encrypted.  The real ones cost a second each.
 */
#ifndef TESTS_FAKES_FAKE_PKCS12_H
#define TESTS_FAKES_FAKE_PKCS12_H

/*
 * Does nothing; a program that calls it is linked with these instead of the
 * real ones.
 */
void fake_pkcs12(void);

#endif
