/* ucm-trust: trust lists and signed files as files, without any cluster. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "trust/crypto.h"
#include "trust/tool.h"

static const struct tool_command *const commands[] = { &tool_build,
	&tool_decrypt, &tool_encrypt, &tool_resign, &tool_show, &tool_sign,
	&tool_unsign, &tool_verify };
#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void
print_help(FILE *f)
{
	fputs("usage: ucm-trust COMMAND …\n\n", f);
	for (size_t i = 0; i < N_COMMANDS; i++)
		fprintf(f, "ucm-trust %s %s\n    %s\n\n", commands[i]->name,
		    commands[i]->usage, commands[i]->help);
	fputs(
	    "What reads signed files exits 0 when the file is valid, 1 when "
	    "its\nsignature is wrong, 2 when it is malformed and 3 when it "
	    "is well formed,\nbut nothing in it can prove it.  Other failures "
	    "exit 64 and above:\nucm-trust(1).\n",
	    f);
}

/* The end of what went to standard output. */
static int
finish(void)
{
	if (fflush(stdout) == 0)
		return TOOL_OK;
	perror("ucm-trust: standard output");
	return TOOL_NO_OUTPUT;
}

int
main(int argc, char **argv)
{
	if (argc < 2) {
		print_help(stderr);
		return TOOL_USAGE;
	}
	if (str_equal(argv[1], "--help") || str_equal(argv[1], "help")) {
		print_help(stdout);
		return finish();
	}
	if (str_equal(argv[1], "--version")) {
		puts("ucm-trust 10.0(1)");
		return finish();
	}
	for (size_t i = 0; i < N_COMMANDS; i++) {
		if (!str_equal(commands[i]->name, argv[1]))
			continue;
		if (argc > 2 && str_equal(argv[2], "--help")) {
			printf("usage: ucm-trust %s %s\n", commands[i]->name,
			    commands[i]->usage);
			return finish();
		}
		crypto_init();
		return (int)commands[i]->run(argc - 1, argv + 1);
	}
	fprintf(stderr,
	    "ucm-trust: unknown command; ucm-trust --help lists "
	    "them\n");
	return TOOL_USAGE;
}
