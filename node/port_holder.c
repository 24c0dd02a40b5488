#include "node/port_holder.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "node/procs.h"

#define LINE_SIZE 256
#define LISTENING 0x0a /* state of a socket in /proc/net/tcp */
#define ANY_V6 "00000000000000000000000000000000"

/* One line of /proc/net/tcp or tcp6: the socket's inode if it is in the way. */
static unsigned long
inode_of(const char *line, const char *const address[3], uint16_t port)
{
	char local[40];
	unsigned at, state;
	unsigned long inode;
	size_t i;

	/* sl local:port remote:port st tx:rx tr:when retransmit uid t inode */
	/* NOLINTNEXTLINE(cert-err34-c): the kernel writes these numbers */
	if (sscanf(line,
		" %*u: %32[0-9A-F]:%4x %*[0-9A-F]:%*x %2x %*x:%*x "
		"%*x:%*x %*x %*u %*u %lu",
		local, &at, &state, &inode) != 4 ||
	    at != port || state != LISTENING)
		return 0;
	for (i = 0; i < 3; i++)
		if (str_equal(local, address[i]))
			return inode;
	return 0;
}

static unsigned long
find_inode(const char *file, const char *const address[3], uint16_t port)
{
	unsigned long inode = 0;
	char line[LINE_SIZE];
	FILE *f = fopen(file, "re");

	if (f == NULL)
		return 0;
	while (inode == 0 && fgets(line, sizeof(line), f) != NULL)
		inode = inode_of(line, address, port);
	(void)fclose(f);
	return inode;
}

/* Has the process this socket open? */
static bool
holds(const char *pid, unsigned long inode)
{
	char path[64], want[64], have[64];
	const struct dirent *d;
	bool found = false;
	DIR *fds;

	(void)str_printf(want, sizeof(want), "socket:[%lu]", inode);
	if (str_printf(path, sizeof(path), "/proc/%s/fd", pid) == -1 ||
	    (fds = opendir(path)) == NULL)
		return false;
	/* The directory stream is this function's alone. */
	/* NOLINTNEXTLINE(concurrency-mt-unsafe) */
	while (!found && (d = readdir(fds)) != NULL) {
		ssize_t n =
		    readlinkat(dirfd(fds), d->d_name, have, sizeof(have) - 1);

		have[n > 0 ? n : 0] = '\0';
		found = str_equal(have, want);
	}
	(void)closedir(fds);
	return found;
}

static void
name_holder(struct port_holder *h, unsigned long inode)
{
	DIR *all = opendir("/proc");
	const struct dirent *d;
	struct proc p;
	uint64_t pid;

	h->pid = 0;
	(void)str_copy(h->name, sizeof(h->name), "another program");
	if (all == NULL)
		return;
	/* NOLINTNEXTLINE(concurrency-mt-unsafe) */
	while ((d = readdir(all)) != NULL) {
		char name[4 * sizeof(p.comm)];

		if (str_number(d->d_name, 1, INT32_MAX, &pid) == -1 ||
		    !holds(d->d_name, inode) || proc_read(&p, (pid_t)pid) == -1)
			continue;
		str_visible(name, sizeof(name), p.comm, strlen(p.comm));
		h->pid = p.pid;
		(void)str_printf(h->name, sizeof(h->name), "%s (process %ld)",
		    name, (long)p.pid);
		break;
	}
	(void)closedir(all);
}

bool
port_holder(struct port_holder *h, const char *address, uint16_t port)
{
	char hex[9];
	const char *const where[3] = { hex, "00000000", ANY_V6 };
	struct in_addr in;
	unsigned long inode;

	if (inet_pton(AF_INET, address, &in) != 1)
		return false;
	/* the address as it lies in memory */
	(void)str_printf(hex, sizeof(hex), "%08X", (unsigned)in.s_addr);
	inode = find_inode("/proc/net/tcp", where, port);
	if (inode == 0)
		inode = find_inode("/proc/net/tcp6", where, port);
	if (inode == 0)
		return false;
	name_holder(h, inode);
	return true;
}
