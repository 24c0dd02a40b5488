-- Phones (db/devices.h): what their files say, and which have changed since.

-- The vendor's numbers of models that take configuration files.
create table typemodel (
	enum integer primary key,
	name text not null unique,
	tkclass integer not null default 1
);
insert into typemodel (enum, name) values
	(1, 'Cisco 30 SP+'), (2, 'Cisco 12 SP+'), (3, 'Cisco 12 SP'),
	(4, 'Cisco 12 S'), (5, 'Cisco 30 VIP'), (6, 'Cisco 7910'),
	(7, 'Cisco 7960'), (8, 'Cisco 7940'), (9, 'Cisco 7935'),
	(12, 'Cisco ATA 186'), (115, 'Cisco 7941'), (119, 'Cisco 7971'),
	(255, 'Unknown'),
	(302, 'Cisco 7985'), (307, 'Cisco 7911'), (308, 'Cisco 7961G-GE'),
	(309, 'Cisco 7941G-GE'), (348, 'Cisco 7931'), (365, 'Cisco 7921'),
	(369, 'Cisco 7906'), (404, 'Cisco 7962'), (412, 'Cisco 3951'),
	(431, 'Cisco 7937'), (434, 'Cisco 7942'), (435, 'Cisco 7945'),
	(436, 'Cisco 7965'), (437, 'Cisco 7975'), (446, 'Cisco 3911'),
	(484, 'Cisco 7925'), (493, 'Cisco 9971'), (495, 'Cisco 6921'),
	(496, 'Cisco 6941'), (497, 'Cisco 6961'), (537, 'Cisco 9951'),
	(540, 'Cisco 8961'), (547, 'Cisco 6901'), (548, 'Cisco 6911'),
	(550, 'Cisco ATA 187'), (564, 'Cisco 6945'), (577, 'Cisco 7926'),
	(585, 'Cisco 8945'), (586, 'Cisco 8941'), (592, 'Cisco 3905'),
	(621, 'Cisco 7821'), (622, 'Cisco 7841'), (623, 'Cisco 7861'),
	(683, 'Cisco 8841'), (684, 'Cisco 8851'), (685, 'Cisco 8861'),
	(20000, 'Cisco 7905'), (30002, 'Cisco 7920'), (30006, 'Cisco 7970'),
	(30007, 'Cisco 7912'), (30008, 'Cisco 7902'),
	(30016, 'Cisco IP Communicator'), (30018, 'Cisco 7961'),
	(30019, 'Cisco 7936'), (36213, 'Cisco 7811'), (36216, 'Cisco 8821'),
	(36217, 'Cisco 8811'), (36224, 'Cisco 8845'), (36225, 'Cisco 8865'),
	(36232, 'Cisco 8851NR'), (36247, 'Cisco 7832'),
	(36248, 'Cisco 8865NR'), (36258, 'Cisco 8832');

create table typedeviceprotocol (
	enum integer primary key,
	name text not null unique
);
insert into typedeviceprotocol values
	(0, 'SCCP'), (11, 'SIP'), (99, 'Unknown');

create table typedevicesecuritymode (
	enum integer primary key,
	name text not null unique
);
insert into typedevicesecuritymode values
	(1, 'Non Secure'), (2, 'Authenticated'), (3, 'Encrypted');

-- Numbers that nothing has checked so far.
update device set tkmodel = 255
	where tkmodel not in (select enum from typemodel);
update device set tkdeviceprotocol = 99
	where tkdeviceprotocol not in (select enum from typedeviceprotocol);

-- settingsaccess to spantopcport hold the numbers that stand in the file:
-- settingsaccess 0 disabled, 1 enabled, 2 restricted; the others 0 enabled,
-- 1 disabled.  certificate is PEM: what the phone's own file is encrypted to.
alter table device
	alter column tkmodel set default 255,
	add foreign key (tkmodel) references typemodel,
	add foreign key (tkdeviceprotocol) references typedeviceprotocol,
	add column specialloadinformation text not null default ''
	    check (specialloadinformation ~ '^[A-Za-z0-9._-]{0,64}$'),
	add column tkdevicesecuritymode integer not null default 1
	    references typedevicesecuritymode,
	add column settingsaccess integer not null default 1
	    check (settingsaccess between 0 and 2),
	add column webaccess integer not null default 1
	    check (webaccess between 0 and 1),
	add column sshaccess integer not null default 1
	    check (sshaccess between 0 and 1),
	add column spantopcport integer not null default 1
	    check (spantopcport between 0 and 1),
	add column tftpencryptedconfig boolean not null default false,
	add column certificate text not null default '',
	add check (not tftpencryptedconfig or certificate <> '');

-- The last change of each device that there is or has been: its number is
-- that of the counter, whose row a writer holds until it commits.  So numbers
-- become visible in their order, and "since" misses none.
create table devicechange (
	name text primary key,
	change bigint not null
);
create index devicechange_change on devicechange (change);

create function ucm_device_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, public
as $$
declare
	number bigint;
begin
	if not exists (select from changed) then
		return null;
	end if;
	update public.changecounter set value = value + 1
	    where tablename = 'device' returning value into number;
	insert into public.devicechange
	    select distinct c.name, number from changed c
	    on conflict (name) do update set change = excluded.change;
	return null;
end
$$;

-- A device that gets another name is a removed one and a new one.
create function ucm_device_update() returns trigger
language plpgsql security definer set search_path = pg_catalog, public
as $$
declare
	number bigint;
begin
	if not exists (select from changed) then
		return null;
	end if;
	update public.changecounter set value = value + 1
	    where tablename = 'device' returning value into number;
	insert into public.devicechange
	    select c.name, number
	    from (select name from before union select name from changed) c
	    on conflict (name) do update set change = excluded.change;
	return null;
end
$$;

drop trigger ucm_count_change on device;
create trigger ucm_device_insert after insert on device
	referencing new table as changed
	for each statement execute function ucm_device_change();
create trigger ucm_device_delete after delete on device
	referencing old table as changed
	for each statement execute function ucm_device_change();
create trigger ucm_device_update after update on device
	referencing old table as before new table as changed
	for each statement execute function ucm_device_update();

update changecounter set value = value + 1 where tablename = 'device';
insert into devicechange
	select d.name, c.value from device d, changecounter c
	where c.tablename = 'device';

-- Table callmanager follows the activated services: a node on which Cisco
-- CallManager begins gets its row, and the last place in the group Default;
-- one on which it ends is in no group any more.
create function ucm_callmanager_follow() returns trigger
language plpgsql security definer set search_path = pg_catalog, public
as $$
begin
	-- two at a time must not take the same place
	perform from public.callmanagergroup where name = 'Default' for update;
	delete from public.callmanager c where not exists (
	    select from public.processnodeservice s
	    where s.fkprocessnode = c.fkprocessnode and s.tkservice = 0
	    and s.isactive);
	with made as (
	    insert into public.callmanager (name, description, fkprocessnode)
	    select 'CM_' || coalesce(l.hostname, p.name),
	    coalesce(l.hostname, p.name), p.pkid
	    from public.processnodeservice s
	    join public.processnode p on p.pkid = s.fkprocessnode
	    left join public.nodelink l on l.fkprocessnode = p.pkid
	    where s.tkservice = 0 and s.isactive and not p.systemnode
	    and not exists (select from public.callmanager c
	    where c.fkprocessnode = p.pkid)
	    order by p.nodeid
	    on conflict do nothing
	    returning pkid, fkprocessnode)
	insert into public.callmanagergroupmember
	    (fkcallmanager, fkcallmanagergroup, priority)
	    select m.pkid, g.pkid,
	    coalesce((select max(o.priority)
		from public.callmanagergroupmember o
		where o.fkcallmanagergroup = g.pkid), -1)
	    + row_number() over (order by p.nodeid)
	    from made m
	    join public.processnode p on p.pkid = m.fkprocessnode,
	    public.callmanagergroup g where g.name = 'Default';
	return null;
end
$$;

create trigger ucm_callmanager_follow
	after insert or update or delete on processnodeservice
	for each statement execute function ucm_callmanager_follow();
update processnodeservice set isactive = isactive where tkservice = 0;

insert into processconfig (fkprocessnode, paramname, paramvalue)
	select pkid, 'Alternate Cisco File Servers', ''
	from processnode where systemnode
	on conflict do nothing;

grant select on typemodel, typedeviceprotocol, typedevicesecuritymode,
	devicechange to ucm_rw;
grant select (enum, name, tkclass) on typemodel to ucm_sql, ucm_sql_rw;
grant select (enum, name) on typedeviceprotocol to ucm_sql, ucm_sql_rw;
grant select (enum, name) on typedevicesecuritymode to ucm_sql, ucm_sql_rw;
grant select (specialloadinformation, tkdevicesecuritymode, settingsaccess,
	webaccess, sshaccess, spantopcport, tftpencryptedconfig, certificate)
	on device to ucm_sql, ucm_sql_rw;

-- What a phone's file is encrypted to is no business of run sql.
revoke insert, update on device from ucm_sql_rw;
grant insert (pkid, name, description, tkmodel, tkclass, tkdeviceprotocol,
	fkdevicepool, specialloadinformation, tkdevicesecuritymode,
	settingsaccess, webaccess, sshaccess, spantopcport),
	update (name, description, tkmodel, tkclass, tkdeviceprotocol,
	fkdevicepool, specialloadinformation, tkdevicesecuritymode,
	settingsaccess, webaccess, sshaccess, spantopcport)
	on device to ucm_sql_rw;
