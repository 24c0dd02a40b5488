/*
 * All commands: one line here and one in table.c for each.
 */
#ifndef COMMANDS_TABLE_H
#define COMMANDS_TABLE_H

#include "commands/command.h"

extern const struct command cmd_exit;
extern const struct command cmd_file_check;
extern const struct command cmd_file_delete_activelog;
extern const struct command cmd_file_delete_dir_tftp;
extern const struct command cmd_file_delete_inactivelog;
extern const struct command cmd_file_delete_sftpdetails;
extern const struct command cmd_file_delete_tftp;
extern const struct command cmd_file_dump_activelog;
extern const struct command cmd_file_dump_inactivelog;
extern const struct command cmd_file_dump_install;
extern const struct command cmd_file_dump_sftpdetails;
extern const struct command cmd_file_dump_tftp;
extern const struct command cmd_file_get_activelog;
extern const struct command cmd_file_get_inactivelog;
extern const struct command cmd_file_get_install;
extern const struct command cmd_file_get_part_b_salog;
extern const struct command cmd_file_get_salog;
extern const struct command cmd_file_get_tftp;
extern const struct command cmd_file_list_activelog;
extern const struct command cmd_file_list_inactivelog;
extern const struct command cmd_file_list_install;
extern const struct command cmd_file_list_part_b_salog;
extern const struct command cmd_file_list_salog;
extern const struct command cmd_file_list_tftp;
extern const struct command cmd_file_search_activelog;
extern const struct command cmd_file_search_inactivelog;
extern const struct command cmd_file_search_install;
extern const struct command cmd_file_search_tftp;
extern const struct command cmd_file_tail_activelog;
extern const struct command cmd_file_tail_inactivelog;
extern const struct command cmd_file_tail_install;
extern const struct command cmd_file_tail_tftp;
extern const struct command cmd_file_view_activelog;
extern const struct command cmd_file_view_inactivelog;
extern const struct command cmd_file_view_install;
extern const struct command cmd_file_view_system_management_log;
extern const struct command cmd_file_view_tftp;
extern const struct command cmd_help;
extern const struct command cmd_quit;
extern const struct command cmd_run_sql;
extern const struct command cmd_set_cert_monitor_address;
extern const struct command cmd_set_cert_monitor_days;
extern const struct command cmd_set_cert_monitor_email_disable;
extern const struct command cmd_set_cert_monitor_email_enable;
extern const struct command cmd_set_cert_monitor_server;
extern const struct command cmd_set_cert_monitor_time;
extern const struct command cmd_set_cert_regen;
extern const struct command cmd_set_cli_pagination_off;
extern const struct command cmd_set_cli_pagination_on;
extern const struct command cmd_set_cli_session_timeout;
extern const struct command cmd_set_enterprise_parameter;
extern const struct command cmd_set_password_user_admin;
extern const struct command cmd_set_password_user_security;
extern const struct command cmd_show_cert_alarm;
extern const struct command cmd_show_cert_list_own;
extern const struct command cmd_show_cert_list_trust;
extern const struct command cmd_show_cert_monitor;
extern const struct command cmd_show_cert_own;
extern const struct command cmd_show_cert_trust;
extern const struct command cmd_show_cli_pagination;
extern const struct command cmd_show_cli_session_timeout;
extern const struct command cmd_show_enterprise_parameter;
extern const struct command cmd_show_itl;
extern const struct command cmd_show_myself;
extern const struct command cmd_show_network_cluster;
extern const struct command cmd_show_status;
extern const struct command cmd_show_tftp_statistics;
extern const struct command cmd_show_tvs_statistics;
extern const struct command cmd_show_version_active;
extern const struct command
    cmd_utils_disaster_recovery_prepare_restore_pub_from_sub;
extern const struct command cmd_utils_itl_reset_localkey;
extern const struct command cmd_utils_itl_reset_remotekey;
extern const struct command cmd_utils_service_activate;
extern const struct command cmd_utils_service_auto_restart_disable;
extern const struct command cmd_utils_service_auto_restart_enable;
extern const struct command cmd_utils_service_auto_restart_show;
extern const struct command cmd_utils_service_deactivate;
extern const struct command cmd_utils_service_list;
extern const struct command cmd_utils_service_restart;
extern const struct command cmd_utils_service_start;
extern const struct command cmd_utils_service_stop;

/* Sorted by words, NULL at the end. */
extern const struct command *const cmd_table[];

#endif
