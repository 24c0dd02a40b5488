-- The settings of the certificate monitor (db/monitor.h), one row for the
-- cluster.  timeofday is in minutes of the node's local time.
create table certificatemonitor (
	pkid text primary key default gen_random_uuid()::text,
	onlyrow boolean not null unique default true check (onlyrow),
	emailenabled boolean not null default false,
	address text not null default '' check (length(address) <= 255),
	host text not null default '' check (length(host) <= 253),
	port integer not null default 25 check (port between 1 and 65535),
	notifydays integer not null default 30
	    check (notifydays between 1 and 3650),
	timeofday integer not null default 540
	    check (timeofday between 0 and 1439),
	check (not emailenabled or (address <> '' and host <> ''))
);
insert into certificatemonitor default values;

insert into changecounter (tablename) values ('certificatemonitor');
create trigger ucm_count_change
	after insert or update or delete on certificatemonitor
	for each statement execute function ucm_count_change();

-- Set by commands only, which know what an address is.
grant select, update on certificatemonitor to ucm_rw;
grant select (pkid, emailenabled, address, host, port, notifydays, timeofday)
	on certificatemonitor to ucm_sql, ucm_sql_rw;
