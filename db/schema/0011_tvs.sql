-- The trace of Cisco Trust Verification Service (services/tvs_trace.h).
insert into processconfig (fkprocessnode, paramname, paramvalue)
	select p.pkid, v.name, v.value
	from processnode p, (values
	    ('TVS Trace Level', 'Detailed'),
	    ('TVS Trace Files', '20'),
	    ('TVS Trace File Size', '1')) as v (name, value)
	where p.systemnode;
