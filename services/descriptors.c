#include "services/descriptors.h"

#include <sys/resource.h>

size_t
descriptors_raise(size_t most, size_t spare)
{
	struct rlimit limit;
	rlim_t n;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return spare;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
		(void)getrlimit(RLIMIT_NOFILE, &limit);
	n = limit.rlim_cur;
	if (n == RLIM_INFINITY || n > most + spare)
		return most;
	return n > 2 * spare ? (size_t)n - spare : (size_t)n / 2;
}
