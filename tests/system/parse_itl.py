#!/usr/bin/env python3
"""An independent witness for trust lists.

    parse_itl.py FILE [--compare SHOWN] [--cert PEM]... [--signer TEXT]

Reads a trust list element by element, recomputes every number, name and hash
that `show itl` and `show ctl` print, and checks the signature with the
openssl command alone.  With --compare it holds the text in SHOWN (the output
of the command; lines before its first are skipped) against what it computed,
line for line; of the date only the form is checked.  With --cert, each
CERTHASH must be that of one of these certificates.  With --signer, the name
of the signer must contain TEXT.

Exit status: 0 when all of it is right, 1 when something is not, with one
line per fault.  Shares nothing with the programs it checks.
"""
import argparse
import hashlib
import os
import re
import struct
import subprocess
import sys
import tempfile

ROLES = {0: "System Administrator Security Token", 1: "CCM", 2: "CCM+TFTP",
         3: "TFTP", 4: "CAPF", 7: "APP-SERVER", 21: "TVS"}
DIGESTS = {1: "sha1", 2: "sha256", 3: "sha512"}
SHOWN_DIGESTS = {1: "SHA-1", 2: "SHA-256", 3: "SHA-512"}
HEADER = {3: "SIGNERID", 4: "SIGNERNAME", 5: "SERIALNUMBER", 6: "CANAME",
          7: "SIGNATUREINFO", 8: "DIGESTALGORTITHM", 9: "SIGNATUREALGOINFO",
          10: "SIGNATUREALGORTITHM", 11: "SIGNATUREMODULUS",
          12: "SIGNATURE", 14: "FILENAME", 15: "TIMESTAMP"}
RECORD = {1: "RECORDLENGTH", 2: "DNSNAME", 3: "SUBJECTNAME", 4: "FUNCTION",
          5: "ISSUERNAME", 6: "SERIALNUMBER", 7: "PUBLICKEY", 8: "SIGNATURE",
          9: "CERTIFICATE", 10: "IPADDRESS", 11: "CERTHASH",
          12: "HASH ALGORITHM"}
CONTAINERS = (3, 7, 9)
TABLE = ["BYTEPOS\tTAG\t\tLENGTH\tVALUE", "-------\t---\t\t------\t-----"]
DATE = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) "
                  r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
                  r"\d\d \d\d:\d\d:\d\d \S+ \d{4}$")

faults = []


def fault(text):
    faults.append(text)
    print("parse_itl: " + text, file=sys.stderr)


def openssl(args, data=b""):
    done = subprocess.run(["openssl"] + args, input=data, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.returncode, done.stdout


def head(data, off):
    """Tag, offset of the value and its length."""
    if off + 3 > len(data):
        raise ValueError("offset %d: no room for an element" % off)
    tag, length = struct.unpack(">BH", data[off:off + 3])
    if off + 3 + length > len(data):
        raise ValueError("offset %d: element runs past the end" % off)
    return tag, off + 3, length


def text_of(value, what):
    if value[-1:] != b"\0" or b"\0" in value[:-1]:
        raise ValueError(what + " does not end in its one NUL")
    return value[:-1].decode()


class Header:
    def __init__(self, data):
        self.items = []          # (tag, value) in the order of the file
        self.by = {}
        self.end = None
        off = 0
        while self.end is None or off < self.end:
            if data[off] == 13:
                off += 1
                continue
            tag, at, length = head(data, off)
            value = data[at:at + length]
            if tag in self.by:
                raise ValueError("offset %d: second header tag %d"
                                 % (off, tag))
            self.items.append((tag, value))
            self.by[tag] = value
            if tag == 12:
                self.sig_from, self.sig_to = off, at + length
            if tag == 2:
                self.end = struct.unpack(">H", value)[0]
            off = at if tag in CONTAINERS else at + length
        if off != self.end:
            raise ValueError("HeaderLength %d, but an element ends at %d"
                             % (self.end, off))
        self.version = tuple(self.by[1])
        if len(self.by[3]) != sum(3 + len(self.by[t]) for t in (4, 5, 6)):
            raise ValueError("SIGNERID does not add up")
        if len(self.by[7]) != 15 or len(self.by[9]) != 8:
            raise ValueError("SIGNATUREINFO does not add up")
        self.digest = self.by[8][0]
        self.modulus = self.by[11][0]
        if len(self.by[12]) != {0: 64, 1: 128, 2: 256, 3: 512}[self.modulus]:
            raise ValueError("SIGNATURE and SIGNATUREMODULUS differ")
        if self.by[10] != b"\0":
            raise ValueError("not an RSA signature")
        # The arithmetic of the format, padding included.
        total = sum(3 + len(v) for t, v in self.items if t not in
                    (4, 5, 6, 8, 9, 10, 11))
        if self.end != (total + 3) // 4 * 4:
            raise ValueError("HeaderLength %d, the elements need %d"
                             % (self.end, total))


class Record:
    def __init__(self, data, off):
        tag, at, length = head(data, off)
        if tag != 1 or length != 2:
            raise ValueError("offset %d: no RECORDLENGTH" % off)
        self.length = struct.unpack(">H", data[at:at + 2])[0]
        whole = data[off:off + self.length]
        if len(whole) != self.length or self.length < 5:
            raise ValueError("offset %d: RECORDLENGTH %d"
                             % (off, self.length))
        self.items = []
        self.by = {}
        here = 0
        while here < len(whole):
            tag, at, length = head(whole, here)
            if tag not in RECORD or tag in self.by:
                raise ValueError("offset %d: tag %d" % (off + here, tag))
            self.by[tag] = whole[at:at + length]
            self.items.append((tag, self.by[tag]))
            here = at + length
        self.role = struct.unpack(">H", self.by[4])[0]


def openssl_name(der, which):
    """A name as the lists write it, from what openssl prints."""
    _, out = openssl(["x509", "-inform", "DER", "-noout", "-" + which,
                      "-nameopt", "esc_ctrl,utf8,sep_semi_plus_space"], der)
    out = out.decode().split("=", 1)[1].strip()
    return [part.strip() for part in out.split("; ")]


def check_certificate(number, record):
    """What the record says about its certificate, by openssl."""
    der = record.by[9]
    code, out = openssl(["x509", "-inform", "DER", "-noout", "-serial"], der)
    if code != 0:
        fault("record %d: CERTIFICATE is not one" % number)
        return
    serial = bytes.fromhex(out.decode().split("=")[1].strip())
    if serial != record.by[6]:
        fault("record %d: SERIALNUMBER is not the certificate's" % number)
    for tag, which in ((3, "subject"), (5, "issuer")):
        said = re.split("[;,]", text_of(record.by[tag], RECORD[tag]))
        if said != openssl_name(der, which):
            fault("record %d: %s is not the certificate's: %s, %s"
                  % (number, RECORD[tag], said, openssl_name(der, which)))
    _, pem = openssl(["x509", "-inform", "DER", "-noout", "-pubkey"], der)
    code, key = openssl(["rsa", "-pubin", "-RSAPublicKey_out", "-outform",
                         "DER"], pem)
    if code == 0 and key != record.by[7]:
        fault("record %d: PUBLICKEY is not the certificate's" % number)
    if 8 in record.by and not der.endswith(record.by[8]):
        fault("record %d: SIGNATURE is not the certificate's" % number)


def find_signer(header, records):
    for index, record in enumerate(records):
        if (record.role == 0 and 9 in record.by
                and record.by[6] == header.by[5]
                and record.by[5] == header.by[6]
                and record.by[3] == header.by[4]):
            return index
    return None


def signature_is_right(data, header, der):
    """RSA PKCS#1 v1.5 over the file without its SIGNATURE element."""
    signed = data[:header.sig_from] + data[header.sig_to:]
    with tempfile.TemporaryDirectory() as where:
        key = os.path.join(where, "key.pem")
        sig = os.path.join(where, "sig")
        _, pem = openssl(["x509", "-inform", "DER", "-noout", "-pubkey"], der)
        with open(key, "wb") as f:
            f.write(pem)
        with open(sig, "wb") as f:
            f.write(header.by[12])
        code, _ = openssl(["dgst", "-" + DIGESTS[header.digest], "-verify",
                           key, "-signature", sig], signed)
    return code == 0


def row(tag, name, length, value=None):
    gap = "\t" if len(name) >= 8 else "\t\t"
    line = "%d\t%s%s%d" % (tag, name, gap, length)
    return line if value is None else line + "\t" + value


def pairs(value, sep):
    return sep.join("%02X" % b for b in value)


def header_lines(header):
    for tag, value in header.items:
        if tag in (1, 2):
            continue
        name = HEADER[tag]
        if tag in CONTAINERS:
            yield row(tag, name, 2, str(len(value)))
        elif tag in (4, 6):
            yield row(tag, name, len(value), text_of(value, name))
        elif tag == 5:
            yield row(tag, name, len(value), pairs(value, ":"))
        else:
            yield row(tag, name, len(value))
        if tag == 12:
            for at in range(0, len(value), 8):
                yield "\t\t" + "  ".join("%x" % b for b in value[at:at + 8])


def record_lines(record):
    for tag, value in record.items:
        name = RECORD[tag]
        if tag == 1:
            yield row(tag, name, 2, str(record.length))
        elif tag == 4:
            yield row(tag, name, 2, ROLES[record.role])
        elif tag in (2, 3, 5):
            said = text_of(value, name)
            yield row(tag, name, len(value), said if said.strip() else None)
        elif tag == 6:
            yield row(tag, name, len(value), pairs(value, ":"))
        elif tag == 9:
            yield row(tag, name, len(value),
                      pairs(hashlib.sha1(value).digest(), " ")
                      + " (SHA1 Hash HEX)")
        elif tag == 11:
            yield row(tag, name, len(value), pairs(value, " "))
        elif tag == 12:
            yield row(tag, name, len(value), SHOWN_DIGESTS[value[0]])
        else:
            yield row(tag, name, len(value))


def expected(data, header, records, signer, kind):
    yield "The checksum value of the %s file:" % kind
    yield hashlib.md5(data).hexdigest() + "(MD5)"
    yield hashlib.sha1(data).hexdigest() + "(SHA1)"
    yield ""
    yield ""
    yield "Length of %s file: %d" % (kind, len(data))
    yield "The %s File was last modified on *" % kind
    yield ""
    yield "Parse %s File" % kind
    yield "-" * 16
    yield ""
    yield "Version:\t%d.%d" % header.version
    yield "HeaderLength:\t%d (BYTES)" % header.end
    yield ""
    yield from TABLE
    yield from header_lines(header)
    yield ""
    for index, record in enumerate(records):
        yield "%s Record #:%d" % (kind, index + 1)
        yield "----"
        yield from TABLE
        yield from record_lines(record)
        if record.role == 0:
            used = "used" if index == signer else "not used"
            yield "This etoken was %s to sign the %s file." % (used, kind)
        yield ""
    yield "The %s file was verified successfully." % kind


def compare(shown, want):
    with open(shown, encoding="utf-8") as f:
        got = [line.rstrip("\r\n") for line in f]
    starts = [i for i, line in enumerate(got)
              if line.startswith("The checksum value of the ")]
    if not starts:
        fault("%s: no checksum line" % shown)
        return
    got = got[starts[0]:starts[0] + len(want)]
    if len(got) < len(want):
        fault("%s: %d lines, expected %d" % (shown, len(got), len(want)))
    for number, (a, b) in enumerate(zip(got, want), 1):
        if b.endswith("last modified on *"):
            if not (a.startswith(b[:-1]) and DATE.match(a[len(b) - 1:])):
                fault("%s: line %d: not a date: %r" % (shown, number, a))
        elif a != b:
            fault("%s: line %d: %r, expected %r" % (shown, number, a, b))


def check_hashes(records, paths):
    ders = []
    for path in paths:
        code, der = openssl(["x509", "-in", path, "-outform", "DER"])
        if code != 0:
            fault("%s: no certificate" % path)
        ders.append(der)
    for number, record in enumerate(records, 1):
        if 11 in record.by and record.by[11] not in [
                hashlib.new(DIGESTS[record.by[12][0]], der).digest()
                for der in ders]:
            fault("record %d: CERTHASH is of no certificate given" % number)


def check_file(data, args):
    header = Header(data)
    if header.version != (1, 2):
        raise ValueError("version %d.%d" % header.version)
    records = []
    off = header.end
    while off < len(data):
        records.append(Record(data, off))
        off += records[-1].length
    for number, record in enumerate(records, 1):
        if 9 in record.by:
            check_certificate(number, record)
        if 11 in record.by and len(record.by[11]) != hashlib.new(
                DIGESTS[record.by[12][0]]).digest_size:
            fault("record %d: CERTHASH has %d bytes"
                  % (number, len(record.by[11])))
    signer = find_signer(header, records)
    if signer is None:
        fault("no record of the signer")
    elif not signature_is_right(data, header, records[signer].by[9]):
        fault("the signature is wrong")
    name = text_of(header.by[14], "FILENAME")
    kind = "CTL" if name.startswith("CTL") else "ITL"
    if args.signer is not None and args.signer not in text_of(
            header.by[4], "SIGNERNAME"):
        fault("signed by %s" % text_of(header.by[4], "SIGNERNAME"))
    if args.cert:
        check_hashes(records, args.cert)
    if args.compare is not None:
        compare(args.compare,
                list(expected(data, header, records, signer, kind)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--compare")
    parser.add_argument("--cert", action="append", default=[])
    parser.add_argument("--signer")
    args = parser.parse_args()
    with open(args.file, "rb") as f:
        data = f.read()
    try:
        check_file(data, args)
    except (ValueError, KeyError, IndexError, struct.error) as why:
        fault("%s: %s" % (args.file, why))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
