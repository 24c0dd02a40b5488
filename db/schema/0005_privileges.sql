-- Who may do what.  A table or column added later is named in its own step:
-- nothing is granted by pattern.
grant select, insert, update, delete on
	processnode, processnodeservice, certificate,
	certificateservicecertificatemap, certificatetrustrolemap,
	certificateprocessnodemap, processconfig, callmanager,
	callmanagergroup, callmanagergroupmember, devicepool, device,
	applicationuser, nodelink, certificatehold, devicetlinfo, alarm
	to ucm_rw;
grant select on
	typenodeusage, typeservice, typetrustrole, typecertificateservice,
	changecounter, schemamigration
	to ucm_rw;
grant execute on function ucm_slot_create(name), ucm_slot_drop(name)
	to ucm_rw;

-- run sql, reading: named columns, never a password or a key.
grant select (enum, name, moniker) on typenodeusage to ucm_sql, ucm_sql_rw;
grant select (enum, name, moniker, isservice) on typeservice
	to ucm_sql, ucm_sql_rw;
grant select (enum, name, moniker) on typetrustrole to ucm_sql, ucm_sql_rw;
grant select (enum, name, moniker, usestruststore) on typecertificateservice
	to ucm_sql, ucm_sql_rw;
grant select (pkid, name, mac, systemnode, description, isactive, nodeid,
	tknodeusage, ipv6name, tkprocessnoderole) on processnode
	to ucm_sql, ucm_sql_rw;
grant select (pkid, fkprocessnode, tkservice, isactive) on processnodeservice
	to ucm_sql, ucm_sql_rw;
grant select (pkid, servername, subjectname, issuername, serialnumber,
	certificate, ipv4address, ipv6address, timetolive, sha256, notbefore,
	notafter, selfsigned) on certificate to ucm_sql, ucm_sql_rw;
grant select (pkid, fkcertificate, tkcertificateservice)
	on certificateservicecertificatemap to ucm_sql, ucm_sql_rw;
grant select (pkid, fkcertificate, tktrustrole) on certificatetrustrolemap
	to ucm_sql, ucm_sql_rw;
grant select (pkid, fkcertificate, fkprocessnode, servername, ipv4address,
	ipv6address) on certificateprocessnodemap to ucm_sql, ucm_sql_rw;
grant select (pkid, fkprocessnode, paramname, paramvalue, tkservice)
	on processconfig to ucm_sql, ucm_sql_rw;
grant select (pkid, name, description, fkprocessnode, ctiid) on callmanager
	to ucm_sql, ucm_sql_rw;
grant select (pkid, name, tftpdefault) on callmanagergroup
	to ucm_sql, ucm_sql_rw;
grant select (pkid, fkcallmanager, fkcallmanagergroup, priority)
	on callmanagergroupmember to ucm_sql, ucm_sql_rw;
grant select (pkid, name, fkcallmanagergroup) on devicepool
	to ucm_sql, ucm_sql_rw;
grant select (pkid, name, description, tkmodel, tkclass, tkdeviceprotocol,
	fkdevicepool) on device to ucm_sql, ucm_sql_rw;
grant select (pkid, name, isstandard, userrank, ccmadministrator)
	on applicationuser to ucm_sql, ucm_sql_rw;
grant select (fkprocessnode, unit, walltime) on certificatehold
	to ucm_sql, ucm_sql_rw;
grant select (devicename, ipv4address, ipv6address, ctlsignature,
	ctltftpserver, itlsignature, itltftpserver, statuscode, reported)
	on devicetlinfo to ucm_sql, ucm_sql_rw;
grant select (pkid, raised, node, facility, severity, name, message)
	on alarm to ucm_sql, ucm_sql_rw;

-- run sql from level 1: changes of the vendor's tables; the type tables are
-- part of the program, the password column and who the CCM administrator is
-- are set by commands only.  So is what phones trust: a certificate written
-- here would stand in every node's next trust list, so certificates and their
-- roles can be removed and nothing else.
grant insert, update, delete on
	processnode, processnodeservice, processconfig, callmanager,
	callmanagergroup, callmanagergroupmember, devicepool, device
	to ucm_sql_rw;
grant delete on
	certificate, certificateservicecertificatemap,
	certificatetrustrolemap, certificateprocessnodemap
	to ucm_sql_rw;
grant insert (pkid, name, isstandard, userrank),
	update (name, isstandard, userrank) on applicationuser
	to ucm_sql_rw;
