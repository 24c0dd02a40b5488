#!/usr/bin/env python3
"""Look for secrets where they must not be.  To be run in a node, as root.

    secret_search.py memory SECRETS PID…    in the memory of processes
    secret_search.py processes SECRETS END  in command lines and environments
                                            of all processes, until the file
                                            END is there

SECRETS is a file of lines "NAME SECRET".  The first and the last 12 bytes of
a secret are looked for, since what was freed may have been overwritten in
part; in memory as bytes and as UTF-16 of both kinds.  Each find is one line.
Exit status: 0 when nothing was found, 1 when something was.
"""
import os
import sys
import time

PART = 12
# Looks of a process that follow each other at once: it may become another
# program.  After these it is looked at from time to time.
FIRST = 20
RARE = 25


def needles(path):
    """What to look for, by name."""
    found = {}
    with open(path, encoding="ascii") as lines:
        for line in lines:
            name, secret = line.rstrip("\n").split(" ", 1)
            for end, part in (("head", secret[:PART]), ("tail", secret[-PART:])):
                for how in ("ascii", "utf-16-le", "utf-16-be"):
                    found[f"{name} ({end}, {how})"] = part.encode(how)
    return found


def regions(pid):
    """
    Every readable piece of a process, but for what is in a file and cannot be
    written to: its name and its bytes.
    """
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps, \
            open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            words = line.split(None, 5)
            if len(words) > 5 and words[5][0] == "/" and words[1][1] != "w":
                continue
            if words[1][0] != "r" or "[vv" in line or "vsyscall" in line:
                continue
            start, end = (int(w, 16) for w in words[0].split("-"))
            try:
                memory.seek(start)
                yield line.strip(), memory.read(end - start)
            except OSError:
                continue


def in_memory(secrets, pids):
    """Every find in the memory of processes."""
    for pid in pids:
        with open(f"/proc/{pid}/comm", encoding="utf-8") as comm:
            name = f"{comm.read().strip()} {os.stat(f'/proc/{pid}').st_uid}"
        for where, data in regions(pid):
            for what, needle in secrets.items():
                at = data.find(needle)
                if at >= 0:
                    yield f"{name}: {what} in {where}: {data[at - 48:at]!r}"


def in_processes(secrets, end):
    """Every find in what ps would show, once each."""
    seen = set()
    looks = {}
    while not os.path.exists(end):
        looks = {pid: looks.get(pid, 0) + 1
                 for pid in os.listdir("/proc") if pid.isdigit()}
        for path in [f"/proc/{pid}/{name}" for pid, n in looks.items()
                     if n <= FIRST or n % RARE == 0
                     for name in ("cmdline", "environ")]:
            try:
                with open(path, "rb") as text:
                    data = text.read()
            except OSError:
                continue
            for what, needle in secrets.items():
                if needle in data and what not in seen:
                    seen.add(what)
                    yield f"{path}: {what} in {data[:60]!r}"
        time.sleep(0.02)


def main():
    """See the top."""
    secrets = needles(sys.argv[2])
    if sys.argv[1] == "memory":
        found = list(in_memory(secrets, sys.argv[3:]))
    else:
        found = list(in_processes(secrets, sys.argv[3]))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
