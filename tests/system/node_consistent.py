"""Run inside a node by python3 -; fails unless nothing half-made lies about
and every unit's key pairs with its certificate.  Prints the serial numbers of
the units, in hexadecimal digits.
"""
import glob
import re
import ssl
import sys

CERTS = "/var/lib/ucmsh/certs/"
UNITS = ("CallManager", "TVS", "CAPF", "tomcat", "ipsec", "ITLRecovery")
CERTIFICATE = re.compile(
    "-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.S)


def value(der, at):
    """Where the value of the DER element at AT begins, and where it ends."""
    length = der[at + 1]
    at += 2
    if length & 0x80:
        end = at + (length & 0x7f)
        length = int.from_bytes(der[at:end], "big")
        at = end
    return at, at + length


def serial(pem):
    """The serial number of the certificate in PEM."""
    der = ssl.PEM_cert_to_DER_cert(CERTIFICATE.search(pem)[0])
    at, _ = value(der, 0)  # Certificate
    at, _ = value(der, at)  # TBSCertificate
    if der[at] == 0xa0:
        _, at = value(der, at)  # version
    start, end = value(der, at)
    return der[start:end].lstrip(b"\0").hex()


def main():
    """See the top."""
    if glob.glob(CERTS + "*.new"):
        sys.exit("a half-made certificate is left")
    pairs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for unit in UNITS:
        try:
            pairs.load_cert_chain(f"{CERTS}{unit}.pem")
        except ssl.SSLError as error:
            sys.exit(f"{unit}: key and certificate do not pair: {error}")
        with open(f"{CERTS}{unit}.pem", encoding="ascii") as pem:
            print(serial(pem.read()))


main()
