#!/bin/sh
# node_consistent.sh UCM-TRUST: run inside a node; fails unless its ITL is
# whole and verifies, nothing half-made lies about, and every unit's key
# pairs with its certificate.  Prints the serial numbers of the units.
set -u
cd /var/lib/ucmsh || exit 1
"$1" verify tftp/ITLFile.tlv >&2 || exit 1
if ls certs | grep '\.new$' >&2; then
	echo "a half-made certificate is left" >&2
	exit 1
fi
for unit in CallManager TVS CAPF tomcat ipsec ITLRecovery; do
	pem=certs/$unit.pem
	if [ "$(openssl pkey -in "$pem" -pubout)" != \
	    "$(openssl x509 -in "$pem" -noout -pubkey)" ]; then
		echo "$unit: key and certificate do not pair" >&2
		exit 1
	fi
	openssl x509 -noout -serial -in "$pem" | cut -d= -f2 | tr A-F a-f
done
