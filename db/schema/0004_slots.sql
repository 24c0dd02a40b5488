-- Replication slots for the agent, which has no right to replicate.
create function ucm_slot_create(slot name) returns void
language plpgsql security definer set search_path = pg_catalog
as $$
begin
	if not exists (select from pg_replication_slots
	    where slot_name = slot) then
		perform pg_create_physical_replication_slot(slot, true);
	end if;
end
$$;

create function ucm_slot_drop(slot name) returns void
language plpgsql security definer set search_path = pg_catalog
as $$
begin
	if exists (select from pg_replication_slots
	    where slot_name = slot and slot_type = 'physical') then
		perform pg_drop_replication_slot(slot);
	end if;
end
$$;
