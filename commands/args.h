/*
 * The types of parameters.
 */
#ifndef COMMANDS_ARGS_H
#define COMMANDS_ARGS_H

#include "commands/command.h"

extern const struct cmd_type arg_unit; /* tomcat, CallManager … */
extern const struct cmd_type arg_own_cert; /* UNIT or UNIT/UNIT.pem */
extern const struct cmd_type arg_trust_cert; /* a name of `list trust` */
extern const struct cmd_type arg_service; /* "Cisco Tftp": the rest */
extern const struct cmd_type arg_sql; /* one statement: the rest */
extern const struct cmd_type arg_text; /* one word, or quoted */
extern const struct cmd_type arg_minutes; /* 5 to 99999 */
extern const struct cmd_type arg_port; /* 1 to 65535 */
extern const struct cmd_type arg_command; /* the words of a command */

/* The certificate monitor's settings. */
extern const struct cmd_type arg_email; /* addresses, commas between */
extern const struct cmd_type arg_mail_server; /* HOST[:PORT] */
extern const struct cmd_type arg_notify_days; /* 1 to 3650 */
extern const struct cmd_type arg_time_of_day; /* HH:MM */

/* Enterprise parameters (base/parameter.h): the rest of the line. */
extern const struct cmd_type arg_parameter; /* a name with its blanks */
extern const struct cmd_type arg_parameter_value; /* name, then value */

#define ARG_MINUTES_MIN 5
#define ARG_MINUTES_MAX 99999

/* The units in the order of listings, NULL at the end. */
extern const char *const arg_units[];

#endif
