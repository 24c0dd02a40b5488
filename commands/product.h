/*
 * What this release calls itself.
 */
#ifndef COMMANDS_PRODUCT_H
#define COMMANDS_PRODUCT_H

#define PRODUCT_VERSION "10.0.1.10000-24"
#define PRODUCT_OS_VERSION "10.0.0.0-2"
#define PRODUCT_LOCALE "en_US.UTF-8"

#endif
