/*
 * show status: labels and spacing as scripts expect them.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/paths.h"
#include "commands/ctx.h"
#include "commands/machine.h"
#include "commands/product.h"
#include "commands/table.h"

#define MINUTE 60
#define HOUR 3600
#define DAY 86400

static void
print_host(struct out *out, const char *host, int64_t now)
{
	char date[64], zone[64], abbreviation[16];

	clock_strftime(date, sizeof(date), "%a %b %d, %Y %H:%M:%S", now);
	clock_strftime(abbreviation, sizeof(abbreviation), "%Z", now);
	machine_zone(zone, sizeof(zone));
	out_printf(out,
	    "Host Name          : %s\n"
	    "Date               : %s\n"
	    "Time Zone          : %s (%s)\n"
	    "Locale             : %s\n"
	    "Product Ver        : %s\n"
	    "Unified OS Version : %s\n\n",
	    host, date, abbreviation, zone[0] == '\0' ? "UTC" : zone,
	    PRODUCT_LOCALE, PRODUCT_VERSION, PRODUCT_OS_VERSION);
	out_string(out, "host", host);
	out_string(out, "date", date);
	out_string(out, "zone", abbreviation);
	out_string(out, "version", PRODUCT_VERSION);
	out_string(out, "os_version", PRODUCT_OS_VERSION);
}

/* "72 days, 21:01", "1 day,  1:05", "5 min" */
static void
format_uptime(char *dst, size_t size, uint64_t seconds)
{
	unsigned long days = (unsigned long)(seconds / DAY);
	unsigned hours = (unsigned)(seconds % DAY / HOUR);
	unsigned minutes = (unsigned)(seconds % HOUR / MINUTE);
	char day[32] = "";

	if (days > 0)
		(void)snprintf(day, sizeof(day), "%lu day%s, ", days,
		    days == 1 ? "" : "s");
	if (hours > 0)
		(void)snprintf(dst, size, "%s%2u:%02u", day, hours, minutes);
	else
		(void)snprintf(dst, size, "%s%u min", day, minutes);
}

static void
print_uptime(struct out *out, int64_t now)
{
	struct machine_uptime u;
	char up[64], hms[16];

	machine_uptime(&u);
	format_uptime(up, sizeof(up), u.seconds);
	clock_strftime(hms, sizeof(hms), "%H:%M:%S", now);
	out_printf(out,
	    "Uptime:\n %s up %s,  %u user%s,  load average: %.2f, %.2f, "
	    "%.2f\n\n",
	    hms, up, u.users, u.users == 1 ? "" : "s", u.average[0],
	    u.average[1], u.average[2]);
	out_int(out, "uptime_seconds", (int64_t)u.seconds);
}

static void
print_cpu(struct out *out)
{
	struct machine_load l;

	machine_load(&l);
	out_printf(out,
	    "CPU Idle:   %05.2f%%  System:   %05.2f%%    User:   %05.2f%%\n"
	    "  IOWAIT:   %05.2f%%     IRQ:   %05.2f%%    Soft:   %05.2f%%\n\n",
	    l.idle, l.system, l.user, l.iowait, l.irq, l.soft);
	out_int(out, "cpu_idle_percent", (int64_t)l.idle);
}

static void
print_memory_line(struct out *out, const char *label, const char *key,
    uint64_t kb)
{
	out_printf(out, "%13s%15lluK\n", label, (unsigned long long)kb);
	out_int(out, key, (int64_t)kb);
}

static void
print_memory(struct out *out)
{
	struct machine_memory m;

	machine_memory(&m);
	out_object(out, "memory_kb");
	print_memory_line(out, "Memory Total:", "total", m.total);
	print_memory_line(out, "Free:", "free", m.unused);
	print_memory_line(out, "Used:", "used",
	    m.total > m.unused ? m.total - m.unused : 0);
	print_memory_line(out, "Cached:", "cached", m.cached);
	print_memory_line(out, "Shared:", "shared", m.shared);
	print_memory_line(out, "Buffers:", "buffers", m.buffers);
	out_end(out);
}

static void
print_disk_line(struct out *out, const char *name, const char *path)
{
	struct machine_disk d = { .total = 0 };

	if (path != NULL)
		machine_disk(path, &d);
	out_printf(out, "Disk/%-8s%15lluK%15lluK%15lluK (%u%%)\n", name,
	    (unsigned long long)d.total, (unsigned long long)d.unused,
	    (unsigned long long)d.used, d.percent);
	out_object(out, name);
	out_int(out, "total_kb", (int64_t)d.total);
	out_int(out, "free_kb", (int64_t)d.unused);
	out_int(out, "used_kb", (int64_t)d.used);
	out_end(out);
}

static void
print_disks(struct out *out)
{
	char log[PATH_SIZE];

	out_puts(out,
	    "\n                        Total            Free"
	    "            Used\n");
	out_object(out, "disk");
	print_disk_line(out, "active", "/");
	/* A node has no second partition to switch to. */
	print_disk_line(out, "inactive", NULL);
	print_disk_line(out, "logging", paths_in(log, "log"));
	out_end(out);
}

static int
run(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	int64_t now = clock_wall();

	(void)a;
	(void)e;
	out_object(c->out, NULL);
	print_host(c->out, c->conf == NULL ? "unknown" : c->conf->name, now);
	print_uptime(c->out, now);
	print_cpu(c->out);
	print_memory(c->out);
	print_disks(c->out);
	out_end(c->out);
	return 0;
}

const struct command cmd_show_status = {
	.words = "show status",
	.help = "This will show the state of the machine.",
	.example = "show status",
	.level = CMD_LEVEL_ORDINARY,
	.flags = CMD_JSON,
	.run = run,
};
