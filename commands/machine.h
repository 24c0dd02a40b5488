/*
 * The machine as the kernel tells it: for the banner and show status.
 * Whatever cannot be read is 0 or "".
 */
#ifndef COMMANDS_MACHINE_H
#define COMMANDS_MACHINE_H

#include <stdint.h>

#define MACHINE_CPU_SIZE 96

struct machine {
	unsigned cpus;
	char cpu[MACHINE_CPU_SIZE]; /* "Intel(R) Xeon(R) …" */
	unsigned disk_gb; /* of the disk that holds the node */
	unsigned memory_mb;
};

void machine_read(struct machine *m);

/* Kilobytes, from /proc/meminfo. */
struct machine_memory {
	uint64_t total;
	uint64_t unused;
	uint64_t cached;
	uint64_t shared;
	uint64_t buffers;
};

void machine_memory(struct machine_memory *m);

/* The file system that holds path, in kilobytes. */
struct machine_disk {
	uint64_t total;
	uint64_t unused;
	uint64_t used;
	unsigned percent;
};

void machine_disk(const char *path, struct machine_disk *d);

/* Shares of the processors' time, in percent, over about a fifth second. */
struct machine_load {
	double idle;
	double system;
	double user;
	double iowait;
	double irq;
	double soft;
};

void machine_load(struct machine_load *l);

/* As uptime(1) prints them. */
struct machine_uptime {
	uint64_t seconds;
	unsigned users;
	double average[3];
};

void machine_uptime(struct machine_uptime *u);

/* The name of the time zone: "America/Los_Angeles"; "" if not known. */
void machine_zone(char *dst, unsigned size);

#endif
