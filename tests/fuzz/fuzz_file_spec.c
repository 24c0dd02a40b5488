/*
 * Any file-spec: it finds what lies below the root and nothing else, and
 * ends.  The first byte chooses root and flags.
 */
#include <sys/stat.h>

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "commands/file_spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static char root[] = "/tmp/ucmsh-fuzz.XXXXXX";

static void
make(const char *name, int (*how)(const char *path))
{
	char *path = mem_printf("%s/%s", root, name);

	if (how(path) == -1)
		BUG("%s", path);
	free(path);
}

static int
make_dir(const char *path)
{
	return mkdir(path, 0755);
}

static int
make_file(const char *path)
{
	FILE *f = fopen(path, "w");

	return f == NULL ? -1 : fclose(f);
}

static int
make_link(const char *path)
{
	return symlink("../etc", path);
}

static int
unmake(const char *path)
{
	return remove(path);
}

static const char *const dirs[] = { "etc", "log", "log/a", "log/a/b", "log/cm",
	"tftp", "certs" };
static const char *const files[] = { "etc/secret", "log/f", "log/a/f.log",
	"log/a/b/..f", "log/.hidden", "log/a/b/*", "tftp/ITLFile.tlv",
	"tftp/x.key", "certs/ITLRecovery.p12" };
static const char *const links[] = { "log/out", "log/a/out", "tftp/out" };

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static void
clean_up(void)
{
	size_t i;

	for (i = 0; i < COUNT(links); i++)
		make(links[i], unmake);
	for (i = 0; i < COUNT(files); i++)
		make(files[i], unmake);
	for (i = COUNT(dirs); i > 0; i--)
		make(dirs[i - 1], unmake);
	(void)rmdir(root);
}

static void
set_up(void)
{
	size_t i;

	if (mkdtemp(root) == NULL)
		BUG("mkdtemp");
	for (i = 0; i < COUNT(dirs); i++)
		make(dirs[i], make_dir);
	for (i = 0; i < COUNT(files); i++)
		make(files[i], make_file);
	for (i = 0; i < COUNT(links); i++)
		make(links[i], make_link);
	paths_set_root(root);
	(void)atexit(clean_up);
}

/* Found is only what there is to be found. */
static void
check_entry(const struct file_entry *en)
{
	static const char *const seen[] = { "a", "a/b", "cm", "cm/tftpdata",
		"f", "a/f.log", "a/b/*", "ITLFile.tlv", "ITLRecovery.p12",
		"cm/tftpdata/ITLFile.tlv" };
	size_t i;

	for (i = 0; i < COUNT(seen); i++) {
		if (str_equal(seen[i], en->path))
			return;
	}
	BUG("found: %s", en->path);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const words[] = { "activelog", "tftp", "salog" };
	static const struct cmd_ctx c = { .out = NULL };
	struct file_find f = { .when = NULL };
	struct err e = ERR_INIT;
	struct file_set set;
	char *spec;
	size_t i;

	if (!str_equal(paths_root(), root))
		set_up();
	if (len == 0)
		return 0;
	f.root = fileroot_find(words[data[0] % COUNT(words)]);
	f.flags = data[0] >> 4;
	spec = mem_strndup((const char *)data + 1, len - 1);
	f.spec = spec;
	if (file_find(&c, &f, &set, &e) == -1 && e.msg[0] == '\0')
		BUG("a refusal without reason");
	for (i = 0; i < set.n; i++) {
		check_entry(&set.entry[i]);
		if (set.base > strlen(set.entry[i].path))
			BUG("base %zu", set.base);
	}
	file_set_release(&set);
	free(spec);
	return 0;
}
