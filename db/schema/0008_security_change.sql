-- Changes of the cluster security password (db/security_change.h): numbers
-- that say nothing about any password.  One row; no business of run sql.
create table securitychange (
	pkid text primary key default gen_random_uuid()::text,
	onlyrow boolean not null unique default true check (onlyrow),
	currentid text not null default ''
	    check (currentid ~ '^([0-9a-f]{32})?$'),
	pendingid text not null default ''
	    check (pendingid ~ '^([0-9a-f]{32})?$')
);
insert into securitychange default values;

insert into changecounter (tablename) values ('securitychange');
create trigger ucm_count_change
	after insert or update or delete on securitychange
	for each statement execute function ucm_count_change();

grant select, update on securitychange to ucm_rw;
