#!/usr/bin/env python3
"""An independent witness for signed and encrypted files.

    parse_signed.py FILE --cert PEM [--name NAME] [--digest sha1|sha512]
        [--time SECONDS] [--content PLAIN] [--phone PEM] [--stub-of PEM]

Reads the file tag by tag in the order that doc/FORMAT.signed and
doc/FORMAT.encrypted give, recomputes every length, and checks the signature
against the certificate in PEM with the openssl command alone.  Of an
encrypted file the key is unwrapped and the text decrypted with the phone's
private key, also by openssl.  With --content, what comes out must be the
bytes of PLAIN; with --stub-of, it must be the stub for the phone with that
certificate.

Exit status: 0 when all of it is right, 1 when something is not, with one
line per fault.  Shares nothing with the programs it checks.
"""
import argparse
import hashlib
import os
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

DIGESTS = {1: "sha1", 2: "sha256", 3: "sha512"}
SIZES = {0: 64, 1: 128, 2: 256, 3: 512}
INSIDE = {3: (4, 6, 5), 7: (8, 9), 9: (10, 11), 16: (17, 21),
          17: (18, 19, 20), 21: (22, 23, 24, 25)}
TOP = {(1, 0): (1, 2, 3, 7, 12, 14, 15),
       (2, 0): (1, 2, 3, 7, 12, 14, 15, 16, 26, 27)}
STUB = ("fullConfig", "ipAddressMode", "loadInformation", "capfAuthMode",
        "capfList", "certHash", "encrConfig")

faults = []


def fault(text):
    faults.append(text)
    print("parse_signed: " + text, file=sys.stderr)


def openssl(args, data=b""):
    done = subprocess.run(["openssl"] + args, input=data, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.returncode, done.stdout


def element(data, off, wanted):
    """The value of the element at off, which must have this tag."""
    if off + 3 > len(data):
        raise ValueError("offset %d: no room for tag %d" % (off, wanted))
    tag, length = struct.unpack(">BH", data[off:off + 3])
    if tag != wanted:
        raise ValueError("offset %d: tag %d, expected %d"
                         % (off, tag, wanted))
    if off + 3 + length > len(data):
        raise ValueError("offset %d: tag %d runs past the end" % (off, tag))
    return data[off + 3:off + 3 + length]


def text_of(value, tag):
    if value[-1:] != b"\0" or b"\0" in value[:-1]:
        raise ValueError("tag %d does not end in its one NUL" % tag)
    return value[:-1].decode()


class Signed:
    """Header and content of a file."""

    def __init__(self, data):
        self.data = data
        self.by = {}
        self.at = {}
        self.version = tuple(element(data, 0, 1))
        if self.version not in TOP:
            raise ValueError("version %d.%d" % self.version)
        off = self.read(data, 0, TOP[self.version])
        self.end = struct.unpack(">H", self.by[2])[0]
        padding = data[off:self.end]
        if len(padding) > 3 or padding.strip(b"\r") or self.end % 4:
            raise ValueError("HeaderLength %d, padding from %d: %r"
                             % (self.end, off, padding))
        self.content = data[self.end:]
        self.check()

    def read(self, data, base, tags):
        """Elements with these tags, one after another; their end."""
        off = 0
        for tag in tags:
            value = element(data, off, tag)
            self.by[tag] = value
            self.at[tag] = base + off
            if tag in INSIDE:
                end = self.read(value, base + off + 3, INSIDE[tag])
                if end != len(value):
                    raise ValueError("tag %d: %d bytes behind its elements"
                                     % (tag, len(value) - end))
            off += 3 + len(value)
        return off

    def check(self):
        by = self.by
        for tag, length in ((1, 2), (2, 2), (7, 15), (8, 1), (9, 8), (10, 1),
                            (11, 1), (15, 4)):
            if len(by[tag]) != length:
                raise ValueError("tag %d has %d bytes" % (tag, len(by[tag])))
        if by[10] != b"\0":
            raise ValueError("not an RSA signature")
        if len(by[12]) != SIZES[by[11][0]]:
            raise ValueError("SIGNATURE and SIGNATUREMODULUS differ")
        if not 1 <= len(by[5]) <= 20 or by[5][0] == 0:
            raise ValueError("serial %s" % by[5].hex())
        self.digest = DIGESTS[by[8][0]]
        self.name = text_of(by[14], 14)
        self.time = struct.unpack(">I", by[15])[0]
        if self.version == (2, 0):
            self.check_encryption()

    def check_encryption(self):
        by = self.by
        for tag, value in ((18, b"\0"), (22, b"\0"), (24, b"\1")):
            if by[tag] != value:
                raise ValueError("tag %d is %s" % (tag, by[tag].hex()))
        if len(by[19]) != 16:
            raise ValueError("IV of %d bytes" % len(by[19]))
        self.padding = struct.unpack(">H", by[20])[0]
        if not 1 <= self.padding <= 16:
            raise ValueError("%d bytes of padding" % self.padding)
        if struct.unpack(">H", by[23])[0] != 8 * len(by[25]):
            raise ValueError("tag 23 is not 8 times the length of tag 25")
        if by[26][0] not in (1, 3) or len(by[26]) != 1:
            raise ValueError("tag 26 is %s" % by[26].hex())
        if len(by[27]) != hashlib.new(DIGESTS[by[26][0]]).digest_size:
            raise ValueError("tag 27 has %d bytes" % len(by[27]))
        if not self.content or len(self.content) % 16:
            raise ValueError("%d bytes of cipher text" % len(self.content))


def signature_is_right(signed, where, cert):
    """RSA PKCS#1 v1.5 over the file without its SIGNATURE element."""
    at = signed.at[12]
    covered = signed.data[:at] + signed.data[at + 3 + len(signed.by[12]):]
    key = os.path.join(where, "key.pem")
    sig = os.path.join(where, "sig")
    _, pem = openssl(["x509", "-in", cert, "-noout", "-pubkey"])
    with open(key, "wb") as f:
        f.write(pem)
    with open(sig, "wb") as f:
        f.write(signed.by[12])
    code, _ = openssl(["dgst", "-" + signed.digest, "-verify", key,
                       "-signature", sig], covered)
    return code == 0


def cert_name(cert, which):
    """A name as our files write it, from what openssl prints."""
    _, out = openssl(["x509", "-in", cert, "-noout", "-" + which, "-nameopt",
                      "esc_ctrl,utf8,sep_semi_plus_space"])
    out = out.decode().split("=", 1)[1].strip()
    return [part.strip() for part in out.split("; ")]


def check_signer(signed, where, cert):
    code, out = openssl(["x509", "-in", cert, "-noout", "-serial"])
    if code != 0:
        raise ValueError("%s: no certificate" % cert)
    if bytes.fromhex(out.decode().split("=")[1].strip()) != signed.by[5]:
        fault("SERIALNUMBER is not the certificate's")
    for tag, which in ((4, "subject"), (6, "issuer")):
        said = text_of(signed.by[tag], tag).replace(",", ";").split(";")
        if said != cert_name(cert, which):
            fault("tag %d: %s is not the certificate's %s"
                  % (tag, said, which))
    if not signature_is_right(signed, where, cert):
        fault("the signature is wrong")


def decrypt(signed, where, phone):
    """The plain text, its padding and digest checked."""
    wrapped = os.path.join(where, "wrapped")
    with open(wrapped, "wb") as f:
        f.write(signed.by[25])
    code, key = openssl(["pkeyutl", "-decrypt", "-inkey", phone, "-in",
                         wrapped, "-pkeyopt", "rsa_padding_mode:pkcs1"])
    if code != 0 or len(key) != 16:
        raise ValueError("the key does not unwrap")
    code, text = openssl(["enc", "-d", "-aes-128-cbc", "-nopad", "-K",
                          key.hex(), "-iv", signed.by[19].hex()],
                         signed.content)
    if code != 0 or len(text) != len(signed.content):
        raise ValueError("the text does not decrypt")
    plain = text[:-signed.padding]
    if text[-signed.padding:] != b"\r" * signed.padding:
        fault("the padding is %r" % text[-signed.padding:])
    if hashlib.new(DIGESTS[signed.by[26][0]], plain).digest() != \
            signed.by[27]:
        fault("tag 27 is not the digest of the plain text")
    return plain


def check_stub(plain, cert):
    """Only what a stub may say, and what it must."""
    root = xml.etree.ElementTree.fromstring(plain)
    if root.tag != "device":
        fault("the stub's root is <%s>" % root.tag)
    names = [child.tag for child in root]
    if names != [name for name in STUB if name in names]:
        fault("the stub has %s" % names)
    _, out = openssl(["x509", "-in", cert, "-noout", "-fingerprint", "-md5"])
    want = out.decode().split("=")[1].strip().replace(":", "").lower()
    for name, text in (("fullConfig", "false"), ("certHash", want),
                       ("encrConfig", "true")):
        if root.findtext(name) != text:
            fault("<%s> is %s, expected %s"
                  % (name, root.findtext(name), text))


def check_file(data, args):
    signed = Signed(data)
    if args.name is not None and signed.name != args.name:
        fault("the name is %s" % signed.name)
    if args.time is not None and signed.time != args.time:
        fault("the time stamp is %d" % signed.time)
    if args.digest is not None and signed.digest != args.digest:
        fault("the digest is %s" % signed.digest)
    with tempfile.TemporaryDirectory() as where:
        check_signer(signed, where, args.cert)
        plain = signed.content
        if signed.version == (2, 0):
            if args.phone is None:
                return
            plain = decrypt(signed, where, args.phone)
        elif args.phone is not None:
            fault("not encrypted")
    if args.content is not None:
        with open(args.content, "rb") as f:
            if f.read() != plain:
                fault("the content is not that of %s" % args.content)
    if args.stub_of is not None:
        check_stub(plain, args.stub_of)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--cert", required=True)
    parser.add_argument("--name")
    parser.add_argument("--digest")
    parser.add_argument("--time", type=int)
    parser.add_argument("--content")
    parser.add_argument("--phone")
    parser.add_argument("--stub-of")
    args = parser.parse_args()
    try:
        with open(args.file, "rb") as f:
            check_file(f.read(), args)
    except (ValueError, KeyError, OSError, struct.error,
            xml.etree.ElementTree.ParseError) as why:
        fault("%s: %s" % (args.file, why))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
