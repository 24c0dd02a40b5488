#!/usr/bin/env python3
"""A TCP proxy that misbehaves in one way, for tests of transfers.

    sftp_proxy.py LISTEN:PORT MODE [TARGET:PORT] [CONTROL]

MODE  silent   accept connections and never say anything
      pass     hand everything on; on the end of a connection, append how many
               bytes went up and down to CONTROL.count
      cut      reset the connection when as many bytes as CONTROL says have
               gone the way it says ("up 1200" or "down 900")
      stall    hand nothing on in either direction from there
      slow     hand on 64 KiB each second that way from there

Each connection takes the first line off CONTROL; one that finds none is handed
on whole.
"""
import select
import socket
import struct
import sys
import threading
import time


def split(where):
    """HOST:PORT as socket wants it."""
    host, port = where.rsplit(":", 1)
    return host.strip("[]"), int(port)


class Relay:
    """One connection through the proxy."""

    def __init__(self, near, target, limit, mode, control):
        self.near = near
        self.far = socket.create_connection(target)
        self.limit = limit  # None or (way, bytes)
        self.mode = mode
        self.control = control
        self.moved = {"up": 0, "down": 0}

    def room(self, way):
        """How many bytes may go that way at once."""
        if self.limit is None or self.limit[0] != way:
            return 65536
        left = max(0, self.limit[1] - self.moved[way])
        if left == 0 and self.mode == "slow":
            time.sleep(0.125)
            return 8192
        return min(65536, left)

    def move(self, source, sink, way):
        """Some bytes.  False at the end of the connection."""
        data = source.recv(self.room(way))
        if not data:
            return False
        sink.sendall(data)
        self.moved[way] += len(data)
        return True

    def limit_reached(self):
        """Do what is to be done there.  True ends the connection."""
        if self.moved[self.limit[0]] < self.limit[1] or self.mode == "slow":
            return False
        if self.mode == "stall":
            threading.Event().wait()
        for side in (self.near, self.far):  # as a broken line does
            side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            struct.pack("ii", 1, 0))
        return True

    def run(self):
        """Until either side ends, or the limit is reached."""
        try:
            going = True
            while going:
                if self.limit and self.limit_reached():
                    return
                for side in select.select([self.near, self.far], [], [])[0]:
                    if side is self.near:
                        going = going and self.move(self.near, self.far, "up")
                    else:
                        going = going and self.move(self.far, self.near, "down")
        except OSError:
            pass
        finally:
            self.near.close()
            self.far.close()
            self.note()

    def note(self):
        """What went through, for whoever plans a cut."""
        with open(self.control + ".count", "a", encoding="ascii") as count:
            count.write(f"{self.moved['up']} {self.moved['down']}\n")


def limit_of(control):
    """Take the first line off CONTROL."""
    try:
        with open(control, "r+", encoding="ascii") as text:
            first, _, rest = text.read().partition("\n")
            text.seek(0)
            text.truncate()
            text.write(rest)
    except FileNotFoundError:
        return None
    words = first.split()
    return (words[0], int(words[1])) if len(words) == 2 else None


def main():
    """See the top."""
    mode = sys.argv[2]
    listener = socket.create_server(split(sys.argv[1]), backlog=50)
    kept = []
    while True:
        near, _ = listener.accept()
        if mode == "silent":
            kept.append(near)
            continue
        control = sys.argv[4]
        relay = Relay(near, split(sys.argv[3]), limit_of(control), mode,
                      control)
        threading.Thread(target=relay.run, daemon=True).start()


if __name__ == "__main__":
    main()
