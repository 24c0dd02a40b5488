-- The change counter (db/changes.h): one row for each table that counts, so
-- that writers of different tables do not wait for each other.
create table changecounter (
	tablename text primary key,
	value bigint not null default 0
);

create function ucm_count_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, public
as $$
begin
	update public.changecounter set value = value + 1
	    where tablename = tg_table_name;
	return null;
end
$$;

do $$
declare
	t text;
begin
	foreach t in array array['processnode', 'processnodeservice',
	    'certificate', 'certificateservicecertificatemap',
	    'certificatetrustrolemap', 'certificateprocessnodemap',
	    'processconfig', 'callmanager', 'callmanagergroup',
	    'callmanagergroupmember', 'devicepool', 'device', 'nodelink']
	loop
		insert into changecounter (tablename) values (t);
		execute format('create trigger ucm_count_change '
		    'after insert or update or delete on %I '
		    'for each statement execute function ucm_count_change()',
		    t);
	end loop;
end
$$;
