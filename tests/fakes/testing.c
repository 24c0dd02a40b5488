#include "tests/fakes/testing.h"

#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"

char *
testing_dir(void)
{
	char *dir = mem_strdup("/tmp/ucmsh-test.XXXXXX");

	if (mkdtemp(dir) == NULL)
		BUG("mkdtemp %s", dir);
	return dir;
}

/* True when nothing of it is left. */
static bool
remove_tree(char *dir)
{
	char *roots[] = { dir, NULL };
	const FTSENT *entry;
	bool gone = true;
	FTS *walk;

	walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	if (walk == NULL)
		BUG("cannot walk %s", dir);
	while ((entry = fts_read(walk)) != NULL)
		if (entry->fts_info != FTS_D && remove(entry->fts_path) != 0 &&
		    errno != ENOENT)
			gone = false;
	(void)fts_close(walk);
	return gone;
}

void
testing_dir_remove(char *dir)
{
	unsigned tries = 0;

	if (dir == NULL)
		return;
	/* A process that is about to end may still make files there. */
	while (!remove_tree(dir)) {
		if (++tries == 200)
			BUG("cannot remove %s", dir);
		(void)poll(NULL, 0, 10);
	}
	free(dir);
}

void
testing_write(const char *dir, const char *name, const char *text)
{
	char *path = mem_printf("%s/%s", dir, name);
	FILE *f = fopen(path, "w");

	if (f == NULL || fputs(text, f) == EOF || fclose(f) == EOF)
		BUG("cannot write %s", path);
	free(path);
}

char *
testing_read(const char *dir, const char *name)
{
	char *path = mem_printf("%s/%s", dir, name);
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t len = 0;
	size_t n;

	free(path);
	if (f == NULL)
		return NULL;
	do {
		text = mem_resize(text, len + 4097, 1);
		n = fread(text + len, 1, 4096, f);
		len += n;
	} while (n > 0);
	text[len] = '\0';
	(void)fclose(f);
	return text;
}

size_t
testing_count(const char *dir)
{
	DIR *d = opendir(dir);
	const struct dirent *entry;
	size_t n = 0;

	if (d == NULL)
		BUG("no directory %s", dir);
	while ((entry = readdir(d)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			n++;
	(void)closedir(d);
	return n;
}

bool
testing_aborts(void (*fn)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == -1)
		BUG("fork");
	if (pid == 0) {
		int fd = open("/dev/null", O_WRONLY);

		(void)dup2(fd, STDERR_FILENO);
		(void)signal(SIGABRT, SIG_DFL);
		fn();
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid)
		BUG("waitpid");
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}
