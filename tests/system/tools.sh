#!/usr/bin/env bash
# The tools that judge the tree: each check finds what was planted for it, and
# run-tests takes nothing that is not a pass for one.
# takes 40 s
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/system/tap.sh
top=$(pwd)
tree=$T/tree
mkdir "$tree"
cp -R Makefile README.md base cluster commands db doc node services sftp shell \
    tests tools trust "$tree"

# planted TOOL FILE TEXT WANTED: with TEXT at the end of FILE the tool fails
# and says WANTED; FILE is as before afterwards.
planted() {
	local file=$tree/$2
	mkdir -p "$(dirname "$file")"
	[ -e "$file" ] && cp "$file" "$T/kept" || rm -f "$T/kept"
	printf '%b' "$3" >>"$file"
	if "$tree/tools/$1" >"$T/said" 2>&1; then
		not_ok "$1 sees in $2: $4"
	else
		has "$1 sees in $2: $4" "$4" "$T/said"
	fi
	rm -f "$file"
	[ ! -e "$T/kept" ] || mv "$T/kept" "$file"
}

planted check-layers base/x.c '#include "trust/cert.h"\n' 'may not include trust/cert.h'
planted check-layers trust/x.c '#include "db/db.h"\n' 'trust/ may not include db/db.h'
planted check-layers node/x.c '#include "commands/command.h"\n' 'node/ may not include'
planted check-layers cluster/x.c '#include <openssl/evp.h>\n' 'belongs to trust/'
planted check-layers trust/x.h '#include <openssl/evp.h>\n' 'in a header others include'
planted check-layers base/str.h '#include "base/nothing.h"\n' 'there is no base/nothing.h'
planted check-layers base/x.c 'int f(void) { return system("ls"); }\n' 'system(): banned'
planted check-layers shell/x.c 'int f(void) { return fork(); }\n' 'fork(): only in node/'
planted check-layers commands/x.c 'char *f(void) { return getenv("A"); }\n' 'getenv(): never in commands/'
planted check-layers base/err.h '#include "base/str.h"\n' 'cycle: base/err -> base/str -> base/err'
planted check-layers base/x.c 'int f; // said so\n' '// comment'
# It compiles every header: those of one directory have to do.
tree=$T/small
mkdir "$tree"
cp -R base tools "$tree"
planted check-headers base/x.h '#ifndef BASE_X_H\nsize_t f(void);\n#endif\n' 'base/x.h does not compile alone'
planted check-headers base/x.h 'int f(void);\n' 'base/x.h: no guard BASE_X_H'
tree=$T/tree
planted check-tests base/x.c 'int f(void);\n' 'no tests/unit/base/test_x.c'
planted check-tests tests/unit/base/test_x.c 'int f(void);\n' 'no file of that name'
planted check-tests tests/fuzz/fuzz_x.c 'int f(void);\n' 'corpus/x/ is empty'
planted check-commands commands/x.c 'const struct command cmd_x = {\n\t.words = "x y",\n};\n' 'cmd_x is 0 times'
planted check-commands commands/x.c 'const struct command cmd_x = {\n\t.words = "x y",\n};\n' 'cmd_x has no help'
planted check-commands commands/x.c 'const struct command cmd_x = {\n\t.words = "x y",\n};\n' 'no section "x y"'
planted check-docs doc/x.8 '.Dd now\n.Dt X 8\n.Os\n.Sh NAME\n.Nm x\n.Zz\n' 'x.8'
planted check-docs README.md '[x](doc/nothing.md)\n' 'link to doc/nothing.md'
planted check-docs base/x_main.c 'int f(void);\n' 'no manual doc/x.'

# A comment or a string is no call.
printf '%s\n' '/* system(1) */' 'static const char *s = "system(1)";' \
    >"$tree/base/x.c"
"$tree/tools/check-layers" >"$T/said" 2>&1
lacks "check-layers reads neither comments nor strings" "system()" "$T/said"

# --- run-tests, on programs that are none ------------------------------------
fake=$T/fake
mkdir -p "$fake/tools" "$fake/tests/unit/a" "$fake/build-asan/tests/unit/a"
cp "$top/tools/run-tests" "$fake/tools"
program() { # NAME, the shell text of it on standard input
	: >"$fake/tests/unit/a/$1.c"
	{ echo '#!/bin/sh'; cat; } >"$fake/build-asan/tests/unit/a/$1"
	chmod +x "$fake/build-asan/tests/unit/a/$1"
}
verdict() { # NAME WANTED-STATUS WANTED-LINE
	"$fake/tools/run-tests" "unit/a/$2" >"$T/said" 2>&1
	if [ "$?" -ne "$3" ]; then
		sed 's/^/# /' "$T/said"
		not_ok "run-tests: $1"
	else
		has "run-tests: $1" "$4" "$T/said"
	fi
}
unset TEST_TOTALS
program test_good <<<'echo 1..2; echo ok 1 - one; echo ok 2 - two'
program test_bad <<<'echo 1..2; echo ok 1 - one; echo not ok 2 - two; exit 1'
program test_skip <<<'echo 1..1; echo ok 1 - one "# SKIP no reason"'
program test_short <<<'echo 1..3; echo ok 1 - one'
program test_crash <<<'echo 1..2; echo ok 1 - one; kill -SEGV $$'
program test_status <<<'echo 1..1; echo ok 1 - one; exit 3'
program test_plan <<<'echo ok 1 - one'
program test_mute <<<':'
: >"$fake/tests/unit/a/test_absent.c"
verdict "two checks that pass" test_good 0 '[  PASSED  ] 2 test(s).'
verdict "a check that fails" test_bad 1 '[  FAILED  ] unit/a/test_bad: two'
verdict "a skip is a failure" test_skip 1 '[  FAILED  ] 1 test(s), listed'
verdict "checks that did not run" test_short 1 'check 3 did not run'
verdict "a crash" test_crash 1 'check 2 did not run: killed by SIGSEGV'
verdict "a status without a failure" test_status 1 'exit status 3'
verdict "no plan" test_plan 1 'no plan'
verdict "no output" test_mute 1 'no plan'
verdict "a program that was not built" test_absent 1 '[  FAILED  ] unit/a/test_absent'
verdict "no such test" test_other 1 'no test unit/a/test_other'
rm "$fake"/tests/unit/a/test_[!g]*.c
"$fake/tools/run-tests" >"$T/said" 2>&1
same "run-tests ends with the total" "[==========] 2 test(s) run.
[  PASSED  ] 2 test(s)." "$(tail -n 2 "$T/said")"
TEST_TOTALS=$T/totals "$fake/tools/run-tests" >/dev/null 2>&1
TEST_TOTALS=$T/totals "$fake/tools/run-tests" >"$T/said" 2>&1
has "run-tests carries totals from run to run" '[==========] 4 test(s) run.' \
    "$T/said"

plan_end
