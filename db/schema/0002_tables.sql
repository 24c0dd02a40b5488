-- The tables.  Names and columns of the first part are the vendor's, as far
-- as they are known and used, so that known SQL works; columns of ours stand
-- behind the vendor's.  The last part is ours alone.  Times are seconds
-- since 1970 of the node's own clock, handed in: nothing here asks for now().

create table typenodeusage (
	enum integer primary key,
	name text not null unique,
	moniker text not null unique
);
insert into typenodeusage values
	(0, 'Publisher', 'NODE_USAGE_PUBLISHER'),
	(1, 'Subscriber', 'NODE_USAGE_SUBSCRIBER');

-- name is the address or, of the system node, EnterpriseWideData; nodeid
-- counts in the order of joining.
create table processnode (
	pkid text primary key default gen_random_uuid()::text,
	name text not null unique,
	mac text not null default '',
	systemnode boolean not null default false,
	description text not null default '',
	isactive boolean not null default true,
	nodeid integer not null unique,
	tknodeusage integer not null references typenodeusage,
	ipv6name text not null default '',
	tkprocessnoderole integer not null default 1
);
create unique index processnode_publisher on processnode (tknodeusage)
	where tknodeusage = 0 and not systemnode;
insert into processnode (name, systemnode, description, nodeid, tknodeusage)
	values ('EnterpriseWideData', true, '', 1, 0);

-- isservice: can be activated on a node
create table typeservice (
	enum integer primary key,
	name text not null unique,
	moniker text not null unique,
	isservice boolean not null default true
);
insert into typeservice values
	(0, 'Cisco CallManager', 'SERVICE_CALL_MANAGER', true),
	(1, 'Cisco Tftp', 'SERVICE_TFTP', true),
	(11, 'Enterprise Wide', 'SERVICE_ENTERPRISE_WIDE', false),
	(101, 'Cisco Trust Verification Service', 'SERVICE_TVS', true),
	(102, 'Cisco Certificate Authority Proxy Function', 'SERVICE_CAPF',
	    true),
	(103, 'Cisco Certificate Expiry Monitor', 'SERVICE_CERT_MONITOR', true);

create table processnodeservice (
	pkid text primary key default gen_random_uuid()::text,
	fkprocessnode text not null references processnode on delete cascade,
	tkservice integer not null references typeservice,
	isactive boolean not null default false,
	unique (fkprocessnode, tkservice)
);

-- The FUNCTION numbers of trust lists and a few that never stand in one.
create table typetrustrole (
	enum integer primary key,
	name text not null unique,
	moniker text not null unique
);
insert into typetrustrole values
	(0, 'System Administrator Security Token', 'TRUST_ROLES_SAST'),
	(1, 'CCM', 'TRUST_ROLES_CALLMANAGER'),
	(2, 'CCM+TFTP', 'TRUST_ROLES_CALLMANAGER_TFTP'),
	(3, 'TFTP', 'TRUST_ROLES_TFTP'),
	(4, 'CAPF', 'TRUST_ROLES_CAPF'),
	(5, 'SRST', 'TRUST_ROLES_SRST'),
	(6, 'Firewall', 'PHONE_TRUST_ROLES_FIREWALL'),
	(7, 'Application Server', 'ROLE_APPLICATION_SERVER'),
	(20, 'Certificate Authority', 'ROLE_CERTIFICATE_AUTHORITY'),
	(21, 'Authentication and Authorization',
	    'ROLE_AUTHENTICATION_AUTHORIZATION'),
	(22, 'Signaling and Call Control', 'ROLE_SIGNALING_CALL_CONTROL'),
	(23, 'Provisioning Service', 'TRUST_ROLE_PROVISIONING_SERVICE'),
	(24, 'Data Service', 'TRUST_ROLE_DATA_SERVICE'),
	(25, 'Network Element', 'TRUST_ROLE_NETWORK_ELEMENT'),
	(26, 'VPN', 'TRUST_ROLE_VPN'),
	(27, 'Serviceability', 'TRUST_ROLE_SERVICEABILITY'),
	(255, 'Unknown', 'TRUST_ROLES_UNKNOWN');

create table typecertificateservice (
	enum integer primary key,
	name text not null unique,
	moniker text not null unique,
	usestruststore boolean not null
);
insert into typecertificateservice values
	(1, 'Phone-trust', 'PHONE_TRUST', true),
	(2, 'Phone-VPN-trust', 'PHONE_VPN_TRUST', true),
	(3, 'CallManager', 'CALLMANAGER', false),
	(4, 'CallManager-trust', 'CALLMANAGER_TRUST', true),
	(5, 'tomcat', 'TOMCAT', false),
	(6, 'tomcat-trust', 'TOMCAT_TRUST', true),
	(7, 'ipsec', 'IPSEC', false),
	(8, 'ipsec-trust', 'IPSEC_TRUST', true),
	(9, 'CAPF', 'CAPF', false),
	(10, 'CAPF-trust', 'CAPF_TRUST', true),
	(11, 'TVS', 'TVS', false),
	(12, 'TVS-trust', 'TVS_TRUST', true),
	(13, 'directory-trust', 'DIRECTORY_TRUST', true),
	(14, 'Phone-SAST-trust', 'PHONE_SAST_TRUST', true),
	(15, 'Phone-CTL-trust', 'PHONE_CTL_TRUST', true),
	(16, 'userlicensing-trust', 'USERLICENSING_TRUST', true),
	(17, 'ITLRecovery', 'ITLRECOVERY', false);

create table certificate (
	pkid text primary key default gen_random_uuid()::text,
	servername text not null default '',
	subjectname text not null,
	issuername text not null,
	serialnumber text not null,
	certificate text not null,
	ipv4address text not null default '',
	ipv6address text not null default '',
	timetolive integer,
	sha256 text not null,
	notbefore bigint not null,
	notafter bigint not null,
	selfsigned boolean not null
);
create index certificate_serial on certificate (serialnumber);
create index certificate_sha256 on certificate (sha256);

create table certificateservicecertificatemap (
	pkid text primary key default gen_random_uuid()::text,
	fkcertificate text not null references certificate on delete cascade,
	tkcertificateservice integer not null
	    references typecertificateservice,
	unique (fkcertificate, tkcertificateservice)
);

create table certificatetrustrolemap (
	pkid text primary key default gen_random_uuid()::text,
	fkcertificate text not null references certificate on delete cascade,
	tktrustrole integer not null references typetrustrole,
	unique (fkcertificate, tktrustrole)
);

create table certificateprocessnodemap (
	pkid text primary key default gen_random_uuid()::text,
	fkcertificate text not null references certificate on delete cascade,
	fkprocessnode text not null references processnode on delete cascade,
	servername text not null default '',
	ipv4address text not null default '',
	ipv6address text not null default '',
	unique (fkcertificate, fkprocessnode)
);
create index certificateprocessnodemap_node
	on certificateprocessnodemap (fkprocessnode);

create table processconfig (
	pkid text primary key default gen_random_uuid()::text,
	fkprocessnode text not null references processnode on delete cascade,
	paramname text not null,
	paramvalue text not null,
	tkservice integer not null default 11 references typeservice,
	unique (fkprocessnode, tkservice, paramname)
);
insert into processconfig (fkprocessnode, paramname, paramvalue)
	select p.pkid, v.name, v.value
	from processnode p, (values
	    ('ClusterSecurityMode', '0'),
	    ('TFTP File Signature Algorithm', 'SHA-1'),
	    ('Cluster ID', 'StandAloneCluster')) as v (name, value)
	where p.systemnode;

create table callmanager (
	pkid text primary key default gen_random_uuid()::text,
	name text not null unique,
	description text not null default '',
	fkprocessnode text not null unique
	    references processnode on delete cascade,
	ctiid integer
);

create table callmanagergroup (
	pkid text primary key default gen_random_uuid()::text,
	name text not null unique,
	tftpdefault boolean not null default false
);
insert into callmanagergroup (name, tftpdefault) values ('Default', true);

create table callmanagergroupmember (
	pkid text primary key default gen_random_uuid()::text,
	fkcallmanager text not null references callmanager on delete cascade,
	fkcallmanagergroup text not null
	    references callmanagergroup on delete cascade,
	priority integer not null,
	unique (fkcallmanagergroup, fkcallmanager),
	unique (fkcallmanagergroup, priority)
);

create table devicepool (
	pkid text primary key default gen_random_uuid()::text,
	name text not null unique,
	fkcallmanagergroup text not null references callmanagergroup
);
insert into devicepool (name, fkcallmanagergroup)
	select 'Default', pkid from callmanagergroup where name = 'Default';

create table device (
	pkid text primary key default gen_random_uuid()::text,
	name text not null unique,
	description text not null default '',
	tkmodel integer not null default 0,
	tkclass integer not null default 1,
	tkdeviceprotocol integer not null default 11,
	fkdevicepool text not null references devicepool
);
create index device_pool on device (fkdevicepool);

-- passwordhash is the text of a password hash; no role of run sql sees it.
create table applicationuser (
	pkid text primary key default gen_random_uuid()::text,
	name text not null unique,
	isstandard boolean not null default false,
	userrank integer not null default 1,
	passwordhash text not null default '',
	ccmadministrator boolean not null default false
);
create unique index applicationuser_administrator
	on applicationuser (ccmadministrator) where ccmadministrator;

-- Ours.

-- What a link to a node needs; host keys and peer keys are public keys.
create table nodelink (
	fkprocessnode text primary key
	    references processnode on delete cascade,
	hostname text not null,
	domain text not null default '',
	sshport integer not null check (sshport between 1 and 65535),
	tftpport integer not null check (tftpport between 1 and 65535),
	httpport integer not null check (httpport between 1 and 65535),
	dbport integer not null check (dbport between 1 and 65535),
	hostkey text not null default '',
	peerkey text not null default ''
);
create unique index nodelink_hostname on nodelink (lower(hostname));

-- The last regeneration on a node (db/hold.h).
create table certificatehold (
	fkprocessnode text primary key
	    references processnode on delete cascade,
	unit text not null,
	walltime bigint not null,
	bootid text not null,
	boottime bigint not null
);

-- Which trust list a phone says it has.
create table devicetlinfo (
	devicename text primary key,
	ipv4address text not null default '',
	ipv6address text not null default '',
	ctlsignature text not null default '',
	ctltftpserver text not null default '',
	itlsignature text not null default '',
	itltftpserver text not null default '',
	statuscode integer not null default 0,
	reported bigint not null
);

create table alarm (
	pkid text primary key default gen_random_uuid()::text,
	raised bigint not null,
	node text not null,
	facility text not null,
	severity integer not null check (severity between 0 and 7),
	name text not null,
	message text not null
);
create index alarm_raised on alarm (raised);
