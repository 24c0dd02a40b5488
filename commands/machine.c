#include "commands/machine.h"

#include <sys/statvfs.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utmpx.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"

#define PROC_MAX (128UL << 10)
#define SAMPLE_MS 200

/* A file of /proc as text, cut at size. */
static void
read_text(const char *path, char *dst, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;

	while (fd != -1 && len < size - 1) {
		ssize_t n = read(fd, dst + len, size - 1 - len);
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	dst[len] = '\0';
	if (fd != -1)
		close(fd);
}

/* The number behind "Key:" in kilobytes. */
static uint64_t
field(const char *text, const char *key)
{
	const char *p = strstr(text, key);

	return p == NULL ? 0 : strtoull(p + strlen(key), NULL, 10);
}

void
machine_memory(struct machine_memory *m)
{
	char text[8192];

	read_text("/proc/meminfo", text, sizeof(text));
	m->total = field(text, "MemTotal:");
	m->unused = field(text, "\nMemFree:");
	m->cached = field(text, "\nCached:");
	m->shared = field(text, "\nShmem:");
	m->buffers = field(text, "\nBuffers:");
}

void
machine_disk(const char *path, struct machine_disk *d)
{
	struct statvfs v;

	memset(d, 0, sizeof(*d));
	if (statvfs(path, &v) == -1)
		return;
	d->total = (uint64_t)v.f_blocks * v.f_frsize / 1024;
	d->unused = (uint64_t)v.f_bavail * v.f_frsize / 1024;
	d->used = (uint64_t)(v.f_blocks - v.f_bfree) * v.f_frsize / 1024;
	if (d->total > 0)
		d->percent = (unsigned)(d->used * 100 / d->total);
}

/* The name of the processor, and how many there are. */
static void
read_cpu(struct machine *m)
{
	static const char key[] = "model name";
	char *text = mem_alloc(PROC_MAX);
	const char *p;
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	m->cpus = n > 0 ? (unsigned)n : 1;
	read_text("/proc/cpuinfo", text, PROC_MAX);
	p = strstr(text, key);
	p = p == NULL ? NULL : strchr(p, ':');
	if (p != NULL) {
		const char *end;

		p += 1 + strspn(p + 1, " \t");
		end = p + strcspn(p, "\n");
		str_visible(m->cpu, sizeof(m->cpu), p, (size_t)(end - p));
	}
	free(text);
}

void
machine_read(struct machine *m)
{
	struct machine_memory memory;
	struct machine_disk disk;

	memset(m, 0, sizeof(*m));
	read_cpu(m);
	machine_memory(&memory);
	machine_disk(paths_root(), &disk);
	m->memory_mb = (unsigned)(memory.total / 1024);
	m->disk_gb = (unsigned)(disk.total / (1UL << 20));
}

enum tick {
	USER,
	NICE,
	SYSTEM,
	IDLE,
	IOWAIT,
	IRQ,
	SOFT,
	TICKS
};

static void
read_ticks(uint64_t tick[TICKS])
{
	char text[512], *p = text;
	size_t i;

	read_text("/proc/stat", text, sizeof(text));
	if (str_starts(text, "cpu "))
		p += strlen("cpu ");
	for (i = 0; i < TICKS; i++)
		tick[i] = strtoull(p, &p, 10);
}

void
machine_load(struct machine_load *l)
{
	uint64_t before[TICKS], after[TICKS], sum = 0;
	double share[TICKS];
	size_t i;

	read_ticks(before);
	clock_nap(SAMPLE_MS);
	read_ticks(after);
	for (i = 0; i < TICKS; i++) {
		after[i] = after[i] > before[i] ? after[i] - before[i] : 0;
		sum += after[i];
	}
	for (i = 0; i < TICKS; i++)
		share[i] =
		    sum == 0 ? 0 : 100.0 * (double)after[i] / (double)sum;
	l->idle = share[IDLE];
	l->system = share[SYSTEM];
	l->user = share[USER] + share[NICE];
	l->iowait = share[IOWAIT];
	l->irq = share[IRQ];
	l->soft = share[SOFT];
}

static unsigned
count_users(void)
{
	const struct utmpx *u;
	unsigned n = 0;

	setutxent();
	while ((u = getutxent()) != NULL)
		n += u->ut_type == USER_PROCESS;
	endutxent();
	return n == 0 ? 1 : n; /* this session at least */
}

void
machine_uptime(struct machine_uptime *u)
{
	char text[128], *p;
	size_t i;

	read_text("/proc/uptime", text, sizeof(text));
	u->seconds = strtoull(text, NULL, 10);
	read_text("/proc/loadavg", text, sizeof(text));
	for (i = 0, p = text; i < 3; i++)
		u->average[i] = strtod(p, &p);
	u->users = count_users();
}

void
machine_zone(char *dst, unsigned size)
{
	static const char dir[] = "/zoneinfo/";
	char link[256];
	const char *name;
	ssize_t n = readlink("/etc/localtime", link, sizeof(link) - 1);

	dst[0] = '\0';
	if (n <= 0)
		return;
	link[n] = '\0';
	name = strstr(link, dir);
	if (name != NULL)
		(void)str_copy(dst, size, name + strlen(dir));
}
