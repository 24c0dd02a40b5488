#include "commands/cli_conf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "commands/args.h"

#define FILE_MAX 4096
#define KEY "session_timeout"

static int
bad_line(const char *path, size_t number, struct err *e)
{
	return err_set(e, ERR_FORMAT,
	    "%s: line %zu: expected \"" KEY " = MINUTES\", %d to %d", path,
	    number, ARG_MINUTES_MIN, ARG_MINUTES_MAX);
}

/* One line without its end; *minutes changes when it sets them. */
static int
read_line(const char *line, size_t len, unsigned *minutes)
{
	char text[32];
	uint64_t n;

	while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t'))
		len--;
	if (len == 0 || line[0] == '#')
		return 0;
	if (len < strlen(KEY) || memcmp(line, KEY, strlen(KEY)) != 0)
		return -1;
	line += strlen(KEY);
	len -= strlen(KEY);
	while (len > 0 && (*line == ' ' || *line == '=' || *line == '\t')) {
		line++;
		len--;
	}
	if (len >= sizeof(text))
		return -1;
	memcpy(text, line, len);
	text[len] = '\0';
	if (str_number(text, ARG_MINUTES_MIN, ARG_MINUTES_MAX, &n) == -1)
		return -1;
	*minutes = (unsigned)n;
	return 0;
}

int
cli_conf_timeout(unsigned *minutes, struct err *e)
{
	char path[PATH_SIZE];
	const char *line;
	uint8_t *data;
	size_t len, number = 1;
	int rc = 0;

	*minutes = CLI_TIMEOUT_DEFAULT;
	paths_in(path, "etc/cli.conf");
	if (file_read(path, FILE_MAX, &data, &len, e) == -1) {
		if (e->code != ERR_NOT_FOUND)
			return -1;
		err_clear(e);
		return 0;
	}
	for (line = (const char *)data; *line != '\0'; number++) {
		const char *end;

		end = strchr(line, '\n');
		if (end == NULL)
			end = line + strlen(line);
		if (read_line(line, (size_t)(end - line), minutes) == -1) {
			*minutes = CLI_TIMEOUT_DEFAULT;
			rc = bad_line(path, number, e);
			break;
		}
		line = *end == '\0' ? end : end + 1;
	}
	free(data);
	return rc;
}
