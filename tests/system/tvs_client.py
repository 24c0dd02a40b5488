#!/usr/bin/env python3
"""A phone that asks TVS: an implementation of doc/FORMAT.tvs of its own.

tvs_client.py [--tls 1.0|1.2|1.3] [--device NAME] ADDRESS PORT SERVER.pem \\
    verify CERT.pem | query CERT.pem | raw HEX

The server must show the certificate of SERVER.pem.  Prints what the answer
says, one line for each element; "closed" when there is none.
"""
import argparse
import socket
import ssl
import struct
import subprocess
import sys

VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}
SESSION = 0x3E9


def der_of(path):
    with open(path, encoding="ascii") as f:
        text = f.read()
    start = text.index("-----BEGIN CERTIFICATE-----")
    return ssl.PEM_cert_to_DER_cert(text[start:])


def facts_of(path):
    """Subject and issuer as phones write them, and the serial number."""
    out = subprocess.run(
        ["openssl", "x509", "-in", path, "-noout", "-subject", "-issuer",
         "-serial", "-nameopt", "sep_comma_plus,sname"],
        check=True, capture_output=True, text=True).stdout
    facts = dict(line.split("=", 1) for line in out.splitlines())
    serial = facts["serial"]
    return (facts["subject"].strip().replace(",", ";"),
            facts["issuer"].strip().replace(",", ";"),
            bytes.fromhex(serial))


def element(tag, value):
    return struct.pack(">BH", tag, len(value)) + value


def message(command, elements):
    return struct.pack(">BBBBIH", 0x57, 1, command, 0, SESSION,
                       len(elements)) + elements


def request(args):
    device = element(1, b"\x01" + args.device.encode())
    if args.what == "raw":
        return bytes.fromhex(args.argument)
    if args.what == "verify":
        return message(1, device + element(2, der_of(args.argument)))
    subject, issuer, serial = facts_of(args.argument)
    return message(3, device + element(3, subject.encode() + b"\0") +
                   element(4, issuer.encode() + b"\0") + element(5, serial))


def connect(args):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if args.tls == "1.0":
        context.set_ciphers("AES256-SHA:@SECLEVEL=0")
    context.minimum_version = VERSIONS[args.tls]
    context.maximum_version = VERSIONS[args.tls]
    plain = socket.create_connection((args.address, args.port), timeout=20)
    tls = context.wrap_socket(plain, server_hostname=None)
    if tls.getpeercert(True) != der_of(args.server):
        sys.exit("another certificate than " + args.server)
    return tls


def exchange(args):
    """All bytes of the answer, to the end that the server makes."""
    with connect(args) as tls:
        tls.sendall(request(args))
        answer = b""
        while True:
            piece = tls.recv(65536)
            if not piece:
                return answer
            answer += piece


def show(answer, args):
    if not answer:
        print("closed")
        return
    print("hex", answer.hex() if len(answer) < 64 else answer[:10].hex())
    protocol, version, command, _, session, length = struct.unpack(
        ">BBBBIH", answer[:10])
    if (protocol, version, session) != (0x57, 1, SESSION):
        sys.exit("a wrong header")
    if length != len(answer) - 10:
        sys.exit("a wrong length")
    print("command", command)
    rest, order = answer[10:], []
    while rest:
        tag, n = struct.unpack(">BH", rest[:3])
        value, rest = rest[3:3 + n], rest[3 + n:]
        order.append(str(tag))
        if tag == 7:
            print("status", value[0])
        elif tag == 2:
            same = value == der_of(args.argument)
            print("certificate", "same" if same else "another")
        elif tag == 8:
            print("roles", *value)
        elif tag == 9:
            print("ttl", struct.unpack(">I", value)[0])
    print("order", " ".join(order))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tls", choices=VERSIONS, default="1.2")
    parser.add_argument("--device", default="CP-8861-SEPB000B4BA0AEE")
    parser.add_argument("address")
    parser.add_argument("port", type=int)
    parser.add_argument("server")
    parser.add_argument("what", choices=("verify", "query", "raw"))
    parser.add_argument("argument")
    args = parser.parse_args()
    show(exchange(args), args)


if __name__ == "__main__":
    main()
