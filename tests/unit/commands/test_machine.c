#include "commands/machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/paths.h"

static void
tells_of_this_machine(void **state)
{
	struct machine m;
	struct machine_memory memory;
	struct machine_disk disk;
	struct machine_uptime up;
	struct machine_load load;

	(void)state;
	paths_set_root("/");
	machine_read(&m);
	assert_true(m.cpus >= 1);
	assert_true(m.memory_mb > 0);
	assert_true(m.disk_gb > 0);
	machine_memory(&memory);
	assert_true(memory.total > memory.unused);
	machine_disk("/", &disk);
	assert_true(disk.total >= disk.used);
	assert_true(disk.percent <= 100);
	machine_uptime(&up);
	assert_true(up.seconds > 0);
	assert_true(up.users >= 1);
	machine_load(&load);
	assert_true(load.idle + load.user + load.system <= 100.5);
}

static void
what_is_not_there_is_zero(void **state)
{
	struct machine_disk disk;

	(void)state;
	machine_disk("/nonexistent", &disk);
	assert_int_equal(disk.total, 0);
	assert_int_equal(disk.percent, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_of_this_machine),
		cmocka_unit_test(what_is_not_there_is_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
