#!/usr/bin/env python3
"""Trust lists and signed files of every shape, legal and damaged.

    trustlist_cases.py PROGRAM DIR [--stride N]

Writes each file into DIR from a reading of the format of its own (keys by
the openssl command, certificates, lists and signatures by hand), runs
PROGRAM (ucm-trust) on it and prints "ok - NAME" or "# why" and "not ok -
NAME", one line for each rule.  Shares nothing with the program.

Legal files must be valid, shown as the rules of show itl and show ctl say,
in text and in JSON, and valid again after being signed again, by openssl
alone.  Damaged files must be refused with the verdict of their damage and
one line of file, offset and rule.  N: every Nth byte of the sweeps over
whole files, and unless it is 1, each damage to one kind of list in turn.
"""
import argparse
import base64
import hashlib
import json
import os
import random
import re
import struct
import subprocess
import sys

SAST, CCM, CCM_TFTP, TFTP, CAPF, APP_SERVER, TVS = 0, 1, 2, 3, 4, 7, 21
VALID, SIGNATURE, MALFORMED, UNVERIFIABLE = 0, 1, 2, 3
VERDICT = {VALID: "valid", SIGNATURE: "signature invalid",
           MALFORMED: "malformed", UNVERIFIABLE: "unverifiable"}
HASHES = {1: hashlib.sha1, 2: hashlib.sha256, 3: hashlib.sha512}
# DER in front of a digest inside an RSA signature (RFC 8017, 9.2).
DIGEST_INFO = {1: "3021300906052b0e03021a05000414",
               2: "3031300d060960864801650304020105000420",
               3: "3051300d060960864801650304020305000440"}
NOW = 1393439067


# --- keys and certificates ---------------------------------------------------

def run(args, data=b""):
    return subprocess.run(args, input=data, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def openssl(*args, data=b""):
    done = run(["openssl"] + list(args), data)
    if done.returncode != 0:
        raise RuntimeError("openssl %s: %s" % (" ".join(args),
                                               done.stderr.decode()))
    return done.stdout


def pem(label, raw):
    text = base64.b64encode(raw).decode()
    lines = [text[i:i + 64] for i in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN %s-----" % label] + lines +
                     ["-----END %s-----" % label, ""]).encode()


def der(tag, *parts):
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + body


def der_int(raw):
    """A positive INTEGER of these bytes."""
    return der(2, (b"\0" if raw[0] & 0x80 else b"") + raw)


def der_oid(text):
    numbers = [int(n) for n in text.split(".")]
    out = bytes([40 * numbers[0] + numbers[1]])
    for n in numbers[2:]:
        part = [n & 0x7f]
        while n > 0x7f:
            n >>= 7
            part.insert(0, n & 0x7f | 0x80)
        out += bytes(part)
    return der(6, out)


def der_ints(data):
    """The INTEGERs of a SEQUENCE, as numbers."""
    def head(at):
        size = data[at + 1]
        at += 2
        if size & 0x80:
            n = size & 0x7f
            return int.from_bytes(data[at:at + n], "big"), at + n
        return size, at
    _, at = head(0)
    out = []
    while at < len(data):
        size, at = head(at)
        out.append(int.from_bytes(data[at:at + size], "big"))
        at += size
    return out


class Rsa:
    """An RSA key by openssl; signs by hand."""

    def __init__(self, bits, path):
        self.bits = bits
        self.path = path
        if not os.path.exists(path):
            openssl("genrsa", "-traditional", "-out", path, str(bits))
        numbers = der_ints(openssl("rsa", "-in", path, "-traditional",
                                   "-outform", "DER"))
        _, self.n, self.e, _, self.p, self.q, self.dp, self.dq, self.qi = \
            numbers
        self.size = (self.n.bit_length() + 7) // 8
        self.public = der(0x30, self.number(self.n), self.number(self.e))
        self.spki = der(0x30, der(0x30, der_oid("1.2.840.113549.1.1.1"),
                                  b"\5\0"), der(3, b"\0" + self.public))

    @staticmethod
    def number(n):
        return der_int(n.to_bytes((n.bit_length() + 7) // 8, "big"))

    def sign(self, data, digest):
        info = bytes.fromhex(DIGEST_INFO[digest]) + HASHES[digest](data
                                                                   ).digest()
        fill = self.size - len(info) - 3
        if fill < 8:
            raise ValueError("this digest does not fit this key")
        m = int.from_bytes(b"\0\1" + b"\xff" * fill + b"\0" + info, "big")
        a, b = pow(m, self.dp, self.p), pow(m, self.dq, self.q)
        s = b + self.q * (self.qi * (a - b) % self.p)
        return s.to_bytes(self.size, "big")


class Ec:
    """An EC key: only its public half is of use in a record."""

    def __init__(self, curve, size, path):
        self.path = path
        openssl("ecparam", "-name", curve, "-genkey", "-noout", "-out", path)
        self.spki = openssl("ec", "-in", path, "-pubout", "-outform", "DER")
        self.public = self.spki[-size:]


OIDS = {"CN": "2.5.4.3", "OU": "2.5.4.11", "O": "2.5.4.10", "L": "2.5.4.7",
        "ST": "2.5.4.8", "C": "2.5.4.6", "E": "1.2.840.113549.1.9.1"}
UTF8, PRINTABLE, BMP = 0x0c, 0x13, 0x1e


class Name:
    """A name: a list of RDNs, each a list of (type, value[, string tag])."""

    def __init__(self, *rdns):
        self.rdns = [rdn if isinstance(rdn, list) else [rdn] for rdn in rdns]

    def der(self):
        sets = []
        for rdn in self.rdns:
            parts = []
            for kind, value, *tag in rdn:
                tag = tag[0] if tag else UTF8
                raw = value.encode("utf-16-be" if tag == BMP else "utf-8")
                parts.append(der(0x30, der_oid(OIDS[kind]), der(tag, raw)))
            sets.append(der(0x31, *sorted(parts)))
        return der(0x30, *sets)

    def cucm(self):
        return ";".join("%s=%s" % (kind, value)
                        for rdn in self.rdns for kind, value, *_ in rdn)

    def comma(self):
        """As the open tools write it: RFC 4514 escapes, flattened by ','."""
        return ",".join("%s=%s" % (kind, self.escape(value))
                        for rdn in self.rdns for kind, value, *_ in rdn)

    @staticmethod
    def escape(value):
        out = re.sub(r'([,+"\\<>;])', r"\\\1", value)
        if out[:1] in ("#", " "):
            out = "\\" + out
        if out[-1:] == " " and not out.endswith("\\ "):
            out = out[:-1] + "\\ "
        return out


def dn(cn):
    return Name(("CN", cn), ("OU", "tac"), ("O", "cisco"), ("L", "rtp"),
                ("ST", "nc"), ("C", "US", PRINTABLE))


SIGNED_WITH = {1: "1.2.840.113549.1.1.5", 2: "1.2.840.113549.1.1.11",
               3: "1.2.840.113549.1.1.13"}


class Cert:
    """A certificate, by hand."""

    def __init__(self, subject, key, serial, issuer=None, issuer_key=None,
                 digest=1, version=3, extra=0):
        self.subject = subject
        self.issuer = issuer or subject
        self.key = key
        self.serial = serial
        by = issuer_key or key
        algorithm = der(0x30, der_oid(SIGNED_WITH[digest]), b"\5\0")
        extensions = b""
        if version == 3:
            basic = der(0x30, der_oid("2.5.29.19"), der(4, der(0x30)))
            filler = b""
            if extra:
                filler = der(0x30, der_oid("1.3.6.1.4.1.99999.1"),
                             der(4, bytes(extra)))
            extensions = der(0xa3, der(0x30, basic, filler))
        tbs = der(0x30, der(0xa0, der(2, b"\2")) if version == 3 else b"",
                  der_int(serial), algorithm, self.issuer.der(),
                  der(0x30, der(0x17, b"140226000000Z"),
                      der(0x17, b"340226000000Z")),
                  subject.der(), key.spki, extensions)
        self.signature = by.sign(tbs, digest)
        self.der = der(0x30, tbs, algorithm, der(3, b"\0" + self.signature))

    def pem(self, path):
        with open(path, "wb") as f:
            f.write(pem("CERTIFICATE", self.der))
            with open(self.key.path, "rb") as key:
                f.write(key.read())
        return path


# --- elements ----------------------------------------------------------------

PAD = object()       # a lone 0x0D
FILL = object()      # as many of them as the header needs
LENGTH = object()    # the value of HEADERLENGTH or RECORDLENGTH
SIGN = object()      # the value of SIGNATURE
HEADER_NAMES = {3: "SIGNERID", 4: "SIGNERNAME", 5: "SERIALNUMBER",
                6: "CANAME", 7: "SIGNATUREINFO", 8: "DIGESTALGORTITHM",
                9: "SIGNATUREALGOINFO", 10: "SIGNATUREALGORTITHM",
                11: "SIGNATUREMODULUS", 12: "SIGNATURE", 14: "FILENAME",
                15: "TIMESTAMP", 28: "SIGNERVERSION"}
RECORD_NAMES = {1: "RECORDLENGTH", 2: "DNSNAME", 3: "SUBJECTNAME",
                4: "FUNCTION", 5: "ISSUERNAME", 6: "SERIALNUMBER",
                7: "PUBLICKEY", 8: "SIGNATURE", 9: "CERTIFICATE",
                10: "IPADDRESS", 11: "CERTHASH", 12: "HASH ALGORITHM"}
ROLE_NAMES = {SAST: "System Administrator Security Token", CCM: "CCM",
              CCM_TFTP: "CCM+TFTP", TFTP: "TFTP", CAPF: "CAPF",
              APP_SERVER: "APP-SERVER", TVS: "TVS"}
DIGEST_NAMES = {1: "SHA-1", 2: "SHA-256", 3: "SHA-512"}


def u16(n):
    return struct.pack(">H", n)


def text(s):
    return s.encode() + b"\0"


def put(tag, value):
    return bytes([tag]) + u16(len(value)) + value


class El:
    """An element; size lies about the length of the value when given."""

    def __init__(self, tag, value, size=None):
        self.tag = tag
        self.value = value
        self.size = size

    def encode(self, length, signature):
        value = self.value
        if value is LENGTH:
            value = u16(length)
        elif value is SIGN:
            value = signature
        elif isinstance(value, list):
            value = b"".join(item.encode(length, signature)
                             for item in value)
        size = len(value) if self.size is None else self.size
        return bytes([self.tag]) + u16(size) + value


def find(items, tag):
    """The element with this tag, in containers too."""
    for item in items:
        if isinstance(item, El):
            if item.tag == tag:
                return item
            if isinstance(item.value, list):
                inner = find(item.value, tag)
                if inner is not None:
                    return inner
    return None


def without(items, tag):
    """The same without it, in containers too."""
    out = []
    for item in items:
        if isinstance(item, El):
            if item.tag == tag:
                continue
            if isinstance(item.value, list):
                item = El(item.tag, without(item.value, tag), item.size)
        out.append(item)
    return out


class File:
    """A header and what follows it, signed when it is written."""

    def __init__(self, header, key, digest, kind="ITL"):
        self.header = header
        self.key = key
        self.digest = digest
        self.kind = kind
        self.records = []        # of Record
        self.content = b""       # of a signed file
        self.length = None       # HEADERLENGTH that is not the right one
        self.signature = None    # its size, when it is not the key's
        self.signer = None       # index, when the list is to be valid
        self.signer_cert = None
        self.recorded = None     # used / not used by index, if unusual

    def layout(self, length, signature, fill):
        parts = []
        self.sig_at = None
        for item in self.header:
            at = sum(len(p) for p in parts)
            if item is PAD:
                parts.append(b"\x0d")
            elif item is FILL:
                parts.append(b"\x0d" * fill)
            elif isinstance(item, bytes):
                parts.append(item)
            else:
                parts.append(item.encode(length, signature))
                if item.tag == 12 and self.sig_at is None:
                    self.sig_at = at
                    self.sig_end = at + len(parts[-1])
        return b"".join(parts)

    def bytes(self):
        size = self.signature or self.key.size
        blank = bytes(size)
        bare = self.layout(0, blank, 0)
        fill = -len(bare) % 4
        self.fill = fill
        length = len(self.layout(0, blank, fill))
        self.header_length = length
        if self.length is not None:
            length = self.length
        body = b"".join(r.bytes() for r in self.records) + self.content
        head = self.layout(length, blank, fill)
        if self.sig_at is None:
            return head + body
        signed = head[:self.sig_at] + head[self.sig_end:] + body
        signature = self.key.sign(signed, self.digest)
        if len(signature) != size:
            signature = (signature + bytes(size))[:size]
        return self.layout(length, signature, fill) + body


class Record:
    def __init__(self, items, length=None):
        self.items = items
        self.length = length
        self.role = None
        self.cert = None

    def bytes(self):
        def whole(length):
            return b"".join(i if isinstance(i, bytes)
                            else i.encode(length, b"") for i in self.items)
        real = len(whole(0))
        return whole(real if self.length is None else self.length)


def header(cert, digest=1, style="cucm", version=(1, 2), filename=None,
           signer_version=None, size=None, time=NOW):
    """The elements of a header in the order of CUCM or the open tools."""
    name = Name.cucm if style == "cucm" else Name.comma
    size = size or cert.key.size
    modulus = {64: 0, 128: 1, 256: 2, 512: 3}[size]
    signer = [El(4, text(name(cert.subject))), El(5, cert.serial),
              El(6, text(name(cert.issuer)))]
    if style == "comma":
        signer = [signer[0], signer[2], signer[1]]
        if signer_version is None and version == (1, 2):
            signer_version = b"\1\0"
    out = [El(1, bytes(version)), El(2, LENGTH)]
    if signer_version:
        out.append(El(28, signer_version))
    out += [El(3, signer),
            El(7, [El(8, bytes([digest])),
                   El(9, [El(10, b"\0"), El(11, bytes([modulus]))])]),
            El(12, SIGN), El(14, text(filename or "ITLFile.tlv")),
            El(15, struct.pack(">I", time)), FILL]
    return out


def record(role, cert=None, style="cucm", dns=" ", hashed=0, address=None,
           token=False):
    """A record: CUCM's order or the open tools'; hashed: its algorithm."""
    name = Name.cucm if style == "cucm" else Name.comma
    by = {1: El(1, LENGTH), 4: El(4, u16(role))}
    if style == "cucm" and dns is not None:
        by[2] = El(2, text(dns))
    if cert is not None:
        by[3] = El(3, text(name(cert.subject)))
        by[5] = El(5, text(name(cert.issuer)))
        by[6] = El(6, cert.serial)
        by[7] = El(7, cert.key.public)
        if not token:
            by[8] = El(8, cert.signature)
        if hashed:
            by[11] = El(11, HASHES[hashed](cert.der).digest())
            by[12] = El(12, bytes([hashed]))
        else:
            by[9] = El(9, cert.der)
    if address is not None:
        by[10] = El(10, bytes(int(n) for n in address.split(".")))
    order = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 10]
    if style == "comma":
        order = [1, 3, 5, 6, 4, 7, 8, 9, 11, 12]
    out = Record([by[t] for t in order if t in by])
    out.role = role
    out.cert = cert
    return out


def trust_list(cert, records, digest=1, style="cucm", kind="ITL", **more):
    """A list that this certificate's key signs; it must be in a record."""
    more.setdefault("filename", kind + "File.tlv")
    out = File(header(cert, digest, style, **more), cert.key, digest, kind)
    out.records = records
    for i, r in enumerate(records):
        if r.role == SAST and r.cert is cert and find(r.items, 9):
            out.signer = i
            break
    out.signer_cert = cert
    return out


# --- what show must print ----------------------------------------------------

def pairs(value, sep):
    return sep.join("%02X" % b for b in value)


def row(tag, name, length, value=None):
    tabs = "\t" if len(name) >= 8 else "\t\t"
    return "%d\t%s%s%d" % (tag, name, tabs, length) + (
        "" if value is None else "\t" + value)


def shown_header(items, signature, length):
    for el in items:
        if not isinstance(el, El) or el.tag in (1, 2):
            continue
        name = HEADER_NAMES[el.tag]
        if isinstance(el.value, list):
            inner = sum(len(i.encode(0, b"")) for i in el.value)
            yield row(el.tag, name, 2, str(inner))
            yield from shown_header(el.value, signature, length)
        elif el.value is SIGN:
            yield row(12, name, len(signature))
            for at in range(0, len(signature), 8):
                yield "\t\t" + "  ".join("%x" % b
                                         for b in signature[at:at + 8])
        elif el.tag in (4, 6):
            yield row(el.tag, name, len(el.value),
                      el.value[:-1].decode())
        elif el.tag == 5:
            yield row(5, name, len(el.value), pairs(el.value, ":"))
        elif el.tag == 28:
            yield row(28, name, 2, "%d.%d" % tuple(el.value))
        else:
            yield row(el.tag, name, len(el.value))


def shown_record(rec):
    for el in rec.items:
        name = RECORD_NAMES[el.tag]
        size = 2 if el.value is LENGTH else len(el.value)
        if el.tag == 1:
            value = str(len(rec.bytes()))
        elif el.tag == 2:
            value = el.value[:-1].decode().strip() or None
        elif el.tag in (3, 5):
            value = el.value[:-1].decode()
        elif el.tag == 4:
            value = ROLE_NAMES.get(rec.role, str(rec.role))
        elif el.tag == 6:
            value = pairs(el.value, ":")
        elif el.tag == 9:
            value = pairs(hashlib.sha1(el.value).digest(), " ") + \
                " (SHA1 Hash HEX)"
        elif el.tag == 11:
            value = pairs(el.value, " ")
        elif el.tag == 12:
            value = DIGEST_NAMES[el.value[0]]
        else:
            value = None
        yield row(el.tag, name, size, value)


def used(lst, rec, verified):
    """The header names this record as the signer."""
    def same(a, b):
        a, b = find(lst.header, a), find(rec.items, b)
        return b is not None and a.value == b.value
    return verified and same(4, 3) and same(5, 6) and same(6, 5)


TABLE = ["BYTEPOS\tTAG\t\tLENGTH\tVALUE", "-------\t---\t\t------\t-----"]


def shown(lst, data, date, verified):
    kind = lst.kind
    signature = data[lst.sig_at + 3:lst.sig_end]
    out = ["The checksum value of the %s file:" % kind,
           hashlib.md5(data).hexdigest() + "(MD5)",
           hashlib.sha1(data).hexdigest() + "(SHA1)", "", "",
           "Length of %s file: %d" % (kind, len(data)),
           "The %s File was last modified on %s" % (kind, date), "",
           "Parse %s File" % kind, "-" * 16, "", "Version:\t1.2",
           "HeaderLength:\t%d (BYTES)" % lst.header_length, ""] + TABLE
    out += shown_header(lst.header, signature, lst.header_length)
    out.append("")
    for number, rec in enumerate(lst.records, 1):
        out += ["%s Record #:%d" % (kind, number), "----"] + TABLE
        out += shown_record(rec)
        if rec.role == SAST:
            out.append("This etoken was %s to sign the %s file." % (
                "used" if used(lst, rec, verified) else "not used", kind))
        out.append("")
    if verified:
        out.append("The %s file was verified successfully." % kind)
    else:
        out += ["Verification of the %s file failed." % kind,
                "Error parsing the %s file!!" % kind]
    return "".join(line + "\n" for line in out)


def facts(lst, data, verified):
    """What show --json must say, as far as the text says it."""
    def words(items, tag):
        el = find(items, tag)
        return None if el is None else el.value[:-1].decode()
    head = {"kind": lst.kind, "length": len(data), "version": "1.2",
            "md5": hashlib.md5(data).hexdigest(),
            "sha1": hashlib.sha1(data).hexdigest(),
            "header_length": lst.header_length,
            "signature": data[lst.sig_at + 3:lst.sig_end].hex(),
            "digest_algorithm": DIGEST_NAMES[find(lst.header, 8).value[0]],
            "filename": words(lst.header, 14),
            "timestamp": int.from_bytes(find(lst.header, 15).value, "big"),
            "verified": verified,
            "signer": {"name": words(lst.header, 4),
                       "serial_number": pairs(find(lst.header, 5).value,
                                              ":"),
                       "ca_name": words(lst.header, 6)}}
    if find(lst.header, 28) is not None:
        head["signer_version"] = "%d.%d" % tuple(find(lst.header, 28).value)
    records = []
    for number, rec in enumerate(lst.records, 1):
        say = {"number": number, "record_length": len(rec.bytes()),
               "function": ROLE_NAMES.get(rec.role, str(rec.role)),
               "role": rec.role}
        for el in rec.items:
            if el.tag in (2, 3, 5):
                key = {2: "dns_name", 3: "subject_name", 5: "issuer_name"}
                say[key[el.tag]] = el.value[:-1].decode()
            elif el.tag == 6:
                say["serial_number"] = pairs(el.value, ":")
            elif el.tag in (7, 8, 9):
                key = {7: "public_key", 8: "signature", 9: "certificate"}
                say[key[el.tag] + "_length"] = len(el.value)
                if el.tag == 9:
                    say["certificate_sha1"] = hashlib.sha1(el.value
                                                           ).hexdigest()
            elif el.tag == 10:
                say["ip_address"] = ".".join(str(b) for b in el.value)
            elif el.tag == 11:
                say["certificate_hash"] = el.value.hex()
            elif el.tag == 12:
                say["hash_algorithm"] = DIGEST_NAMES[el.value[0]]
        if rec.role == SAST:
            say["signed_this_file"] = used(lst, rec, verified)
        records.append(say)
    head["records"] = records
    return head


# --- judging -----------------------------------------------------------------

class Judge:
    """Runs the program and prints what became of each case."""

    def __init__(self, program, where, stride):
        self.program = program
        self.where = where
        self.stride = stride
        self.faults = []
        self.turn = 0

    def some(self, *makers):
        """All of them, or in a shorter run each in its turn."""
        if self.stride == 1:
            return makers
        self.turn += 1
        return [makers[self.turn % len(makers)]]

    def path(self, name):
        return os.path.join(self.where, name)

    def write(self, name, data):
        path = self.path(name)
        with open(path, "wb") as f:
            f.write(data)
        os.utime(path, (NOW, NOW))
        return path

    def call(self, *args):
        done = run([self.program] + list(args))
        if done.returncode < 0 or done.returncode > 127:
            self.fault("%s: killed or aborted (%d): %s" % (
                " ".join(args), done.returncode,
                done.stderr.decode(errors="replace")[-600:]))
        return done

    def fault(self, why):
        self.faults.append(why)

    def close(self, name):
        for why in self.faults[:12]:
            for line in why.split("\n")[:40]:
                print("# " + line)
        print("%s - %s" % ("not ok" if self.faults else "ok", name),
              flush=True)
        self.faults = []

    def verdict(self, data, want, label, cert=None, rule=None, name=None):
        """verify says what it must, in one line."""
        path = self.write(name or "case.tlv", data)
        args = ["verify", path] + (["--cert", cert] if cert else [])
        done = self.call(*args)
        wants = want if isinstance(want, tuple) else (want,)
        if done.returncode not in wants:
            self.fault("%s: exit %d, wanted %s: %s" % (
                label, done.returncode, wants,
                (done.stderr + done.stdout).decode(errors="replace")))
            return done
        said = done.stdout if done.returncode == VALID else done.stderr
        other = done.stderr if done.returncode == VALID else done.stdout
        lines = said.decode(errors="replace").splitlines()
        begin = "%s%s: %s: " % ("" if done.returncode == VALID
                                else "ucm-trust: ", path,
                                VERDICT.get(done.returncode, "?"))
        if len(lines) != 1 or other or not lines[0].startswith(begin):
            self.fault("%s: not one line %r: %r, %r" % (label, begin,
                                                       said, other))
        elif done.returncode == MALFORMED:
            self.offset(lines[0][len(begin):], len(data), label, rule)
        elif rule and not re.search(rule, lines[0]):
            self.fault("%s: rule %r not in %r" % (label, rule, lines[0]))
        return done

    def offset(self, line, size, label, rule):
        got = re.match(r"offset (\d+): \S", line)
        if got is None:
            self.fault("%s: no offset: %r" % (label, line))
        elif int(got.group(1)) > size:
            self.fault("%s: offset behind the end: %r" % (label, line))
        if rule and not re.search(rule, line):
            self.fault("%s: rule %r not in %r" % (label, rule, line))


def first_difference(got, want):
    got, want = got.split("\n"), want.split("\n")
    for number, (a, b) in enumerate(zip(got, want), 1):
        if a != b:
            return "line %d: %r, wanted %r" % (number, a, b)
    return "%d lines, wanted %d" % (len(got), len(want))


def check_shown(judge, lst, data, path, code):
    verified = code == VALID
    done = judge.call("show", path)
    date = "Wed Feb 26 18:24:27 UTC 2014"
    want = shown(lst, data, date, verified)
    got = done.stdout.decode(errors="replace")
    if got != want:
        judge.fault("show: " + first_difference(got, want))
    if done.returncode != code:
        judge.fault("show: exit %d" % done.returncode)
    if len(done.stderr.splitlines()) != (0 if verified else 1):
        judge.fault("show: standard error %r" % done.stderr)
    done = judge.call("show", path, "--json")
    try:
        got = json.loads(done.stdout)
    except ValueError as why:
        judge.fault("show --json: %s: %r" % (why, done.stdout[:300]))
        return
    want = facts(lst, data, verified)
    if not verified:
        if not got.get("error"):
            judge.fault("show --json: no error")
        got.pop("error", None)
    if got.pop("last_modified", None) != NOW:
        judge.fault("show --json: last_modified")
    if got != want:
        judge.fault("show --json: " + first_difference(
            json.dumps(got, indent=1, sort_keys=True),
            json.dumps(want, indent=1, sort_keys=True)))


def check_openssl(judge, lst, data, label):
    """The signature of our own writing is right by openssl, too."""
    signature = data[lst.sig_at + 3:lst.sig_end]
    public = judge.write("public.pem", pem("PUBLIC KEY",
                                           lst.signer_cert.key.spki))
    sig = judge.write("signature", signature)
    done = run(["openssl", "dgst",
                "-" + {1: "sha1", 2: "sha256", 3: "sha512"}[lst.digest],
                "-verify", public, "-signature", sig],
               data[:lst.sig_at] + data[lst.sig_end:])
    if done.returncode != 0:
        judge.fault("%s: openssl: %r" % (label, done.stdout + done.stderr))


def legal(judge, name, lst, resign=True, filename="ITLFile.tlv"):
    """A legal list: valid, shown right, and right when signed again."""
    data = lst.bytes()
    done = judge.verdict(data, VALID, "verify", name=filename)
    path = judge.path(filename)
    if done.returncode == VALID:
        want = "%s: valid: %s signed by %s (record %d)\n" % (
            path, lst.kind, find(lst.header, 4).value[:-1].decode(),
            lst.signer + 1)
        if done.stdout.decode().replace("\\\\", "\\") != want:
            judge.fault("verify: %r, wanted %r" % (done.stdout, want))
    check_shown(judge, lst, data, path, VALID)
    check_openssl(judge, lst, data, "this test")
    cert = lst.signer_cert.pem(judge.path("signer.pem"))
    done = judge.call("verify", path, "--cert", cert, "--json")
    say = json.loads(done.stdout or b"{}")
    if done.returncode != VALID or say.get("verdict") != "valid":
        judge.fault("verify --cert --json: %d %r" % (done.returncode,
                                                     done.stdout))
    if resign:
        check_resigned(judge, lst, data, path, cert)
    judge.close(name)


def check_resigned(judge, lst, data, path, cert):
    out = judge.path("resigned.tlv")
    done = judge.call("resign", path, "--key", cert, "--out", out,
                      "--time", "1400000000")
    if done.returncode != 0:
        judge.fault("resign: %d %r" % (done.returncode, done.stderr))
        return
    with open(out, "rb") as f:
        again = f.read()
    os.unlink(out)
    # The same elements in the order of CUCM, in front of the same records.
    by = {tag: find(lst.header, tag) for tag in range(1, 29)}
    wanted = File([by[1], by[2]] + ([by[28]] if by[28] else []) + [
        El(3, [by[4], by[5], by[6]]),
        El(7, [by[8], El(9, [by[10], by[11]])]), by[12], by[14],
        El(15, struct.pack(">I", 1400000000)), FILL],
        lst.key, lst.digest)
    wanted.records = lst.records
    wanted.signer_cert = lst.signer_cert
    want = wanted.bytes()
    if again != want:
        at = next((i for i, (a, b) in enumerate(zip(again, want)) if a != b),
                  min(len(again), len(want)))
        judge.fault("resign: differs at %d of %d (%d)" % (at, len(again),
                                                          len(want)))


# --- legal lists -------------------------------------------------------------

class World:
    """The keys and certificates the cases are made of."""

    def __init__(self, judge, data):
        path = judge.path
        self.k512 = Rsa(512, path("512.key"))
        self.k1024 = self.vector(data, "seed_callmanager_pub", 1024, path)
        self.k1024b = self.vector(data, "seed_itlrecovery_pub", 1024, path)
        self.k2048 = self.vector(data, "callmanager", 2048, path)
        self.k2048b = self.vector(data, "capf", 2048, path)
        self.k4096 = Rsa(4096, path("4096.key"))
        self.ec = [Ec("prime256v1", 65, path("256.key")),
                   Ec("secp384r1", 97, path("384.key")),
                   Ec("secp521r1", 133, path("521.key"))]
        serial = bytes(range(0x61, 0x71))
        pub = dn("test10pub.joemar2.lab")
        self.ccm = Cert(pub, self.k1024, serial)
        self.tvs = Cert(pub, self.k1024b, b"\x76" + serial[1:])
        self.capf = Cert(dn("CAPF-75638ad9"), self.k1024b,
                         b"\x42" + serial[1:])
        self.recovery = Cert(dn("ITLRECOVERY_test10pub.joemar2.lab"),
                             self.k1024b, b"\x6e" + serial[1:])
        self.tvs_sub = Cert(dn("test10sub.joemar2.lab"), self.k2048,
                            b"\x67" + serial[1:], digest=2)
        for cert in (self.ccm, self.tvs_sub):
            openssl("x509", "-inform", "DER", "-noout", data=cert.der)

    @staticmethod
    def vector(data, name, bits, path):
        """A key of the vectors: making one takes time."""
        out = path(name + ".key")
        openssl("rsa", "-in", os.path.join(data, "vectors/pem",
                                           name + ".pem"),
                "-traditional", "-out", out)
        key = Rsa(bits, out)
        if key.n.bit_length() != bits:
            raise RuntimeError("%s has %d bits" % (name,
                                                   key.n.bit_length()))
        return key

    def itl(self, signer=None, **more):
        """As 10.0 writes it."""
        return trust_list(signer or self.ccm, [
            record(SAST, self.ccm), record(TFTP, self.ccm),
            record(CAPF, self.capf, hashed=1),
            record(TVS, self.tvs, hashed=1), record(SAST, self.recovery),
            record(TVS, self.tvs_sub, hashed=1)], **more)

    def tools(self, **more):
        """As the open tools write it."""
        def rec(role, cert):
            return record(role, cert, style="comma")
        return trust_list(self.ccm, [
            rec(SAST, self.ccm), rec(CCM_TFTP, self.ccm),
            rec(CAPF, self.capf), rec(TVS, self.tvs_sub),
            rec(APP_SERVER, self.tvs)], style="comma", **more)

    def ctl(self, **more):
        """As 10.0 writes it."""
        def rec(role, cert, host, address):
            return record(role, cert, dns=host, address=address)
        return trust_list(self.ccm, [
            rec(SAST, self.ccm, "test10pub", "127.0.10.1"),
            rec(CCM_TFTP, self.ccm, "127.0.10.1", "127.0.10.1"),
            rec(CAPF, self.capf, "test10pub", "127.0.10.1"),
            rec(CCM_TFTP, self.tvs_sub, "cucm-1051-a-pub", "10.48.47.153")],
            kind="CTL", **more)

    def small(self):
        """For sweeps over each byte."""
        signer = Cert(Name(("CN", "s")), self.k512, b"\x51", version=1)
        other = Cert(Name(("CN", "o")), self.k512, b"\x52", version=1)
        return trust_list(signer, [
            record(SAST, signer), record(TVS, other, hashed=1),
            record(TFTP, other, address="10.1.2.3"), record(CCM_TFTP)])


def legal_layouts(judge, w):
    legal(judge, "an ITL of 10.0", w.itl())
    legal(judge, "the same after a reset, signed by record 5",
          w.itl(signer=w.recovery))
    legal(judge, "a list of the open tools", w.tools())
    legal(judge, "the same with signer version 1.1",
          w.tools(signer_version=b"\1\1"))
    legal(judge, "a CTL of the open tools", w.tools(kind="CTL"))
    legal(judge, "a CTL with hosts and addresses", w.ctl())
    lst = w.ctl()
    for i, host in ((1, "127.0.10.1"), (3, "10.48.47.153")):
        lst.records[i] = record(CCM_TFTP, dns=host, address="127.0.10.2")
    if [len(lst.records[i].bytes()) for i in (1, 3)] != [31, 33]:
        judge.fault("blank records are not 31 and 33 bytes")
    legal(judge, "a CTL of a non-secure cluster, blank entries", lst)
    lst = w.itl()
    lst.records[1] = record(TFTP)
    lst.records[3] = record(TVS, dns=None)
    legal(judge, "an ITL after a roll-back, blank entries", lst)
    lst = w.itl(filename="ITLSEP58971ECC97C1.tlv")
    legal(judge, "a phone's own ITL by its inner name", lst,
          filename="ITLSEP58971ECC97C1.tlv")
    lst = w.itl()
    legal(judge, "a phone's own ITL with the usual inner name", lst,
          filename="CTLSEP58971ECC97C1.tlv")


def legal_tokens(judge, w):
    """Hardware tokens: names cut by their writer, no SIGNATURE."""
    issuer = Name(("CN", "Cisco Manufacturing CA"), ("O", "Cisco Systems"))
    token = Cert(Name(("CN", "SAST-ADN0054f509        "), ("OU", "IPCBU"),
                      ("O", "Cisco Systems")), w.k1024,
                 bytes(range(0x10, 0x1a)), issuer, w.k2048)
    names = {3: text('cn="SAST-ADN0054f509        ";ou=IPCBU;'
                     'o="Cisco Systems'),
             5: text("cn=Cisco Manufacturing CA;o=Cisco Systems")}
    if (len(names[3]), len(names[5])) != (56, 42):
        judge.fault("names of tokens: %d, %d" % (len(names[3]),
                                                 len(names[5])))
    records = [record(SAST, token, dns="", address="0.0.0.0", token=True)]
    for tag, value in names.items():
        find(records[0].items, tag).value = value
    records += [record(CCM_TFTP, dns="10.48.47.153",
                       address="10.48.47.153"),
                record(CAPF, w.capf, dns="10.48.47.153",
                       address="10.48.47.153")]
    lst = trust_list(token, records, kind="CTL")
    find(lst.header, 4).value = names[3]
    find(lst.header, 6).value = names[5]
    # Signing again takes the names of the record, not of the certificate.
    legal(judge, "a CTL signed by a hardware token", lst)


def legal_orders(judge, w):
    shuffler = random.Random(12)
    for number in range(1, 9):
        lst = w.itl() if number % 2 else w.ctl()
        top = [i for i in lst.header if i is not FILL]
        for item in top:
            if isinstance(item.value, list):
                shuffler.shuffle(item.value)
                for inner in item.value:
                    if isinstance(inner.value, list):
                        shuffler.shuffle(inner.value)
        shuffler.shuffle(top)
        lst.header = top + [FILL]
        for rec in lst.records:
            tail = rec.items[1:]
            shuffler.shuffle(tail)
            rec.items = rec.items[:1] + tail
        legal(judge, "elements in any order, %d" % number, lst)
    lst = w.itl()
    lst.header = list(reversed(lst.header[:-1])) + [FILL]
    legal(judge, "header elements in reverse, the version last", lst)
    paddings = set()
    for extra in range(4):
        cert = Cert(dn("pub"), w.k1024, b"\x21" * (1 + extra))
        lst = trust_list(cert, [record(SAST, cert)])
        lst.bytes()
        paddings.add(lst.fill)
        legal(judge, "padding of %d" % lst.fill, lst)
    if paddings != {0, 1, 2, 3}:
        judge.fault("paddings tried: %s" % paddings)
    judge.close("every padding was tried")


def legal_signatures(judge, w):
    for key in (w.k512, w.k1024, w.k2048, w.k4096):
        for digest in (1, 2, 3):
            if key.bits == 512 and digest == 3:
                continue
            cert = Cert(dn("signer"), key, b"\x55\xaa", digest=1)
            legal(judge, "signed with %d bits and %s" % (
                key.bits, DIGEST_NAMES[digest]),
                trust_list(cert, [record(SAST, cert),
                                  record(TFTP, w.ccm)], digest=digest))
    for by in (w.k512, w.k2048, w.k4096):
        ca = Name(("O", "The CA"), ("CN", "Some CA"))
        cert = Cert(dn("signer"), w.k1024, b"\x55", ca, by, digest=2
                    if by.bits > 512 else 1)
        other = Cert(dn("signer"), w.k1024, b"\x55")
        legal(judge, "a signer that a CA of %d bits issued" % by.bits,
              trust_list(cert, [record(SAST, other), record(SAST, cert),
                                record(TFTP, cert, hashed=2)]))
    for size in (1, 2, 9, 15, 19, 20):
        for first in (0x01, 0x7f, 0x80, 0xff):
            serial = bytes([first]) + bytes(size - 1)
            cert = Cert(dn("signer"), w.k1024, serial)
            legal(judge, "a serial number of %d bytes from %02x" % (
                size, first), trust_list(cert, [record(SAST, cert)]),
                resign=False)


def legal_records(judge, w):
    for key in w.ec:
        cert = Cert(Name(("CN", "host-EC"), ("O", "cisco")), key, b"\x21",
                    dn("ca"), w.k2048)
        legal(judge, "an EC certificate, point of %d bytes" %
              len(key.public),
              trust_list(w.ccm, [record(SAST, w.ccm), record(TFTP, cert),
                                 record(CCM, cert, hashed=3),
                                 record(TVS, cert, style="comma")]))
    for digest in (1, 2, 3):
        legal(judge, "hashes by %s" % DIGEST_NAMES[digest], trust_list(
            w.ccm, [record(SAST, w.ccm), record(TVS, w.tvs, hashed=digest),
                    record(SAST, w.recovery, hashed=digest)]))
    legal(judge, "three tokens, the last one signed", trust_list(
        w.tvs_sub, [record(SAST, w.ccm), record(SAST, w.recovery),
                    record(TFTP, w.tvs_sub), record(SAST, w.tvs_sub)]))
    legal(judge, "the signer is in two records", trust_list(
        w.ccm, [record(SAST, w.ccm), record(SAST, w.recovery),
                record(SAST, w.ccm, dns="other")]))
    lst = trust_list(w.ccm, [record(SAST, w.ccm, hashed=1),
                             record(SAST, w.ccm)])
    legal(judge, "the signer by hash and whole", lst)
    legal(judge, "roles without a name", trust_list(
        w.ccm, [record(SAST, w.ccm), record(5, w.tvs), record(65535),
                record(256, w.tvs, hashed=1)]))
    legal(judge, "every role", trust_list(
        w.ccm, [record(SAST, w.ccm)] + [record(r, w.tvs_sub) for r in
                                        (1, 2, 3, 4, 7, 21)]))
    cert = Cert(dn("old"), w.k1024, b"\x21", version=1)
    legal(judge, "certificates of X.509 version 1", trust_list(
        cert, [record(SAST, cert), record(TFTP, cert)]))
    for stamp in (0, 0x7fffffff, 0xffffffff):
        legal(judge, "time stamp %d" % stamp, w.itl(time=stamp))


def legal_names(judge, w):
    names = {
        "commas, pluses and quotes": Name(("CN", 'a, b + "c"'),
                                          ("O", "x=y <z>")),
        "a leading hash sign and blanks": Name(("CN", "#1 "),
                                               ("OU", " x ")),
        "backslashes and semicolons": Name(("CN", "a\\b;c"), ("O", "x")),
        "several values in one part": Name([("CN", "a"), ("OU", "b")],
                                           ("O", "c")),
        "letters that are not ASCII": Name(("CN", "Zürich Ωμέγα"),
                                           ("O", "日本")),
        "a BMP string": Name(("CN", "Grüße", BMP), ("O", "c")),
        "an e-mail address": Name(("CN", "c"), ("E", "a@b.example")),
        "no common name": Name(("O", "c"), ("OU", "d")),
        "nothing": Name(),
        "400 letters": Name(*[("OU", "u%02d" % i + "x" * 60)
                              for i in range(6)], ("CN", "c")),
    }
    for what, name in names.items():
        for style in ("cucm", "comma"):
            cert = Cert(name, w.k1024, b"\x21")
            lst = trust_list(cert, [record(SAST, cert, style=style),
                                    record(TFTP, cert, style=style)],
                             style=style)
            legal(judge, "a name of %s, %s" % (what, style), lst)
    for host in ("", "a", "a.b.c.example", "10.1.2.3", "x" * 300):
        lst = trust_list(w.ccm, [record(SAST, w.ccm, dns=host)])
        legal(judge, "a DNS name of %d letters" % len(host), lst)


def legal_sizes(judge, w):
    first = trust_list(w.ccm, [record(SAST, w.ccm)])
    room = 65536 - len(first.bytes())
    blanks = [record(CCM_TFTP, dns=None)] * (room // 10 - 2)
    last = record(CCM_TFTP, dns="x" * (room - 10 * len(blanks) - 14))
    lst = trust_list(w.ccm, [record(SAST, w.ccm)] + blanks + [last])
    if len(lst.bytes()) != 65536:
        judge.fault("%d bytes" % len(lst.bytes()))
    legal(judge, "64 KB of blank entries", lst)
    big = Cert(dn("big"), w.k1024, b"\x21", extra=60000)
    lst = trust_list(w.ccm, [record(SAST, w.ccm), record(TFTP, big)])
    legal(judge, "a certificate of 60 KB", lst)
    lst = trust_list(big, [record(SAST, big)])
    legal(judge, "a signer's certificate of 60 KB", lst, resign=False)
    records = [record(SAST, w.ccm)]
    while len(trust_list(w.ccm, records).bytes()) < 63500:
        records.append(record(TFTP, w.tvs_sub))
    legal(judge, "64 KB of certificates", trust_list(w.ccm, records))


# --- damaged lists -----------------------------------------------------------

HEADER_TAGS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15)


def set_header(lst, tag, value):
    find(lst.header, tag).value = value
    return lst


def set_record(lst, number, tag, value):
    find(lst.records[number - 1].items, tag).value = value
    return lst


def broken_header(judge, w):
    """Each rule of the header broken once, under a right signature."""
    def bad(label, change, rule=None, want=MALFORMED):
        for make in judge.some(w.itl, w.tools):
            lst = make()
            change(lst)
            judge.verdict(lst.bytes(), want, label, rule=rule)

    for tag in HEADER_TAGS:
        def drop(lst, tag=tag):
            lst.header = without(lst.header, tag)
        bad("without tag %d" % tag, drop)
    judge.close("a header without one of its elements")
    for tag in HEADER_TAGS + (28,):
        def again(lst, tag=tag):
            el = find(lst.header, tag) or El(28, b"\1\0")
            if tag == 28 and find(lst.header, 28) is None:
                lst.header.insert(2, el)
            lst.header.insert(-1, el)
        bad("again tag %d" % tag, again)

        def inside(lst, tag=tag):
            find(lst.header, 3).value.append(
                El(tag, b"") if tag in (3, 7, 28)
                else find(lst.header, tag))
        bad("tag %d again in SIGNERID" % tag, inside)
    judge.close("a header element twice")
    for tag in (0, 16, 17, 18, 22, 26, 27, 29, 64, 255):
        for at in (0, 1, 2, 4, -1):
            def extra(lst, tag=tag, at=at):
                lst.header.insert(at, El(tag, b"x"))
            bad("unknown tag %d at %d" % (tag, at), extra)

        def deep(lst, tag=tag):
            find(lst.header, 9).value.append(El(tag, b""))
        bad("unknown tag %d inside" % tag, deep)
    judge.close("an unknown tag in the header")
    for tag in HEADER_TAGS:
        for by in (-1, 1):
            def size(lst, tag=tag, by=by):
                el = find(lst.header, tag)
                if el.value is LENGTH:
                    el.size = 2 + by
                elif el.value is SIGN:
                    el.size = lst.key.size + by
                else:
                    el.size = len(el.encode(0, b"")) - 3 + by
            # A signature cannot be cut out of what cannot be read.
            bad("length of tag %d by %+d" % (tag, by), size)
            if tag in (1, 8, 10, 11, 15):
                def value(lst, tag=tag, by=by):
                    el = find(lst.header, tag)
                    el.value = (el.value + b"\0")[:len(el.value) + by]
                bad("value of tag %d by %+d" % (tag, by), value)
    judge.close("a length in the header one off")
    for tag, where in ((4, "top"), (5, "top"), (8, "top"), (10, "top"),
                       (9, "top"), (14, 3), (15, 7), (12, 3), (8, 3),
                       (10, 7), (4, 7), (13, 3), (13, 7), (13, 9)):
        def move(lst, tag=tag, where=where):
            el = find(lst.header, tag)
            if tag == 13:
                find(lst.header, where).value.append(Raw(b"\x0d"))
                return
            lst.header = without(lst.header, tag)
            if where == "top":
                lst.header.insert(-1, el)
            else:
                find(lst.header, where).value.append(el)
        bad("tag %d in %s" % (tag, where), move)
    judge.close("a header element in the wrong place")
    for tag in (4, 6, 14):
        for what, value in (("no NUL", b"CN=x"), ("two NULs", b"CN=x\0\0"),
                            ("NUL inside", b"CN\0=x\0"), ("none", b""),
                            ("NUL first", b"\0CN=x\0")):
            bad("%s in tag %d" % (what, tag),
                lambda lst, tag=tag, value=value: set_header(lst, tag, value))
    for value in (b"", bytes(20), b"\0\1", b"\1" * 21, b"\0" + b"\1" * 20):
        bad("serial %s" % value.hex(),
            lambda lst, value=value: set_header(lst, 5, value))
    judge.close("a text or serial number in the header of a wrong form")


class Raw(El):
    """Bytes that are no element, where an element should be."""

    def __init__(self, raw):
        super().__init__(0, raw)

    def encode(self, length, signature):
        return self.value


def broken_codes(judge, w):
    def bad(label, change, rule=None, want=MALFORMED):
        for make in judge.some(w.itl, w.tools):
            lst = make()
            change(lst)
            judge.verdict(lst.bytes(), want, label, rule=rule)

    for value in (0, 4, 5, 128, 255):
        bad("digest %d" % value,
            lambda lst, value=value: set_header(lst, 8, bytes([value])),
            rule="DIGEST")
    for value in (1, 2, 255):
        bad("algorithm %d" % value,
            lambda lst, value=value: set_header(lst, 10, bytes([value])))
    for value in (0, 2, 3, 4, 255):
        bad("modulus %d" % value,
            lambda lst, value=value: set_header(lst, 11, bytes([value])))
    for version in ((0, 0), (0, 2), (1, 1), (1, 3), (2, 1), (2, 2), (3, 0),
                    (255, 255)):
        bad("version %d.%d" % version,
            lambda lst, version=version: set_header(lst, 1, bytes(version)))
    bad("version 1.0", lambda lst: set_header(lst, 1, b"\1\0"),
        want=(MALFORMED, UNVERIFIABLE))
    bad("version 2.0", lambda lst: set_header(lst, 1, b"\2\0"))
    for version in (b"\0\0", b"\1\2", b"\2\0", b"\1", b"\1\0\0"):
        def signer_version(lst, version=version):
            el = find(lst.header, 28)
            if el is None:
                lst.header.insert(2, El(28, version))
            else:
                el.value = version
        bad("signer version %s" % version.hex(), signer_version)
    judge.close("a code of the header that nobody knows")
    for size in (0, 1, 63, 65, 127, 129, 192, 255, 256, 384, 511, 513):
        def size_of(lst, size=size):
            find(lst.header, 12).value = bytes(size)
        lst = w.itl()
        size_of(lst)
        judge.verdict(lst.bytes(), MALFORMED, "signature of %d" % size)
    judge.close("a SIGNATURE of a size that its code does not mean")
    for key, digest, wrong in ((w.k2048, 1, 2), (w.k2048, 2, 3),
                               (w.k2048, 3, 1), (w.k1024, 2, 1)):
        cert = Cert(dn("s"), key, b"\x51")
        lst = trust_list(cert, [record(SAST, cert)], digest=digest)
        set_header(lst, 8, bytes([wrong]))
        judge.verdict(lst.bytes(), SIGNATURE, "digest said wrong")
    # The right modulus code for its size, but another size than the key's.
    for size, code in ((64, 0), (256, 2), (512, 3)):
        lst = set_header(w.itl(), 11, bytes([code]))
        lst.signature = size
        judge.verdict(lst.bytes(), SIGNATURE, "signature of %d" % size)
    judge.close("a signature by another digest or of another size")
    for change in (-324, -320, -8, -4, -3, -2, -1, 1, 2, 3, 4, 5, 8, 100,
                   1115, 60000):
        lst = w.itl()
        lst.bytes()
        length = lst.header_length + change
        if length < 0 or length > 65535:
            continue
        lst.length = length
        judge.verdict(lst.bytes(), MALFORMED, "HEADERLENGTH %+d" % change)
    judge.close("a HEADERLENGTH inside or behind the header")
    for n in (1, 2, 3, 4, 5, 8, 100):
        lst = w.itl()
        lst.header = lst.header + [PAD] * n
        # Fewer or as many as are needed are legal together with the rest.
        lst.bytes()
        lst.header = [i for i in lst.header if i is not FILL]
        bare = len(lst.layout(0, bytes(lst.key.size), 0)) - n
        if n == -bare % 4:
            continue
        judge.verdict(lst.bytes(), MALFORMED, "%d bytes of padding" % n)
    judge.close("padding too long, too short")
    for form in (3, 7, 9):
        for by in (-15, -3, -2, 2, 3, 15, 1000, 65000):
            lst = w.itl()
            el = find(lst.header, form)
            el.size = min(65535, max(0, len(el.encode(0, b"")) - 3 + by))
            judge.verdict(lst.bytes(), MALFORMED,
                          "container %d by %+d" % (form, by))
        lst = w.itl()
        find(lst.header, form).value.append(Raw(b"\0"))
        judge.verdict(lst.bytes(), MALFORMED, "a byte more in %d" % form)
        lst = w.itl()
        find(lst.header, form).value = []
        judge.verdict(lst.bytes(), MALFORMED, "nothing in %d" % form)
    judge.close("a container that does not fit its elements")


def broken_records(judge, w):
    def bad(label, change, number=1, rule=None, want=MALFORMED):
        for make in judge.some(w.itl, w.ctl, w.tools):
            lst = make()
            change(lst.records[number - 1])
            judge.verdict(lst.bytes(), want, label, rule=rule)

    for number in (1, 2, 4):
        bad("no FUNCTION", lambda rec: setattr(
            rec, "items", without(rec.items, 4)), number,
            rule="record %d" % number)
        bad("no RECORDLENGTH", lambda rec: setattr(
            rec, "items", without(rec.items, 1)), number)

        def later(rec):
            rec.items.append(rec.items.pop(0))
        bad("RECORDLENGTH last", later, number)
        for tag in (1, 3, 4, 5, 6, 7, 8):
            def again(rec, tag=tag):
                rec.items.append(find(rec.items, tag))
            bad("again tag %d" % tag, again, number, rule="record %d" %
                number)
        for tag in (0, 13, 14, 28, 255):
            for at in (1, 3, 99):
                def extra(rec, tag=tag, at=at):
                    rec.items.insert(at, El(tag, b"xyz"))
                bad("unknown tag %d" % tag, extra, number)
        for size in (0, 1, 4, 5, 9):
            bad("RECORDLENGTH %d" % size, lambda rec, size=size: setattr(
                rec, "length", size), number, rule="RECORDLENGTH")
        for by in (-400, -100, -3, -2, -1, 1, 2, 3, 10, 20000, 60000):
            def length(rec, by=by):
                rec.length = len(rec.bytes()) + by
                if rec.length > 65535:
                    rec.length = 65535
            bad("RECORDLENGTH %+d" % by, length, number)
    judge.close("a record's length, or its elements missing or repeated")
    for number in (1, 3):
        for tag in (1, 3, 4, 5, 6, 7, 8):
            for by in (-2, -1, 1, 2, 40000):
                def size(rec, tag=tag, by=by):
                    el = find(rec.items, tag)
                    real = 2 if el.value is LENGTH else len(el.value)
                    el.size = min(65535, max(0, real + by))
                bad("length of tag %d by %+d" % (tag, by), size, number)
        for tag in (3, 5):
            for value in (b"", b"CN=x", b"CN=x\0\0", b"\0x\0", b"C\0N=x\0"):
                bad("text %r" % value, lambda rec, tag=tag, value=value:
                    setattr(find(rec.items, tag), "value", value), number)
        for value in (b"", b"\0", b"\0\1", b"\1" * 21, b"\0" + b"\1" * 20):
            bad("serial %s" % value.hex(), lambda rec, value=value: setattr(
                find(rec.items, 6), "value", value), number)
        for value in (b"", b"\0", b"\0\0\0"):
            bad("FUNCTION of %d" % len(value), lambda rec, value=value:
                setattr(find(rec.items, 4), "value", value), number)
        for tag in (7, 8):
            bad("empty tag %d" % tag, lambda rec, tag=tag: setattr(
                find(rec.items, tag), "value", b""), number)
    judge.close("a record's element of a wrong length or form")
    for value in (b"", b"x", b"x\0\0", b"\0\0", b"x\0y\0"):
        lst = set_record(w.ctl(), 2, 2, value)
        judge.verdict(lst.bytes(), MALFORMED, "DNSNAME %r" % value)
    for value in (b"", b"abc", b"abcde", bytes(16)):
        lst = set_record(w.ctl(), 2, 10, value)
        judge.verdict(lst.bytes(), MALFORMED, "IPADDRESS %r" % value)
    judge.close("a DNS name or address of a wrong form")
    for label, change in (
            ("hash alone", lambda i: without(i, 12)),
            ("algorithm alone", lambda i: without(i, 11)),
            ("algorithm 0", lambda i: without(i, 12) + [El(12, b"\0")]),
            ("algorithm 4", lambda i: without(i, 12) + [El(12, b"\4")]),
            ("algorithm 2", lambda i: without(i, 12) + [El(12, b"\2")]),
            ("algorithm 3", lambda i: without(i, 12) + [El(12, b"\3")]),
            ("algorithm long", lambda i: without(i, 12) +
             [El(12, b"\0\1")]),
            ("algorithm empty", lambda i: without(i, 12) + [El(12, b"")]),
            ("hash 19", lambda i: without(i, 11) + [El(11, bytes(19))]),
            ("hash 21", lambda i: without(i, 11) + [El(11, bytes(21))]),
            ("hash 32", lambda i: without(i, 11) + [El(11, bytes(32))]),
            ("hash 0", lambda i: without(i, 11) + [El(11, b"")]),
            ("hash twice", lambda i: i + [find(i, 11)])):
        lst = w.itl()
        lst.records[2].items = change(lst.records[2].items)
        judge.verdict(lst.bytes(), MALFORMED, label, rule="record 3")
    for extra in ([El(11, bytes(20))], [El(12, b"\1")],
                  [El(11, bytes(20)), El(12, b"\1")]):
        lst = w.itl()
        lst.records[0].items += extra
        judge.verdict(lst.bytes(), MALFORMED, "hash beside certificate")
    judge.close("a hash and its algorithm that do not fit")
    for tail in (b"\0", b"\x0d", b"\n", b"\1\0\2\0", b"\1\0\2\0\0",
                 b"\1\0\2\0\5", bytes(5), bytes(10), b"\1\0\2\0\x0a",
                 b"\1\0\2\0\x0a\4\0\2\0", b"\xff" * 100):
        for make in (w.itl, w.ctl, w.tools):
            lst = make()
            lst.content = tail
            judge.verdict(lst.bytes(), MALFORMED, "tail %s" % tail.hex())
    judge.close("bytes behind the last record, under the signature")


def broken_certificates(judge, w):
    """Well-formed lists whose certificates are wrong or are others'."""
    def bad(label, change, want, number=1):
        for make in judge.some(w.itl, w.ctl, w.tools):
            lst = make()
            change(lst.records[number - 1])
            judge.verdict(lst.bytes(), want, label)

    def put9(value):
        return lambda rec: setattr(find(rec.items, 9), "value", value)

    cert = w.ccm.der
    for number in (1, 2):
        for label, value in (
                ("a byte", b"0"), ("zeros", bytes(100)),
                ("cut by 1", cert[:-1]), ("1 more", cert + b"\0"),
                ("cut in half", cert[:len(cert) // 2]),
                ("PEM", pem("CERTIFICATE", cert)),
                ("no tbs", b"\x30\x00"),
                ("indefinite length", b"\x30\x80" + cert[4:] + b"\0\0"),
                ("a public key", w.k1024.spki),
                ("outer length + 1", cert[:3] + bytes([cert[3] + 1 & 255]) +
                 cert[4:])):
            bad("record %d: %s" % (number, label), put9(value), MALFORMED,
                number)
    judge.close("a CERTIFICATE that is none")
    bad("an empty certificate", put9(b""), MALFORMED)
    judge.close("an empty CERTIFICATE")
    other = Cert(dn("test10pub.joemar2.lab"), w.k1024, b"\x77" * 16)
    bad("another serial", put9(other.der), UNVERIFIABLE)
    other = Cert(dn("test10pub.joemar2.lab"), w.k1024b, w.ccm.serial)
    bad("another key", put9(other.der), SIGNATURE)
    other = Cert(dn("test10pub.joemar2.lab"), w.k1024, w.ccm.serial,
                 dn("Somebody"), w.k1024b)
    bad("another issuer", put9(other.der), UNVERIFIABLE)
    other = Cert(dn("Somebody"), w.k1024, w.ccm.serial,
                 dn("test10pub.joemar2.lab"), w.k1024b)
    bad("another subject", put9(other.der), UNVERIFIABLE)
    for tag, value in ((7, w.k1024b.public), (8, bytes(128)),
                       (7, w.k1024.public + b"\0"), (8, bytes(64))):
        def change(rec, tag=tag, value=value):
            find(rec.items, tag).value = value
        bad("tag %d of the signer" % tag, change, UNVERIFIABLE)
        bad("tag %d of another" % tag, change, MALFORMED, number=2)
    for tag in (3, 5):
        bad("tag %d of another" % tag, lambda rec, tag=tag: setattr(
            find(rec.items, tag), "value", text("CN=x;O=y")), MALFORMED,
            number=2)
        for old, new in ((b"CN=", b"CN=x"), (b"cisco", b"cis"),
                         (b"nc", b"nc2"), (b"OU=tac", b"")):
            bad("tag %d slightly" % tag, lambda rec, tag=tag, old=old,
                new=new: setattr(find(rec.items, tag), "value",
                                 find(rec.items, tag).value.replace(old, new)
                                 ), MALFORMED, number=2)
    bad("serial of another", lambda rec: setattr(
        find(rec.items, 6), "value", b"\x99"), MALFORMED, number=2)
    judge.close("a record that is not that of its certificate")
    ec = Cert(dn("test10pub.joemar2.lab"), w.ec[0], w.ccm.serial,
              issuer_key=w.k1024)
    lst = w.itl()
    lst.records[0] = record(SAST, ec)
    judge.verdict(lst.bytes(), (SIGNATURE, UNVERIFIABLE), "EC signer")
    judge.close("a signer whose key cannot sign")


def unverifiable(judge, w):
    def check(label, lst, want=UNVERIFIABLE):
        judge.verdict(lst.bytes(), want, label)

    check("no records", trust_list(w.ccm, []))
    check("no token", trust_list(w.ccm, [record(TFTP, w.ccm)]))
    check("blank token", trust_list(w.ccm, [record(SAST)]))
    check("other tokens", trust_list(w.ccm, [record(SAST, w.recovery),
                                             record(TFTP, w.ccm)]))
    for role in (CCM, CCM_TFTP, TFTP, CAPF, APP_SERVER, TVS, 256):
        check("signer in role %d only" % role,
              trust_list(w.ccm, [record(role, w.ccm)]))
    judge.close("no token of the signer")
    for digest in (1, 2, 3):
        check("by hash", trust_list(
            w.ccm, [record(SAST, w.ccm, hashed=digest),
                    record(TFTP, w.ccm)]))
    lst = w.itl()
    lst.records[0].items = without(lst.records[0].items, 9)
    check("without certificate and hash", lst)
    judge.close("the signer's token has no certificate")
    # The serial number is the signer's, the issuer is another's.
    other = Cert(dn("test10sub.joemar2.lab"), w.k1024, w.ccm.serial)
    check("another issuer", trust_list(w.ccm, [record(SAST, other)]))
    other = Cert(dn("test10pub.joemar2.lab"), w.k1024, w.ccm.serial,
                 dn("Some CA"), w.k2048)
    check("same subject, another issuer",
          trust_list(w.ccm, [record(SAST, other)]))
    for tag, value in ((6, text("CN=x")), (5, b"\x11" * 16),
                       (5, w.ccm.serial[:-1]), (5, w.ccm.serial + b"\1"),
                       (6, text(w.ccm.issuer.cucm().lower())),
                       (6, text(w.ccm.issuer.cucm() + " ")),
                       (4, text("CN=x"))):
        check("header tag %d" % tag, set_header(w.itl(), tag, value))
    for tag, value in ((5, text("CN=x")), (6, b"\x11" * 16),
                       (3, text("CN=x"))):
        check("record tag %d" % tag, set_record(w.itl(), 1, tag, value))
    for tag in (3, 5, 6):
        lst = w.itl()
        lst.records[0].items = without(lst.records[0].items, tag)
        check("record without tag %d" % tag, lst)
    judge.close("serial number and issuer must both be the signer's")
    twin = Cert(dn("test10pub.joemar2.lab"), w.k1024b, w.ccm.serial)
    for order in ([w.ccm, twin], [twin, w.ccm]):
        check("twins", trust_list(w.ccm, [record(SAST, c) for c in order]),
              (SIGNATURE, UNVERIFIABLE))
    judge.close("two signers of one name")


def sizes(judge, w):
    records = [record(SAST, w.ccm)]
    room = 65537 - len(trust_list(w.ccm, records).bytes())
    records.append(record(TFTP, dns="x" * (room - 14)))
    lst = trust_list(w.ccm, records)
    if len(lst.bytes()) != 65537:
        judge.fault("%d bytes" % len(lst.bytes()))
    judge.verdict(lst.bytes(), MALFORMED, "64 KB and a byte")
    lst.content = bytes(1 << 20)
    judge.verdict(lst.bytes(), MALFORMED, "1 MB")
    judge.close("more than 64 KB")
    for data in (b"", b"\0", b"\1", b"\1\0", b"\1\0\2", b"\1\0\2\1",
                 b"\1\0\2\1\2", b"\1\0\2\1\2\2\0\2\0\x0a", b"\x0d",
                 b"\x0d" * 70000, bytes(100), b"\xff" * 100, b"hello\n",
                 b"\1\0\2\1\2" * 100, b"\x03\xff\xff" + bytes(70000),
                 w.ccm.der, b"\xef\xbb\xbf" + w.itl().bytes(),
                 b"\0" + w.itl().bytes(), w.itl().bytes()[1:],
                 w.itl().bytes()[5:]):
        judge.verdict(data, MALFORMED, "bytes %s" % data[:12].hex())
    judge.close("files that are no trust lists")


def sweeps(judge, w):
    """Cut and flipped everywhere."""
    lst = w.small()
    data = lst.bytes()
    judge.verdict(data, VALID, "the small list")
    for n in range(0, len(data), judge.stride):
        # Records that are whole without the last: the signature is wrong.
        judge.verdict(data[:n], (SIGNATURE, MALFORMED, UNVERIFIABLE),
                      "cut to %d" % n)
    judge.close("a list cut anywhere")
    signer = lst.header_length + len(lst.records[0].bytes())
    for at in range(0, len(data), judge.stride):
        want = (SIGNATURE, MALFORMED)
        if lst.sig_at + 3 <= at < lst.sig_end:
            want = SIGNATURE
        elif at < signer:
            want = (SIGNATURE, MALFORMED, UNVERIFIABLE)
        bit = 1 << (at * 5 % 8)
        flipped = bytearray(data)
        flipped[at] ^= bit
        judge.verdict(bytes(flipped), want, "bit %d of byte %d" % (bit, at))
    judge.close("a bit flipped anywhere")
    for at in range(0, len(data), 3 * judge.stride):
        for change in (b"", data[at:at + 1] * 2, b"\xff"):
            if change == data[at:at + 1]:
                continue
            judge.verdict(data[:at] + change + data[at + 1:],
                          (SIGNATURE, MALFORMED, UNVERIFIABLE),
                          "byte %d becomes %s" % (at, change.hex()))
    judge.close("a byte removed, doubled or replaced anywhere")
    parts = [data[:lst.header_length]] + [r.bytes() for r in lst.records]
    for label, order in (("swapped", [0, 2, 1, 3, 4]),
                         ("without one", [0, 1, 2, 3]),
                         ("one twice", [0, 1, 2, 3, 4, 4])):
        judge.verdict(b"".join(parts[i] for i in order), SIGNATURE, label)
    judge.close("whole records moved, removed, repeated")


def failed_show(judge, w):
    """What show prints of lists that do not verify."""
    for make in (w.itl, w.ctl, w.tools):
        lst = make()
        data = bytearray(lst.bytes())
        data[lst.sig_end - 1] ^= 1
        path = judge.write("shown.tlv", bytes(data))
        check_shown(judge, lst, bytes(data), path, SIGNATURE)
        lst = make()
        lst.records[0] = record(SAST, w.ccm, hashed=1)
        data = lst.bytes()
        path = judge.write("shown.tlv", data)
        check_shown(judge, lst, data, path, UNVERIFIABLE)
    judge.close("show of lists that do not verify")
    for name, kind in (("ITLFile.tlv", "ITL"), ("CTLFile.tlv", "CTL")):
        data = w.itl().bytes()[:-1]
        path = judge.write(name, data)
        done = judge.call("show", path)
        lines = done.stdout.decode().splitlines()
        if done.returncode != MALFORMED or lines[-2:] != [
                "Verification of the %s file failed." % kind,
                "Error parsing the %s file!!" % kind]:
            judge.fault("%d %r" % (done.returncode, lines))
        done = judge.call("show", path, "--json")
        if json.loads(done.stdout).get("verified") is not False:
            judge.fault("%r" % done.stdout)
    judge.close("show of a list that cannot be read")


# --- signed files ------------------------------------------------------------

def signed(cert, content, digest=1, filename="SEP58971ECC97C1.cnf.xml.sgn"):
    out = File(header(cert, digest, "comma", (1, 0), filename), cert.key,
               digest)
    out.content = content
    return out


def signed_files(judge, w):
    other = w.capf.pem(judge.path("other.pem"))
    contents = {"no content": b"", "text": b"<device/>\r\n",
                "binary content": bytes(range(256)) * 9,
                "content like padding": b"\x0d" * 7,
                "content like a list": w.itl().bytes(),
                "content of 3 MB": bytes(3 << 20)}
    for what, content in contents.items():
        for cert in (w.ccm, w.tvs_sub):
            path = cert.pem(judge.path("signer.pem"))
            lst = signed(cert, content)
            data = lst.bytes()
            judge.verdict(data, VALID, what, cert=path)
            judge.verdict(data, UNVERIFIABLE, "by itself")
            judge.verdict(data, SIGNATURE, "another key", cert=other)
            judge.verdict(data + b"\0", SIGNATURE, "a byte more", cert=path)
            if content:
                judge.verdict(data[:-1], SIGNATURE, "a byte less",
                              cert=path)
        judge.close("a signed file with %s" % what)
    path = w.ccm.pem(judge.path("signer.pem"))
    for digest in (1, 2, 3):
        judge.verdict(signed(w.ccm, b"x", digest, "New_Zealand/g3.xml.sgn"
                             ).bytes(), VALID, "digest", cert=path)
    lst = signed(w.ccm, b"x")
    find(lst.header, 3).value.sort(key=lambda el: el.tag)
    judge.verdict(lst.bytes(), VALID, "order of CUCM", cert=path)
    judge.close("signed files by every digest, in either order")
    # Right key, but the file names another certificate.
    for tag, value in ((5, b"\x11"), (6, text("CN=x"))):
        judge.verdict(set_header(signed(w.ccm, b"x"), tag, value).bytes(),
                      UNVERIFIABLE, "tag %d" % tag, cert=path)
    twin = Cert(dn("Somebody"), w.k1024, b"\x51").pem(judge.path("twin.pem"))
    judge.verdict(signed(w.ccm, b"x").bytes(), UNVERIFIABLE, "twin",
                  cert=twin)
    judge.verdict(w.itl().bytes(), UNVERIFIABLE, "twin of a list", cert=twin)
    judge.verdict(w.itl().bytes(), SIGNATURE, "not the list's", cert=other)
    judge.close("the right key in another certificate")
    for tag in HEADER_TAGS:
        lst = signed(w.ccm, b"x")
        lst.header = without(lst.header, tag)
        judge.verdict(lst.bytes(), MALFORMED, "without %d" % tag, cert=path)
    lst = signed(w.ccm, b"x")
    lst.header.insert(2, El(28, b"\1\0"))
    judge.verdict(lst.bytes(), MALFORMED, "signer version", cert=path)
    for change in (-4, -1, 1, 4, 60000):
        lst = signed(w.ccm, bytes(300))
        lst.bytes()
        lst.length = lst.header_length + change
        judge.verdict(lst.bytes(), MALFORMED, "length %+d" % change,
                      cert=path)
    data = signed(w.ccm, b"content").bytes()
    end = len(data) - len(b"content")
    for n in range(0, end, 7 * judge.stride):
        judge.verdict(data[:n], MALFORMED, "cut to %d" % n, cert=path)
    for at in range(0, len(data), 5 * judge.stride):
        flipped = bytearray(data)
        flipped[at] ^= 1 << at % 8
        judge.verdict(bytes(flipped), (SIGNATURE, MALFORMED),
                      "byte %d" % at, cert=path)
    judge.close("damaged signed files")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("dir")
    parser.add_argument("--stride", type=int, default=1)
    args = parser.parse_args()
    os.environ["TZ"] = "UTC"
    os.environ["LC_ALL"] = "C.UTF-8"
    judge = Judge(args.program, args.dir, args.stride)
    w = World(judge, os.path.join(os.path.dirname(__file__), "..", "data"))
    for part in (legal_layouts, legal_tokens, legal_orders,
                 legal_signatures, legal_records, legal_names, legal_sizes,
                 broken_header, broken_codes, broken_records,
                 broken_certificates, unverifiable, sizes, sweeps,
                 failed_show, signed_files):
        part(judge, w)
    return 0


if __name__ == "__main__":
    sys.exit(main())
