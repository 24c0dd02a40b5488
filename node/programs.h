/*
 * The programs that ucm-node starts.
 */
#ifndef NODE_PROGRAMS_H
#define NODE_PROGRAMS_H

#define PROGRAM_PG_BIN "/usr/lib/postgresql/15/bin"
#define PROGRAM_SETPRIV "/usr/bin/setpriv"
#define PROGRAM_SSHD "/usr/sbin/sshd"
#define PROGRAM_RUNSVDIR "/usr/bin/runsvdir"
#define PROGRAM_USERADD "/usr/sbin/useradd"
#define PROGRAM_USERMOD "/usr/sbin/usermod"
#define PROGRAM_USERDEL "/usr/sbin/userdel"
#define PROGRAM_GROUPADD "/usr/sbin/groupadd"
#define PROGRAM_GROUPDEL "/usr/sbin/groupdel"
#define PROGRAM_CHPASSWD "/usr/sbin/chpasswd"

/* Ours. */
#define PROGRAM_SHELL "/usr/bin/ucmsh"
#define PROGRAM_NODE "/usr/bin/ucm-node"
#define PROGRAM_PEER "/usr/bin/ucm-peer"

#endif
