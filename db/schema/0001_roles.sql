-- Who may connect, and what nobody but dbadmin may do.  No role here has a
-- password: they come in by peer or certificate (db/db.h).
do $$
begin
	if not exists (select from pg_roles where rolname = 'ucm_rw') then
		create role ucm_rw login;
	end if;
	if not exists (select from pg_roles where rolname = 'ucm_sql') then
		create role ucm_sql login;
	end if;
	if not exists (select from pg_roles where rolname = 'ucm_sql_rw') then
		create role ucm_sql_rw login;
	end if;
	if not exists (select from pg_roles where rolname = 'replicator') then
		create role replicator login replication;
	end if;
end
$$;

-- remote_apply without synchronous standbys does not wait for anybody, but
-- makes standbys report a commit as soon as they have replayed it.
alter role ucm_rw set synchronous_commit = remote_apply;
alter role ucm_rw set client_connection_check_interval = '1s';
alter role ucm_rw set idle_in_transaction_session_timeout = '60s';

alter role ucm_sql set default_transaction_read_only = on;
alter role ucm_sql set statement_timeout = '60s';
alter role ucm_sql set lock_timeout = '5s';
alter role ucm_sql set idle_in_transaction_session_timeout = '60s';
alter role ucm_sql set client_connection_check_interval = '1s';
alter role ucm_sql set temp_file_limit = '64MB';
alter role ucm_sql connection limit 8;

alter role ucm_sql_rw set synchronous_commit = remote_apply;
alter role ucm_sql_rw set statement_timeout = '60s';
alter role ucm_sql_rw set lock_timeout = '5s';
alter role ucm_sql_rw set idle_in_transaction_session_timeout = '60s';
alter role ucm_sql_rw set client_connection_check_interval = '1s';
alter role ucm_sql_rw set temp_file_limit = '64MB';
alter role ucm_sql_rw connection limit 8;

-- The state of the standbys (db/replicas.h).
grant pg_read_all_stats to ucm_rw;

revoke all on database ucm from public;
revoke all on database postgres from public;
grant connect on database ucm to ucm_rw, ucm_sql, ucm_sql_rw;
revoke all on schema public from public;
grant usage on schema public to ucm_rw, ucm_sql, ucm_sql_rw;
revoke usage on language plpgsql from public;
revoke usage on language sql from public;
alter default privileges revoke execute on functions from public;

-- An administrator's statement has no business with locks that outlive it,
-- large objects, settings, other sessions or the replication stream.
do $$
declare
	f regprocedure;
begin
	for f in
		select p.oid from pg_proc p
		where p.pronamespace = 'pg_catalog'::regnamespace
		    and (p.proname like 'pg\_advisory\_%'
			or p.proname like 'pg\_try\_advisory\_%'
			or p.proname like 'lo\_%'
			or p.proname in ('loread', 'lowrite', 'set_config',
			    'pg_cancel_backend', 'pg_terminate_backend',
			    'pg_notify', 'pg_logical_emit_message',
			    'pg_export_snapshot'))
	loop
		execute format('revoke execute on function %s from public', f);
	end loop;
end
$$;
