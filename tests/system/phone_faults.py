#!/usr/bin/env python3
"""Bad phones and bad networks, for phone_faults.sh.

  expect FILE KEY=N KEY<N KEY>N ...   what bench-tftp or bench-tvs has told
  hold ADDRESS PORT N NAME COMMAND...
      begin N transfers of NAME, acknowledge nothing, run COMMAND meanwhile
  copy ADDRESS DIRECTORY N NAME       what N phones get by HTTP, '@' in the
      NAME being a phone's MAC address as bench-tftp counts them
  garbage ADDRESS PORT                datagrams that are no TFTP
  proxy PORT ADDRESS PORT PERCENT     between phones and a server: so many
      of the datagrams are lost, and so many come late; until it is killed
  tvs-garbage ADDRESS PORT PEM        messages that are no request, and some
      with elements that nobody knows, which are
  http-half ADDRESS PORT N COMMAND...
      begin N requests by HTTP, go on with none, run COMMAND meanwhile
  tvs-half ADDRESS PORT N COMMAND...
      begin N handshakes, go on with none, run COMMAND meanwhile
  tvs-vanish ADDRESS PORT N           phones that are cut off at any moment

Everything here is the same in each run: chance has a seed.
"""
import http.client
import json
import random
import re
import resource
import selectors
import socket
import ssl
import struct
import subprocess
import sys
import time

WAIT_S = 20  # for what must come
LATE_S = 0.03


def fail(text):
    """The check has failed."""
    sys.exit(f"phone_faults: {text}")


def expect(path, *claims):
    """Compare figures with what they should be."""
    with open(path, encoding="utf-8") as f:
        text = f.read()
    try:
        told = json.loads(text)
    except ValueError:
        fail(f"not run: {text}")
    for claim in claims:
        key, how, number = re.fullmatch(r"(\w+)([=<>])(\d+)", claim).groups()
        number = int(number)
        value = told[key]
        if not {"=": value == number, "<": value < number,
                ">": value > number}[how]:
            fail(f"{claim} does not hold in {text}")


# --- TFTP ------------------------------------------------------------------

def datagram_socket(number):
    """With a source address of its own."""
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((f"127.80.{number >> 8}.{number & 255}", 0))
    s.settimeout(WAIT_S)
    return s


def hold(address, port, n, name, *command):
    """Transfers that wait for an acknowledgement, all at the same time."""
    phones = [datagram_socket(i) for i in range(int(n))]
    request = b"\0\1" + name.encode() + b"\0octet\0"
    for s in phones:
        s.sendto(request, (address, int(port)))
    for s in phones:
        data = s.recv(1024)
        if data[:4] != b"\0\3\0\1":
            fail(f"no first block: {data[:40]!r}")
    return subprocess.run(command, check=False).returncode


def copy(address, directory, n, name):
    """All of them over one connection."""
    connection = http.client.HTTPConnection(address, 6970, WAIT_S)
    for i in range(int(n)):
        file = name.replace("@", f"{0x001122000000 + i:012X}")
        connection.request("GET", "/" + file)
        answer = connection.getresponse()
        data = answer.read()
        if answer.status != 200:
            fail(f"{file}: {answer.status}")
        with open(f"{directory}/{file}", "wb") as f:
            f.write(data)


def garbage(address, port):
    """Whatever the answer, if any: it must not end the server."""
    chance = random.Random(1)
    s = datagram_socket(0)
    to = (address, int(port))
    names = [b"", b"\0\1", b"\0\1\0", b"\0\1x", b"\0\1x\0", b"\0\1x\0octet",
             b"\0\1\0octet\0", b"\0\1x\0octet\0blksize\0",
             b"\0\1x\0octet\0blksize\0-1\0",
             b"\0\1x\0octet\0blksize\x0099999\0",
             b"\0\1x\0octet\0windowsize\0000\0", b"\0\1x\0octet\0\0\0\0",
             b"\0\1" + b"/" * 600 + b"\0octet\0",
             b"\0\1" + b"../" * 100 + b"etc/passwd\0octet\0",
             b"\0\2x\0octet\0", b"\0\1x\0mail\0", b"\0\1\xff\xfe\0octet\0"]
    names += [struct.pack("!HH", op, block) for op in range(10)
              for block in (0, 1, 65535)]
    for _ in range(2000):
        text = bytearray(chance.choice(names) + chance.randbytes(
            chance.choice((0, 0, 1, 3, 50, 1400))))
        if text and chance.random() < 0.5:
            text[chance.randrange(len(text))] = chance.randrange(256)
        s.sendto(bytes(text), to)
    return 0


class Proxy:
    """
    For each phone a socket to the server, and one to the phone, so that both
    see a transfer from a port of its own, as they do without it.
    """

    def __init__(self, port, address, server_port, percent):
        self.server = (address, server_port)
        self.part = percent / 100
        self.chance = random.Random(2)
        self.selector = selectors.DefaultSelector()
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.listener.bind(("127.0.0.1", port))
        self.selector.register(self.listener, selectors.EVENT_READ,
                               self.request)
        self.phones = {}
        self.late = []

    def pass_on(self, s, data, to):
        """Or not, or later, when others have overtaken it."""
        x = self.chance.random()
        if x < self.part:
            return
        if x < 2 * self.part:
            self.late.append((time.monotonic() + LATE_S, s, data, to))
        else:
            s.sendto(data, to)

    def request(self):
        """From a phone to the well-known port."""
        data, phone = self.listener.recvfrom(65536)
        if phone not in self.phones:
            front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            front.bind(("127.0.0.1", 0))
            back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.phones[phone] = [front, back, None]
            self.selector.register(front, selectors.EVENT_READ,
                                   lambda: self.to_server(phone))
            self.selector.register(back, selectors.EVENT_READ,
                                   lambda: self.to_phone(phone))
        self.pass_on(self.phones[phone][1], data, self.server)

    def to_server(self, phone):
        """What belongs to a transfer."""
        front, back, transfer = self.phones[phone]
        try:
            data = front.recv(65536)
        except OSError:
            return
        if transfer is not None:
            self.pass_on(back, data, transfer)

    def to_phone(self, phone):
        """The answer shows the port of the transfer."""
        front, back, _ = self.phones[phone]
        try:
            data, transfer = back.recvfrom(65536)
        except OSError:
            return
        # A request that came twice may have begun two of them.
        if self.phones[phone][2] in (None, transfer):
            self.phones[phone][2] = transfer
            self.pass_on(front, data, phone)

    def run(self):
        """Until it is killed; a transfer takes two descriptors."""
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        while True:
            for key, _ in self.selector.select(0.005):
                key.data()
            now = time.monotonic()
            while self.late and self.late[0][0] <= now:
                _, s, data, to = self.late.pop(0)
                s.sendto(data, to)


# --- TVS -------------------------------------------------------------------

def connect(address, port, number=0):
    """TCP."""
    return socket.create_connection(
        (address, int(port)), WAIT_S,
        (f"127.80.{number >> 8}.{number & 255}", 0))


def secure(s):
    """TLS over it; the certificate is not what is tested."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(s)


def element(tag, value):
    """Of a message."""
    return struct.pack("!BH", tag, len(value)) + value


def message(command, *elements):
    """A whole one."""
    body = b"".join(elements)
    return struct.pack("!BBBBIH", 0x57, 1, command, 0, 77, len(body)) + body


def answer_to(address, port, text):
    """All that comes until the server closes."""
    with secure(connect(address, port)) as s:
        s.sendall(text)
        got = b""
        try:
            while True:
                more = s.recv(65536)
                if not more:
                    break
                got += more
        except ConnectionError:
            pass
        return got


def tvs_garbage(address, port, pem):
    """Requests with elements nobody knows are answered, the others not."""
    with open(pem, encoding="ascii") as f:
        der = ssl.PEM_cert_to_DER_cert(f.read())
    name = element(1, b"\1CP-8861-SEP001122334455")
    asked = element(2, der)
    unknown = element(200, b"what is this") + element(99, b"")
    good = struct.pack("!BBBBI", 0x57, 1, 2, 0, 77)
    for text in (message(1, name, asked), message(1, unknown, name, asked),
                 message(1, name, unknown, asked, unknown)):
        if answer_to(address, port, text)[:8] != good:
            fail(f"no answer to {text[:60]!r}")
    whole = message(1, name, asked)
    for text in (message(9, name, asked), message(2, name, asked),
                 b"\x58" + whole[1:], b"\x57\x09" + whole[2:],
                 message(1), message(1, name), message(1, name, name, asked),
                 message(1, name, b"\2\xff\xff" + der),
                 message(1, b"\1"), message(3, unknown)):
        got = answer_to(address, port, text)
        if got[:8] == good and got[10:14] == b"\7\0\1\0":
            fail(f"an answer to {text[:60]!r}")
    chance = random.Random(3)
    for _ in range(60):
        text = bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            text[chance.randrange(len(text))] = chance.randrange(256)
        # What is still missing never comes.
        s = secure(connect(address, port))
        s.sendall(bytes(text))
        s.close()
    for text in (b"GET / HTTP/1.0\r\n\r\n", b"\x16\x03\x01\xff\xff",
                 b"\0" * 2000, b"\x80\x2e\1\3\1", chance.randbytes(5000)):
        with connect(address, port) as s:
            s.sendall(text)
    return 0


def hello():
    """The first record of a client's handshake."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        context.wrap_bio(incoming, outgoing).do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def half(text, address, port, n, *command):
    """Half a text, the whole one, or a piece: nothing follows."""
    phones = []
    for i in range(int(n)):
        s = connect(address, port, i)
        s.sendall(text[:(0, 1, len(text) // 2, len(text))[i % 4]])
        phones.append(s)
    return subprocess.run(command, check=False).returncode


def tvs_vanish(address, port, n):
    """A reset in the middle of something."""
    text = hello()
    for i in range(int(n)):
        s = connect(address, port, i)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                     struct.pack("ii", 1, 0))
        if i % 3 == 1:
            s.sendall(text[:1 + i % len(text)])
        elif i % 3 == 2:
            s.settimeout(WAIT_S)
            s = secure(s)
            s.sendall(message(1, b"\1")[:1 + i % 12])
        s.close()
    return 0


def main():
    """The first argument says what."""
    what, arguments = sys.argv[1], sys.argv[2:]
    if what == "proxy":
        port, address, server_port, percent = arguments
        Proxy(int(port), address, int(server_port), int(percent)).run()
    if what == "tvs-half":
        return half(hello(), *arguments)
    if what == "http-half":
        return half(b"GET /Ringlist.xml HTTP/1.1\r\nHost: x\r\n",
                    *arguments)
    return {"expect": expect, "hold": hold, "copy": copy, "garbage": garbage,
            "tvs-garbage": tvs_garbage,
            "tvs-vanish": tvs_vanish}[what](*arguments)


sys.exit(main())
