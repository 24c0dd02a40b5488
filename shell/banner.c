#include "shell/banner.h"

void
banner_starting(struct out *out)
{
	out_puts(out,
	    "Command Line Interface is starting up, please wait ...\n");
}

void
banner_welcome(struct out *out, const struct machine *m)
{
	out_printf(out,
	    "\n   Welcome to the Platform Command Line Interface\n\n"
	    "VMware Installation:\n"
	    "\t%u vCPU: %s\n"
	    "\tDisk 1: %uGB, Partitions aligned\n"
	    "\t%u Mbytes RAM\n\n",
	    m->cpus, m->cpu[0] == '\0' ? "unknown" : m->cpu, m->disk_gb,
	    m->memory_mb);
}
