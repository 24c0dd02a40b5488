/*
 * A host of a test's own, for code that makes accounts: the test program
 * goes on in a mount namespace with a copy-on-write /etc and an empty /run,
 * and the host's stay as they are.  Needs root.
 */
#ifndef FAKES_PRIVATE_HOST_H
#define FAKES_PRIVATE_HOST_H

/*
 * Enter it once, before any thread is started; later calls do nothing.
 * Ends the test program with a message when that cannot be done.
 */
void private_host_enter(void);

/*
 * A root directory for paths_set_root(), which is called: a fresh directory
 * below /tmp that every account may pass.  Remove it with
 * testing_dir_remove().
 */
char *private_host_root(void);

#endif
