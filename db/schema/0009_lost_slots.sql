-- A slot whose log was removed (max_slot_wal_keep_size) is of no use to
-- anybody: its node has to be copied anew, with a slot that works.
create or replace function ucm_slot_create(slot name) returns void
language plpgsql security definer set search_path = pg_catalog
as $$
begin
	perform pg_drop_replication_slot(slot_name) from pg_replication_slots
	    where slot_name = slot and wal_status = 'lost' and not active;
	if not exists (select from pg_replication_slots
	    where slot_name = slot) then
		perform pg_create_physical_replication_slot(slot, true);
	end if;
end
$$;
