#include "tests/fakes/file_node.h"

#include <sys/stat.h>

#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/paths.h"
#include "tests/fakes/testing.h"

static void
make_dir(const char *root, const char *name)
{
	char *path = mem_printf("%s/%s", root, name);

	if (mkdir(path, 0755) == -1)
		BUG("mkdir %s", path);
	free(path);
}

static void
make_link(const char *root, const char *name, const char *target)
{
	char *path = mem_printf("%s/%s", root, name);

	if (symlink(target, path) == -1)
		BUG("symlink %s", path);
	free(path);
}

int
file_node_setup(void **state)
{
	static const char *const dirs[] = { "etc", "certs", "tftp",
		"tftp/rings", "tftp/rings/deep", "log", "log/syslog",
		"log/platform", "log/platform/log", "log/cm", "log/cm/trace",
		"log/cm/trace/tftp" };
	char *root = testing_dir();
	char *fifo;
	size_t i;

	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		make_dir(root, dirs[i]);
	testing_write(root, "etc/secret", "secret\n");
	testing_write(root, "certs/ITLRecovery.p12", "p12: ");
	testing_write(root, "tftp/ITLFile.tlv", "itl");
	testing_write(root, "tftp/stray.key", "key");
	testing_write(root, "tftp/rings/a.raw", "a");
	testing_write(root, "tftp/rings/deep/b.raw", "bb");
	testing_write(root, "log/.lock", "");
	testing_write(root, "log/syslog/CiscoSyslog", "one\ntwo\nthree\n");
	testing_write(root, "log/platform/log/cli00001.log", "INFO show itl\n");
	testing_write(root, "log/platform/log/cli00002.log",
	    "INFO show ctl\nWARN show itl\n");
	testing_write(root, "log/cm/trace/tftp/current", "served\n");
	make_link(root, "log/syslog/link", "../../etc/secret");
	make_link(root, "log/out", "../etc");
	make_link(root, "log/syslog/absolute", "/etc/passwd");
	fifo = mem_printf("%s/log/syslog/fifo", root);
	if (mkfifo(fifo, 0644) == -1)
		BUG("mkfifo %s", fifo);
	free(fifo);
	paths_set_root(root);
	*state = root;
	return 0;
}

int
file_node_teardown(void **state)
{
	testing_dir_remove(*state);
	return 0;
}
