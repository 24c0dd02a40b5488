#!/usr/bin/env python3
"""trace_root.py FILE: what root did in other users' directories.

FILE is the output of strace -f -e trace=%process,%creds,%file of everything
a node runs.  Prints each open, rename, unlink and the like that a process
with user id 0 did below the directories of the node that belong to other
users, and ends with status 1 if there was one.  Looking at names (stat,
access) and giving a directory to its owner are no opening.
"""
import re
import sys

ROOT = "/var/lib/ucmsh/"
FOREIGN = {"certs", "tftp", "log", "run", "db"}

# pid, call, arguments, result; unfinished calls are joined first.
LINE = re.compile(r"(\d+)\s+(\w+)\((.*)\)\s+= (-?\d+|\?)(.*)")
HARMLESS = {"access", "faccessat", "faccessat2", "stat", "lstat", "newfstatat",
            "statx", "statfs", "readlink", "readlinkat", "chdir", "getcwd",
            "getxattr", "lgetxattr", "chmod", "fchmodat", "chown", "lchown",
            "fchownat"}
USER = {"setuid": 0, "setreuid": 1, "setresuid": 1}
FORKS = ("clone", "clone3", "fork", "vfork")
GONE = re.compile(r"(\d+)\s+\+\+\+ ")


def joined(lines):
    """Calls that were cut in two, as one line each."""
    open_calls = {}
    for line in lines:
        match = re.match(r"(\d+)\s+(.*) <unfinished \.\.\.>$", line)
        if match:
            open_calls[match[1]] = match[2]
            continue
        match = re.match(r"(\d+)\s+<\.\.\. \w+ resumed>(.*)", line)
        if match:
            yield f"{match[1]} {open_calls.pop(match[1], '')}{match[2]}"
        else:
            yield line


def parents(lines):
    """Who made whom: a child may be seen before its making is told."""
    made = {}
    for line in lines:
        match = LINE.match(line)
        if match and match[2] in FORKS and match[4] not in ("-1", "?"):
            made.setdefault(match[4], match[1])
    return made


def main():
    """Follow user ids through the trace."""
    with open(sys.argv[1], encoding="utf-8", errors="replace") as trace:
        made = parents(joined(line.rstrip("\n") for line in trace))
    uid = {}
    cwd = {}
    findings = 0
    calls = 0
    with open(sys.argv[1], encoding="utf-8", errors="replace") as trace:
        for line in joined(line.rstrip("\n") for line in trace):
            gone = GONE.match(line)
            if gone:
                uid.pop(gone[1], None)
                cwd.pop(gone[1], None)
            match = LINE.match(line)
            if not match:
                continue
            pid, call, args, result = match[1], match[2], match[3], match[4]
            if pid not in uid:
                uid[pid] = uid.get(made.get(pid), 0)
                cwd[pid] = cwd.get(made.get(pid), "/")
            if call in FORKS and result not in ("-1", "?"):
                uid.setdefault(result, uid[pid])
                cwd.setdefault(result, cwd.get(pid, "/"))
            elif call in USER and result == "0":
                value = args.split(", ")[USER[call]]
                if value != "-1":
                    uid[pid] = int(value)
            elif call == "chdir" and result == "0":
                cwd[pid] = args.strip('"')
            if uid[pid] != 0 or call in HARMLESS:
                continue
            for path in re.findall(r'"([^"]*)"', args)[:2]:
                if not path.startswith("/"):
                    path = cwd.get(pid, "/").rstrip("/") + "/" + path
                calls += 1
                if not path.startswith(ROOT):
                    continue
                rest = path[len(ROOT):].split("/")
                if rest[0] not in FOREIGN:
                    continue
                # making a directory that is then given away
                if call == "mkdir" and len(rest) == 1:
                    continue
                findings += 1
                print(line)
    if calls == 0:
        print("nothing was traced")
        return 1
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
