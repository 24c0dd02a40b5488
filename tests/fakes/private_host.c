#define _GNU_SOURCE /* unshare() */
#include "tests/fakes/private_host.h"

#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/paths.h"
#include "tests/fakes/testing.h"

static void
must(int rc, const char *what)
{
	if (rc == 0)
		return;
	perror(what);
	exit(EXIT_FAILURE);
}

void
private_host_enter(void)
{
	/* Once for the whole program, which cannot leave it again. */
	static bool entered;
	char dir[] = "/tmp/ucmsh-etc.XXXXXX";
	char *options;
	char *path;

	if (entered)
		return;
	entered = true;
	if (mkdtemp(dir) == NULL)
		must(-1, "mkdtemp");
	must(unshare(CLONE_NEWNS), "unshare (the tests run as root)");
	must(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), "private /");
	must(mount("tmpfs", dir, "tmpfs", 0, "mode=755"), "tmpfs");
	path = mem_printf("%s/up", dir);
	must(mkdir(path, 0755), path);
	free(path);
	path = mem_printf("%s/work", dir);
	must(mkdir(path, 0755), path);
	free(path);
	options = mem_printf("lowerdir=/etc,upperdir=%s/up,workdir=%s/work",
	    dir, dir);
	must(mount("overlay", "/etc", "overlay", 0, options), "overlay /etc");
	free(options);
	must(mount("tmpfs", "/run", "tmpfs", 0, "mode=755"), "tmpfs /run");
	must(umount2(dir, MNT_DETACH), "umount");
	must(rmdir(dir), "rmdir");
}

char *
private_host_root(void)
{
	char *dir = testing_dir();

	must(chmod(dir, 0755), dir);
	paths_set_root(dir);
	return dir;
}
