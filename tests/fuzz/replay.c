/*
 * A main() for a fuzz target without libFuzzer: feed it every file of the
 * directories named on the command line, and nothing at all once.  A target
 * that finds something ends the program.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"

#define INPUT_MAX (16U << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* The number of files fed, or -1. */
static long
replay(const char *dir)
{
	const struct dirent *d;
	struct err e = ERR_INIT;
	long count = 0;
	DIR *list;

	list = opendir(dir);
	if (list == NULL)
		return -1;
	while (count != -1 && (d = readdir(list)) != NULL) {
		char *path = mem_printf("%s/%s", dir, d->d_name);
		uint8_t *data = NULL;
		size_t len;

		if (d->d_name[0] == '.') {
			free(path);
			continue;
		}
		printf("# %s\n", d->d_name);
		if (file_read(path, INPUT_MAX, &data, &len, &e) == -1) {
			printf("# %s\n", e.msg);
			count = -1;
		} else {
			/* Exactly as long as it is, so that no NUL helps. */
			uint8_t *input = mem_dup(data, len);

			(void)LLVMFuzzerTestOneInput(input, len);
			free(input);
			count++;
		}
		free(data);
		free(path);
	}
	(void)closedir(list);
	return count;
}

int
main(int argc, char **argv)
{
	bool failed = false;

	/* Line by line, so that the last one names what ended the program. */
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	printf("1..%d\n", argc - 1);
	(void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++) {
		long count = replay(argv[i]);

		if (count <= 0)
			failed = true;
		printf("%s %d - %ld inputs of %s\n",
		    count > 0 ? "ok" : "not ok", i, count, argv[i]);
	}
	return failed;
}
