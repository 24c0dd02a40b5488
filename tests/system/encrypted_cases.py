#!/usr/bin/env python3
"""Encrypted configurations of every shape, legal and damaged.

    encrypted_cases.py PROGRAM DIR [--stride N]

Writes each file into DIR from a reading of doc/FORMAT.encrypted of its own
(the openssl command encrypts, wraps and signs), has PROGRAM (ucm-trust)
decrypt it and prints "ok - NAME" or "# why" and "not ok - NAME", one line
for each rule.  Shares nothing with the program.  N: every Nth byte of the
sweep over a whole file.
"""
import argparse
import hashlib
import os
import struct
import subprocess
import sys

PEM = os.path.join(os.path.dirname(__file__), "..", "data/vectors/pem")
CCM = os.path.join(PEM, "callmanager.pem")
PHONE = os.path.join(PEM, "phone_lsc2048.pem")
OTHER = os.path.join(PEM, "capf.pem")
SMALL = os.path.join(PEM, "seed_capf.pem")
DIGESTS = {1: "sha1", 3: "sha512"}
KEY = bytes(range(1, 17))
IV = bytes(range(101, 117))
XML = b"<device>\n  <sshPassword>secret</sshPassword>\n</device>\n"
OK, SIGNATURE, MALFORMED, UNVERIFIABLE, REFUSED = 0, 1, 2, 3, 65


def openssl(*args, data=b""):
    done = subprocess.run(["openssl", *args], input=data, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.stdout


def el(tag, value):
    return struct.pack(">BH", tag, len(value)) + value


def named(which):
    """A name of the signer's certificate as the open tools write it."""
    out = openssl("x509", "-in", CCM, "-noout", "-" + which, "-nameopt",
                  "esc_ctrl,utf8,sep_comma_plus").decode()
    return out.split("=", 1)[1].strip().encode() + b"\0"


class File:
    """An encrypted file; every part of it can be changed before bytes()."""

    subject, issuer = named("subject"), named("issuer")
    serial = bytes.fromhex(openssl("x509", "-in", CCM, "-noout", "-serial")
                           .decode().split("=")[1].strip())
    wrapped = {}

    def __init__(self, plain=XML, digest=1, phone=PHONE, key=KEY):
        self.version = b"\2\0"
        self.digest = digest
        pad = 16 - len(plain) % 16
        self.tail = b"\r" * pad
        self.plain = plain
        self.key = key
        self.order = (4, 6, 5)
        self.cipher_text = None
        self.cipher = [el(18, b"\0"), el(19, IV),
                       el(20, struct.pack(">H", pad))]
        wrapped = self.wrap(phone, key)
        self.wrapping = [el(22, b"\0"),
                         el(23, struct.pack(">H", 8 * len(wrapped))),
                         el(24, b"\1"), el(25, wrapped)]
        self.sums = [el(26, bytes([digest])),
                     el(27, hashlib.new(DIGESTS[digest], plain).digest())]
        self.sums_first = False
        self.swap = False
        self.extra = b""
        self.lie = 0

    @classmethod
    def wrap(cls, phone, key):
        if (phone, key) not in cls.wrapped:
            cls.wrapped[phone, key] = openssl(
                "pkeyutl", "-encrypt", "-certin", "-inkey", phone, "-pkeyopt",
                "rsa_padding_mode:pkcs1", data=key)
        return cls.wrapped[phone, key]

    def bytes(self):
        text = self.cipher_text
        if text is None:
            text = openssl("enc", "-aes-128-cbc", "-nopad", "-K",
                           self.key[:16].ljust(16, b"\0").hex(), "-iv",
                           IV.hex(), data=self.plain + self.tail)
        names = {4: self.subject, 5: self.serial, 6: self.issuer}
        signer = el(3, b"".join(el(t, names[t]) for t in self.order))
        info = el(7, el(8, bytes([self.digest])) +
                  el(9, el(10, b"\0") + el(11, b"\2")))
        parts = [el(17, b"".join(self.cipher)), el(21, b"".join(self.wrapping))]
        if self.swap:
            parts.reverse()
        box = b"".join(parts)
        crypt = [struct.pack(">BH", 16, len(box) + self.lie) + box,
                 *self.sums]
        if self.sums_first:
            crypt = crypt[1:] + crypt[:1]
        behind = (el(14, b"SEP000000000000.cnf.xml.enc.sgn\0") +
                  el(15, struct.pack(">I", 1393439067)) + b"".join(crypt) +
                  self.extra)
        front = el(1, self.version) + el(2, b"\0\0") + signer + info
        size = len(front) + 259 + len(behind)
        behind += b"\r" * (-size % 4)
        size += -size % 4
        front = front[:8] + struct.pack(">H", size) + front[10:]
        signature = openssl("dgst", "-" + DIGESTS.get(self.digest, "sha1"),
                            "-sign", CCM, data=front + behind + text)
        return front + el(12, signature) + behind + text


class Judge:
    def __init__(self, program, where):
        self.program = program
        self.path = os.path.join(where, "SEP000000000000.cnf.xml.enc.sgn")
        self.out = os.path.join(where, "plain")
        self.faults = []

    def fault(self, text):
        self.faults.append(text)

    def close(self, name):
        for text in self.faults:
            print("# " + text)
        print("%s - %s" % ("not ok" if self.faults else "ok", name),
              flush=True)
        self.faults = []

    def decrypt(self, data, want, label, *more, phone=PHONE, plain=XML):
        """It exits so; then there is the plain text, or there is nothing."""
        with open(self.path, "wb") as f:
            f.write(data)
        if os.path.exists(self.out):
            os.unlink(self.out)
        more = more or ("--cert", CCM)
        done = subprocess.run(
            [self.program, "decrypt", self.path, "--phone", phone, "--out",
             self.out, *more], stdin=subprocess.DEVNULL, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        said = done.stderr.decode()
        if done.returncode not in (want if isinstance(want, tuple) else
                                   (want,)):
            self.fault("%s: status %d, expected %s: %s"
                       % (label, done.returncode, want, said))
        if done.returncode == MALFORMED and ": malformed: " not in said:
            self.fault("%s: %s" % (label, said))
        made = None
        if os.path.exists(self.out):
            with open(self.out, "rb") as f:
                made = f.read()
            if os.stat(self.out).st_mode & 0o7777 != 0o600:
                self.fault("%s: others may read it" % label)
        if made != (plain if done.returncode == OK else None):
            self.fault("%s: it made %r" % (label, made))
        return said

    def malformed(self, made, label, rule=""):
        said = self.decrypt(made.bytes(), MALFORMED, label)
        if "offset " not in said or rule not in said:
            self.fault("%s: %s" % (label, said))


def legal(judge):
    for digest in (1, 3):
        for n in (0, 1, 15, 16, 17, 4096, 100001):
            plain = (XML * 2000)[:n]
            judge.decrypt(File(plain, digest).bytes(), OK, "%d bytes" % n,
                          plain=plain)
        judge.close("every length with %s" % DIGESTS[digest])
    judge.decrypt(File(b"x\r\r\r").bytes(), OK, "CR", plain=b"x\r\r\r")
    judge.close("text that ends like padding")
    made = File()
    made.order = (4, 5, 6)
    judge.decrypt(made.bytes(), OK, "order of CUCM")
    made.sums_first = True
    judge.decrypt(made.bytes(), OK, "26 and 27 first")
    made.swap = True
    made.cipher.reverse()
    made.wrapping.reverse()
    judge.decrypt(made.bytes(), OK, "all turned round")
    judge.close("elements in another order")
    judge.decrypt(File(phone=SMALL).bytes(), OK, "1024 bits", phone=SMALL)
    judge.close("a phone with a key of 1024 bits")


def elements(judge):
    for part in ("cipher", "wrapping", "sums"):
        for i in range(len(getattr(File(), part))):
            made = File()
            tag = getattr(made, part)[i][0]
            del getattr(made, part)[i]
            judge.malformed(made, "without %d" % tag, "(tag %d)" % tag)
            made = File()
            getattr(made, part).append(getattr(made, part)[i])
            judge.malformed(made, "two of %d" % tag, "second ")
    judge.close("elements that are missing or there twice")
    made = File()
    made.cipher.append(made.wrapping.pop(0))
    judge.malformed(made, "22 in 17", "does not belong inside")
    made = File()
    made.cipher.append(made.sums.pop(0))
    judge.malformed(made, "26 in 17", "does not belong inside")
    made = File()
    made.extra = made.cipher.pop(1)
    judge.malformed(made, "19 outside", "does not belong")
    for tag in (0, 28, 29, 255):
        made = File()
        made.extra = el(tag, b"\1\0")
        judge.malformed(made, "tag %d" % tag, "unknown tag %d" % tag)
    for lie in (-4, -1, 1, 4, 300, 60000):
        made = File()
        made.lie = lie
        judge.malformed(made, "length %+d" % lie)
    judge.close("elements in the wrong place, containers that lie")
    for version in (b"\2\1", b"\3\0", b"\1\0", b"\1\2", b"\0\0"):
        made = File()
        made.version = version
        judge.malformed(made, "version %s" % version.hex())
    judge.close("other versions")


def values(judge):
    for part, i, value, rule in (
            ("cipher", 0, b"\1", "CIPHERALGORITHM is 1, must be 0"),
            ("cipher", 0, b"\0\0", "CIPHERALGORITHM has 2 bytes"),
            ("cipher", 1, IV[1:], "IV has 15 bytes, must have 16"),
            ("cipher", 1, b"", "IV has 0 bytes, must have 16"),
            ("cipher", 2, b"\0\0", "CIPHERPADDING is 0, must be 1 to 16"),
            ("cipher", 2, b"\0\x11", "CIPHERPADDING is 17, must be 1 to 16"),
            ("cipher", 2, b"\1\1", "CIPHERPADDING is 257"),
            ("cipher", 2, b"\1", "CIPHERPADDING has 1 bytes"),
            ("wrapping", 0, b"\1", "KEYALGORITHM is 1, must be 0"),
            ("wrapping", 1, b"\4\0", "KEYBITS is 1024"),
            ("wrapping", 2, b"\0", "KEYTYPE is 0, must be 1"),
            ("wrapping", 3, b"", "WRAPPEDKEY has 0 bytes"),
            ("wrapping", 3, bytes(1025), "WRAPPEDKEY has 1025 bytes"),
            ("sums", 0, b"\0", "PLAINDIGEST is 0"),
            ("sums", 0, b"\2", "PLAIN"),
            ("sums", 0, b"\4", "PLAINDIGEST is 4"),
            ("sums", 0, b"\3", "PLAINHASH has 20 bytes, SHA-512 has 64"),
            ("sums", 1, bytes(19), "PLAINHASH has 19 bytes"),
            ("sums", 1, bytes(65), "PLAINHASH has 65 bytes")):
        made = File()
        tag = getattr(made, part)[i][0]
        getattr(made, part)[i] = el(tag, value)
        judge.malformed(made, "tag %d: %r" % (tag, value[:4]), rule)
    made = File()
    made.sums = [el(26, b"\2"), el(27, hashlib.sha256(XML).digest())]
    judge.malformed(made, "SHA-256", "PLAINDIGEST is 2, must be 1 or 3")
    judge.close("values that no phone knows")
    for text in (b"", b"x" * 15, b"x" * 17, b"x" * 31):
        made = File()
        made.cipher_text = text
        judge.malformed(made, "%d bytes of text" % len(text),
                        "not a multiple of 16")
    judge.close("cipher text that is not whole blocks")


def wrong_inside(judge):
    """Signed as it should be, but wrong behind the encryption."""
    said = set()

    def refused(made, label, phone=PHONE):
        said.add(judge.decrypt(made.bytes(), REFUSED, label, phone=phone))

    made = File()
    made.tail = made.tail[:-1] + b"\n"
    refused(made, "LF at the end")
    made = File()
    made.tail = b"\n" + made.tail[1:]
    refused(made, "LF at the front of the padding")
    made = File()
    made.sums[1] = el(27, bytes(20))
    refused(made, "another digest")
    made = File()
    made.cipher[2] = el(20, b"\0\1")
    refused(made, "padding counted short")
    for n in (0, 15, 17, 32):
        refused(File(key=KEY * 3 if n > 17 else (KEY * 2)[:n]),
                "a key of %d bytes" % n)
    made = File()
    made.wrapping[3] = el(25, bytes(256))
    refused(made, "nothing wrapped")
    made.wrapping[3] = el(25, b"\xff" * 256)
    refused(made, "a number above the modulus")
    refused(File(), "another phone", phone=OTHER)
    if len(said) != 1:
        judge.fault("the answers differ: %s" % said)
    judge.close("what is wrong inside is refused with one answer")
    judge.decrypt(File().bytes(), REFUSED, "1024 bits", phone=SMALL)
    judge.close("a key of another size")


def sweep(judge, stride):
    data = File().bytes()
    for n in range(0, len(data), 2 * stride):
        judge.decrypt(data[:n], (MALFORMED, SIGNATURE), "cut to %d" % n)
    judge.close("no file that is cut decrypts")
    for at in range(0, len(data), stride):
        changed = bytearray(data)
        changed[at] ^= 1 << at % 8
        judge.decrypt(bytes(changed), (SIGNATURE, MALFORMED),
                      "byte %d" % at)
        judge.decrypt(bytes(changed), (OK, MALFORMED, REFUSED),
                      "byte %d, not verified" % at, "--no-verify")
    judge.close("no changed byte decrypts to anything else")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("dir")
    parser.add_argument("--stride", type=int, default=1)
    args = parser.parse_args()
    judge = Judge(args.program, args.dir)
    legal(judge)
    elements(judge)
    values(judge)
    wrong_inside(judge)
    sweep(judge, args.stride)
    return 0


if __name__ == "__main__":
    sys.exit(main())
