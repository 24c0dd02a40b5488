-- Whether the file of the publisher's recovery key is kept outside as well
-- (db/recovery_backup.h).  One row; times as everywhere, handed in.
create table recoverybackup (
	pkid text primary key default gen_random_uuid()::text,
	onlyrow boolean not null unique default true check (onlyrow),
	savedsha256 text not null default ''
	    check (savedsha256 ~ '^([0-9a-f]{64})?$'),
	savedat bigint not null default 0,
	presentsha256 text not null default ''
	    check (presentsha256 ~ '^([0-9a-f]{64})?$'),
	unsavedsince bigint not null default 0
);
insert into recoverybackup default values;

insert into changecounter (tablename) values ('recoverybackup');
create trigger ucm_count_change
	after insert or update or delete on recoverybackup
	for each statement execute function ucm_count_change();

-- That a key is saved is proven by reading the copy back, never by run sql.
grant select, update on recoverybackup to ucm_rw;
grant select (pkid, savedsha256, savedat, presentsha256, unsavedsince)
	on recoverybackup to ucm_sql, ucm_sql_rw;
