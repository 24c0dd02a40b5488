#include "node/verb.h"

extern const struct verb verb_audit_begin;
extern const struct verb verb_audit_end;
extern const struct verb verb_cert_alarm;
extern const struct verb verb_cert_hold;
extern const struct verb verb_cert_list;
extern const struct verb verb_cert_monitor_set;
extern const struct verb verb_cert_monitor_show;
extern const struct verb verb_cert_regen;
extern const struct verb verb_cert_show;
extern const struct verb verb_cli_timeout;
extern const struct verb verb_cluster_show;
extern const struct verb verb_file_check;
extern const struct verb verb_file_delete;
extern const struct verb verb_file_rmdir;
extern const struct verb verb_file_sftpdetails;
extern const struct verb verb_hostkey_add;
extern const struct verb verb_hostkey_find;
extern const struct verb verb_hostkey_forget;
extern const struct verb verb_itl_activate;
extern const struct verb verb_itl_reset_localkey;
extern const struct verb verb_itl_reset_remotekey;
extern const struct verb verb_itl_stage;
extern const struct verb verb_itl_status;
extern const struct verb verb_join_begin;
extern const struct verb verb_join_end;
extern const struct verb verb_node_status;
extern const struct verb verb_parameter_list;
extern const struct verb verb_parameter_set;
extern const struct verb verb_parameter_show;
extern const struct verb verb_password_admin;
extern const struct verb verb_password_security;
extern const struct verb verb_password_settle;
extern const struct verb verb_password_stage;
extern const struct verb verb_recovery_p12;
extern const struct verb verb_recovery_saved;
extern const struct verb verb_restore_adopt;
extern const struct verb verb_restore_end;
extern const struct verb verb_restore_facts;
extern const struct verb verb_restore_look;
extern const struct verb verb_restore_nodes;
extern const struct verb verb_restore_pub_from_sub;
extern const struct verb verb_restore_relay;
extern const struct verb verb_service_activate;
extern const struct verb verb_service_autorestart;
extern const struct verb verb_service_deactivate;
extern const struct verb verb_service_list;
extern const struct verb verb_service_restart;
extern const struct verb verb_service_start;
extern const struct verb verb_service_stop;
extern const struct verb verb_sql;
extern const struct verb verb_whoami;

const struct verb *const verb_table[] = {
	&verb_audit_begin,
	&verb_audit_end,
	&verb_cert_alarm,
	&verb_cert_hold,
	&verb_cert_list,
	&verb_cert_monitor_set,
	&verb_cert_monitor_show,
	&verb_cert_regen,
	&verb_cert_show,
	&verb_cli_timeout,
	&verb_cluster_show,
	&verb_file_check,
	&verb_file_delete,
	&verb_file_rmdir,
	&verb_file_sftpdetails,
	&verb_hostkey_add,
	&verb_hostkey_find,
	&verb_hostkey_forget,
	&verb_itl_activate,
	&verb_itl_reset_localkey,
	&verb_itl_reset_remotekey,
	&verb_itl_stage,
	&verb_itl_status,
	&verb_join_begin,
	&verb_join_end,
	&verb_node_status,
	&verb_parameter_list,
	&verb_parameter_set,
	&verb_parameter_show,
	&verb_password_admin,
	&verb_password_security,
	&verb_password_settle,
	&verb_password_stage,
	&verb_recovery_p12,
	&verb_recovery_saved,
	&verb_restore_adopt,
	&verb_restore_end,
	&verb_restore_facts,
	&verb_restore_look,
	&verb_restore_nodes,
	&verb_restore_pub_from_sub,
	&verb_restore_relay,
	&verb_service_activate,
	&verb_service_autorestart,
	&verb_service_deactivate,
	&verb_service_list,
	&verb_service_restart,
	&verb_service_start,
	&verb_service_stop,
	&verb_sql,
	&verb_whoami,
};

const size_t verb_table_n = sizeof(verb_table) / sizeof(verb_table[0]);
