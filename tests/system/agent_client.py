#!/usr/bin/env python3
"""A client of run/agent.sock that does what no client of ours does.

agent_client.py call WORD... [--payload TEXT]   one request: code and message
agent_client.py hold N SECONDS                  N connections that say nothing
agent_client.py frame HEX...                    bytes; what comes back, in hex
agent_client.py times N WORD... [--payload TEXT]
                             N requests at once: how many have been refused
agent_client.py lock SECONDS DIRECTORY...       lock what can be opened
"""
import fcntl
import os
import socket
import struct
import sys
import threading
import time

SOCKET = "/var/lib/ucmsh/run/agent.sock"


def connect():
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(60)
    s.connect(SOCKET)
    return s


def field(tag, data):
    return bytes([tag]) + struct.pack(">I", len(data)) + data


def request(words, payload):
    rest = b"\x01" + b"".join(field(1, w.encode()) for w in words)
    if payload is not None:
        rest += field(2, payload.encode())
    return struct.pack(">I", len(rest)) + rest


def receive(s, n):
    data = b""
    while len(data) < n:
        piece = s.recv(n - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def result(s):
    """Code, message and rows up to the RESULT."""
    rows = []
    while True:
        (n,) = struct.unpack(">I", receive(s, 4))
        frame = receive(s, n)
        fields, at = [], 1
        while at < n:
            (length,) = struct.unpack(">I", frame[at + 1:at + 5])
            fields.append((frame[at], frame[at + 5:at + 5 + length]))
            at += 5 + length
        if frame[0] == 3:
            rows.append([v.decode("utf8", "replace") for _, v in fields])
        if frame[0] == 5:
            fields = dict(fields)
            return (int.from_bytes(fields[7], "big"),
                    fields[8].decode("utf8", "replace"), rows)


def call(words, payload):
    s = connect()
    try:
        s.sendall(request(words, payload))
    except BrokenPipeError:
        pass  # refused already
    return result(s)


def do_call(words, payload):
    code, message, rows = call(words, payload)
    for row in rows:
        print("row", *row)
    print("code", code, message)


def do_hold(n, seconds):
    kept = [connect() for _ in range(int(n))]
    print("held", len(kept), flush=True)
    time.sleep(float(seconds))


def do_frame(pieces):
    s = connect()
    s.settimeout(15)
    for piece in pieces:
        s.sendall(bytes.fromhex(piece))
        time.sleep(0.1)
    data = b""
    try:
        while True:
            piece = s.recv(4096)
            if not piece:
                break
            data += piece
    except ConnectionResetError:
        pass
    print("closed", data.hex())


def do_times(n, words, payload):
    codes = []

    def one():
        codes.append(call(words, payload)[0])

    threads = [threading.Thread(target=one) for _ in range(int(n))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    print("refused", sum(1 for c in codes if c != 0))


def do_lock(seconds, dirs):
    kept = []
    for name in dirs:
        try:
            fd = os.open(name, os.O_RDONLY)
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            kept.append(fd)
        except OSError:
            pass
    print("locked", len(kept), flush=True)
    time.sleep(float(seconds))


def main():
    what, args, payload = sys.argv[1], sys.argv[2:], None
    if "--payload" in args:
        at = args.index("--payload")
        payload = args[at + 1]
        del args[at:at + 2]
    if what == "call":
        do_call(args, payload)
    elif what == "hold":
        do_hold(*args)
    elif what == "frame":
        do_frame(args)
    elif what == "times":
        do_times(args[0], args[1:], payload)
    elif what == "lock":
        do_lock(args[0], args[1:])
    else:
        sys.exit(__doc__)


main()
