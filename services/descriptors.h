/*
 * How many files and sockets a service may have open at once.
 */
#ifndef SERVICES_DESCRIPTORS_H
#define SERVICES_DESCRIPTORS_H

#include <stddef.h>

/*
 * Let the process have as many descriptors as its hard limit allows.  How
 * many connections fit when `spare` descriptors stay for everything else:
 * at most `most`, and half of all where there are few.
 */
size_t descriptors_raise(size_t most, size_t spare);

#endif
