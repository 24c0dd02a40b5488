/*
 * The files of a node that `file …` sees, in a directory of their own:
 *
 *	log/syslog/CiscoSyslog		three lines: "one" to "three"
 *	log/platform/log/cli00001.log, cli00002.log
 *	log/cm/trace/tftp/current	"served\n"
 *	tftp/ITLFile.tlv, tftp/rings/a.raw, tftp/rings/deep/b.raw
 *	certs/ITLRecovery.p12		five bytes, as on the publisher
 *
 * and beside them what must never be seen: etc/secret, links to it, a FIFO,
 * keys and a hidden file.
 */
#ifndef FAKES_FILE_NODE_H
#define FAKES_FILE_NODE_H

/* cmocka's setup and teardown: *state is the node's root. */
int file_node_setup(void **state);
int file_node_teardown(void **state);

#endif
