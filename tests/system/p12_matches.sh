#!/bin/sh
# p12_matches.sh NODE PASSWORD: does ITLRecovery.p12 open with the password
# and hold the key of ITLRecovery.pem?  Told by openssl alone.
set -eu
inside() {
	tools/lab exec "$@"
}
have=$(inside "$1" openssl pkcs12 -in /var/lib/ucmsh/certs/ITLRecovery.p12 \
    -passin "pass:$2" -nodes -nocerts | openssl pkey -pubout)
want=$(inside "$1" openssl pkey -in /var/lib/ucmsh/certs/ITLRecovery.pem -pubout)
[ -n "$have" ] && [ "$have" = "$want" ]
inside "$1" openssl pkcs12 -in /var/lib/ucmsh/certs/ITLRecovery.p12 \
    -passin "pass:$2" -info -noout 2>&1 | grep -Eq 'PBES2.*Iteration 6[0-9]{5}|Iteration [6-9][0-9]{5,}'
